/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: nodes are marked that compute int8, and values that they read
 * or write. Values that such a node only moves share a scale: they form a
 * group, whose range is that of all its values. Then marked values that int8
 * nodes compute, and marked constants, become int8 themselves; others get an
 * int8 form by a QUANTIZE, and those that an f32 node reads an f32 form by a
 * DEQUANTIZE. lower_graph() puts the new nodes where they belong.
 */
#include "quantize.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"
#include "nn/params.h"
#include "quant.h"
#include "raise.h"

struct quantize {
	const struct lowered *net;
	struct graph *g;
	size_t nodes; /* that the network had */
	struct enc_error *e;
	bool is_int8[NN_NODES_MAX];	  /* the node computes int8 */
	bool is_marked[GRAPH_VALUES_MAX]; /* the value has an int8 form */
	int32_t group[GRAPH_VALUES_MAX];  /* another value of it, or itself */
	struct range range[GRAPH_VALUES_MAX];
	int32_t other[GRAPH_VALUES_MAX]; /* form of the other type; 0: none */
};

static struct graph_value *value_of(const struct quantize *q, int32_t v)
{
	return &q->g->values[v];
}

static bool is_f32(const struct quantize *q, int32_t v)
{
	return value_of(q, v)->type == NN_F32;
}

/* --- which nodes --- */

/* Sources but for weights, biases, gains. */
static uint32_t operand_count(const struct graph_node *node)
{
	return node->op == NN_CONV || node->op == NN_DEPTHWISE ||
			       node->op == NN_NORM ?
		       1 :
		       node->in_count;
}

static bool has_weights(const struct quantize *q, const struct graph_node *node)
{
	return node->op == NN_CONV || node->op == NN_DEPTHWISE ||
	       (node->op == NN_GATHER && value_of(q, node->in[0])->data);
}

/* The numbers of the output are those of its sources, or between them. */
static bool is_move(const struct graph_node *node)
{
	switch (node->op) {
	case NN_POOL_MAX:
	case NN_POOL_AVERAGE:
	case NN_RESHAPE:
	case NN_TRANSPOSE:
	case NN_SLICE:
	case NN_PAD:
	case NN_CONCAT:
	case NN_EXPAND:
	case NN_GATHER:
	case NN_RESIZE:
		return true;
	default:
		return node->op == NN_REDUCE && node->variant != NN_MEAN &&
		       node->variant != NN_SUM;
	}
}

static struct nn_tensor as_int8(struct nn_tensor t)
{
	if (t.type == NN_F32) {
		t.type = NN_INT8;
		t.scale = 1;
	}
	return t;
}

/* A node of f32 with the numbers that one of int8 has. */
static void set_numbers(struct nn_node *node)
{
	switch (node->op) {
	case NN_CONV:
	case NN_DEPTHWISE:
	case NN_POOL_MAX:
	case NN_POOL_AVERAGE:
		node->conv.clamp.int8[0] = INT8_MIN;
		node->conv.clamp.int8[1] = INT8_MAX;
		break;
	case NN_REDUCE:
		if (node->variant == NN_MEAN || node->variant == NN_SUM)
			node->reduce.scale.multiplier = 1 << 30;
		break;
	case NN_PAD:
		node->pad.f32 = 0;
		break;
	default:
		break;
	}
}

/*
 * Asks the engine. A constant operand, which becomes a tensor, is not what it
 * has to say. Softmax is left out by its scale.
 */
static bool engine_has(const struct quantize *q, const struct graph_node *node)
{
	const struct lowered *net = q->net;
	const uint32_t out = (uint32_t)node->out;
	struct nn_node copy = net->nodes[out - net->head.inputs];
	struct nn_tensor tensors[NN_SOURCES_MAX + 1] = { 0 };
	struct nn_at at = { .node = &copy, .out = &tensors[NN_SOURCES_MAX] };

	if (net->tensors[out].type != NN_F32)
		return false;
	if (node->op == NN_BINARY)
		return node->variant == NN_ADD || node->variant == NN_SUB ||
		       node->variant == NN_MUL;
	set_numbers(&copy);
	tensors[NN_SOURCES_MAX] = as_int8(net->tensors[out]);
	for (uint32_t i = 0; i < copy.sources; i++) {
		tensors[i] = as_int8(net->tensors[copy.source[i]]);
		at.in[i] = &tensors[i];
	}
	return nn_operators[copy.op]->check(&at);
}

