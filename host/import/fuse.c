/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: each pass looks at one node and its neighbours. Passes run over
 * all nodes until none of them changes anything. A node that is removed keeps
 * its place, with GONE as its operator, until the nodes are put in order.
 */
#include "fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GONE ((enum nn_op)0)

struct fuse {
	struct graph *g;
	struct enc_error *e;
	bool failed;
	struct graph_node none; /* computes what no node computes: GONE */
	/* Of each value: the node that computes it, or -1; how many read it. */
	int32_t producer[GRAPH_VALUES_MAX];
	uint32_t readers[GRAPH_VALUES_MAX];
	/* Order of the nodes that remain. */
	uint32_t order[GRAPH_NODES_MAX];
	uint32_t ordered;
	/* Nodes that wait for the one above them, and sources seen of each. */
	uint32_t stack[GRAPH_NODES_MAX];
	uint32_t depth;
	uint32_t seen[GRAPH_NODES_MAX];
	bool visited[GRAPH_NODES_MAX];
};

static struct graph_value *value_of(const struct fuse *f, int32_t v)
{
	return &f->g->values[v];
}

static void count_uses(struct fuse *f)
{
	const struct graph *g = f->g;

	for (size_t v = 0; v < g->value_count; v++) {
		f->producer[v] = -1;
		f->readers[v] = 0;
	}
	for (size_t n = 0; n < g->node_count; n++) {
		const struct graph_node *node = &g->nodes[n];

		if (node->op == GONE)
			continue;
		f->producer[node->out] = (int32_t)n;
		for (uint32_t i = 0; i < node->in_count; i++) {
			if (node->in[i] != GRAPH_NONE)
				f->readers[node->in[i]]++;
		}
	}
	for (size_t i = 0; i < g->output_count; i++)
		f->readers[g->outputs[i]]++;
}

static int32_t producer_of(const struct fuse *f, int32_t value)
{
	return value == GRAPH_NONE ? -1 : f->producer[value];
}

/* The node that computes a value. */
static struct graph_node *before(struct fuse *f, int32_t value)
{
	int32_t n = producer_of(f, value);

	return n < 0 ? &f->none : &f->g->nodes[n];
}

/* The same, if nothing else reads the value. */
static struct graph_node *only_before(struct fuse *f, int32_t value)
{
	return value != GRAPH_NONE && f->readers[value] == 1 ?
		       before(f, value) :
		       &f->none;
}

static bool is_output(const struct fuse *f, int32_t value)
{
	bool found = false;

	for (size_t i = 0; i < f->g->output_count; i++)
		found |= f->g->outputs[i] == value;
	return found;
}

static bool same_shape(const struct graph_value *a, const struct graph_value *b)
{
	return a->rank == b->rank &&
	       !memcmp(a->dims, b->dims, a->rank * sizeof(*a->dims));
}

/* True if the numbers of both values mean the same. */
static bool same_quant(const struct graph_value *a, const struct graph_value *b)
{
	if (a->type != b->type || a->quant.count != b->quant.count)
		return false;
	for (size_t i = 0; i < a->quant.count; i++) {
		if (a->quant.scale[i] != b->quant.scale[i] ||
		    a->quant.zero[i] != b->quant.zero[i])
			return false;
	}
	return true;
}

/* Removes a node whose output is its input. */
static bool remove_node(struct fuse *f, struct graph_node *node)
{
	int32_t in = node->in[0];

	if (is_output(f, node->out) &&
	    (producer_of(f, in) < 0 || is_output(f, in)))
		return false;
	for (size_t n = 0; n < f->g->node_count; n++) {
		struct graph_node *other = &f->g->nodes[n];

		for (uint32_t i = 0; i < other->in_count; i++) {
			if (other->in[i] == node->out)
				other->in[i] = in;
		}
	}
	for (size_t i = 0; i < f->g->output_count; i++) {
		if (f->g->outputs[i] == node->out)
			f->g->outputs[i] = in;
	}
	node->op = GONE;
	return true;
}

static bool is_layer(const struct graph_node *node)
{
	return node->op == NN_CONV || node->op == NN_DEPTHWISE;
}

/* --- an activation function, into the operator before it --- */

