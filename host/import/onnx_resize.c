/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resize and Upsample. Height and width of a picture go through NN_RESIZE where
 * it has the mode; all else is one product with a constant matrix for each
 * axis: row o has the weights of the input's elements in output o.
 */
#include <math.h>
#include <string.h>

#include "onnx_read.h"

enum mode {
	NEAREST,
	LINEAR,
	CUBIC
};

struct axis {
	uint32_t in, out;
	double scale;	   /* out / in, as the file has it */
	double begin, end; /* tf_crop_and_resize: of the input, 0 to 1 */
};

struct resize {
	enum mode mode;
	bool old; /* Upsample, or Resize of operator set 10 */
	bool antialias, exclude, crop;
	double cubic;	     /* the filter's coefficient */
	double outside;	     /* the value around the input, for a crop */
	struct onnx_shape s; /* of the output */
	struct axis axis[GRAPH_RANK_MAX];
};

/* ---- Sizes. */

/* The axes that scales, sizes and roi are about. */
static bool resize_axes(struct onnx_ctx *c, uint32_t rank, uint32_t *axes,
			size_t *count)
{
	int64_t list[GRAPH_RANK_MAX] = { 0 };
	size_t n = 0;

	if (!onnx_list(c, "axes", SIZE_MAX, list, rank, &n))
		return false;
	for (uint32_t i = 0; i < (n ? n : rank); i++) {
		if (!onnx_axis(c, n ? list[i] : i, rank, &axes[i]))
			return false;
	}
	*count = n ? n : rank;
	return true;
}

/* Input i has `n` constants, or none. */
static bool resize_input(struct onnx_ctx *c, size_t i, size_t n,
			 const struct onnx_value **v)
{
	*v = onnx_in(c, i);
	if (*v && onnx_const(*v) && !onnx_len(*v))
		*v = NULL;
	if (*v && (!onnx_const(*v) || onnx_len(*v) != n))
		return onnx_refuse(c, "roi, scales and sizes must be one "
				      "constant for each axis");
	return true;
}

/* One scale for all axes: the least or the largest. */
static bool resize_policy(struct onnx_ctx *c, struct resize *r,
			  const uint32_t *axes, size_t n)
{
	const char *name = "keep_aspect_ratio_policy";
	bool larger = onnx_attr_is(c, name, "not_smaller", false);
	double scale = r->axis[axes[0]].scale;

	if (onnx_attr_is(c, name, "stretch", true))
		return true;
	if (!larger && !onnx_attr_is(c, name, "not_larger", false))
		return onnx_refuse(c,
				   "%s must be stretch, not_larger or "
				   "not_smaller",
				   name);
	for (size_t i = 1; i < n; i++) {
		double s = r->axis[axes[i]].scale;

		scale = larger ? fmax(scale, s) : fmin(scale, s);
	}
	for (size_t i = 0; i < n; i++) {
		struct axis *a = &r->axis[axes[i]];

		a->scale = scale;
		a->out = (uint32_t)floor(scale * a->in + 0.5);
	}
	return true;
}

static bool resize_sizes(struct onnx_ctx *c, struct resize *r,
			 const struct onnx_shape *x)
{
	const struct onnx_attr *a = onnx_attr(c, "scales");
	const struct onnx_value *roi = NULL, *scales = NULL, *sizes = NULL;
	uint32_t axes[GRAPH_RANK_MAX] = { 0 };
	size_t n = 0;

	if (!resize_axes(c, x->rank, axes, &n) ||
	    (!r->old && !resize_input(c, 1, 2 * n, &roi)) ||
	    !resize_input(c, r->old ? 1 : 2, n, &scales) ||
	    (!r->old && !resize_input(c, 3, n, &sizes)))
		return false;
	if ((a && a->float_count != n) || (!a && !scales && !sizes) ||
	    (r->crop && !roi))
		return onnx_refuse(c, "scales or sizes must be one constant "
				      "for each axis, and so must roi");
	for (size_t i = 0; i < n; i++) {
		struct axis *d = &r->axis[axes[i]];
		double out = sizes ? onnx_real(sizes, i) : 0;

		if (r->crop) {
			d->begin = onnx_real(roi, i);
			d->end = onnx_real(roi, n + i);
		}
		d->scale = a	  ? (double)a->floats[i] :
			   scales ? onnx_real(scales, i) :
				    out / d->in;
		/* in f32, as ONNX Runtime has it: 3 * 2.3333333 is 7 */
		if (a || scales)
			out = floor((double)((float)d->in * (float)d->scale *
					     (float)(d->end - d->begin)));
		if (!(out >= 1 && out <= NN_DIM_MAX) || !isfinite(d->begin) ||
		    !isfinite(d->end))
			return onnx_refuse(c, "its scales or sizes are out of "
					      "range");
		d->out = (uint32_t)out;
	}
	return a || scales || resize_policy(c, r, axes, n);
}

