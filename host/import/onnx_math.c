/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise operators, softmax, norms, reductions. */
#include <math.h>
#include <string.h>

#include "onnx_read.h"

static bool run_unary(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0);
	float alpha = 0, beta = 0;

	if (variant == NN_LEAKY_RELU)
		alpha = onnx_attr_float(c, "alpha", 0.01f);
	else if (variant == NN_ELU)
		alpha = onnx_attr_float(c, "alpha", 1);
	else if (variant == NN_HARD_SIGMOID) {
		alpha = onnx_attr_float(c, "alpha", 0.2f);
		beta = onnx_attr_float(c, "beta", 0.5f);
	} else if (variant == NN_GELU &&
		   onnx_attr_is(c, "approximate", "tanh", false)) {
		variant = NN_GELU_TANH;
	}
	return x && onnx_unary(c, x, onnx_out(c, 0), (enum nn_unary)variant,
			       alpha, beta);
}

static bool run_relu(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);

	(void)arg;
	return x && onnx_clamp(c, x, onnx_out(c, 0), 0, INFINITY);
}

/* A limit of Clip: an attribute until operator set 10, then an input. */
static bool clip_limit(struct onnx_ctx *c, const char *name, size_t input,
		       float *limit)
{
	const struct onnx_value *v = onnx_in(c, input);

	*limit = onnx_attr_float(c, name, *limit);
	if (!v)
		return true;
	if (!onnx_const(v) || onnx_len(v) != 1)
		return onnx_refuse(c, "%s must be one constant", name);
	*limit = (float)onnx_real(v, 0);
	return true;
}

static bool run_clip(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	float low = -INFINITY, high = INFINITY;

	(void)arg;
	return x && clip_limit(c, "min", 1, &low) &&
	       clip_limit(c, "max", 2, &high) &&
	       onnx_clamp(c, x, onnx_out(c, 0), low, high);
}

/* Value after value: Sum, Min and Max take any number of them. */
static bool run_binary(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_value *l = x, step[2];
	bool many = onnx_is(c->node->op, "Sum") || variant == NN_MIN ||
		    variant == NN_MAX;

	if (!x)
		return false;
	if (c->node->in_count != 2 && !many)
		return onnx_refuse(c, "%zu inputs; 2 are accepted",
				   c->node->in_count);
	if (c->node->in_count == 1)
		return onnx_alias(c, x, y, &x->shape);
	for (size_t i = 1; i < c->node->in_count; i++) {
		struct onnx_value *r = onnx_need(c, i);

		step[i & 1] = onnx_temp();
		if (!r || !onnx_binary(c, l, r, &step[i & 1],
				       (enum nn_binary)variant))
			return false;
		l = &step[i & 1];
	}
	return onnx_bind(c, y, l->place, &l->layout, &l->shape);
}

/* A power that is a number is often a cheaper operator. */
static bool run_pow(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *e = onnx_need(c, 1);
	struct onnx_value *y = onnx_out(c, 0);
	double p = 0;

	(void)arg;
	if (!x || !e)
		return false;
	p = onnx_const(e) && onnx_len(e) == 1 ? onnx_real(e, 0) : 0;
	if (e->shape.rank > x->shape.rank || onnx_const(x))
		p = 0;
	if (fabs(p - 2) < 1e-12)
		return onnx_binary(c, x, x, y, NN_MUL);
	if (fabs(p - 0.5) < 1e-12)
		return onnx_unary(c, x, y, NN_SQRT, 0, 0);
	if (fabs(p + 1) < 1e-12)
		return onnx_unary(c, x, y, NN_RECIPROCAL, 0, 0);
	if (fabs(p - 1) < 1e-12)
		return onnx_alias(c, x, y, &x->shape);
	return onnx_binary(c, x, e, y, NN_POW);
}

/* max(x, 0) + slope * min(x, 0) */
static bool run_prelu(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_value *slope = onnx_need_const(c, 1, "its slope");
	struct onnx_value high = onnx_temp(), low = high, part = high;

	(void)arg;
	if (!x || !slope)
		return false;
	if (onnx_len(slope) == 1)
		return onnx_unary(c, x, y, NN_LEAKY_RELU,
				  (float)onnx_real(slope, 0), 0);
	return onnx_clamp(c, x, &high, 0, INFINITY) &&
	       onnx_clamp(c, x, &low, -INFINITY, 0) &&
	       onnx_binary(c, &low, slope, &part, NN_MUL) &&
	       onnx_binary(c, &high, &part, y, NN_ADD);
}

