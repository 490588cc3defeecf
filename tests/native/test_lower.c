/* SPDX-License-Identifier: Apache-2.0 */
/* From graphs to networks: fusions, integers, and what the engine computes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/import/fuse.h"
#include "host/import/lower_ops.h"
#include "host/import/quant.h"
#include "host/import/write.h"
#include "nn/op.h"
#include "testkit/test.h"
#include "tests/lib/operators.h"

/* --- graphs --- */

static int32_t value(struct graph *g, uint32_t rank, uint32_t a, uint32_t b,
		     uint32_t c)
{
	struct enc_error e = { 0 };
	int32_t v = graph_value(g, "v", 1, &e);
	const uint32_t dims[3] = { a, b, c };

	assert_true(v >= 0);
	g->values[v].type = NN_F32;
	g->values[v].rank = rank;
	memcpy(g->values[v].dims, dims, sizeof(dims));
	return v;
}

/* A constant whose elements are `first`, then each `step` more. */
static int32_t constant(struct graph *g, uint32_t rank, uint32_t a, uint32_t b,
			uint32_t c, float first, float step)
{
	int32_t v = value(g, rank, a, b, c);
	size_t count = graph_elements(&g->values[v]);
	float *data = calloc(count, sizeof(*data));

	for (size_t i = 0; i < count; i++)
		data[i] = first + (float)i * step;
	g->values[v].data = data;
	return v;
}

/* (out, kernel, kernel, in) */
static int32_t weights(struct graph *g, uint32_t out, uint32_t kernel,
		       uint32_t in, float first, float step)
{
	int32_t v = constant(g, 3, out, kernel * kernel, in, first, step);

	g->values[v].rank = 4;
	g->values[v].dims[1] = kernel;
	g->values[v].dims[2] = kernel;
	g->values[v].dims[3] = in;
	return v;
}

static struct graph_node *node(struct graph *g, enum nn_op op, int32_t out,
			       int32_t a, int32_t b)
{
	struct enc_error e = { 0 };
	struct graph_node *n = graph_node(g, op, "n", 1, &e);

	assert_non_null(n);
	n->out = out;
	n->in[0] = a;
	n->in[1] = b;
	n->in_count = b == GRAPH_NONE ? 1 : 2;
	return n;
}

static struct graph_node *conv(struct graph *g, int32_t out, int32_t x,
			       int32_t w, uint16_t stride, uint16_t pad)
{
	struct graph_node *n = node(g, NN_CONV, out, x, w);
	uint16_t kernel = (uint16_t)g->values[w].dims[1];

	n->window = (struct nn_window){
		{ kernel, kernel }, { stride, stride }, { 1, 1 }, { pad, pad }
	};
	n->groups = 1;
	return n;
}

static struct graph_node *clamp(struct graph *g, int32_t out, int32_t x,
				float low, float high)
{
	struct graph_node *n = node(g, NN_UNARY, out, x, GRAPH_NONE);

	n->variant = NN_CLAMP;
	n->low = low;
	n->high = high;
	return n;
}

static void input(struct graph *g, int32_t v)
{
	g->inputs[g->input_count++] = v;
}

static void output(struct graph *g, int32_t v)
{
	g->outputs[g->output_count++] = v;
}

static void fuse(struct graph *g)
{
	struct enc_error e = { 0 };

	assert_true(fuse_graph(g, &e));
}

static struct lowered *lower(struct graph *g)
{
	struct enc_error e = { 0 };
	struct lowered *net = lower_graph(g, &e);

	if (!net)
		fail_msg("%s", e.what);
	return net;
}

/* --- integers --- */

static void check_scale(double real, int32_t multiplier, int32_t shift)
{
	struct nn_scale s = { 0 };

	assert_true(quant_scale(real, &s));
	assert_int_equal(s.multiplier, multiplier);
	assert_int_equal(s.shift, shift);
}

