/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise operators and reductions. */
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

/* Until operator set 6, the right one may begin at a dimension of the left one.
 */
static bool binary_align(struct onnx_ctx *c, const struct onnx_value *l,
			 const struct onnx_value *r, struct onnx_value *out)
{
	struct onnx_shape s = r->shape;
	uint32_t d = 0;

	*out = *r;
	if (c->m.opset > 6 || !onnx_attr_int(c, "broadcast", 0) ||
	    !onnx_attr(c, "axis"))
		return true;
	if (!onnx_axis(c, onnx_attr_int(c, "axis", 0), l->shape.rank, &d))
		return false;
	while (s.rank < l->shape.rank - d)
		s.dims[s.rank++] = 1;
	return onnx_alias(c, r, out, &s);
}

static bool run_binary(struct onnx_ctx *c, int variant)
{
	struct onnx_value *l = onnx_need(c, 0), *r = onnx_need(c, 1), right;

	if (!l || !r)
		return false;
	if (c->node->in_count != 2)
		return onnx_refuse(c, "%zu input%s; 2 are accepted",
				   c->node->in_count, enc_s(c->node->in_count));
	return binary_align(c, l, r, &right) &&
	       onnx_binary(c, l, &right, onnx_out(c, 0),
			   (enum nn_binary)variant);
}

/* Any number of values, one after the other. */
static bool run_many(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_value all, next, part;

	if (!x || !onnx_float(c, x))
		return false;
	all = *x;
	for (size_t i = 1; i < c->node->in_count; i++) {
		struct onnx_value *r = onnx_need(c, i);

		next = onnx_temp();
		if (!r ||
		    !onnx_binary(c, &all, r, &next, (enum nn_binary)variant))
			return false;
		all = next;
	}
	if (!onnx_is(c->node->op, "Mean"))
		return onnx_alias(c, &all, y, &all.shape);
	return onnx_scalar(c, 1 / (float)c->node->in_count, &part) &&
	       onnx_binary(c, &all, &part, y, NN_MUL);
}

/* y = x * factor */
static bool math_scale(struct onnx_ctx *c, struct onnx_value *x, float factor,
		       struct onnx_value *y)
{
	struct onnx_value f;

	return onnx_scalar(c, factor, &f) && onnx_binary(c, x, &f, y, NN_MUL);
}

/* gamma * elu(x) */
static bool run_selu(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), elu = onnx_temp();

	(void)arg;
	return x &&
	       onnx_unary(c, x, &elu, NN_ELU,
			  onnx_attr_float(c, "alpha", 1.67326319f), 0) &&
	       math_scale(c, &elu, onnx_attr_float(c, "gamma", 1.05070102f),
			  onnx_out(c, 0));
}

/* alpha * elu(x / alpha) */
static bool run_celu(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), part = onnx_temp(), elu = part;
	float alpha = onnx_attr_float(c, "alpha", 1);

	(void)arg;
	return x && math_scale(c, x, 1 / alpha, &part) &&
	       onnx_unary(c, &part, &elu, NN_ELU, 1, 0) &&
	       math_scale(c, &elu, alpha, onnx_out(c, 0));
}

/* x / (1 + |x|) */
static bool run_softsign(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), one, size = onnx_temp();
	struct onnx_value more = size;

	(void)arg;
	return x && onnx_scalar(c, 1, &one) &&
	       onnx_unary(c, x, &size, NN_ABS, 0, 0) &&
	       onnx_binary(c, &size, &one, &more, NN_ADD) &&
	       onnx_binary(c, x, &more, onnx_out(c, 0), NN_DIV);
}

/* x * tanh(softplus(x)) */
static bool run_mish(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), plus = onnx_temp(), t = plus;

	(void)arg;
	return x && onnx_unary(c, x, &plus, NN_SOFTPLUS, 0, 0) &&
	       onnx_unary(c, &plus, &t, NN_TANH, 0, 0) &&
	       onnx_binary(c, x, &t, onnx_out(c, 0), NN_MUL);
}