/* A mask as numbers: 1 where it is `of`, else 0. */
static bool where_mask(struct onnx_ctx *c, const struct onnx_value *mask,
		       bool of, struct onnx_value *out)
{
	*out = onnx_temp();
	if (!onnx_make(c, out, ONNX_FLOAT, &mask->shape))
		return false;
	for (size_t i = 0, n = onnx_len(mask); i < n; i++)
		onnx_set(out, i, (onnx_int(mask, i) != 0) == of, 0);
	return true;
}

/* Distance of a step along each of `rank` dimensions: 0 where it repeats. */
static void where_steps(const struct onnx_shape *s, uint32_t rank,
			uint32_t *step)
{
	struct onnx_shape p = onnx_pad_rank(s, rank);

	for (uint32_t d = 0; d < rank; d++)
		step[d] = p.dims[d] > 1 ? onnx_stride(&p, d) : 0;
}

/* A constant branch times its mask, where neither makes 0 * infinity. */
static bool where_constant(struct onnx_ctx *c, struct onnx_value *branch,
			   const struct onnx_value *mask,
			   struct onnx_value *out)
{
	uint32_t step[2][GRAPH_RANK_MAX];
	struct onnx_shape s;

	*out = onnx_temp();
	if (!onnx_float(c, branch) ||
	    !onnx_broadcast(c, &branch->shape, &mask->shape, &s) ||
	    !onnx_make(c, out, ONNX_FLOAT, &s))
		return false;
	where_steps(&branch->shape, s.rank, step[0]);
	where_steps(&mask->shape, s.rank, step[1]);
	for (size_t i = 0, n = onnx_len(out); i < n; i++) {
		size_t b = 0, m = 0, rest = i;

		for (uint32_t d = s.rank; d-- > 0; rest /= s.dims[d]) {
			b += rest % s.dims[d] * step[0][d];
			m += rest % s.dims[d] * step[1][d];
		}
		onnx_set(out, i,
			 onnx_real(mask, m) > 0 ? onnx_real(branch, b) : 0, 0);
	}
	return true;
}

/* Where: one branch times a mask, plus the other times the opposite mask. */
static bool run_where(struct onnx_ctx *c, int arg)
{
	struct onnx_value *mask = onnx_need_const(c, 0, "its condition");
	struct onnx_value *branch[2] = { onnx_need(c, 1), onnx_need(c, 2) };
	struct onnx_value m, part[2] = { onnx_temp(), onnx_temp() };

	(void)arg;
	if (!mask || !branch[0] || !branch[1])
		return false;
	for (size_t i = 0; i < 2; i++) {
		if (!where_mask(c, mask, !i, &m))
			return false;
		if (onnx_const(branch[i]) ?
			    !where_constant(c, branch[i], &m, &part[i]) :
			    !onnx_binary(c, branch[i], &m, &part[i], NN_MUL))
			return false;
	}
	return onnx_binary(c, &part[0], &part[1], onnx_out(c, 0), NN_ADD);
}

static bool run_cast(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	int64_t to = onnx_attr_int(c, "to", 0);
	bool index = to == ONNX_INT32 || to == ONNX_INT64;
	struct graph_node *n = NULL;
	const struct graph_value *v = NULL;
	struct onnx_layout l;

	(void)arg;
	if (!x || onnx_const(x))
		return x && onnx_refuse(c, "its constant input is not read");
	if ((x->type == ONNX_FLOAT && to == ONNX_FLOAT) ||
	    (x->type == ONNX_INT64 && index))
		return onnx_alias(c, x, y, &x->shape);
	v = &c->g->values[x->place];
	if (v->type != NN_UINT8 || to != ONNX_FLOAT)
		return onnx_refuse(c, "FLOAT to FLOAT, UINT8 pixels to FLOAT, "
				      "and between INT32 and INT64 are "
				      "accepted");
	l = x->layout;
	n = onnx_emit(c, NN_IMAGE, &x->place, 1, v->dims, v->rank);
	if (!n)
		return false;
	n->divisor = 1;
	for (size_t i = 0; i < 4; i++)
		n->deviation[i] = 1;
	c->g->values[n->out].type = NN_F32;
	return onnx_bind(c, y, n->out, &l, &x->shape);
}

/* A value whose last dimension is the K elements at distance `inner`. */
static bool last_place(struct onnx_ctx *c, struct onnx_value *x, uint32_t k,
		       uint32_t inner, int32_t *place,
		       struct onnx_layout *layout, struct onnx_layout *last)
{
	uint32_t dims[2] = { 0, k };
	const struct graph_value *v = NULL;