static void factors_become_integers(void **state)
{
	struct nn_scale s = { 0 };

	(void)state;
	check_scale(0, 0, 0);
	check_scale(0.5, 1 << 30, 0);
	check_scale(1, 1 << 30, 1);
	check_scale(0.75, 3 << 29, 0);
	check_scale(0x1p-33, 0, 0);
	check_scale(0x1p-32, 1 << 30, -31);
	check_scale(0x1.fffffffcp28, INT32_MAX, 29);
	check_scale(1 - 0x1p-33, 1 << 30, 1); /* rounds up to 2^31 */
	assert_false(quant_scale(0x1p30, &s));
	assert_false(quant_scale(-1, &s));
	assert_false(quant_scale((double)NAN, &s));
}

static void means_divide_the_multiplier(void **state)
{
	struct nn_scale s = { 0 };

	(void)state;
	assert_true(quant_mean(0.25f, 0.25f, 49, &s));
	assert_int_equal(s.multiplier, (INT64_C(1) << 35) / 49);
	assert_int_equal(s.shift, -4);
	assert_true(quant_mean(0.25f, 0.25f, 64, &s));
	assert_int_equal(s.multiplier, 1 << 30);
	assert_int_equal(s.shift, -5);
	assert_false(quant_mean(0.25f, 0.25f, 0, &s));
}

static void one_dense_scale_is_multiplied_in_float(void **state)
{
	float x = 0.3910152316093445f;
	float w = 0.0031372549f;
	double product = (double)x * (double)w;

	(void)state;
	assert_true(quant_layer_factor(x, w, 1, false) == product);
	assert_true(quant_layer_factor(x, w, 1, true) ==
		    (double)(float)product);
	assert_true(product != (double)(float)product);
}

static void sums_have_three_scales(void **state)
{
	struct nn_scale s[3] = { 0 };

	(void)state;
	assert_false(quant_add(1, 1, 0x1p-19f, s));
	assert_true(quant_add(0.5f, 0.25f, 0.125f, s));
	assert_int_equal(s[0].multiplier, 1 << 30);
	assert_int_equal(s[0].shift, 0);
	assert_int_equal(s[1].shift, -1);
	assert_int_equal(s[2].multiplier, 1 << 30); /* 1 / (2^20 / 8) */
	assert_int_equal(s[2].shift, -16);
}

static void clamps_become_integers(void **state)
{
	int32_t c[2] = { 0 };

	(void)state;
	quant_clamp(-INFINITY, INFINITY, 0.5f, 3, c);
	assert_int_equal(c[0], -128);
	assert_int_equal(c[1], 127);
	quant_clamp(0, 6, 0.5f, 3, c);
	assert_int_equal(c[0], 3);
	assert_int_equal(c[1], 15);
	quant_clamp(0, 6, 0.5f, -128, c);
	assert_int_equal(c[0], -128);
	assert_int_equal(quant_value(0.3f, 0.1f, 0), 3);
	assert_int_equal(quant_value(-0.25f, 0.1f, 0), -3);
}

/* --- fusions --- */

static void an_activation_becomes_the_layers_clamp(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t y[3] = { value(&g, 3, 4, 4, 3), value(&g, 3, 4, 4, 3),
			 value(&g, 3, 4, 4, 3) };

	(void)state;
	input(&g, x);
	output(&g, y[2]);
	conv(&g, y[0], x, weights(&g, 3, 1, 2, 1, 1), 1, 0);
	clamp(&g, y[1], y[0], 0, INFINITY);
	clamp(&g, y[2], y[1], -1, 6);
	fuse(&g);
	assert_int_equal(g.node_count, 1);
	assert_int_equal(g.nodes[0].op, NN_CONV);
	assert_true(g.nodes[0].low == 0 && g.nodes[0].high == 6);
	assert_int_equal(g.nodes[0].out, y[2]);
	graph_free(&g);
}