/* The node is to compute int8, if the engine can. */
static void choose(struct quantize *q, size_t n)
{
	const struct graph_node *node = &q->g->nodes[n];

	if (q->is_int8[n] || !engine_has(q, node))
		return;
	q->is_int8[n] = true;
	q->is_marked[node->out] = true;
	for (uint32_t i = 0; i < operand_count(node); i++) {
		if (is_f32(q, node->in[i]))
			q->is_marked[node->in[i]] = true;
	}
}

/* All operands have an int8 form, and one of them is no constant. */
static bool reads_int8(const struct quantize *q, const struct graph_node *node)
{
	bool any = false;

	for (uint32_t i = 0; i < operand_count(node); i++) {
		const int32_t v = node->in[i];

		if (!is_f32(q, v) || value_of(q, v)->data)
			continue;
		if (!q->is_marked[v])
			return false;
		any = true;
	}
	return any;
}

static bool is_read_as_int8(const struct quantize *q, int32_t v)
{
	for (size_t n = 0; n < q->nodes; n++) {
		const struct graph_node *node = &q->g->nodes[n];

		for (uint32_t i = 0; i < operand_count(node); i++) {
			if (q->is_int8[n] && node->in[i] == v)
				return true;
		}
	}
	return false;
}

/*
 * Layers; what leads to them without arithmetic; what follows. A function whose
 * result nobody reads as int8 would only lose by it.
 */
static bool choose_nodes(struct quantize *q)
{
	const struct graph_node *nodes = q->g->nodes;
	bool any = false;

	for (size_t n = 0; n < q->nodes; n++) {
		if (has_weights(q, &nodes[n]))
			choose(q, n);
		any |= q->is_int8[n];
	}
	for (size_t n = q->nodes; n-- > 0;) {
		if ((is_move(&nodes[n]) || nodes[n].op == NN_IMAGE) &&
		    q->is_marked[nodes[n].out])
			choose(q, n);
	}
	for (size_t n = 0; n < q->nodes; n++) {
		if (reads_int8(q, &nodes[n]))
			choose(q, n);
	}
	for (size_t n = q->nodes; n-- > 0;) {
		if (nodes[n].op == NN_UNARY &&
		    !is_read_as_int8(q, nodes[n].out))
			q->is_int8[n] = false;
	}
	return any || enc_fail(q->e, ENC_ERR_UNSUPPORTED,
			       "it has no layer that the engine computes in "
			       "int8");
}

/* --- scales --- */

static int32_t group_of(const struct quantize *q, int32_t v)
{
	while (q->group[v] != v)
		v = q->group[v];
	return v;
}

static void unite(struct quantize *q, int32_t a, int32_t b)
{
	struct range *range = &q->range[group_of(q, a)];
	const struct range *more = &q->range[group_of(q, b)];

	range->low = fminf(range->low, more->low);
	range->high = fmaxf(range->high, more->high);
	q->group[group_of(q, b)] = group_of(q, a);
}

static struct range range_of(const struct graph_value *constant)
{
	const float *data = constant->data;
	struct range r = { 0, 0 };

	for (size_t i = 0; i < graph_elements(constant); i++) {
		r.low = fminf(r.low, data[i]);
		r.high = fmaxf(r.high, data[i]);
	}
	return r;
}

static void find_groups(struct quantize *q, const struct range *ranges)
{
	const int32_t tensors = q->net->head.inputs + q->net->head.nodes;

	for (int32_t v = 0; v < (int32_t)q->g->value_count; v++) {
		q->group[v] = v;
		if (v < tensors)
			q->range[v] = ranges[v];
		else if (q->is_marked[v])
			q->range[v] = range_of(value_of(q, v));
	}
	for (size_t n = 0; n < q->nodes; n++) {
		const struct graph_node *node = &q->g->nodes[n];

		if (!q->is_int8[n] || !is_move(node))
			continue;
		for (uint32_t i = 0; i < node->in_count; i++) {
			if (is_f32(q, node->in[i]))
				unite(q, node->out, node->in[i]);
		}
	}
}

