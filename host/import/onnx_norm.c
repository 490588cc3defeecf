/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax and norms. */
#include <string.h>

#include "onnx_read.h"

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

/* Dimensions d, or all from d on as until operator set 12. */
static bool softmax_axis(struct onnx_ctx *c, const struct onnx_value *x,
			 uint32_t *d, bool *flat)
{
	*flat = c->m.opset < 13;
	return onnx_axis(c, onnx_attr_int(c, "axis", *flat ? 1 : -1),
			 x->shape.rank, d);
}

static bool run_softmax(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_layout layout, last;
	struct graph_node *n = NULL;
	uint32_t d = 0, k = 1, inner = 1;
	bool flat = false;
	int32_t place = 0;

	(void)arg;
	if (!x || !softmax_axis(c, x, &d, &flat))
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

/* z - log(sum(exp(z))), z = x - max(x): nothing overflows, and no log(0). */
static bool run_log_softmax(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), z = onnx_temp(), max = z;
	struct onnx_value power = z, sum = z, log = z;
	uint32_t d = 0, set = 0;
	bool flat = false;

	(void)arg;
	if (!x || !softmax_axis(c, x, &d, &flat))
		return false;
	set = flat ? (1u << x->shape.rank) - (1u << d) : 1u << d;
	return onnx_reduce(c, x, &max, NN_REDUCE_MAX, set, true) &&
	       onnx_binary(c, x, &max, &z, NN_SUB) &&
	       onnx_unary(c, &z, &power, NN_EXP, 0, 0) &&
	       onnx_reduce(c, &power, &sum, NN_SUM, set, true) &&
	       onnx_unary(c, &sum, &log, NN_LOG, 0, 0) &&
	       onnx_binary(c, &z, &log, onnx_out(c, 0), NN_SUB);
}

/* ---- Norms of a sample. */

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
		return onnx_refuse(c, "input %zu must be %u constant%s", input,
				   k, enc_s(k));
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

/* y = x with mean 0 and deviation 1 over each k elements that lie last. */
static bool norm_emit(struct onnx_ctx *c, struct onnx_value *x, uint32_t k,
		      enum nn_norm variant, float epsilon, bool params,
		      struct onnx_value *y)
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
	return onnx_bind(c, y, n->out, &layout, &x->shape);
}

/* Outputs 1 and 2, where something reads them: mean and 1 / deviation. */
static bool norm_stats(struct onnx_ctx *c, struct onnx_value *x, uint32_t set,
		       float epsilon)
{
	struct onnx_value mean = onnx_temp(), z = mean, square = mean;
	struct onnx_value variance = mean, more = mean, root = mean, e = mean;
	struct onnx_value *y[2] = { onnx_out(c, 1), onnx_out(c, 2) };

	if ((!y[0] || !y[0]->uses) && (!y[1] || !y[1]->uses))
		return true;
	if (!onnx_reduce(c, x, &mean, NN_MEAN, set, true) ||
	    (y[0] && !onnx_alias(c, &mean, y[0], &mean.shape)))
		return false;
	return !y[1] ||
	       (onnx_binary(c, x, &mean, &z, NN_SUB) &&
		onnx_binary(c, &z, &z, &square, NN_MUL) &&
		onnx_reduce(c, &square, &variance, NN_MEAN, set, true) &&
		onnx_scalar(c, epsilon, &e) &&
		onnx_binary(c, &variance, &e, &more, NN_ADD) &&
		onnx_unary(c, &more, &root, NN_SQRT, 0, 0) &&
		onnx_unary(c, &root, y[1], NN_RECIPROCAL, 0, 0));
}

static bool run_layer_norm(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	float epsilon = onnx_attr_float(c, "epsilon", 1e-5f);
	uint32_t d = 0;

	(void)arg;
	if (!x || !onnx_out(c, 0))
		return x && onnx_refuse(c, "output 0 has no name");
	if (!onnx_axis(c, onnx_attr_int(c, "axis", -1), x->shape.rank, &d))
		return false;
	return norm_emit(c, x, x->shape.dims[d] * onnx_stride(&x->shape, d),
			 NN_LAYER_NORM, epsilon, true, onnx_out(c, 0)) &&
	       norm_stats(c, x, (1u << x->shape.rank) - (1u << d), epsilon);
}

/* A norm over the last dimension that onnx_pattern.c found. */
static bool run_norm(struct onnx_ctx *c, int variant)
{
	struct onnx_value *x = onnx_need(c, 0);

	return x && x->shape.rank &&
	       norm_emit(c, x, x->shape.dims[x->shape.rank - 1],
			 (enum nn_norm)variant, c->node->epsilon, false,
			 onnx_out(c, 0));
}

/* InstanceNormalization (arg 0), GroupNormalization (1): channels together. */
static bool run_group_norm(struct onnx_ctx *c, int grouped)
{
	struct onnx_value *x = onnx_need(c, 0), *v[2];
	struct onnx_value seen = onnx_temp(), norm = seen, product = seen;
	struct onnx_value param[2] = { seen, seen };
	struct onnx_shape s, channel = { .rank = 0 };
	uint32_t channels = x && x->shape.rank > 2 ? x->shape.dims[1] : 0;
	int64_t groups = grouped ? onnx_attr_int(c, "num_groups", 0) : channels;

	for (size_t i = 0; i < 2; i++) {
		v[i] = onnx_need_const(c, 1 + i, "its scale or shift");
		if (!v[i])
			return false;
		if (!channels || onnx_len(v[i]) != channels)
			return onnx_refuse(c, "one number for each channel of "
					      "a tensor of rank 3 or more is "
					      "accepted");
	}
	if (groups < 1 || channels % groups || x->shape.dims[0] != 1)
		return onnx_refuse(c, "a batch of 1, and groups of as many "
				      "channels, are accepted");
	s = (struct onnx_shape){ .rank = 2, .dims = { (uint32_t)groups } };
	s.dims[1] = onnx_total(&x->shape) / s.dims[0];
	channel.rank = x->shape.rank - 1;
	for (uint32_t d = 0; d < channel.rank; d++)
		channel.dims[d] = d ? 1 : channels;
	return onnx_alias(c, x, &seen, &s) &&
	       norm_emit(c, &seen, s.dims[1], NN_LAYER_NORM,
			 onnx_attr_float(c, "epsilon", 1e-5f), false, &norm) &&
	       onnx_alias(c, &norm, &norm, &x->shape) &&
	       onnx_alias(c, v[0], &param[0], &channel) &&
	       onnx_alias(c, v[1], &param[1], &channel) &&
	       onnx_binary(c, &norm, &param[0], &product, NN_MUL) &&
	       onnx_binary(c, &product, &param[1], onnx_out(c, 0), NN_ADD);
}