	if (!onnx_total(&x->shape))
		return onnx_refuse(c, "its input has no elements");
	dims[0] = onnx_total(&x->shape) / k;
	if (!onnx_float(c, x) ||
	    !onnx_take_last(c, x, k, inner, place, layout, last))
		return false;
	for (uint32_t i = 0; i < last->n; i++)
		onnx_layout_add(layout, last->size[i], last->stride[i]);
	v = &c->g->values[*place];
	if (v->dims[v->rank - 1] == k)
		return true;
	return dims[0] == 1 ? onnx_reshape(c, *place, dims + 1, 1, place) :
			      onnx_reshape(c, *place, dims, 2, place);
}

/* onnx_layout_add() merges: rebuilds a layout that was cut. */
static struct onnx_layout layout_merged(const struct onnx_layout *l)
{
	struct onnx_layout out = { .n = 0 };

	for (uint32_t i = 0; i < l->n; i++)
		onnx_layout_add(&out, l->size[i], l->stride[i]);
	return out;
}

static bool run_softmax(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_layout layout, last;
	struct graph_node *n = NULL;
	bool flat = c->m.opset < 13;
	uint32_t d = 0, k = 1, inner = 1;
	int32_t place = 0;

	(void)arg;
	if (!x || !onnx_axis(c, onnx_attr_int(c, "axis", flat ? 1 : -1),
			     x->shape.rank, &d))
		return false;
	inner = flat ? 1 : onnx_stride(&x->shape, d);
	k = x->shape.dims[d] * (flat ? onnx_stride(&x->shape, d) : 1);
	if (!last_place(c, x, k, inner, &place, &layout, &last))
		return false;
	n = onnx_emit(c, NN_SOFTMAX, &place, 1, c->g->values[place].dims,
		      c->g->values[place].rank);
	layout = layout_merged(&layout);
	return n && onnx_bind(c, onnx_out(c, 0), n->out, &layout, &x->shape);
}

/* A gain or an offset of a norm, in the order of its elements. */
static bool norm_param(struct onnx_ctx *c, size_t input, uint32_t k,
		       const struct onnx_layout *last, int32_t *place)
{
	const struct onnx_value *v = onnx_in(c, input);
	struct onnx_shape s = { .rank = last->n };
	uint8_t order[GRAPH_RANK_MAX] = { 0 };

	*place = GRAPH_NONE;
	if (!v)
		return true;
	if (!onnx_const(v) || onnx_len(v) != k || last->n > GRAPH_RANK_MAX)
		return onnx_refuse(c, "input %zu must be %u constants", input,
				   k);
	for (uint32_t i = 0; i < last->n; i++) {
		for (uint32_t j = 0; j < last->n; j++)
			order[i] = (uint8_t)(order[i] + (last->stride[j] >
							 last->stride[i]));
		s.dims[order[i]] = last->size[i];
	}
	if (!onnx_constant(c, v, &s, order, last->n, place))
		return false;
	c->g->values[*place].rank = 1;
	c->g->values[*place].dims[0] = k;
	return true;
}

static bool norm_emit(struct onnx_ctx *c, struct onnx_value *x, uint32_t k,
		      enum nn_norm variant, float epsilon, bool params)
{
	struct onnx_layout layout, last;
	struct graph_node *n = NULL;
	int32_t in[3] = { 0, GRAPH_NONE, GRAPH_NONE };

	if (!last_place(c, x, k, 1, &in[0], &layout, &last) ||
	    (params && (!norm_param(c, 1, k, &last, &in[1]) ||
			!norm_param(c, 2, k, &last, &in[2]))))
		return false;
	n = onnx_emit(c, NN_NORM, in, 3, c->g->values[in[0]].dims,
		      c->g->values[in[0]].rank);
	if (!n)
		return false;
	n->variant = (uint8_t)variant;
	n->alpha = epsilon;
	layout = layout_merged(&layout);
	return onnx_bind(c, onnx_out(c, 0), n->out, &layout, &x->shape);
}

static bool run_layer_norm(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	uint32_t d = 0;

	(void)arg;
	if (!x ||
	    !onnx_axis(c, onnx_attr_int(c, "axis", -1), x->shape.rank, &d))
		return false;
	return norm_emit(c, x, x->shape.dims[d] * onnx_stride(&x->shape, d),
			 NN_LAYER_NORM, onnx_attr_float(c, "epsilon", 1e-5f),
			 true);
}

/* A norm over the last dimension that onnx_pattern.c found. */
static bool run_norm(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0);

	return x && x->shape.rank &&
	       norm_emit(c, x, x->shape.dims[x->shape.rank - 1],
			 (enum nn_norm)variant, c->node->epsilon, false);
}