static void what_is_read_twice_keeps_its_activation(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t y[2] = { value(&g, 3, 4, 4, 3), value(&g, 3, 4, 4, 3) };

	(void)state;
	input(&g, x);
	output(&g, y[0]);
	output(&g, y[1]);
	conv(&g, y[0], x, weights(&g, 3, 1, 2, 1, 1), 1, 0);
	clamp(&g, y[1], y[0], 0, INFINITY);
	fuse(&g);
	assert_int_equal(g.node_count, 2);
	assert_true(g.nodes[0].low == -INFINITY);
	graph_free(&g);
}

static void quantise(struct graph *g, int32_t v, float scale, int32_t zero)
{
	struct graph_quant *q = &g->values[v].quant;

	g->values[v].type = NN_INT8;
	q->scale = calloc(1, sizeof(*q->scale));
	q->zero = calloc(1, sizeof(*q->zero));
	q->scale[0] = scale;
	q->zero[0] = zero;
	q->count = 1;
}

static void int8_of_another_scale_keeps_its_activation(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t y[2] = { value(&g, 3, 4, 4, 2), value(&g, 3, 4, 4, 2) };

	(void)state;
	input(&g, x);
	output(&g, y[1]);
	for (int i = 0; i < 2; i++)
		quantise(&g, y[i], 1 + (float)i, 0);
	conv(&g, y[0], x, weights(&g, 2, 1, 2, 1, 1), 1, 0);
	clamp(&g, y[1], y[0], 0, INFINITY);
	fuse(&g);
	assert_int_equal(g.node_count, 2);
	g.values[y[1]].quant.scale[0] = 1;
	fuse(&g);
	assert_int_equal(g.node_count, 1);
	graph_free(&g);
}

/*
 * Zeros before and after a window of `kernel`: 1 above, `below`; 2 to the left,
 * 1 to the right.
 */
static void check_pad(uint16_t kernel, uint32_t below, size_t nodes)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 9, 9, 2);
	int32_t padded = value(&g, 3, 10 + below, 12, 2);
	int32_t y = value(&g, 3, 10 + below - kernel + 1, 12 - kernel + 1, 3);
	struct graph_node *pad = node(&g, NN_PAD, padded, x, GRAPH_NONE);

	input(&g, x);
	output(&g, y);
	pad->variant = NN_PAD_CONSTANT;
	pad->before[0] = 1;
	pad->before[1] = 2;
	conv(&g, y, padded, weights(&g, 3, kernel, 2, 1, 1), 1, 0);
	fuse(&g);
	assert_int_equal(g.node_count, nodes);
	if (nodes == 1) {
		assert_int_equal(g.nodes[0].in[0], x);
		assert_int_equal(g.nodes[0].window.pad[0], 1);
		assert_int_equal(g.nodes[0].window.pad[1], 2);
	}
	graph_free(&g);
}

static void zeros_around_become_the_layers_padding(void **state)
{
	(void)state;
	check_pad(3, 1, 1);
	check_pad(3, 2, 1);
	check_pad(5, 4, 1);
	/* a window would lie outside of the picture: below it; left of it */
	check_pad(3, 3, 2);
	check_pad(2, 1, 2);
}

