/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions and pools, of two spatial dimensions; one is taken as a height
 * of 1. x is (1, C, H, W) in ONNX and (h, w, c) in the graph. Of three, depth
 * is taken as a part of the channels: (1, C * D, H, W).
 */
#include <string.h>

#include "onnx_read.h"

/* A window, the space around it, and the size of the result. */
struct window {
	struct onnx_shape x; /* (1, C, H, W) */
	/*
	 * The node has `all` spatial dimensions. Those of the window are
	 * `spatial` of them, 1 or 2, beginning with `from`; the first one is
	 * dimension `at` of the graph's: 0 is the height.
	 */
	uint32_t all, from, spatial, at;
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
				   "an input of rank %u; 3 and 4 (one and two "
				   "spatial dimensions), in Conv and pools 5, "
				   "are accepted",
				   x->shape.rank);
	if (x->shape.dims[0] != 1)
		return onnx_refuse(c, "a batch of %u; 1 is accepted",
				   x->shape.dims[0]);
	w->all = w->spatial = x->shape.rank - 2;
	w->at = 2 - w->spatial;
	w->w.kernel[0] = w->w.kernel[1] = 1;
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
	if (a->int_count != w->all)
		return onnx_refuse(c, "%s has %zu number%s, not %u", name,
				   a->int_count, enc_s(a->int_count), w->all);
	for (uint32_t i = 0; i < w->spatial; i++) {
		int64_t n = a->ints[w->from + i];

		if (n < 1 || n > UINT16_MAX)
			return onnx_refuse(c,
					   "%s is %lld; 1 to 65535 are "
					   "accepted",
					   name, (long long)n);
		pair[w->at + i] = (uint16_t)n;
	}
	return true;
}