static bool reduce_axes(struct onnx_ctx *c, const struct onnx_shape *s,
			uint32_t *set)
{
	int64_t axes[GRAPH_RANK_MAX] = { 0 };
	uint32_t d = 0;
	size_t n = 0;

	*set = 0;
	if (!onnx_list(c, "axes", 1, axes, GRAPH_RANK_MAX, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!onnx_axis(c, axes[i], s->rank, &d))
			return false;
		*set |= 1u << d;
	}
	if (!n && !onnx_attr_int(c, "noop_with_empty_axes", 0))
		*set = (1u << s->rank) - 1;
	return true;
}

/* x along the axes in `set`. kept, y: its shape afterwards, with ones or not */
static bool reduce_emit(struct onnx_ctx *c, struct onnx_value *x, int variant,
			uint32_t set, const struct onnx_shape *kept,
			const struct onnx_shape *y)
{
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	uint32_t n = 0, dims[GRAPH_RANK_MAX] = { 1 }, axes = 0;
	struct onnx_layout layout;
	struct graph_node *node = NULL;
	int32_t place = 0;

	onnx_order(x, &x->shape, kept, order, &n);
	if (!onnx_take_order(c, x, &x->shape, order, n, &place))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		dims[i] = kept->dims[order[i]];
		axes |= (set >> order[i] & 1) << i;
	}
	layout = onnx_layout_of(kept, order, n);
	node = onnx_emit(c, NN_REDUCE, &place, 1, dims, n ? n : 1);
	if (!node)
		return false;
	node->variant = (uint8_t)variant;
	node->axes = n ? axes : 1;
	return onnx_bind(c, onnx_out(c, 0), node->out, &layout, y);
}

static bool run_reduce(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_shape kept, y = { .rank = 0 };
	bool keep = onnx_attr_int(c, "keepdims", 1) != 0;
	uint32_t set = 0;

	if (!x || !onnx_float(c, x) || !reduce_axes(c, &x->shape, &set))
		return false;
	if (!set)
		return onnx_alias(c, x, onnx_out(c, 0), &x->shape);
	kept = x->shape;
	for (uint32_t d = 0; d < kept.rank; d++) {
		if (set >> d & 1)
			kept.dims[d] = 1;
		if (keep || !(set >> d & 1))
			y.dims[y.rank++] = kept.dims[d];
	}
	/* One element is its own sum, mean, least and largest. */
	if (!memcmp(&kept, &x->shape, sizeof(kept)))
		return onnx_alias(c, x, onnx_out(c, 0), &y);
	return reduce_emit(c, x, variant, set, &kept, &y);
}

const struct onnx_op onnx_ops_math[] = {
	{ "Relu", run_relu, 0 },
	{ "Clip", run_clip, 0 },
	{ "LeakyRelu", run_unary, NN_LEAKY_RELU },
	{ "Elu", run_unary, NN_ELU },
	{ "Sigmoid", run_unary, NN_SIGMOID },
	{ "HardSigmoid", run_unary, NN_HARD_SIGMOID },
	{ "HardSwish", run_unary, NN_HARD_SWISH },
	{ "Tanh", run_unary, NN_TANH },
	{ "Gelu", run_unary, NN_GELU },
	{ "enc.GeluTanh", run_unary, NN_GELU_TANH },
	{ "Erf", run_unary, NN_ERF },
	{ "Exp", run_unary, NN_EXP },
	{ "Log", run_unary, NN_LOG },
	{ "Sqrt", run_unary, NN_SQRT },
	{ "Reciprocal", run_unary, NN_RECIPROCAL },
	{ "Neg", run_unary, NN_NEGATE },
	{ "Abs", run_unary, NN_ABS },
	{ "Softplus", run_unary, NN_SOFTPLUS },
	{ "PRelu", run_prelu, 0 },
	{ "Add", run_binary, NN_ADD },
	{ "Sum", run_binary, NN_ADD },
	{ "Sub", run_binary, NN_SUB },
	{ "Mul", run_binary, NN_MUL },
	{ "Div", run_binary, NN_DIV },
	{ "Min", run_binary, NN_MIN },
	{ "Max", run_binary, NN_MAX },
	{ "Pow", run_pow, 0 },
	{ "Where", run_where, 0 },
	{ "Cast", run_cast, 0 },
	{ "Softmax", run_softmax, 0 },
	{ "LayerNormalization", run_layer_norm, 0 },
	{ "enc.LayerNorm", run_norm, NN_LAYER_NORM },
	{ "enc.RmsNorm", run_norm, NN_RMS_NORM },
	{ "ReduceMean", run_reduce, NN_MEAN },
	{ "ReduceSum", run_reduce, NN_SUM },
	{ "ReduceMax", run_reduce, NN_REDUCE_MAX },
	{ "ReduceMin", run_reduce, NN_REDUCE_MIN },
	{ NULL, NULL, 0 },
};
