/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions and pools, of two spatial dimensions; one is taken as a height
 * of 1. x is (1, C, H, W) in ONNX and (h, w, c) in the graph.
 */
#include <string.h>

#include "onnx_read.h"

/* A window, the space around it, and the size of the result. */
struct window {
	struct onnx_shape x; /* (1, C, H, W) */
	uint32_t spatial;    /* 1 or 2 */
	struct nn_window w;
	uint32_t before[2], after[2];
	uint32_t out[2];
	bool ceil;
};

static bool window_shape(struct onnx_ctx *c, const struct onnx_value *x,
			 struct window *w)
{
	memset(w, 0, sizeof(*w));
	if (x->shape.rank != 3 && x->shape.rank != 4)
		return onnx_refuse(c,
				   "an input of rank %u; 3 and 4 (one and "
				   "two spatial dimensions) are accepted",
				   x->shape.rank);
	if (x->shape.dims[0] != 1)
		return onnx_refuse(c, "a batch of %u; 1 is accepted",
				   x->shape.dims[0]);
	w->spatial = x->shape.rank - 2;
	w->x = x->shape;
	w->x.rank = 4;
	if (w->spatial == 1) {
		w->x.dims[3] = x->shape.dims[2];
		w->x.dims[2] = 1;
	}
	return true;
}

/* One number for each spatial dimension; 1 if there is no attribute. */
static bool window_pair(struct onnx_ctx *c, const struct window *w,
			const char *name, uint16_t pair[2])
{
	const struct onnx_attr *a = onnx_attr(c, name);

	pair[0] = pair[1] = 1;
	if (!a)
		return true;
	if (a->int_count != w->spatial)
		return onnx_refuse(c, "%s has %zu numbers, not %u", name,
				   a->int_count, w->spatial);
	for (uint32_t i = 0; i < w->spatial; i++) {
		if (a->ints[i] < 1 || a->ints[i] > UINT16_MAX)
			return onnx_refuse(c,
					   "%s is %lld; 1 to 65535 are "
					   "accepted",
					   name, (long long)a->ints[i]);
		pair[i + 2 - w->spatial] = (uint16_t)a->ints[i];
	}
	return true;
}

static bool window_pads(struct onnx_ctx *c, struct window *w)
{
	const struct onnx_attr *a = onnx_attr(c, "pads");

	if (!a || !onnx_attr_is(c, "auto_pad", "NOTSET", true))
		return true;
	if (a->int_count != 2 * w->spatial)
		return onnx_refuse(c, "pads has %zu numbers, not %u",
				   a->int_count, 2 * w->spatial);
	for (uint32_t i = 0; i < a->int_count; i++) {
		uint32_t d = i % w->spatial + 2 - w->spatial;

		if (a->ints[i] < 0 || a->ints[i] > UINT16_MAX)
			return onnx_refuse(c,
					   "pads has %lld; 0 to 65535 are "
					   "accepted",
					   (long long)a->ints[i]);
		*(i < w->spatial ? &w->before[d] : &w->after[d]) =
			(uint32_t)a->ints[i];
	}
	return true;
}

/* Elements that a window reaches over. */
static uint32_t window_reach(const struct window *w, uint32_t d)
{
	return (w->w.kernel[d] - 1u) * w->w.dilation[d] + 1;
}

/* auto_pad SAME: the result has ceil(size / stride) elements. */
static void window_same(struct window *w, uint32_t d, bool upper)
{
	uint32_t size = w->x.dims[2 + d], stride = w->w.stride[d];
	uint64_t need = 0;

	w->out[d] = (size + stride - 1) / stride;
	need = (uint64_t)(w->out[d] - 1) * stride + window_reach(w, d);
	need = need > size ? need - size : 0;
	w->before[d] = (uint32_t)(upper ? need / 2 : (need + 1) / 2);
	w->after[d] = (uint32_t)need - w->before[d];
}

static bool window_out(struct onnx_ctx *c, struct window *w, uint32_t d)
{
	uint32_t reach = window_reach(w, d), stride = w->w.stride[d];
	uint32_t size = w->x.dims[2 + d] + w->before[d];
	uint32_t all = size + w->after[d];

	if (all < reach)
		return onnx_refuse(c,
				   "its window of %u is larger than its "
				   "input of %u",
				   reach, all);
	w->out[d] = (all - reach) / stride + 1;
	if (w->ceil) {
		w->out[d] = (all - reach + stride - 1) / stride + 1;
		/* The last window must begin inside. */
		w->out[d] -= (uint64_t)(w->out[d] - 1) * stride >= size;
	}
	return true;
}

