/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and values of the graph, and element-wise operators. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_read.h"

#define LABEL_MAX 160

/* The node's name, its first output's if it has none, and its operator. */
static size_t node_label(const struct onnx_ctx *c, char out[LABEL_MAX])
{
	struct onnx_str name = { "output", 6 }, op = { "Identity", 8 };
	const struct onnx_value *y = c->node ? onnx_out(c, 0) : NULL;
	int len = 0;

	if (c->node) {
		op = c->node->op;
		name = c->node->name.len || !y ? c->node->name : y->name;
	}
	len = snprintf(out, LABEL_MAX, "%.*s (%.*s)",
		       (int)(name.len < 96 ? name.len : 96), name.at,
		       (int)(op.len < 48 ? op.len : 48), op.at);
	return len < LABEL_MAX ? (size_t)len : LABEL_MAX - 1;
}

static bool emit_shape(struct onnx_ctx *c, const uint32_t *dims, uint32_t rank)
{
	uint64_t total = 1;

	if (!rank || rank > NN_RANK_MAX)
		return onnx_refuse(c,
				   "a tensor of rank %u; 1 to %u are "
				   "accepted",
				   rank, NN_RANK_MAX);
	for (uint32_t d = 0; d < rank; d++) {
		total *= dims[d];
		if (!dims[d] || dims[d] > NN_DIM_MAX || total > NN_ELEMENTS_MAX)
			return onnx_refuse(c,
					   "dimension %u of its output is "
					   "%u; 1 to %u, and %u elements "
					   "are accepted",
					   d, dims[d], NN_DIM_MAX,
					   NN_ELEMENTS_MAX);
	}
	return true;
}

/* The quantisation of a value, copied. */
static bool emit_quant(struct onnx_ctx *c, struct graph_value *to,
		       const struct graph_value *from)
{
	if (!from->quant.scale)
		return true;
	to->quant = from->quant;
	to->quant.scale = malloc(from->quant.count * sizeof(float));
	to->quant.zero = malloc(from->quant.count * sizeof(int32_t));
	if (!to->quant.scale || !to->quant.zero)
		return enc_fail(c->e, ENC_ERR_MEMORY, "out of memory");
	memcpy(to->quant.scale, from->quant.scale,
	       from->quant.count * sizeof(float));
	memcpy(to->quant.zero, from->quant.zero,
	       from->quant.count * sizeof(int32_t));
	return true;
}

struct graph_node *onnx_emit(struct onnx_ctx *c, enum nn_op op,
			     const int32_t *in, uint32_t count,
			     const uint32_t *dims, uint32_t rank)
{
	struct onnx_str name = { "", 0 };
	char label[LABEL_MAX] = "";
	size_t label_len = node_label(c, label);
	uint32_t copy[NN_RANK_MAX] = { 0 }; /* they may be a value's */
	struct graph_node *n = NULL;
	struct graph_value *v = NULL;
	int32_t out = 0;

	if (!emit_shape(c, dims, rank))
		return NULL;
	if (count > GRAPH_INPUTS_MAX) {
		onnx_explain(c, "%u inputs; %u are accepted", count,
			     GRAPH_INPUTS_MAX);
		return NULL;
	}
	if (c->g->values[in[0]].type == NN_UINT8 && op != NN_IMAGE) {
		onnx_explain(c,
			     "its input is UINT8 pixels; DequantizeLinear or "
			     "Cast must read them");
		return NULL;
	}
	memcpy(copy, dims, rank * sizeof(*dims));
	if (c->node && onnx_out(c, 0))
		name = onnx_out(c, 0)->name;
	out = graph_value(c->g, name.at, name.len, c->e);
	n = out < 0 ? NULL : graph_node(c->g, op, label, label_len, c->e);
	if (!n)
		return NULL;
	memcpy(n->in, in, count * sizeof(*in));
	n->in_count = count;
	n->out = out;
	n->low = -INFINITY;
	n->high = INFINITY;
	n->factor = 1;
	v = &c->g->values[out];
	v->type = c->g->values[in[0]].type;
	v->rank = rank;
	memcpy(v->dims, copy, sizeof(copy));
	return emit_quant(c, v, &c->g->values[in[0]]) ? n : NULL;
}

struct onnx_value onnx_temp(void)
{
	return (struct onnx_value){ .name = { "", 0 },
				    .place = GRAPH_NONE,
				    .other = GRAPH_NONE };
}