/* A power that is a number is often a cheaper operator. */
static bool run_pow(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *e = onnx_need(c, 1);
	struct onnx_value *y = onnx_out(c, 0), real = onnx_temp();
	double p = 0;

	(void)arg;
	if (!x || !e)
		return false;
	if (onnx_const(e) && onnx_is_integer(e)) {
		if (!onnx_make(c, &real, ONNX_FLOAT, &e->shape))
			return false;
		for (size_t i = 0; i < onnx_len(e); i++)
			onnx_set(&real, i, onnx_real(e, i), 0);
		e = &real;
	}
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
	struct onnx_value high = onnx_temp(), low = high, part = high, s = high;
	struct onnx_shape channels = { .rank = x ? x->shape.rank : 0 };

	(void)arg;
	if (!x || !slope)
		return false;
	if (onnx_len(slope) == 1)
		return onnx_unary(c, x, y, NN_LEAKY_RELU,
				  (float)onnx_real(slope, 0), 0);
	/* until operator set 6, a number for each channel */
	for (uint32_t d = 0; d < channels.rank; d++)
		channels.dims[d] = d == 1 ? slope->shape.dims[0] : 1;
	if (c->m.opset < 7 && slope->shape.rank == 1 && channels.rank > 1) {
		if (!onnx_alias(c, slope, &s, &channels))
			return false;
		slope = &s;
	}
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

/* A triangle of each matrix, as a product with a mask; 0 elsewhere. */
static bool run_trilu(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	const struct onnx_value *k = onnx_in(c, 1);
	struct onnx_value mask = onnx_temp();
	bool upper = onnx_attr_int(c, "upper", 1) != 0;
	struct onnx_shape s = { .rank = 2 };
	int64_t shift = 0;

	(void)arg;
	if (!x || (k && !onnx_need_const(c, 1, "k")))
		return false;
	if (x->shape.rank < 2 || (k && onnx_len(k) != 1))
		return onnx_refuse(c, "a tensor of rank 2 or more, and one "
				      "number k, are accepted");
	shift = k ? onnx_int(k, 0) : 0;
	s.dims[0] = x->shape.dims[x->shape.rank - 2];
	s.dims[1] = x->shape.dims[x->shape.rank - 1];
	if (onnx_const(x) ? !onnx_make(c, y, onnx_made_type(x), &x->shape) :
			    !onnx_make(c, &mask, ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0; i < onnx_len(onnx_const(x) ? y : &mask); i++) {
		int64_t right = (int64_t)(i % s.dims[1]) -
				(int64_t)(i / s.dims[1] % s.dims[0]);

		if (upper ? right < shift : right > shift)
			continue;
		if (onnx_const(x))
			onnx_set(y, i, onnx_real(x, i), onnx_int(x, i));
		else
			onnx_set(&mask, i, 1, 0);
	}
	return onnx_const(x) || onnx_binary(c, x, &mask, y, NN_MUL);
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
	n->deviation[0] = 1;
	c->g->values[n->out].type = NN_F32;
	return onnx_bind(c, y, n->out, &l, &x->shape);
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

/* kept, shape: x's shape afterwards, with ones or as it is to be. */
static bool reduce_emit(struct onnx_ctx *c, struct onnx_value *x,
			enum nn_reduce variant, uint32_t set,
			const struct onnx_shape *kept,
			const struct onnx_shape *shape, struct onnx_value *y)
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
	return onnx_bind(c, y, node->out, &layout, shape);
}

bool onnx_reduce(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		 enum nn_reduce variant, uint32_t set, bool keep)
{
	struct onnx_shape kept = x->shape, shape = { .rank = 0 };

	if (!onnx_float(c, x))
		return false;
	for (uint32_t d = 0; d < kept.rank; d++) {
		if (set >> d & 1)
			kept.dims[d] = 1;
		if (keep || !(set >> d & 1))
			shape.dims[shape.rank++] = kept.dims[d];
	}
	/* One element is its own sum, mean, least and largest. */
	if (!memcmp(&kept, &x->shape, sizeof(kept)))
		return onnx_alias(c, x, y, &shape);
	return reduce_emit(c, x, variant, set, &kept, &shape, y);
}

/* What is computed before and after: ReduceL2 is sqrt(sum(x * x)). */
enum reduce_form {
	FORM_L1 = NN_REDUCES,
	FORM_L2,
	FORM_SUM_SQUARE,
	FORM_LOG_SUM,
	FORM_LOG_SUM_EXP
};

static bool reduce_before(struct onnx_ctx *c, int form, struct onnx_value *x,
			  struct onnx_value *y)
{
	if (form == FORM_L1)
		return onnx_unary(c, x, y, NN_ABS, 0, 0);
	if (form == FORM_LOG_SUM_EXP)
		return onnx_unary(c, x, y, NN_EXP, 0, 0);
	if (form == FORM_L2 || form == FORM_SUM_SQUARE)
		return onnx_binary(c, x, x, y, NN_MUL);
	*y = *x;
	return true;
}

static bool reduce_after(struct onnx_ctx *c, int form, struct onnx_value *x,
			 struct onnx_value *y)
{
	if (form == FORM_L2)
		return onnx_unary(c, x, y, NN_SQRT, 0, 0);
	if (form == FORM_LOG_SUM || form == FORM_LOG_SUM_EXP)
		return onnx_unary(c, x, y, NN_LOG, 0, 0);
	return onnx_alias(c, x, y, &x->shape);
}

static bool run_reduce(struct onnx_ctx *c, int form)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_value from = onnx_temp(), sum = from;
	bool keep = onnx_attr_int(c, "keepdims", 1) != 0;
	uint32_t set = 0;

	if (!x || !onnx_float(c, x) || !reduce_axes(c, &x->shape, &set))
		return false;
	if (form < NN_REDUCES)
		return onnx_reduce(c, x, y, (enum nn_reduce)form, set, keep);
	return reduce_before(c, form, x, &from) &&
	       onnx_reduce(c, &from, &sum, NN_SUM, set, keep) &&
	       reduce_after(c, form, &sum, y);
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
	{ "Selu", run_selu, 0 },
	{ "Celu", run_celu, 0 },
	{ "Softsign", run_softsign, 0 },
	{ "Mish", run_mish, 0 },
	{ "Add", run_binary, NN_ADD },
	{ "Sub", run_binary, NN_SUB },
	{ "Mul", run_binary, NN_MUL },
	{ "Div", run_binary, NN_DIV },
	{ "Sum", run_many, NN_ADD },
	{ "Mean", run_many, NN_ADD },
	{ "Min", run_many, NN_MIN },
	{ "Max", run_many, NN_MAX },
	{ "Pow", run_pow, 0 },
	{ "Where", run_where, 0 },
	{ "Trilu", run_trilu, 0 },
	{ "Cast", run_cast, 0 },
	{ "ReduceMean", run_reduce, NN_MEAN },
	{ "ReduceSum", run_reduce, NN_SUM },
	{ "ReduceMax", run_reduce, NN_REDUCE_MAX },
	{ "ReduceMin", run_reduce, NN_REDUCE_MIN },
	{ "ReduceL1", run_reduce, FORM_L1 },
	{ "ReduceL2", run_reduce, FORM_L2 },
	{ "ReduceSumSquare", run_reduce, FORM_SUM_SQUARE },
	{ "ReduceLogSum", run_reduce, FORM_LOG_SUM },
	{ "ReduceLogSumExp", run_reduce, FORM_LOG_SUM_EXP },
	{ NULL, NULL, 0 },
};