static bool fold_clamp(struct fuse *f, struct graph_node *node)
{
	struct graph_node *from = NULL;

	if (node->op != NN_UNARY || node->variant != NN_CLAMP)
		return false;
	from = only_before(f, node->in[0]);
	if (!(is_layer(from) || from->op == NN_BINARY ||
	      from->op == NN_POOL_MAX || from->op == NN_POOL_AVERAGE))
		return false;
	if (!same_quant(value_of(f, node->in[0]), value_of(f, node->out)))
		return false;
	from->low = fmaxf(node->low, fminf(node->high, from->low));
	from->high = fmaxf(node->low, fminf(node->high, from->high));
	from->out = node->out;
	node->op = GONE;
	return true;
}

/* --- zeros around a picture, into the layer behind them --- */

/* Along height or width: both edges lie in the first and last window. */
static bool padding_fits(const struct fuse *f, const struct graph_node *pad,
			 const struct graph_node *layer, uint32_t d)
{
	const struct nn_window *w = &layer->window;
	uint64_t reach = (w->kernel[d] - UINT64_C(1)) * w->dilation[d];
	uint64_t before = (uint64_t)w->pad[d] + pad->before[d];
	uint64_t in = value_of(f, pad->in[0])->dims[d];
	uint64_t out = value_of(f, layer->out)->dims[d];
	uint64_t end = (out - 1) * w->stride[d] + reach;

	return before <= reach && before <= UINT16_MAX &&
	       end <= in + before - 1 + reach;
}

static bool is_zeros_around(const struct fuse *f, const struct graph_node *pad)
{
	const struct graph_value *in = value_of(f, pad->in[0]);
	const struct graph_value *out = value_of(f, pad->out);

	return pad->variant == NN_PAD_CONSTANT && pad->fill == 0 &&
	       in->rank == 3 && in->dims[2] == out->dims[2] &&
	       same_quant(in, out);
}

static bool fold_pad(struct fuse *f, struct graph_node *node)
{
	struct graph_node *pad = NULL;

	if (!is_layer(node) || value_of(f, node->in[1])->rank < 3)
		return false;
	pad = before(f, node->in[0]);
	if (pad->op != NN_PAD || !is_zeros_around(f, pad) ||
	    !padding_fits(f, pad, node, 0) || !padding_fits(f, pad, node, 1))
		return false;
	for (uint32_t d = 0; d < 2; d++)
		node->window.pad[d] =
			(uint16_t)(node->window.pad[d] + pad->before[d]);
	node->in[0] = pad->in[0];
	return true;
}

/* --- constants for each channel, into the f32 layer before them --- */

/* A copy of a constant, or zeros of a shape; GRAPH_NONE with f->failed set. */
static int32_t copy_floats(struct fuse *f, int32_t from, uint32_t channels)
{
	const struct graph_value *old =
		from == GRAPH_NONE ? NULL : value_of(f, from);
	size_t count = old ? graph_elements(old) : channels;
	const char *name = old && old->name ? old->name : "";
	float *data = calloc(count, sizeof(*data));
	int32_t to = graph_value(f->g, name, strlen(name), f->e);
	struct graph_value *v = to == GRAPH_NONE ? NULL : value_of(f, to);

	if (!v || !data) {
		free(data);
		f->failed = true;
		if (!data)
			enc_fail(f->e, ENC_ERR_MEMORY, "out of memory");
		return GRAPH_NONE;
	}
	old = from == GRAPH_NONE ? NULL : value_of(f, from);
	v->type = NN_F32;
	v->rank = old ? old->rank : 1;
	v->dims[0] = channels;
	if (old) {
		memcpy(v->dims, old->dims, sizeof(v->dims));
		memcpy(data, old->data, count * sizeof(*data));
	}
	v->data = data;
	return to;
}

/* y * factor + offset: what a node does to a channel. */
struct terms {
	float factor;
	float offset;
};

static struct terms terms_of(enum nn_binary variant, float constant)
{
	switch (variant) {
	case NN_MUL:
		return (struct terms){ constant, 0 };
	case NN_DIV:
		return (struct terms){ 1 / constant, 0 };
	case NN_ADD:
		return (struct terms){ 1, constant };
	default: /* NN_SUB */
		return (struct terms){ 1, -constant };
	}
}