/* Attributes of a window whose kernel is known. */
static bool window_read(struct onnx_ctx *c, struct window *w)
{
	bool upper = onnx_attr_is(c, "auto_pad", "SAME_UPPER", false);
	bool lower = onnx_attr_is(c, "auto_pad", "SAME_LOWER", false);

	if (!upper && !lower && !onnx_attr_is(c, "auto_pad", "NOTSET", true) &&
	    !onnx_attr_is(c, "auto_pad", "VALID", true))
		return onnx_refuse(c, "auto_pad must be NOTSET, VALID, "
				      "SAME_UPPER or SAME_LOWER");
	w->ceil = onnx_attr_int(c, "ceil_mode", 0) != 0;
	if (!window_pair(c, w, "strides", w->w.stride) ||
	    !window_pair(c, w, "dilations", w->w.dilation) ||
	    !window_pads(c, w))
		return false;
	for (uint32_t d = 0; d < 2; d++) {
		if (upper || lower)
			window_same(w, d, upper);
		else if (!window_out(c, w, d))
			return false;
	}
	return true;
}

/* x as (h, w, c). */
static bool window_take(struct onnx_ctx *c, struct onnx_value *x,
			const struct window *w, int32_t *place)
{
	static const uint8_t order[3] = { 2, 3, 1 };

	return onnx_take_order(c, x, &w->x, order, 3, place);
}

/* Zeros around x as a node of their own. */
static bool window_pad(struct onnx_ctx *c, struct window *w, int32_t *place)
{
	uint32_t dims[3] = { w->x.dims[2] + w->before[0] + w->after[0],
			     w->x.dims[3] + w->before[1] + w->after[1],
			     w->x.dims[1] };
	struct graph_node *n = onnx_emit(c, NN_PAD, place, 1, dims, 3);

	if (!n)
		return false;
	n->variant = NN_PAD_CONSTANT;
	n->before[0] = w->before[0];
	n->before[1] = w->before[1];
	*place = n->out;
	memset(w->before, 0, sizeof(w->before));
	memset(w->after, 0, sizeof(w->after));
	return true;
}

/* True if a window may lie in the padding alone. */
static bool window_outside(const struct window *w)
{
	return w->before[0] >= window_reach(w, 0) ||
	       w->before[1] >= window_reach(w, 1) ||
	       w->after[0] >= window_reach(w, 0) ||
	       w->after[1] >= window_reach(w, 1);
}

static bool window_emit(struct onnx_ctx *c, enum nn_op op, const int32_t *in,
			uint32_t count, uint32_t channels, struct window *w,
			uint32_t groups, struct onnx_value *y)
{
	static const uint8_t order[3] = { 2, 3, 1 };
	uint32_t dims[3] = { w->out[0], w->out[1], channels };
	struct onnx_shape s = { .rank = 4,
				.dims = { 1, channels, w->out[0], w->out[1] } };
	struct onnx_layout l;
	struct graph_node *n = onnx_emit(c, op, in, count, dims, 3);

	if (!n)
		return false;
	w->w.pad[0] = (uint16_t)w->before[0];
	w->w.pad[1] = (uint16_t)w->before[1];
	n->window = w->w;
	n->groups = groups;
	l = onnx_layout_of(&s, order, 3);
	if (w->spatial == 1) {
		s.rank = 3;
		s.dims[2] = s.dims[3];
	}
	return onnx_bind(c, y, n->out, &l, &s);
}

/* ---- Convolutions. */

/* (out, in / groups, kh, kw) as the graph has them. */
static bool conv_weights(struct onnx_ctx *c, const struct onnx_value *w,
			 struct window *win, bool depthwise, int32_t *place)
{
	static const uint8_t full[4] = { 0, 2, 3, 1 }, deep[3] = { 2, 3, 0 };
	struct onnx_shape s = w->shape;

	s.rank = 4;
	if (win->spatial == 1) {
		s.dims[3] = s.dims[2];
		s.dims[2] = 1;
	}
	for (uint32_t d = 0; d < 2; d++) {
		if (!s.dims[2 + d] || s.dims[2 + d] > UINT16_MAX)
			return onnx_refuse(c, "its kernel has %u elements",
					   s.dims[2 + d]);
		win->w.kernel[d] = (uint16_t)s.dims[2 + d];
	}
	return onnx_constant(c, w, &s, depthwise ? deep : full,
			     depthwise ? 3 : 4, place);
}

static bool conv_bias(struct onnx_ctx *c, const struct onnx_value *bias,
		      uint32_t out, int32_t *place)
{
	static const uint8_t order[1] = { 0 };

	*place = GRAPH_NONE;
	if (!bias)
		return true;
	if (!onnx_const(bias) || bias->shape.rank != 1 ||
	    bias->shape.dims[0] != out)
		return onnx_refuse(c, "its bias must be %u constants", out);
	return onnx_constant(c, bias, &bias->shape, order, 1, place);
}