static void factors_of_channels_become_weights(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t y[3] = { value(&g, 3, 4, 4, 3), value(&g, 3, 4, 4, 3),
			 value(&g, 3, 4, 4, 3) };
	int32_t w = weights(&g, 3, 1, 2, 1, 1);
	const float *made = NULL;
	size_t values = 0;

	(void)state;
	input(&g, x);
	output(&g, y[2]);
	conv(&g, y[0], x, w, 1, 0);
	node(&g, NN_BINARY, y[1], y[0], constant(&g, 1, 3, 0, 0, 2, 1))
		->variant = NN_MUL;
	node(&g, NN_BINARY, y[2], constant(&g, 1, 3, 0, 0, 10, 1), y[1])
		->variant = NN_ADD;
	g.nodes[2].low = 0;
	values = g.value_count;
	fuse(&g);
	assert_int_equal(g.node_count, 1);
	assert_true(g.nodes[0].low == 0);
	made = g.values[g.nodes[0].in[1]].data;
	for (int i = 0; i < 6; i++)
		assert_true(made[i] == (float)((i + 1) * (2 + i / 2)));
	made = g.values[g.nodes[0].in[2]].data;
	for (int i = 0; i < 3; i++)
		assert_true(made[i] == (float)(10 + i));
	assert_int_equal(g.nodes[0].in[1], w); /* no copy: memory is limited */
	assert_int_equal(g.value_count, values + 1);
	graph_free(&g);
}

static void shared_weights_stay_as_they_were(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t w = weights(&g, 3, 1, 2, 1, 1);
	int32_t y[3] = { value(&g, 3, 4, 4, 3), value(&g, 3, 4, 4, 3),
			 value(&g, 3, 4, 4, 3) };

	(void)state;
	input(&g, x);
	output(&g, y[1]);
	output(&g, y[2]);
	conv(&g, y[0], x, w, 1, 0);
	node(&g, NN_BINARY, y[1], y[0], constant(&g, 1, 3, 0, 0, 2, 1))
		->variant = NN_MUL;
	conv(&g, y[2], x, w, 1, 0);
	fuse(&g);
	assert_int_equal(g.node_count, 2);
	assert_int_equal(g.nodes[1].in[1], w);
	assert_true(((float *)g.values[w].data)[5] == 6);
	assert_true(((float *)g.values[g.nodes[0].in[1]].data)[5] == 24);
	graph_free(&g);
}

static void moves_without_effect_are_removed(void **state)
{
	static const uint8_t forth[] = { 2, 0, 1 };
	static const uint8_t back[] = { 1, 2, 0 };
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 5, 2);
	int32_t turned = value(&g, 3, 2, 4, 5);
	int32_t again = value(&g, 3, 4, 5, 2);
	int32_t flat = value(&g, 1, 40, 0, 0);
	int32_t wide = value(&g, 2, 8, 5, 0);
	int32_t y = value(&g, 2, 8, 5, 0);

	(void)state;
	input(&g, x);
	output(&g, y);
	memcpy(node(&g, NN_TRANSPOSE, turned, x, GRAPH_NONE)->from, forth, 3);
	memcpy(node(&g, NN_TRANSPOSE, again, turned, GRAPH_NONE)->from, back,
	       3);
	node(&g, NN_RESHAPE, flat, again, GRAPH_NONE);
	node(&g, NN_RESHAPE, wide, flat, GRAPH_NONE);
	node(&g, NN_UNARY, y, wide, GRAPH_NONE)->variant = NN_TANH;
	node(&g, NN_RESHAPE, value(&g, 1, 40, 0, 0), y, GRAPH_NONE);
	fuse(&g);
	assert_int_equal(g.node_count, 2);
	assert_int_equal(g.nodes[0].op, NN_RESHAPE);
	assert_int_equal(g.nodes[0].in[0], x);
	assert_int_equal(g.nodes[1].in[0], wide);
	graph_free(&g);
}

static void moving_ones_is_a_reshape(void **state)
{
	static const uint8_t from[] = { 1, 0, 2 };
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 1, 5, 2);
	int32_t y = value(&g, 3, 5, 1, 2);

	(void)state;
	input(&g, x);
	output(&g, y);
	memcpy(node(&g, NN_TRANSPOSE, y, x, GRAPH_NONE)->from, from, 3);
	fuse(&g);
	assert_int_equal(g.nodes[0].op, NN_RESHAPE);
	graph_free(&g);
}

/* --- networks --- */