bool onnx_bind(struct onnx_ctx *c, struct onnx_value *y, int32_t place,
	       const struct onnx_layout *l, const struct onnx_shape *s)
{
	const struct graph_value *v = &c->g->values[place];
	size_t count = 0;

	if (!onnx_count(s, &count) || !count)
		return onnx_refuse(c,
				   "its output has no elements, or more "
				   "than %u",
				   NN_ELEMENTS_MAX);
	y->known = true;
	y->place = place;
	y->other = GRAPH_NONE;
	y->layout = *l;
	y->shape = *s;
	if (v->type == NN_F32)
		y->type = ONNX_FLOAT;
	else if (v->type == NN_INT32)
		y->type = ONNX_INT64;
	else if (y->type != ONNX_UINT8)
		y->type = ONNX_INT8;
	return true;
}

/* The axis of a constant's scales after a change of shape; false: split. */
static bool alias_axis(const struct onnx_value *x, struct onnx_value *y)
{
	uint32_t axis = x->quant.axis;

	if (!x->quant.scale || x->quant.count == 1)
		return true;
	for (uint32_t d = 0; d < y->shape.rank; d++) {
		if (y->shape.dims[d] == x->shape.dims[axis] &&
		    onnx_stride(&y->shape, d) == onnx_stride(&x->shape, axis)) {
			y->quant.axis = d;
			return true;
		}
	}
	return false;
}

bool onnx_alias(struct onnx_ctx *c, const struct onnx_value *x,
		struct onnx_value *y, const struct onnx_shape *s)
{
	y->known = true;
	y->type = x->type;
	y->shape = *s;
	y->data = x->data;
	y->quant = x->quant;
	y->place = x->place;
	y->other = x->other;
	y->layout = x->layout;
	y->other_layout = x->other_layout;
	if (onnx_const(x) && !alias_axis(x, y)) {
		y->quant.scale = NULL;
		if (!onnx_make(c, y, ONNX_FLOAT, s))
			return false;
		for (size_t i = 0; i < onnx_len(y); i++)
			onnx_set(y, i, onnx_real(x, i), 0);
	}
	return true;
}

bool onnx_float(struct onnx_ctx *c, struct onnx_value *x)
{
	if (x->type == ONNX_FLOAT || (onnx_const(x) && x->quant.scale))
		return true;
	return onnx_refuse(c, "an input has integer elements; FLOAT is "
			      "accepted (DequantizeLinear, or Cast of UINT8)");
}

bool onnx_scalar(struct onnx_ctx *c, float f, struct onnx_value *v)
{
	const struct onnx_shape s = { .rank = 0 };

	*v = onnx_temp();
	if (!onnx_make(c, v, ONNX_FLOAT, &s))
		return false;
	onnx_set(v, 0, (double)f, 0);
	return true;
}

/* A node that computes each element by itself. */
static struct graph_node *unary_emit(struct onnx_ctx *c, struct onnx_value *x,
				     struct onnx_value *y)
{
	struct graph_node *n = NULL;
	const struct onnx_layout layout = x->layout;
	const struct onnx_shape shape = x->shape;

	if (!onnx_float(c, x))
		return NULL;
	if (onnx_const(x)) {
		onnx_explain(c, "its input is constant; a computed tensor is "
				"accepted");
		return NULL;
	}
	n = onnx_emit(c, NN_UNARY, &x->place, 1, c->g->values[x->place].dims,
		      c->g->values[x->place].rank);
	if (!n || !onnx_bind(c, y, n->out, &layout, &shape))
		return NULL;
	return n;
}

bool onnx_unary(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		enum nn_unary variant, float alpha, float beta)
{
	struct graph_node *n = NULL;

	if (!isfinite(alpha) || !isfinite(beta))
		return onnx_refuse(c, "an attribute is not a finite number");
	n = unary_emit(c, x, y);
	if (!n)
		return false;
	n->variant = (uint8_t)variant;
	n->alpha = alpha;
	n->beta = beta;
	return true;
}

bool onnx_clamp(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		float low, float high)
{
	struct graph_node *n = NULL;

	if (!(low <= high))
		return onnx_refuse(c, "the lower limit is above the upper one");
	n = unary_emit(c, x, y);
	if (!n)
		return false;
	n->variant = NN_CLAMP;
	n->low = low;
	n->high = high;
	return true;
}

/* ---- Two operands. */