static bool window_pads(struct onnx_ctx *c, struct window *w)
{
	const struct onnx_attr *a = onnx_attr(c, "pads");

	if (!a || !onnx_attr_is(c, "auto_pad", "NOTSET", true))
		return true;
	if (a->int_count != 2 * w->all)
		return onnx_refuse(c, "pads has %zu number%s, not %u",
				   a->int_count, enc_s(a->int_count),
				   2 * w->all);
	for (uint32_t i = 0; i < w->spatial; i++) {
		const int64_t *n = a->ints + w->from + i;

		if (n[0] < 0 || n[0] > UINT16_MAX || n[w->all] < 0 ||
		    n[w->all] > UINT16_MAX)
			return onnx_refuse(c,
					   "pads has %lld and %lld; 0 to 65535 "
					   "are accepted",
					   (long long)n[0],
					   (long long)n[w->all]);
		w->before[w->at + i] = (uint32_t)n[0];
		w->after[w->at + i] = (uint32_t)n[w->all];
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
	if (w->all == 1) {
		s.rank = 3;
		s.dims[2] = s.dims[3];
	}
	return onnx_bind(c, y, n->out, &l, &s);
}

/* ---- Convolutions. */

/* (out, in / groups, kh, kw) as the graph has them. */
static bool conv_weights(struct onnx_ctx *c, const struct onnx_value *w,
			 const struct window *win, bool depthwise,
			 int32_t *place)
{
	static const uint8_t full[4] = { 0, 2, 3, 1 }, deep[3] = { 2, 3, 0 };
	struct onnx_shape s = w->shape;

	s.rank = 4;
	if (win->spatial == 1) {
		s.dims[3] = s.dims[2];
		s.dims[2] = 1;
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
		return onnx_refuse(c, "its bias must be %u constant%s", out,
				   enc_s(out));
	return onnx_constant(c, bias, &bias->shape, order, 1, place);
}

static bool conv_groups(struct onnx_ctx *c, const struct onnx_value *w,
			uint32_t in, uint32_t *groups)
{
	int64_t g = onnx_attr_int(c, "group", 1);
	uint32_t out = w->shape.dims[0], each = w->shape.dims[1];

	if (g < 1 || g > in || in % g || !out || out % g || each != in / g)
		return onnx_refuse(c,
				   "%lld group%s, %u channel%s, weights of "
				   "(%u, %u, ...): they do not fit",
				   (long long)g, enc_s((uint64_t)g), in,
				   enc_s(in), out, each);
	*groups = (uint32_t)g;
	return true;
}

/* A layer on x, with a window whose place is known. */
static bool conv_emit(struct onnx_ctx *c, int32_t x, const struct onnx_value *w,
		      const struct onnx_value *bias, struct window *win,
		      uint32_t groups, struct onnx_value *y)
{
	uint32_t out = w->shape.dims[0];
	bool depthwise =
		groups > 1 && groups == win->x.dims[1] && out == groups;
	int32_t in[3] = { x, 0, 0 };

	if (!conv_weights(c, w, win, depthwise, &in[1]) ||
	    !conv_bias(c, bias, out, &in[2]))
		return false;
	if (window_outside(win) && !window_pad(c, win, &in[0]))
		return false;
	return window_emit(c, depthwise ? NN_DEPTHWISE : NN_CONV, in, 3, out,
			   win, groups, y);
}

/* x and weights: batch and rank, and the size of the kernel. */
static bool conv_shapes(struct onnx_ctx *c, struct onnx_value *x,
			const struct onnx_value *w, struct window *win)
{
	if (!onnx_float(c, x) || !window_shape(c, x, win))
		return false;
	if (!onnx_const(w) || w->shape.rank != x->shape.rank)
		return onnx_refuse(c,
				   "its weights must be constants of rank "
				   "%u",
				   x->shape.rank);
	for (uint32_t i = 0; i < win->spatial; i++) {
		uint32_t size = w->shape.dims[2 + i];

		if (!size || size > UINT16_MAX)
			return onnx_refuse(c, "its kernel has %u elements",
					   size);
		win->w.kernel[win->at + i] = (uint16_t)size;
	}
	return true;
}

bool onnx_conv(struct onnx_ctx *c, struct onnx_value *x,
	       const struct onnx_value *w, struct onnx_value *bias,
	       struct onnx_value *y)
{
	struct window win;
	uint32_t groups = 0;
	int32_t place = 0;

	return conv_shapes(c, x, w, &win) &&
	       conv_groups(c, w, win.x.dims[1], &groups) &&
	       window_read(c, &win) && window_take(c, x, &win, &place) &&
	       conv_emit(c, place, w, bias, &win, groups, y);
}

/*
 * Of three dimensions: weight (m * outs + o, i * ins + d) is the kernel's where
 * the window of output o has d at its tap, and 0 elsewhere.
 */
static bool deep_weights(struct onnx_ctx *c, const struct onnx_value *w,
			 const struct window *deep, struct onnx_value *out)
{
	const uint32_t *d = w->shape.dims;
	uint32_t ins = deep->x.dims[2], outs = deep->out[0], area = d[3] * d[4];
	struct onnx_shape s = { 4, { d[0] * outs, d[1] * ins, d[3], d[4] } };

	*out = onnx_temp();
	out->name = w->name;
	if ((uint64_t)d[0] * outs > NN_ELEMENTS_MAX)
		return onnx_refuse(c, "its weights are too large");
	if (!onnx_make(c, out, ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0, n = onnx_len(w); i < n; i++) {
		size_t tap = i / area % d[2], in = i / area / d[2] % d[1];
		size_t m = i / area / d[2] / d[1];

		for (size_t o = 0; o < outs; o++) {
			size_t at = o * deep->w.stride[0] +
				    tap * deep->w.dilation[0] - deep->before[0];
			size_t row = (m * outs + o) * s.dims[1] + in * ins + at;

			if (at < ins)
				onnx_set(out, row * area + i % area,
					 onnx_real(w, i), 0);
		}
	}
	return true;
}

/* Each number `times` times. */
static bool deep_bias(struct onnx_ctx *c, const struct onnx_value *bias,
		      uint32_t times, struct onnx_value *out)
{
	struct onnx_shape s = { 2, { 0, times } };
	const int64_t step[2] = { 1, 0 };

	if (!onnx_const(bias))
		return onnx_refuse(c, "its bias must be constant");
	s.dims[0] = (uint32_t)onnx_len(bias);
	*out = onnx_temp();
	if (!onnx_fold_copy(c, bias, out, &s, 0, step))
		return false;
	out->shape = (struct onnx_shape){ 1, { s.dims[0] * times } };
	return true;
}

static bool conv_deep(struct onnx_ctx *c, struct onnx_value *x,
		      const struct onnx_value *w, struct onnx_value *bias,
		      struct onnx_value *y)
{
	const uint32_t *d = x->shape.dims;
	struct onnx_shape s = { 4, { d[0], d[1], d[2], d[3] * d[4] } };
	struct onnx_value seen = onnx_temp(), banded, all, flat = seen;
	struct window deep, win;
	uint32_t groups = 0;
	int32_t place = 0;

	if (!onnx_float(c, x) || !onnx_alias(c, x, &seen, &s) ||
	    !window_shape(c, &seen, &deep))
		return false;
	if (!onnx_const(w) || w->shape.rank != 5 || !onnx_len(w) ||
	    w->shape.dims[2] > UINT16_MAX)
		return onnx_refuse(c, "its weights must be constants of rank "
				      "5");
	deep.all = 3;
	deep.spatial = 1;
	deep.w.kernel[0] = (uint16_t)w->shape.dims[2];
	s = (struct onnx_shape){ 4, { d[0], d[1] * d[2], d[3], d[4] } };
	if (!conv_groups(c, w, d[1], &groups) || !window_read(c, &deep) ||
	    !deep_weights(c, w, &deep, &banded) ||
	    (bias && !deep_bias(c, bias, deep.out[0], &all)) ||
	    !onnx_alias(c, x, &seen, &s) ||
	    !conv_shapes(c, &seen, &banded, &win))
		return false;
	win.all = 3;
	win.from = 1;
	if (!window_read(c, &win) || !window_take(c, &seen, &win, &place) ||
	    !conv_emit(c, place, &banded, bias ? &all : NULL, &win, groups,
		       &flat))
		return false;
	s = (struct onnx_shape){
		5, { d[0], w->shape.dims[0], deep.out[0], win.out[0] }
	};
	s.dims[4] = win.out[1];
	return onnx_alias(c, &flat, y, &s);
}

static bool run_conv(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_value *w = onnx_need_const(c, 1, "its weights");

	(void)arg;
	if (!x || !w)
		return false;
	return (x->shape.rank == 5 ? conv_deep : onnx_conv)(
		c, x, w, onnx_in(c, 2), onnx_out(c, 0));
}

/* ---- ConvTranspose: a convolution of x with zeros between its elements. */

/* (in, out / groups, ...) as the weights of a convolution, turned around. */
static bool transposed_weights(struct onnx_ctx *c, const struct onnx_value *w,
			       uint32_t groups, struct onnx_value *out)
{
	const uint32_t *d = w->shape.dims;
	uint32_t two = w->shape.rank == 4;
	int64_t size = onnx_stride(&w->shape, 1), each = d[1] * size;
	struct onnx_shape s = { .rank = 5,
				.dims = { groups, d[1], d[0] / groups,
					  two ? d[2] : 1, d[two ? 3 : 2] } };
	const int64_t step[5] = { s.dims[2] * each, size, each,
				  -(int64_t)s.dims[4], -1 };

	*out = onnx_temp();
	out->name = w->name;
	if (!onnx_fold_copy(c, w, out, &s, size - 1, step))
		return false;
	out->shape = w->shape;
	out->shape.dims[0] = groups * d[1];
	out->shape.dims[1] = d[0] / groups;
	return true;
}

/* Sizes, and where the windows lie, as if the strides were 1. */
static bool transposed_window(struct onnx_ctx *c, struct window *w)
{
	int64_t more[2] = { 0 }, shape[2] = { 0 };
	bool upper = onnx_attr_is(c, "auto_pad", "SAME_UPPER", false);
	bool same = upper || onnx_attr_is(c, "auto_pad", "SAME_LOWER", false);
	size_t n[2] = { 0 };

	if (!window_pair(c, w, "strides", w->w.stride) ||
	    !window_pair(c, w, "dilations", w->w.dilation) ||
	    !window_pads(c, w) ||
	    !onnx_list(c, "output_padding", SIZE_MAX, more, w->spatial,
		       &n[0]) ||
	    !onnx_list(c, "output_shape", SIZE_MAX, shape, w->spatial, &n[1]))
		return false;
	for (uint32_t i = 0; i < w->spatial; i++) {
		uint32_t d = w->at + i, reach = window_reach(w, d);
		int64_t in = w->x.dims[2 + d], stride = w->w.stride[d];
		int64_t all = (in - 1) * stride + more[i] + reach, pads = 0;
		int64_t out = n[1] ? shape[i] : in * stride;

		if (same || n[1]) {
			pads = all > out ? all - out : 0;
			w->before[d] =
				(uint32_t)(upper ? pads / 2 : (pads + 1) / 2);
		} else {
			out = all - w->before[d] - w->after[d];
		}
		if (more[i] < 0 || more[i] > UINT16_MAX || out < 1 ||
		    out > NN_DIM_MAX || w->before[d] >= reach)
			return onnx_refuse(c, "its pads, output_padding or "
					      "output_shape are out of range");
		w->out[d] = (uint32_t)out;
		w->before[d] = reach - 1 - w->before[d];
		w->after[d] = 0;
	}
	if (w->spatial == 1)
		w->out[0] = 1;
	return true;
}

/* (h, w, c) with zeros below and to the right of each element. */
static bool transposed_spread(struct onnx_ctx *c, struct window *w,
			      int32_t *place)
{
	uint32_t *x = w->x.dims + 2;
	uint32_t dims[5] = { x[0], 1, x[1], 1, w->x.dims[1] };
	struct graph_node *n = NULL;

	if (w->w.stride[0] == 1 && w->w.stride[1] == 1)
		return true;
	if (!onnx_reshape(c, *place, dims, 5, place))
		return false;
	for (uint32_t d = 0; d < 2; d++) {
		dims[1 + 2 * d] = w->w.stride[d];
		x[d] *= w->w.stride[d];
		w->w.stride[d] = 1;
	}
	n = onnx_emit(c, NN_PAD, place, 1, dims, 5);
	if (!n)
		return false;
	n->variant = NN_PAD_CONSTANT;
	return onnx_reshape(c, n->out, (uint32_t[]){ x[0], x[1], dims[4] }, 3,
			    place);
}

static bool run_conv_transpose(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_value *w = onnx_need_const(c, 1, "its weights"), turned;
	int64_t groups = onnx_attr_int(c, "group", 1);
	struct window win;
	int32_t place = 0;

	(void)arg;
	if (!x || !w || !conv_shapes(c, x, w, &win))
		return false;
	if (groups < 1 || groups > win.x.dims[1] || win.x.dims[1] % groups ||
	    w->shape.dims[0] != win.x.dims[1] || !w->shape.dims[1])
		return onnx_refuse(c,
				   "%lld group%s, %u channel%s, weights of "
				   "(%u, %u, ...): they do not fit",
				   (long long)groups, enc_s((uint64_t)groups),
				   win.x.dims[1], enc_s(win.x.dims[1]),
				   w->shape.dims[0], w->shape.dims[1]);
	return transposed_window(c, &win) &&
	       transposed_weights(c, w, (uint32_t)groups, &turned) &&
	       window_take(c, x, &win, &place) &&
	       transposed_spread(c, &win, &place) &&
	       conv_emit(c, place, &turned, onnx_in(c, 2), &win,
			 (uint32_t)groups, onnx_out(c, 0));
}

/* ---- Pools. */

/* Along the dimensions that a window of x has been given. */
static bool pool_emit(struct onnx_ctx *c, struct onnx_value *x, int op,
		      struct window *w, struct onnx_value *y)
{
	bool counts = onnx_attr_int(c, "count_include_pad", 0) != 0;
	int32_t in = 0;

	if (!window_pair(c, w, "kernel_shape", w->w.kernel) ||
	    !window_read(c, w) || !window_take(c, x, w, &in))
		return false;
	if (counts && op == NN_POOL_AVERAGE &&
	    (w->before[0] || w->before[1] || w->after[0] || w->after[1]) &&
	    !window_pad(c, w, &in))
		return false;
	if (window_outside(w))
		return onnx_refuse(c, "pads are larger than its window");
	return window_emit(c, (enum nn_op)op, &in, 1, w->x.dims[1], w, 0, y);
}

/* Of three dimensions: height and width, then depth. */
static bool pool_deep(struct onnx_ctx *c, struct onnx_value *x, int op)
{
	const uint32_t *d = x->shape.dims;
	struct onnx_value seen = onnx_temp(), flat = seen, deep = seen;
	struct onnx_shape s = { 4, { d[0], d[1] * d[2], d[3], d[4] } };
	struct window w;

	if (!onnx_alias(c, x, &seen, &s) || !window_shape(c, &seen, &w))
		return false;
	w.all = 3;
	w.from = 1;
	if (!pool_emit(c, &seen, op, &w, &flat))
		return false;
	s = (struct onnx_shape){ 4, { d[0], d[1], d[2] } };
	s.dims[3] = w.out[0] * w.out[1];
	if (!onnx_alias(c, &flat, &seen, &s) || !window_shape(c, &seen, &w))
		return false;
	s = (struct onnx_shape){
		5, { d[0], d[1], 0, flat.shape.dims[2], flat.shape.dims[3] }
	};
	w.all = 3;
	w.spatial = 1;
	if (!pool_emit(c, &seen, op, &w, &deep))
		return false;
	s.dims[2] = w.out[0];
	return onnx_alias(c, &deep, onnx_out(c, 0), &s);
}

static bool run_pool(struct onnx_ctx *c, int op)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct window w;

	if (!x || (op == NN_POOL_AVERAGE && !onnx_float(c, x)))
		return false;
	if (!onnx_attr(c, "kernel_shape"))
		return onnx_refuse(c, "kernel_shape is missing");
	if (x->shape.rank == 5)
		return pool_deep(c, x, op);
	return window_shape(c, x, &w) &&
	       pool_emit(c, x, op, &w, onnx_out(c, 0));
}

static bool run_global_pool(struct onnx_ctx *c, int op)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct window w;
	int32_t in = 0;

	if (!x || (op == NN_POOL_AVERAGE && !onnx_float(c, x)))
		return false;
	if (x->shape.rank == 5) {
		uint32_t set = 1u << 2 | 1u << 3 | 1u << 4;

		return onnx_reduce(c, x, onnx_out(c, 0),
				   op == NN_POOL_AVERAGE ? NN_MEAN :
							   NN_REDUCE_MAX,
				   set, true);
	}
	if (!window_shape(c, x, &w))
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
	{ "ConvTranspose", run_conv_transpose, 0 },
	{ "MaxPool", run_pool, NN_POOL_MAX },
	{ "AveragePool", run_pool, NN_POOL_AVERAGE },
	{ "GlobalMaxPool", run_global_pool, NN_POOL_MAX },
	{ "GlobalAveragePool", run_global_pool, NN_POOL_AVERAGE },
	{ NULL, NULL, 0 },
};