/* Two branches, whose nodes may stand in another order in the file. */
static uint8_t *branches(bool swap, size_t *len)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 8, 8, 2);
	int32_t w[2] = { weights(&g, 3, 1, 2, 1, 0.5f),
			 weights(&g, 3, 1, 2, 2, -1) };
	int32_t y[2] = { value(&g, 3, 8, 8, 3), value(&g, 3, 8, 8, 3) };
	int32_t sum = value(&g, 3, 8, 8, 3);
	struct lowered *net = NULL;
	uint8_t *record = NULL;

	input(&g, x);
	output(&g, sum);
	conv(&g, y[swap], x, w[swap], 1, 0);
	conv(&g, y[!swap], x, w[!swap], 1, 0);
	node(&g, NN_BINARY, sum, y[0], y[1])->variant = NN_ADD;
	net = lower(&g);
	record = write_to_memory(net, len);
	assert_non_null(record);
	lower_free(net);
	graph_free(&g);
	return record;
}

static void a_network_has_one_record(void **state)
{
	size_t len[2] = { 0 };
	uint8_t *record[2] = { branches(false, &len[0]),
			       branches(true, &len[1]) };

	(void)state;
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(record[0], record[1], len[0]);
	free(record[0]);
	free(record[1]);
}

/* Computes one sample; the output's elements. */
static const float *run(const struct lowered *net, void **work, float first,
			float step)
{
	size_t bytes = nn_work_bytes(&net->net, 1) + NN_ALIGN;
	uint32_t last = (uint32_t)net->head.inputs + net->head.nodes - 1;
	float *x = NULL;

	*work = aligned_alloc(NN_ALIGN, bytes / NN_ALIGN * NN_ALIGN);
	assert_non_null(*work);
	memset(*work, 0, bytes / NN_ALIGN * NN_ALIGN);
	x = nn_tensor_at(&net->net, *work, 0, 1);
	for (size_t i = 0; i < nn_elements(&net->tensors[0]); i++)
		x[i] = first + (float)i * step;
	nn_net_run(&net->net, net->params, *work, 1);
	return nn_tensor_at(&net->net, *work, last, 1);
}

/* TensorFlow Lite's Requantize(), from the text of its reference kernels. */
static int32_t rescaled(int8_t x, float from, int32_t from_zero, float to,
			int32_t to_zero)
{
	int shift = 0;
	int64_t multiplier =
		llround(frexp((double)from / (double)to, &shift) * 0x1p31);
	double y = x - from_zero;

	y = floor(ldexp(y, shift > 0 ? shift : 0) * (double)multiplier /
			  0x1p31 +
		  0.5);
	y = round(ldexp(y, shift < 0 ? shift : 0)) + to_zero;
	return (int32_t)fmax(-128, fmin(127, y));
}

static struct graph_node *rescale(struct graph *g, float from,
				  int32_t from_zero, float to, int32_t to_zero)
{
	int32_t x = value(g, 1, 256, 0, 0);
	int32_t y = value(g, 1, 256, 0, 0);

	quantise(g, x, from, from_zero);
	quantise(g, y, to, to_zero);
	input(g, x);
	output(g, y);
	return node(g, NN_QUANTIZE, y, x, GRAPH_NONE);
}

static void int8_is_rescaled_as_tflite(void **state)
{
	static const float scales[] = {
		0.00392156862f, 0.0235294122f, 0.5f, 0.0470588244f, 1, 1.7f
	};

	(void)state;
	for (size_t i = 0; i < COUNT(scales) * COUNT(scales); i++) {
		const float from = scales[i % COUNT(scales)];
		const float to = scales[i / COUNT(scales)];
		const int32_t zero = (int32_t)i * 7 - 128;
		struct graph g = { 0 };
		struct lowered *net = NULL;
		int8_t *work = NULL;

		rescale(&g, from, zero, to, -zero / 2);
		net = lower(&g);
		assert_int_equal(net->nodes[0].op, NN_QUANTIZE);
		work = aligned_alloc(NN_ALIGN, nn_work_bytes(&net->net, 1));
		for (int k = 0; k < 256; k++)
			work[net->tensors[0].offset + (uint32_t)k] =
				(int8_t)(k - 128);
		nn_net_run(&net->net, net->params, work, 1);
		for (int k = 0; k < 256; k++)
			assert_int_equal(
				work[net->tensors[1].offset + (uint32_t)k],
				rescaled((int8_t)(k - 128), from, zero, to,
					 -zero / 2));
		free(work);
		lower_free(net);
		graph_free(&g);
	}
}