/* Both have one order and shape, or one is a number: no dimension matters. */
static bool binary_simple(struct onnx_ctx *c, const struct onnx_value *p,
			  struct onnx_value *other, int32_t *place)
{
	static const uint8_t none[1] = { 0 };
	const struct graph_value *v = &c->g->values[p->place];
	const struct graph_value *w = NULL;
	uint32_t rank = v->rank;

	if (onnx_const(other) && onnx_len(other) == 1) {
		if (!onnx_constant(c, other, &other->shape, none, 0, place))
			return false;
		c->g->values[*place].rank = rank;
		for (uint32_t d = 0; d < rank; d++)
			c->g->values[*place].dims[d] = 1;
		return true;
	}
	if (onnx_const(other))
		return false;
	w = &c->g->values[other->place];
	*place = other->place;
	return v->rank == w->rank &&
	       !memcmp(v->dims, w->dims, rank * sizeof(*v->dims)) &&
	       other->shape.rank == p->shape.rank &&
	       !memcmp(other->shape.dims, p->shape.dims,
		       p->shape.rank * sizeof(*p->shape.dims)) &&
	       other->layout.n == p->layout.n &&
	       !memcmp(&other->layout.size, &p->layout.size,
		       p->layout.n * sizeof(*p->layout.size)) &&
	       !memcmp(&other->layout.stride, &p->layout.stride,
		       p->layout.n * sizeof(*p->layout.stride));
}

static bool binary_emit(struct onnx_ctx *c, const int32_t place[2], bool swap,
			struct onnx_value *y, enum nn_binary variant,
			const struct onnx_layout *l, const struct onnx_shape *s,
			const uint32_t *dims, uint32_t rank)
{
	const int32_t in[2] = { place[swap], place[!swap] };
	struct graph_node *n = onnx_emit(c, NN_BINARY, in, 2, dims, rank);
	struct graph_value *v = NULL;

	if (!n)
		return false;
	n->variant = (uint8_t)variant;
	v = &c->g->values[n->out];
	v->type = NN_F32;
	free(v->quant.scale);
	free(v->quant.zero);
	memset(&v->quant, 0, sizeof(v->quant));
	return onnx_bind(c, y, n->out, l, s);
}

/* p decides the order of dimensions; place[0] is its, place[1] the other's. */
static bool binary_place(struct onnx_ctx *c, struct onnx_value *p,
			 struct onnx_value *other, bool swap,
			 struct onnx_value *y, enum nn_binary variant,
			 const struct onnx_shape *out)
{
	struct onnx_shape ps = onnx_pad_rank(&p->shape, out->rank);
	struct onnx_shape os = onnx_pad_rank(&other->shape, out->rank);
	struct onnx_layout l;
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	uint32_t dims[GRAPH_RANK_MAX] = { 1 }, n = 0;
	int32_t place[2] = { 0, 0 };

	if (!memcmp(&ps, out, sizeof(ps)) &&
	    binary_simple(c, p, other, &place[1])) {
		place[0] = p->place;
		l = p->layout;
		return binary_emit(c, place, swap, y, variant, &l, out,
				   c->g->values[p->place].dims,
				   c->g->values[p->place].rank);
	}
	onnx_order(p, &ps, out, order, &n);
	l = onnx_layout_of(out, order, n);
	for (uint32_t i = 0; i < n; i++)
		dims[i] = out->dims[order[i]];
	return onnx_take_order(c, p, &ps, order, n, &place[0]) &&
	       (onnx_const(other) ?
			onnx_constant(c, other, &os, order, n, &place[1]) :
			onnx_take_order(c, other, &os, order, n, &place[1])) &&
	       binary_emit(c, place, swap, y, variant, &l, out, dims,
			   n ? n : 1);
}

bool onnx_binary(struct onnx_ctx *c, struct onnx_value *a, struct onnx_value *b,
		 struct onnx_value *y, enum nn_binary variant)
{
	struct onnx_shape out;
	bool swap = false;

	if (!onnx_float(c, a) || !onnx_float(c, b) ||
	    !onnx_broadcast(c, &a->shape, &b->shape, &out))
		return false;
	if (onnx_const(a) && onnx_const(b))
		return onnx_refuse(c, "both inputs are constant; one computed "
				      "tensor is accepted");
	swap = onnx_const(a) || (!onnx_const(b) &&
				 onnx_total(&b->shape) > onnx_total(&a->shape));
	return swap ? binary_place(c, b, a, true, y, variant, &out) :
		      binary_place(c, a, b, false, y, variant, &out);
}