/* ---- Attributes. */

static bool resize_mode(struct onnx_ctx *c, struct resize *r)
{
	bool linear = onnx_attr_is(c, "mode", "linear", false) ||
		      onnx_attr_is(c, "mode", "bilinear", false);

	r->mode = linear				  ? LINEAR :
		  onnx_attr_is(c, "mode", "cubic", false) ? CUBIC :
							    NEAREST;
	return r->mode != NEAREST || onnx_attr_is(c, "mode", "nearest", true) ||
	       onnx_refuse(c, "mode must be nearest, linear or cubic");
}

static bool resize_read(struct onnx_ctx *c, const struct onnx_value *x,
			struct resize *r)
{
	memset(r, 0, sizeof(*r));
	r->old = c->m.opset < 11 || onnx_is(c->node->op, "Upsample");
	r->antialias = onnx_attr_int(c, "antialias", 0) != 0;
	r->exclude = onnx_attr_int(c, "exclude_outside", 0) != 0;
	r->crop = onnx_attr_is(c, "coordinate_transformation_mode",
			       "tf_crop_and_resize", false);
	r->cubic = (double)onnx_attr_float(c, "cubic_coeff_a", -0.75f);
	r->outside = (double)onnx_attr_float(c, "extrapolation_value", 0);
	for (uint32_t d = 0; d < x->shape.rank; d++)
		r->axis[d] = (struct axis){ x->shape.dims[d], x->shape.dims[d],
					    1, 0, 1 };
	if (!resize_mode(c, r) || !resize_sizes(c, r, &x->shape))
		return false;
	r->s.rank = x->shape.rank;
	for (uint32_t d = 0; d < r->s.rank; d++)
		r->s.dims[d] = r->axis[d].out;
	return true;
}

/* The input's coordinate of output o = o * ratio + shift. */
static bool resize_map(struct onnx_ctx *c, const struct resize *r,
		       const struct axis *a, double *ratio, double *shift)
{
	const char *name = "coordinate_transformation_mode";
	double last = a->in - 1.0, span = a->out > 1 ? a->out - 1.0 : 1;

	*ratio = 1 / a->scale;
	*shift = 0.5 * *ratio - 0.5;
	if (onnx_attr_is(c, name, "half_pixel", !r->old))
		return true;
	if (onnx_attr_is(c, name, "pytorch_half_pixel", false)) {
		*shift = a->out > 1 ? *shift : 0;
	} else if (onnx_attr_is(c, name, "half_pixel_symmetric", false)) {
		*shift += a->in * (1 - a->out / (a->in * a->scale)) / 2;
	} else if (onnx_attr_is(c, name, "tf_half_pixel_for_nn", false)) {
		*shift = 0.5 * *ratio;
	} else if (onnx_attr_is(c, name, "align_corners", false)) {
		*ratio = a->out > 1 ? last / span : 0;
		*shift = 0;
	} else if (r->crop) {
		*ratio = a->out > 1 ? (a->end - a->begin) * last / span : 0;
		*shift = (a->out > 1 ? a->begin : (a->begin + a->end) / 2) *
			 last;
	} else if (onnx_attr_is(c, name, "asymmetric", r->old)) {
		*shift = 0;
	} else {
		return onnx_refuse(c, "this %s is not accepted", name);
	}
	return true;
}

/* ---- Weights. */