static void a_group_for_each_channel_is_depthwise(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 3, 3, 2);
	int32_t y = value(&g, 3, 1, 1, 2);
	struct lowered *net = NULL;
	void *work = NULL;
	const float *got = NULL;
	float want[2] = { 0 };

	(void)state;
	input(&g, x);
	output(&g, y);
	conv(&g, y, x, weights(&g, 2, 3, 1, 0, 1), 1, 0)->groups = 2;
	net = lower(&g);
	assert_int_equal(net->nodes[0].op, NN_DEPTHWISE);
	got = run(net, &work, 1, 1);
	for (int c = 0; c < 2; c++) {
		for (int i = 0; i < 9; i++)
			want[c] += (float)((9 * c + i) * (1 + 2 * i + c));
		assert_true(got[c] == want[c]);
	}
	free(work);
	lower_free(net);
	graph_free(&g);
}

static void one_channel_is_a_convolution(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 3, 3, 1);
	int32_t y = value(&g, 3, 1, 1, 1);
	int32_t w = constant(&g, 3, 3, 3, 1, 1, 1);
	struct lowered *net = NULL;

	(void)state;
	input(&g, x);
	output(&g, y);
	conv(&g, y, x, w, 1, 0)->op = NN_DEPTHWISE;
	g.nodes[0].groups = 0;
	net = lower(&g);
	assert_int_equal(net->nodes[0].op, NN_CONV);
	assert_int_equal(net->head.batch, 1);
	lower_free(net);
	graph_free(&g);
}

static void long_concatenations_are_several(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 1, 3, 0, 0);
	int32_t y = value(&g, 1, 3 * 14, 0, 0);
	struct graph_node *n = NULL;
	struct lowered *net = NULL;
	void *work = NULL;
	const float *got = NULL;

	(void)state;
	input(&g, x);
	output(&g, y);
	n = node(&g, NN_CONCAT, y, x, x);
	n->in_count = 14;
	for (uint32_t i = 0; i < 14; i++)
		n->in[i] = x;
	net = lower(&g);
	assert_int_equal(net->head.nodes, 3);
	got = run(net, &work, 1, 1);
	for (int i = 0; i < 3 * 14; i++)
		assert_true(got[i] == (float)(1 + i % 3));
	free(work);
	lower_free(net);
	graph_free(&g);
}

static void constants_are_packed_or_become_tensors(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 2, 2, 3, 0);
	int32_t low = value(&g, 2, 2, 3, 0);
	int32_t y = value(&g, 2, 2, 3, 0);
	struct lowered *net = NULL;
	void *work = NULL;
	const float *got = NULL;

	(void)state;
	input(&g, x);
	output(&g, y);
	/* 10, 11, 12 - x; then 2^ of that: a constant at the left */
	node(&g, NN_BINARY, low, constant(&g, 1, 3, 0, 0, 10, 1), x)->variant =
		NN_SUB;
	node(&g, NN_BINARY, y, constant(&g, 0, 0, 0, 0, 2, 0), low)->variant =
		NN_POW;
	net = lower(&g);
	assert_int_equal(net->head.nodes, 4);
	assert_int_equal(net->nodes[0].variant, NN_SUB_FROM);
	assert_int_equal(net->nodes[0].binary.axes, 2);
	assert_int_equal(net->nodes[1].op, NN_CONSTANT);
	assert_int_equal(net->nodes[2].op, NN_RESHAPE); /* to (1, 1) */
	got = run(net, &work, 5, 1);
	for (int i = 0; i < 6; i++) {
		float want = exp2f((float)(10 + i % 3 - 5 - i));

		assert_true(fabsf(got[i] - want) < want * 1e-5f);
	}
	free(work);
	lower_free(net);
	graph_free(&g);
}