static bool make_quant(struct quantize *q, struct graph_value *v, size_t count)
{
	v->type = NN_INT8;
	v->quant.scale = calloc(count, sizeof(*v->quant.scale));
	v->quant.zero = calloc(count, sizeof(*v->quant.zero));
	v->quant.count = count;
	return (v->quant.scale && v->quant.zero) ||
	       enc_fail(q->e, ENC_ERR_MEMORY, "out of memory");
}

/* Makes a value int8, with the scale of a group. 0 is one of its numbers. */
static bool set_quant(struct quantize *q, int32_t v, int32_t group)
{
	struct graph_value *value = value_of(q, v);
	const struct range r = q->range[group];
	float scale = (float)(((double)r.high - (double)r.low) / 255);

	if (!isfinite(r.low) || !isfinite(r.high))
		return enc_fail(q->e, ENC_ERR_FORMAT,
				"%s: a sample of the calibration makes it "
				"infinite or not a number",
				value->name);
	if (scale < FLT_MIN) /* nothing but 0 */
		scale = 1;
	if (!make_quant(q, value, 1))
		return false;
	value->quant.scale[0] = scale;
	value->quant.zero[0] =
		(int32_t)(INT8_MIN - lrint((double)r.low / (double)scale));
	return true;
}

/* Data of a constant in another type; the old ones are secret. */
static void replace_data(struct graph_value *v, void *data)
{
	explicit_bzero(v->data, graph_elements(v) * sizeof(float));
	free(v->data);
	v->data = data;
}