/* The element that a coordinate means, rounded as the file says. */
static double resize_nearest(struct onnx_ctx *c, const struct resize *r,
			     double x)
{
	const char *name = "nearest_mode";

	if (onnx_attr_is(c, name, "round_prefer_floor", !r->old))
		return ceil(x - 0.5);
	if (onnx_attr_is(c, name, "round_prefer_ceil", false))
		return floor(x + 0.5);
	return onnx_attr_is(c, name, "ceil", false) ? ceil(x) : floor(x);
}

static double resize_filter(const struct resize *r, double x)
{
	double a = r->cubic;

	x = fabs(x);
	if (r->mode == LINEAR)
		return x < 1 ? 1 - x : 0;
	if (x <= 1)
		return ((a + 2) * x - (a + 3)) * x * x + 1;
	return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/* Adds the weights of an output to its row, which is 0. */
static void resize_row(struct onnx_ctx *c, const struct resize *r,
		       const struct axis *a, double x, double *row)
{
	double narrow = r->antialias && a->scale < 1 ? a->scale : 1;
	int64_t reach = (int64_t)ceil((r->mode == CUBIC ? 2 : 1) / narrow);
	int64_t first = (int64_t)floor(x), last = a->in - 1;
	double sum = 0;

	if (r->mode == NEAREST) {
		x = fmax(0, fmin((double)last, resize_nearest(c, r, x)));
		row[(size_t)x] = 1;
		return;
	}
	for (int64_t i = first - reach + 1; i <= first + reach; i++) {
		double w = resize_filter(r, ((double)i - x) * narrow);

		if (r->exclude && (i < 0 || i > last))
			continue;
		row[i < 0 ? 0 : i > last ? last : i] += w;
		sum += w;
	}
	for (uint32_t i = 0; i < a->in && (r->exclude || r->antialias); i++)
		row[i] /= sum;
}

/* The matrix (out, in) of an axis, and what is added to each output. */
static bool resize_matrix(struct onnx_ctx *c, const struct resize *r,
			  const struct axis *a, struct onnx_value *w,
			  struct onnx_value *bias)
{
	const struct onnx_shape s = { .rank = 2, .dims = { a->out, a->in } };
	const struct onnx_shape one = { .rank = 1, .dims = { a->out } };
	double ratio = 0, shift = 0;
	double *row = onnx_alloc(&c->m.pool, a->in, sizeof(*row));

	if (!row)
		return onnx_refuse(c, "its input is too large");
	if (!resize_map(c, r, a, &ratio, &shift) ||
	    !onnx_make(c, w, ONNX_FLOAT, &s) ||
	    !onnx_make(c, bias, ONNX_FLOAT, &one))
		return false;
	for (uint32_t o = 0; o < a->out; o++) {
		double x = o * ratio + shift;

		memset(row, 0, a->in * sizeof(*row));
		if (r->crop && (x < 0 || x > a->in - 1.0))
			onnx_set(bias, o, r->outside, 0);
		else
			resize_row(c, r, a, x, row);
		for (uint32_t i = 0; i < a->in; i++)
			onnx_set(w, (size_t)o * a->in + i, row[i], 0);
	}
	return true;
}

/* y = x with dimension d last, or back from there. */
static bool resize_last(struct onnx_ctx *c, struct onnx_value *x, uint32_t d,
			bool back, struct onnx_value *y)
{
	uint8_t from[GRAPH_RANK_MAX] = { 0 };
	struct onnx_shape s = x->shape;
	uint32_t last = s.rank - 1;

	for (uint32_t i = 0; i < s.rank; i++) {
		from[i] = (uint8_t)(i < d ? i : back ? i - 1 : i + 1);
		if (i == (back ? d : last))
			from[i] = (uint8_t)(back ? last : d);
		s.dims[i] = x->shape.dims[from[i]];
	}
	return onnx_alias(c, x, y, &s) &&
	       onnx_permute(c, x, from, &y->layout) &&
	       onnx_bind(c, y, x->place, &y->layout, &s);
}

/* All axes that change, each with its matrix. */
static bool resize_products(struct onnx_ctx *c, struct onnx_value *x,
			    const struct resize *r)
{
	struct onnx_value now = *x;

	for (uint32_t d = 0; d < r->s.rank; d++) {
		const struct axis *a = &r->axis[d];
		struct onnx_value w = onnx_temp(), bias = w, turned = w;
		struct onnx_value done = w;

		if (a->in == a->out && fabs(a->scale - 1) < 1e-12 &&
		    fabs(a->begin) < 1e-12 && fabs(a->end - 1) < 1e-12)
			continue;
		if (!resize_matrix(c, r, a, &w, &bias) ||
		    !resize_last(c, &now, d, false, &turned) ||
		    !onnx_dense(c, &turned, &w, r->crop ? &bias : NULL, &done,
				true) ||
		    !resize_last(c, &done, d, true, &now))
			return false;
	}
	return onnx_alias(c, &now, onnx_out(c, 0), &r->s);
}

/* ---- Pictures. */

/*
 * Coordinates of NN_RESIZE, which takes the element before one: false if some
 * output would get another one.
 */
static bool picture_nearest(struct onnx_ctx *c, const struct resize *r,
			    const struct axis *a, const double map[2],
			    float ratio, float *shift)
{
	const char *name = "nearest_mode";
	double last = a->in - 1.0;

	if (onnx_attr_is(c, name, "round_prefer_floor", !r->old))
		*shift += 0.5f - 1.0f / 1024;
	else if (onnx_attr_is(c, name, "round_prefer_ceil", false))
		*shift += 0.5f;
	else if (onnx_attr_is(c, name, "ceil", false))
		*shift += 1 - 1.0f / 1024;
	for (uint32_t o = 0; o < a->out; o++) {
		double x = o * map[0] + map[1];
		double want = fmax(0, fmin(last, resize_nearest(c, r, x)));
		double has = floor(o * (double)ratio + (double)*shift);

		if (fabs(want - fmax(0, fmin(last, has))) > 0.5)
			return false;
	}
	return true;
}

/* True if NN_RESIZE has this mode for the height and width of one picture. */
static bool picture_fits(struct onnx_ctx *c, const struct onnx_value *x,
			 const struct resize *r, float *ratio, float *shift)
{
	if (r->s.rank != 4 || x->shape.dims[0] != 1 || r->s.dims[0] != 1 ||
	    r->s.dims[1] != x->shape.dims[1] || r->antialias || r->exclude ||
	    r->crop || r->mode == CUBIC)
		return false;
	for (uint32_t d = 0; d < 2; d++) {
		const struct axis *a = &r->axis[2 + d];
		double map[2] = { 0 };

		if (!resize_map(c, r, a, &map[0], &map[1]))
			return false;
		ratio[d] = (float)map[0];
		shift[d] = (float)map[1];
		if (r->mode == NEAREST &&
		    !picture_nearest(c, r, a, map, ratio[d], &shift[d]))
			return false;
	}
	return true;
}

static bool picture_resize(struct onnx_ctx *c, struct onnx_value *x,
			   const struct resize *r, const float *ratio,
			   const float *shift)
{
	static const uint8_t order[3] = { 2, 3, 1 };
	uint32_t dims[3] = { r->s.dims[2], r->s.dims[3], r->s.dims[1] };
	struct graph_node *n = NULL;
	struct onnx_layout l;
	int32_t in = 0;

	if (!onnx_take_order(c, x, &x->shape, order, 3, &in))
		return false;
	n = onnx_emit(c, NN_RESIZE, &in, 1, dims, 3);
	if (!n)
		return false;
	n->variant = r->mode == NEAREST ? NN_NEAREST : NN_LINEAR;
	memcpy(n->ratio, ratio, sizeof(n->ratio));
	memcpy(n->shift, shift, sizeof(n->shift));
	l = onnx_layout_of(&r->s, order, 3);
	return onnx_bind(c, onnx_out(c, 0), n->out, &l, &r->s);
}

static bool run_resize(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	float ratio[2] = { 0 }, shift[2] = { 0 };
	struct resize r;

	(void)arg;
	if (!x || !onnx_float(c, x) || !resize_read(c, x, &r))
		return false;
	if (onnx_const(x))
		return onnx_refuse(c, "its input is constant; a computed "
				      "tensor is accepted");
	if (picture_fits(c, x, &r, ratio, shift))
		return picture_resize(c, x, &r, ratio, shift);
	return resize_products(c, x, &r);
}

const struct onnx_op onnx_ops_resize[] = {
	{ "Resize", run_resize, 0 },
	{ "Upsample", run_resize, 0 },
	{ NULL, NULL, 0 },
};