/* ---- LRN: x / (bias + alpha / size * sum of squares around it) ^ beta. */

/* Weights of a layer that sums `size` channels around each one, with a bias. */
static bool lrn_layer(struct onnx_ctx *c, const struct onnx_shape *x,
		      int64_t size, struct onnx_value *w,
		      struct onnx_value *bias)
{
	struct onnx_shape s = { .rank = x->rank }, one = { .rank = 1 };
	double factor =
		(double)onnx_attr_float(c, "alpha", 1e-4f) / (double)size;
	int64_t channels = x->dims[1];

	for (uint32_t d = 0; d < s.rank; d++)
		s.dims[d] = d < 2 ? x->dims[1] : 1;
	one.dims[0] = x->dims[1];
	if (!onnx_make(c, w, ONNX_FLOAT, &s) ||
	    !onnx_make(c, bias, ONNX_FLOAT, &one))
		return false;
	for (int64_t i = 0; i < channels; i++) {
		onnx_set(bias, (size_t)i, (double)onnx_attr_float(c, "bias", 1),
			 0);
		for (int64_t k = i - (size - 1) / 2; k <= i + size / 2; k++) {
			if (k >= 0 && k < channels)
				onnx_set(w, (size_t)(i * channels + k), factor,
					 0);
		}
	}
	return true;
}

static bool run_lrn(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), square = onnx_temp();
	struct onnx_value w = square, bias = square, sum = square;
	struct onnx_value beta = square, power = square;
	int64_t size = onnx_attr_int(c, "size", 0);

	(void)arg;
	if (!x)
		return false;
	if (x->shape.rank < 3 || size < 1 || size > NN_DIM_MAX)
		return onnx_refuse(c, "a picture, and a size of 1 or more, "
				      "are accepted");
	return onnx_binary(c, x, x, &square, NN_MUL) &&
	       lrn_layer(c, &x->shape, size, &w, &bias) &&
	       onnx_conv(c, &square, &w, &bias, &sum) &&
	       onnx_scalar(c, onnx_attr_float(c, "beta", 0.75f), &beta) &&
	       onnx_binary(c, &sum, &beta, &power, NN_POW) &&
	       onnx_binary(c, x, &power, onnx_out(c, 0), NN_DIV);
}

/* ---- BatchNormalization: scale and shift. */

static bool run_batch_norm(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *v[4];
	struct onnx_value scale = onnx_temp();
	struct onnx_value shift = scale, product = scale;
	struct onnx_shape s = { .rank = 0 };
	double epsilon = (double)onnx_attr_float(c, "epsilon", 1e-5f);

	(void)arg;
	for (size_t i = 0; i < 4; i++) {
		v[i] = onnx_need_const(c, 1 + i, "a statistic");
		if (!v[i] || !x || x->shape.rank < 2 ||
		    onnx_len(v[i]) != x->shape.dims[1])
			return v[i] && onnx_refuse(c,
						   "input %zu does not have "
						   "a number for each "
						   "channel",
						   1 + i);
	}
	if (onnx_attr_int(c, "training_mode", 0) ||
	    !onnx_attr_int(c, "spatial", 1))
		return onnx_refuse(c, "training_mode 0 and spatial 1 are "
				      "accepted");
	s.rank = x->shape.rank - 1;
	for (uint32_t d = 0; d < s.rank; d++)
		s.dims[d] = d ? 1 : x->shape.dims[1];
	scale.name = v[0]->name;
	shift.name = v[1]->name;
	if (!onnx_make(c, &scale, ONNX_FLOAT, &s) ||
	    !onnx_make(c, &shift, ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0; i < s.dims[0]; i++) {
		double f = onnx_real(v[0], i) /
			   __builtin_sqrt(onnx_real(v[3], i) + epsilon);

		onnx_set(&scale, i, f, 0);
		onnx_set(&shift, i, onnx_real(v[1], i) - onnx_real(v[2], i) * f,
			 0);
	}
	return onnx_binary(c, x, &scale, &product, NN_MUL) &&
	       onnx_binary(c, &product, &shift, onnx_out(c, 0), NN_ADD);
}

const struct onnx_op onnx_ops_norm[] = {
	{ "Softmax", run_softmax, 0 },
	{ "LogSoftmax", run_log_softmax, 0 },
	{ "LayerNormalization", run_layer_norm, 0 },
	{ "enc.LayerNorm", run_norm, NN_LAYER_NORM },
	{ "enc.RmsNorm", run_norm, NN_RMS_NORM },
	{ "InstanceNormalization", run_group_norm, 0 },
	{ "GroupNormalization", run_group_norm, 1 },
	{ "LRN", run_lrn, 0 },
	{ "BatchNormalization", run_batch_norm, 0 },
	{ NULL, NULL, 0 },
};