static bool quantize_constant(struct quantize *q, int32_t v)
{
	struct graph_value *value = value_of(q, v);
	const size_t count = graph_elements(value);
	const float *from = value->data;
	int8_t *data = malloc(count);

	if (!data)
		return enc_fail(q->e, ENC_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		data[i] = (int8_t)quant_value(from[i], value->quant.scale[0],
					      value->quant.zero[0]);
	replace_data(value, data);
	return true;
}

/* Outputs of int8 nodes, and constants that they read, become int8. */
static bool quantize_values(struct quantize *q)
{
	for (size_t n = 0; n < q->nodes; n++) {
		const int32_t v = q->g->nodes[n].out;

		if (q->is_int8[n] && !set_quant(q, v, group_of(q, v)))
			return false;
	}
	for (int32_t v = 0; v < (int32_t)q->g->value_count; v++) {
		if (q->is_marked[v] && value_of(q, v)->data &&
		    !(set_quant(q, v, group_of(q, v)) &&
		      quantize_constant(q, v)))
			return false;
	}
	return true;
}

/* --- layers --- */

/* Weights of an output channel: each `step` elements behind the last one. */
struct channel {
	const float *from;
	int8_t *to;
	size_t step;
	size_t count;
};

/*
 * The largest weight becomes 127 or -127, unless the bias has no room then: it
 * is an integer of the scales of input and weights.
 */
static float channel_scale(const struct channel *c, double bias, double x)
{
	const int64_t room = INT32_MAX - 2 * NN_CONV_SUM_MAX(c->count);
	double scale = fabs(bias) / (x * 0.999 * (double)room);

	for (size_t k = 0; k < c->count; k++)
		scale = fmax(scale, fabs((double)c->from[k * c->step]) / 127);
	return (float)fmax(scale, (double)FLT_MIN);
}

static int32_t quantize_channel(const struct channel *c, double bias, double x,
				float *scale)
{
	*scale = channel_scale(c, bias, x);
	for (size_t k = 0; k < c->count; k++)
		c->to[k * c->step] =
			(int8_t)lrintf(c->from[k * c->step] / *scale);
	return (int32_t)lrint(bias / (x * (double)*scale));
}

static bool quantize_layer(struct quantize *q, const struct graph_node *node)
{
	const float x = value_of(q, node->in[0])->quant.scale[0];
	struct graph_value *w = value_of(q, node->in[1]);
	struct graph_value *bias = value_of(q, node->in[2]);
	const bool is_conv = node->op == NN_CONV; /* outputs first; else last */
	const size_t channels = w->dims[is_conv ? 0 : 2];
	const size_t count = graph_elements(w) / channels;
	int8_t *weights = malloc(channels * count);
	int32_t *biases = calloc(channels, sizeof(*biases));

	if (!weights || !biases || !make_quant(q, w, channels)) {
		free(weights);
		free(biases);
		return enc_fail(q->e, ENC_ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < channels; i++) {
		const size_t first = is_conv ? i * count : i;
		const struct channel c = { (const float *)w->data + first,
					   weights + first,
					   is_conv ? 1 : channels, count };

		biases[i] = quantize_channel(
			&c, (double)((const float *)bias->data)[i], (double)x,
			&w->quant.scale[i]);
	}
	bias->type = NN_INT32;
	replace_data(bias, biases);
	replace_data(w, weights);
	return true;
}

/* --- between int8 and f32 --- */

/* The form of a value in the other type, which a new node computes. */
static int32_t convert(struct quantize *q, int32_t v, enum nn_op op)
{
	const char *name = value_of(q, v)->name;
	const int32_t to = graph_value(q->g, name, strlen(name), q->e);
	struct graph_node *node = NULL;
	struct graph_value *value = NULL;

	if (to >= 0)
		node = graph_node(q->g, op, name, strlen(name), q->e);
	if (!node)
		return -1;
	node->in[node->in_count++] = v;
	node->out = to;
	value = value_of(q, to);
	value->type = NN_F32;
	value->rank = value_of(q, v)->rank;
	memcpy(value->dims, value_of(q, v)->dims, sizeof(value->dims));
	if (op == NN_QUANTIZE && !set_quant(q, to, group_of(q, v)))
		return -1;
	q->other[v] = to;
	return to;
}

/* Replaces a value that somebody reads by its form of the type. */
static bool read_as(struct quantize *q, int32_t *v, enum nn_type type)
{
	const enum nn_type has = value_of(q, *v)->type;

	if (has == type || (has != NN_F32 && has != NN_INT8))
		return true;
	*v = q->other[*v] ?
		     q->other[*v] :
		     convert(q, *v,
			     type == NN_INT8 ? NN_QUANTIZE : NN_DEQUANTIZE);
	return *v >= 0;
}

static bool quantize_node(struct quantize *q, size_t n)
{
	struct graph_node *node = &q->g->nodes[n];
	const enum nn_type type = q->is_int8[n] ? NN_INT8 : NN_F32;

	for (uint32_t i = 0; i < operand_count(node); i++) {
		if (!read_as(q, &node->in[i], type))
			return false;
	}
	return !q->is_int8[n] || node->op == NN_GATHER ||
	       !has_weights(q, node) || quantize_layer(q, node);
}

static bool quantize_graph(struct quantize *q, const struct range *ranges)
{
	if (!choose_nodes(q))
		return false;
	find_groups(q, ranges);
	if (!quantize_values(q))
		return false;
	for (size_t n = 0; n < q->nodes; n++) {
		if (!quantize_node(q, n))
			return false;
	}
	for (size_t i = 0; i < q->g->output_count; i++) {
		if (!read_as(q, &q->g->outputs[i], NN_F32))
			return false;
	}
	return true;
}

struct lowered *quantize_network(const struct lowered *net,
				 const struct range *ranges,
				 struct enc_error *e)
{
	struct quantize *q = calloc(1, sizeof(*q));
	struct lowered *made = NULL;
	struct graph g = { 0 };

	if (!q) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	*q = (struct quantize){ .net = net, .g = &g, .e = e };
	if (raise_network(net, &g, e)) {
		q->nodes = g.node_count;
		if (quantize_graph(q, ranges))
			made = lower_graph(&g, e);
	}
	graph_free(&g);
	free(q);
	return made;
}
