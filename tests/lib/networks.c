/* SPDX-License-Identifier: Apache-2.0 */
#include "networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formula.h"
#include "host/import/import.h"
#include "host/import/write.h"
#include "nn/op.h"
#include "nn/pack.h"
#include "record/burn.h"
#include "record/net.h"
#include "record/write/burn.h"
#include "record/write/pack.h"

static void *allocate(size_t size)
{
	const size_t rounded = (size + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	void *memory = aligned_alloc(NN_ALIGN, rounded);

	if (!memory)
		abort();
	return memset(memory, 0, rounded);
}

struct file {
	uint8_t *data;
	size_t used;
	size_t room;
};

static bool append(void *ctx, const void *data, size_t len)
{
	struct file *f = ctx;

	if (len > f->room - f->used)
		return false;
	memcpy(f->data + f->used, data, len);
	f->used += len;
	return true;
}

/* A network of bytes, from its Burn record. */
static struct lowered *import(const struct nn_arch *arch, const float *packed)
{
	const uint64_t ids[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const uint32_t inputs = nn_inputs(arch);
	const bool is_square = inputs == 784;
	const struct import_pixels pixels = {
		.size = { is_square ? 28 : 1, is_square ? 28 : inputs, 1 },
		.divisor = 255,
		.mean = { arch->mean },
		.deviation = { arch->std },
		.means = 1,
		.deviations = 1,
	};
	const struct import_options options = { .pixels = &pixels };
	struct file f = { .room = record_burn_max_size(arch) };
	enum import_kind kind = IMPORT_OTHER;
	struct enc_error e = { 0 };
	struct lowered *net = NULL;

	f.data = malloc(f.room);
	if (f.data && record_burn_write(arch, packed, ids, append, &f))
		net = import_network(f.data, f.used, &options, &kind, &e);
	if (!net)
		abort();
	free(f.data);
	return net;
}

static uint8_t *make(const struct nn_arch *arch, uint64_t factor, size_t *len)
{
	float *params = formula_params(factor);
	float *packed = allocate(nn_packed_count(arch) * sizeof(*packed));
	struct lowered *net = NULL;
	uint8_t *record = NULL;

	record_pack(arch, params, packed);
	net = import(arch, packed);
	record = write_to_memory(net, len);
	lower_free(net);
	free(packed);
	free(params);
	return record;
}

uint8_t *networks_mnist(uint64_t factor, size_t *len)
{
	return make(&nn_mnist, factor, len);
}

uint8_t *networks_small(uint64_t factor, size_t *len)
{
	const struct nn_layer layer = { "small", nn_inputs(&nn_mnist),
					nn_outputs(&nn_mnist), false };
	const struct nn_arch arch = { &layer, 1, nn_mnist.mean, nn_mnist.std };

	return make(&arch, factor, len);
}

uint8_t *networks_of_burn(const uint8_t *burn, size_t burn_len, size_t *len)
{
	const struct import_options no_options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	struct enc_error e = { 0 };
	uint8_t *record = import_to_memory(
		import_network(burn, burn_len, &no_options, &kind, &e), len,
		&e);

	if (!record)
		abort();
	return record;
}

uint8_t *networks_tiny(size_t *len)
{
	const struct nn_layer layers[] = { { "a", 3, 2, true },
					   { "b", 2, 1, false } };
	const struct nn_arch arch = { layers, 2, 0.5f, 0.25f };

	return make(&arch, 1, len);
}

/* --- other networks, as graphs --- */

static int32_t add_value(struct graph *g, enum nn_type type, uint32_t count)
{
	struct enc_error e = { 0 };
	int32_t v = graph_value(g, "value", 5, &e);

	if (v < 0)
		abort();
	g->values[v].type = type;
	g->values[v].rank = 1;
	g->values[v].dims[0] = count;
	return v;
}

static int32_t add_input(struct graph *g, uint32_t count)
{
	return g->inputs[g->input_count++] = add_value(g, NN_F32, count);
}

/* A node with an output, of one or two sources. */
static struct graph_node *add_node(struct graph *g, enum nn_op op,
				   uint8_t variant, int32_t a, int32_t b,
				   int32_t out)
{
	struct enc_error e = { 0 };
	struct graph_node *node = graph_node(g, op, "node", 4, &e);

	if (!node)
		abort();
	node->variant = variant;
	node->in[0] = a;
	node->in[1] = b;
	node->in_count = b < 0 ? 1 : 2;
	node->out = out;
	g->outputs[g->output_count++] = out;
	return node;
}

static uint8_t *lower(struct graph *g, size_t *len)
{
	struct enc_error e = { 0 };
	struct lowered *net = lower_graph(g, &e);
	uint8_t *record = NULL;

	if (!net) {
		fprintf(stderr, "%s\n", e.what);
		abort();
	}
	record = write_to_memory(net, len);
	lower_free(net);
	graph_free(g);
	return record;
}

uint8_t *networks_negate(uint32_t count, size_t *len)
{
	struct graph g = { 0 };
	int32_t x = add_input(&g, count);

	add_node(&g, NN_UNARY, NN_NEGATE, x, GRAPH_NONE,
		 add_value(&g, NN_F32, count));
	return lower(&g, len);
}

uint8_t *networks_quantize(uint32_t count, size_t *len)
{
	struct graph g = { 0 };
	int32_t x = add_input(&g, count);
	int32_t q = add_value(&g, NN_INT8, count);
	struct graph_quant *quant = &g.values[q].quant;

	quant->scale = malloc(sizeof(*quant->scale));
	quant->zero = malloc(sizeof(*quant->zero));
	quant->scale[0] = 0.5f;
	quant->zero[0] = -3;
	quant->count = 1;
	add_node(&g, NN_QUANTIZE, 0, x, GRAPH_NONE, q);
	return lower(&g, len);
}

static int32_t add_picture(struct graph *g, enum nn_type type, uint32_t height,
			   uint32_t width)
{
	int32_t v = add_value(g, type, height);

	g->values[v].rank = 3;
	g->values[v].dims[1] = width;
	g->values[v].dims[2] = 1;
	return v;
}

uint8_t *networks_picture(const struct networks_picture *of, size_t *len)
{
	const uint32_t values = (of->width + of->step - 1) / of->step;
	struct graph g = { 0 };
	struct graph_node *node = NULL;
	int32_t x = add_picture(&g, of->of_floats ? NN_F32 : NN_UINT8,
				of->height, of->width);
	int32_t y = add_picture(&g, NN_F32, 1, values);

	g.inputs[g.input_count++] = x;
	if (!of->of_floats) {
		x = add_picture(&g, NN_F32, of->height, of->width);
		node = add_node(&g, NN_IMAGE, 0, g.inputs[0], GRAPH_NONE, x);
		node->divisor = 1;
		node->deviation[0] = of->deviation;
	}
	node = add_node(&g, NN_POOL_MAX, 0, x, GRAPH_NONE, y);
	node->window = (struct nn_window){
		{ of->window, of->window }, { 1, of->step }, { 1, 1 }, { 0, 0 }
	};
	if (of->two_inputs) {
		x = y;
		y = add_picture(&g, NN_F32, 1, values);
		g.inputs[g.input_count++] = add_picture(&g, NN_F32, 1, values);
		add_node(&g, NN_BINARY, NN_ADD, x, g.inputs[1], y);
	}
	g.outputs[0] = y;
	g.output_count = 1;
	if (of->two_outputs)
		add_node(&g, NN_UNARY, NN_NEGATE, y, GRAPH_NONE,
			 add_picture(&g, NN_F32, 1, values));
	return lower(&g, len);
}

uint8_t *networks_costly(size_t *len)
{
	const struct networks_picture picture = {
		.height = 28,
		.width = 28,
		.step = 3,
		.window = 16384,
		.deviation = 1,
	};

	return networks_picture(&picture, len);
}

uint8_t *networks_two(uint32_t count, size_t *len)
{
	struct graph g = { 0 };
	int32_t a = add_input(&g, count);
	int32_t b = add_input(&g, count);

	add_node(&g, NN_BINARY, NN_ADD, a, b, add_value(&g, NN_F32, count));
	add_node(&g, NN_BINARY, NN_MAX, a, b, add_value(&g, NN_F32, count));
	return lower(&g, len);
}

uint8_t *networks_wide(uint32_t count, size_t *len)
{
	struct graph g = { 0 };
	int32_t x = add_input(&g, count);
	int32_t w = add_value(&g, NN_F32, 1024);
	struct graph_node *node =
		add_node(&g, NN_CONV, 0, x, w, add_value(&g, NN_F32, 1024));

	g.values[w].rank = 2;
	g.values[w].dims[1] = count;
	g.values[w].data = calloc(1024 * (size_t)count, sizeof(float));
	node->in[2] = GRAPH_NONE;
	node->in_count = 3;
	return lower(&g, len);
}

/* --- what they compute --- */

static void read_record(struct record_net *r, const uint8_t *record, size_t len)
{
	record_net_begin(r);
	while (len && r->error == RECORD_NET_OK) {
		size_t n = record_net_push(r, record, len);

		record += n;
		len -= n;
		if (r->need)
			record_net_give(r, allocate(r->need));
	}
	if (record_net_end(r) != RECORD_NET_OK)
		abort();
}

static size_t tensor_bytes(const struct nn_tensor *t)
{
	return nn_elements(t) * nn_type_size(t->type);
}

static uint8_t *run(const struct record_net *r, const uint8_t *sample,
		    size_t *size)
{
	const struct nn_net *net = &r->net;
	const uint32_t count = (uint32_t)net->head->inputs + net->head->nodes;
	uint8_t *work = allocate(nn_work_bytes(net, 1));
	uint8_t *values = malloc(net->head->arena);

	for (uint32_t t = 0; t < net->head->inputs; t++) {
		size_t bytes = tensor_bytes(&net->tensors[t]);

		memcpy(nn_tensor_at(net, work, t, 1), sample, bytes);
		sample += bytes;
	}
	nn_net_run(net, r->params, work, 1);
	*size = 0;
	for (uint32_t t = 0; t < count; t++) {
		size_t bytes = tensor_bytes(&net->tensors[t]);

		if (!net->tensors[t].is_output)
			continue;
		memcpy(values + *size, nn_tensor_at(net, work, t, 1), bytes);
		*size += bytes;
	}
	free(work);
	return values;
}

static void free_record(struct record_net *r)
{
	free(r->tables);
	free(r->params);
}

uint8_t *networks_run(const uint8_t *record, size_t len, const uint8_t *sample,
		      size_t *size)
{
	struct record_net r;
	uint8_t *values = NULL;

	read_record(&r, record, len);
	values = run(&r, sample, size);
	free_record(&r);
	return values;
}

void networks_labels(const uint8_t *record, size_t len, const uint8_t *images,
		     size_t n, uint8_t *labels)
{
	struct record_net r;

	read_record(&r, record, len);
	for (size_t i = 0; i < n; i++) {
		size_t size = 0;
		uint8_t *values = run(&r, images + i * 784, &size);
		const float *scores = (const void *)values;

		labels[i] = 0;
		for (uint8_t c = 1; c < size / sizeof(*scores); c++) {
			if (scores[c] > scores[labels[i]])
				labels[i] = c;
		}
		free(values);
	}
	free_record(&r);
}