static void check_refused(struct graph *g, const char *what)
{
	struct enc_error e = { 0 };

	assert_null(lower_graph(g, &e));
	if (!strstr(e.what, what))
		fail_msg("%s", e.what);
	graph_free(g);
}

static void messages_name_what_is_wrong(void **state)
{
	struct graph g = { 0 };
	int32_t x = value(&g, 3, 4, 4, 2);
	int32_t y = value(&g, 3, 5, 4, 3); /* the last window begins outside */

	(void)state;
	input(&g, x);
	output(&g, y);
	conv(&g, y, x, weights(&g, 3, 3, 2, 1, 1), 1, 0);
	check_refused(&g, "no CONV from f32(4, 4, 2) to f32(5");
	x = value(&g, 1, 70000, 0, 0);
	y = value(&g, 1, 70000, 0, 0);
	input(&g, x);
	output(&g, y);
	node(&g, NN_UNARY, y, x, GRAPH_NONE)->variant = NN_ABS;
	check_refused(&g, "70000");
	x = value(&g, 1, 7, 0, 0);
	input(&g, x);
	input(&g, value(&g, 1, 7, 0, 0));
	y = value(&g, 1, 7, 0, 0);
	output(&g, y);
	node(&g, NN_UNARY, y, x, GRAPH_NONE)->variant = NN_ABS;
	check_refused(&g, "does not use this input");
	rescale(&g, 1, 0, 0x1p-30f, 0);
	check_refused(&g, "n: scales 1 and 9.31323e-10 are too far apart");
}

/* So no two of them look the same in a table of layers. */
static void each_operation_has_a_name_of_its_own(void **state)
{
	struct nn_node last = { 0 };

	(void)state;
	for (size_t i = 0; i < operators_count(); i++) {
		const struct nn_node node = operators_tables(i).node;
		const bool has_names = lower_variants[node.op].names;

		assert_non_null(lower_op_name(&node));
		assert_true(strlen(lower_op_name(&node)) <= 12);
		if (has_names && last.op == node.op &&
		    last.variant != node.variant)
			assert_string_not_equal(lower_op_name(&node),
						lower_op_name(&last));
		last = node;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(factors_become_integers),
		cmocka_unit_test(means_divide_the_multiplier),
		cmocka_unit_test(one_dense_scale_is_multiplied_in_float),
		cmocka_unit_test(sums_have_three_scales),
		cmocka_unit_test(clamps_become_integers),
		cmocka_unit_test(an_activation_becomes_the_layers_clamp),
		cmocka_unit_test(what_is_read_twice_keeps_its_activation),
		cmocka_unit_test(int8_of_another_scale_keeps_its_activation),
		cmocka_unit_test(zeros_around_become_the_layers_padding),
		cmocka_unit_test(factors_of_channels_become_weights),
		cmocka_unit_test(shared_weights_stay_as_they_were),
		cmocka_unit_test(moves_without_effect_are_removed),
		cmocka_unit_test(moving_ones_is_a_reshape),
		cmocka_unit_test(a_network_has_one_record),
		cmocka_unit_test(int8_is_rescaled_as_tflite),
		cmocka_unit_test(a_group_for_each_channel_is_depthwise),
		cmocka_unit_test(one_channel_is_a_convolution),
		cmocka_unit_test(long_concatenations_are_several),
		cmocka_unit_test(constants_are_packed_or_become_tensors),
		cmocka_unit_test(messages_name_what_is_wrong),
		cmocka_unit_test(each_operation_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