/* Which source is a constant of one value, or one for each channel; or -1. */
static int channel_constant(const struct fuse *f, const struct graph_node *node)
{
	const struct graph_value *out = value_of(f, node->out);
	int side = value_of(f, node->in[1])->data ? 1 : 0;
	const struct graph_value *c = value_of(f, node->in[side]);
	const struct graph_value *x = value_of(f, node->in[!side]);
	size_t count = graph_elements(c);
	bool is_swappable = node->variant == NN_ADD || node->variant == NN_MUL;

	if (!c->data || x->data || c->type != NN_F32 || !same_shape(x, out))
		return -1;
	if (!is_swappable && !(side == 1 && (node->variant == NN_SUB ||
					     node->variant == NN_DIV)))
		return -1;
	if (count == 1)
		return side;
	return c->rank && count == c->dims[c->rank - 1] &&
			       count == out->dims[out->rank - 1] ?
		       side :
		       -1;
}

static bool is_f32_of(const struct graph_value *v, uint32_t axis,
		      uint32_t channels)
{
	return v->type == NN_F32 && v->data && v->rank > axis &&
	       v->dims[axis] == channels;
}

/* An f32 layer of so many channels, without an activation. */
static bool is_plain_layer(const struct fuse *f, const struct graph_node *layer,
			   uint32_t channels)
{
	int32_t bias = layer->in_count > 2 ? layer->in[2] : GRAPH_NONE;
	uint32_t axis = layer->op == NN_CONV ? 0 : 2;

	return is_layer(layer) && layer->low == -INFINITY &&
	       layer->high == INFINITY &&
	       is_f32_of(value_of(f, layer->in[1]), axis, channels) &&
	       (bias == GRAPH_NONE ||
		is_f32_of(value_of(f, bias), 0, channels));
}

/* The constant itself where nothing else reads it, else a copy. */
static int32_t own_floats(struct fuse *f, int32_t from, uint32_t channels)
{
	return from != GRAPH_NONE && f->readers[from] == 1 ?
		       from :
		       copy_floats(f, from, channels);
}

/* Multiplies and adds into constants that are the layer's own. */
static bool scale_layer(struct fuse *f, struct graph_node *layer,
			const struct graph_value *constant,
			enum nn_binary variant, uint32_t channels)
{
	const float *c = constant->data; /* stays where it is */
	size_t step = graph_elements(constant) == 1 ? 0 : 1;
	int32_t bias = layer->in_count > 2 ? layer->in[2] : GRAPH_NONE;
	int32_t to = own_floats(f, layer->in[1], channels);
	int32_t to_bias = own_floats(f, bias, channels);
	size_t count = 0;

	if (f->failed)
		return false;
	count = graph_elements(value_of(f, to));
	for (size_t i = 0; i < count; i++) {
		size_t channel = layer->op == NN_CONV ? i / (count / channels) :
							i % channels;

		((float *)value_of(f, to)->data)[i] *=
			terms_of(variant, c[channel * step]).factor;
	}
	for (size_t i = 0; i < channels; i++) {
		struct terms t = terms_of(variant, c[i * step]);
		float *b = (float *)value_of(f, to_bias)->data + i;

		*b = *b * t.factor + t.offset;
	}
	layer->in[1] = to;
	layer->in[2] = to_bias;
	layer->in_count = 3;
	return true;
}

static bool fold_channels(struct fuse *f, struct graph_node *node)
{
	struct graph_node *layer = NULL;
	const struct graph_value *out = NULL;
	uint32_t channels = 0;
	int side = 0;

	if (node->op != NN_BINARY)
		return false;
	side = channel_constant(f, node);
	if (side < 0)
		return false;
	layer = only_before(f, node->in[!side]);
	out = value_of(f, node->out);
	channels = out->rank ? out->dims[out->rank - 1] : 1;
	if (!is_plain_layer(f, layer, channels))
		return false;
	if (!scale_layer(f, layer, value_of(f, node->in[side]),
			 (enum nn_binary)node->variant, channels))
		return false;
	layer->low = node->low;
	layer->high = node->high;
	layer->out = node->out;
	node->op = GONE;
	return true;
}

/* --- what only moves or renames elements --- */