static bool conv_groups(struct onnx_ctx *c, const struct onnx_value *w,
			uint32_t in, uint32_t *groups)
{
	int64_t g = onnx_attr_int(c, "group", 1);
	uint32_t out = w->shape.dims[0], each = w->shape.dims[1];

	if (g < 1 || g > in || in % g || !out || out % g || each != in / g)
		return onnx_refuse(c,
				   "%lld groups, %u channels, weights of "
				   "(%u, %u, ...): they do not fit",
				   (long long)g, in, out, each);
	*groups = (uint32_t)g;
	return true;
}

bool onnx_conv(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *w,
	       struct onnx_value *bias, struct onnx_value *y)
{
	struct window win;
	uint32_t groups = 0, out = w->shape.dims[0];
	int32_t in[3] = { 0, 0, 0 };
	bool depthwise = false;

	if (!onnx_float(c, x) || !window_shape(c, x, &win))
		return false;
	if (!onnx_const(w) || w->shape.rank != x->shape.rank)
		return onnx_refuse(c,
				   "its weights must be constants of rank "
				   "%u",
				   x->shape.rank);
	if (!conv_groups(c, w, win.x.dims[1], &groups))
		return false;
	depthwise = groups > 1 && groups == win.x.dims[1] && out == groups;
	if (!conv_weights(c, w, &win, depthwise, &in[1]) ||
	    !conv_bias(c, bias, out, &in[2]) || !window_read(c, &win) ||
	    !window_take(c, x, &win, &in[0]))
		return false;
	if (window_outside(&win) && !window_pad(c, &win, &in[0]))
		return false;
	return window_emit(c, depthwise ? NN_DEPTHWISE : NN_CONV, in, 3, out,
			   &win, groups, y);
}

static bool run_conv(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_value *w = onnx_need_const(c, 1, "its weights");

	(void)arg;
	return x && w && onnx_conv(c, x, w, onnx_in(c, 2), onnx_out(c, 0));
}

/* ---- Pools. */

static bool run_pool(struct onnx_ctx *c, int op)
{
	struct onnx_value *x = onnx_need(c, 0);
	bool counts = onnx_attr_int(c, "count_include_pad", 0) != 0;
	struct window w;
	int32_t in = 0;

	if (!x || (op == NN_POOL_AVERAGE && !onnx_float(c, x)) ||
	    !window_shape(c, x, &w))
		return false;
	if (!onnx_attr(c, "kernel_shape"))
		return onnx_refuse(c, "kernel_shape is missing");
	if (!window_pair(c, &w, "kernel_shape", w.w.kernel) ||
	    !window_read(c, &w) || !window_take(c, x, &w, &in))
		return false;
	if (counts && op == NN_POOL_AVERAGE &&
	    (w.before[0] || w.before[1] || w.after[0] || w.after[1]) &&
	    !window_pad(c, &w, &in))
		return false;
	if (window_outside(&w))
		return onnx_refuse(c, "pads are larger than its window");
	return window_emit(c, (enum nn_op)op, &in, 1, w.x.dims[1], &w, 0,
			   onnx_out(c, 0));
}

static bool run_global_pool(struct onnx_ctx *c, int op)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct window w;
	int32_t in = 0;

	if (!x || (op == NN_POOL_AVERAGE && !onnx_float(c, x)) ||
	    !window_shape(c, x, &w))
		return false;
	for (uint32_t d = 0; d < 2; d++) {
		if (w.x.dims[2 + d] > UINT16_MAX)
			return onnx_refuse(c,
					   "a window of %u; 65535 is "
					   "accepted",
					   w.x.dims[2 + d]);
		w.w.kernel[d] = (uint16_t)w.x.dims[2 + d];
		w.w.stride[d] = w.w.dilation[d] = 1;
		w.out[d] = 1;
	}
	return window_take(c, x, &w, &in) &&
	       window_emit(c, (enum nn_op)op, &in, 1, w.x.dims[1], &w, 0,
			   onnx_out(c, 0));
}

const struct onnx_op onnx_ops_window[] = {
	{ "Conv", run_conv, 0 },
	{ "MaxPool", run_pool, NN_POOL_MAX },
	{ "AveragePool", run_pool, NN_POOL_AVERAGE },
	{ "GlobalMaxPool", run_global_pool, NN_POOL_MAX },
	{ "GlobalAveragePool", run_global_pool, NN_POOL_AVERAGE },
	{ NULL, NULL, 0 },
};