static bool fold_reshape(struct fuse *f, struct graph_node *node)
{
	const struct graph_node *from = NULL;

	if (node->op != NN_RESHAPE)
		return false;
	from = before(f, node->in[0]);
	if (from->op == NN_RESHAPE) {
		node->in[0] = from->in[0];
		return true;
	}
	return same_shape(value_of(f, node->in[0]), value_of(f, node->out)) &&
	       same_quant(value_of(f, node->in[0]), value_of(f, node->out)) &&
	       remove_node(f, node);
}

/* True if all dimensions but those of 1 keep their order. */
static bool moves_nothing(const struct fuse *f, const struct graph_node *node)
{
	const struct graph_value *in = value_of(f, node->in[0]);
	int last = -1;

	for (uint32_t d = 0; d < in->rank; d++) {
		if (in->dims[node->from[d]] == 1)
			continue;
		if (node->from[d] < last)
			return false;
		last = node->from[d];
	}
	return true;
}

static bool fold_transpose(struct fuse *f, struct graph_node *node)
{
	const struct graph_node *from = NULL;

	if (node->op != NN_TRANSPOSE)
		return false;
	from = before(f, node->in[0]);
	if (from->op == NN_TRANSPOSE) {
		for (uint32_t d = 0; d < value_of(f, node->out)->rank; d++)
			node->from[d] = from->from[node->from[d]];
		node->in[0] = from->in[0];
		return true;
	}
	if (!moves_nothing(f, node))
		return false;
	node->op = NN_RESHAPE;
	memset(node->from, 0, sizeof(node->from));
	return true;
}

typedef bool pass(struct fuse *f, struct graph_node *node);

static pass *const passes[] = { fold_reshape, fold_transpose, fold_clamp,
				fold_pad, fold_channels };

static bool run_pass(struct fuse *f, pass *fold)
{
	bool changed = false;

	for (size_t n = 0; n < f->g->node_count && !f->failed; n++) {
		if (f->g->nodes[n].op == GONE || !fold(f, &f->g->nodes[n]))
			continue;
		changed = true;
		count_uses(f);
	}
	return changed;
}

/* --- order --- */

static void visit(struct fuse *f, int32_t value)
{
	int32_t n = producer_of(f, value);

	if (n < 0 || f->visited[n])
		return;
	f->visited[n] = true;
	f->seen[n] = 0;
	f->stack[f->depth++] = (uint32_t)n;
}

/* Orders all nodes that a value needs, each behind its sources. */
static void order_value(struct fuse *f, int32_t value)
{
	visit(f, value);
	while (f->depth) {
		uint32_t n = f->stack[f->depth - 1];
		const struct graph_node *node = &f->g->nodes[n];

		if (f->seen[n] < node->in_count) {
			visit(f, node->in[f->seen[n]++]);
			continue;
		}
		f->order[f->ordered++] = n;
		f->depth--;
	}
}

static bool order_nodes(struct fuse *f)
{
	struct graph *g = f->g;
	struct graph_node *nodes = calloc(g->node_count + 1, sizeof(*nodes));

	if (!nodes)
		return enc_fail(f->e, ENC_ERR_MEMORY, "out of memory");
	count_uses(f);
	f->ordered = 0;
	memset(f->visited, 0, sizeof(f->visited));
	for (size_t i = 0; i < g->output_count; i++)
		order_value(f, g->outputs[i]);
	for (uint32_t i = 0; i < f->ordered; i++)
		nodes[i] = g->nodes[f->order[i]];
	for (size_t n = 0; n < g->node_count; n++) {
		if (!f->visited[n])
			free(g->nodes[n].name);
	}
	if (f->ordered)
		memcpy(g->nodes, nodes, f->ordered * sizeof(*nodes));
	free(nodes);
	g->node_count = f->ordered;
	count_uses(f);
	return true;
}

bool fuse_graph(struct graph *g, struct enc_error *e)
{
	struct fuse *f = calloc(1, sizeof(*f));
	bool ok = false;
	bool changed = true;

	if (!f)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	f->g = g;
	f->e = e;
	ok = order_nodes(f); /* a node without use must not count as a reader */
	while (ok && changed) {
		changed = false;
		for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
			changed |= run_pass(f, passes[i]);
		ok = !f->failed;
	}
	ok = ok && order_nodes(f);
	free(f);
	return ok;
}
