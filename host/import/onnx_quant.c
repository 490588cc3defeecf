/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QuantizeLinear, DequantizeLinear and the QLinear operators. Each QLinear
 * operator is read as dequantise, compute, quantise: onnx_integers.c makes
 * integers of both forms. UINT8 becomes INT8: the zero point moves by 128.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_read.h"

/* Scales and zero points, one or one for each index along `axis`. */
static bool quant_scales(struct onnx_ctx *c, const struct onnx_value *scale,
			 const struct onnx_value *zero, uint32_t axis,
			 struct onnx_scales *out)
{
	size_t n = onnx_len(scale);
	float *s = onnx_alloc(&c->m.pool, n, sizeof(*s));
	int32_t *z = onnx_alloc(&c->m.pool, n, sizeof(*z));

	if (!onnx_const(scale) || (zero && !onnx_const(zero)) || !n ||
	    scale->shape.rank > 1 || (zero && onnx_len(zero) != n) || !s || !z)
		return onnx_refuse(c, "its scale and zero point must be "
				      "constants of the same size, of rank 0 "
				      "or 1");
	for (size_t i = 0; i < n; i++) {
		int64_t k = zero ? onnx_int(zero, i) : 0;

		s[i] = (float)onnx_real(scale, i);
		if (!isnormal(s[i]) || s[i] < 0 || k < -128 || k > 255)
			return onnx_refuse(c,
					   "scale %zu is not a positive "
					   "number, or its zero point not "
					   "of 8 bits",
					   i);
		z[i] = (int32_t)k;
	}
	*out = (struct onnx_scales){ s, z, n, axis };
	return true;
}

/* Sets the numbers of a graph value, or compares them. */
static bool quant_state(struct onnx_ctx *c, int32_t place,
			const struct onnx_scales *q, bool is_unsigned)
{
	struct graph_value *v = &c->g->values[place];
	int32_t zero = q->zero[0] - (is_unsigned ? 128 : 0);

	if (q->count != 1 || v->type != NN_INT8 || zero < -128 || zero > 127)
		return onnx_refuse(c, "one scale and an 8-bit zero point for "
				      "the whole of a computed tensor are "
				      "accepted");
	if (v->quant.scale)
		return (v->quant.zero[0] == zero &&
			v->quant.scale[0] == q->scale[0]) ||
		       onnx_refuse(c, "its input has been quantised with "
				      "another scale or zero point");
	v->quant.scale = malloc(sizeof(float));
	v->quant.zero = malloc(sizeof(int32_t));
	if (!v->quant.scale || !v->quant.zero)
		return enc_fail(c->e, ENC_ERR_MEMORY, "out of memory");
	v->quant.scale[0] = q->scale[0];
	v->quant.zero[0] = zero;
	v->quant.count = 1;
	return true;
}

/* Pixels: (pixel - zero) * scale, of one pair. */
static bool quant_pixel(struct onnx_ctx *c, struct onnx_value *x, float zero,
			float scale, struct onnx_value *y)
{
	const struct onnx_layout l = x->layout;
	const struct onnx_shape s = x->shape;
	struct graph_node *n = onnx_emit(c, NN_IMAGE, &x->place, 1,
					 c->g->values[x->place].dims,
					 c->g->values[x->place].rank);

	if (!n)
		return false;
	n->divisor = 1;
	n->mean[0] = zero;
	n->deviation[0] = 1 / scale;
	c->g->values[n->out].type = NN_F32;
	return onnx_bind(c, y, n->out, &l, &s);
}

/* The same; several pairs are subtracted and multiplied apart. */
static bool quant_pixels(struct onnx_ctx *c, struct onnx_value *x,
			 const struct onnx_scales *q, struct onnx_value *y)
{
	struct onnx_shape s = { .rank = 0 };
	struct onnx_value zero = onnx_temp(), scale = zero, f = zero, d = zero;

	if (q->count == 1)
		return quant_pixel(c, x, (float)q->zero[0], q->scale[0], y);
	if (q->axis >= x->shape.rank || x->shape.dims[q->axis] != q->count)
		return onnx_refuse(c, "its scales do not fit its axis");
	s.rank = x->shape.rank - q->axis;
	for (uint32_t i = 0; i < s.rank; i++)
		s.dims[i] = i ? 1 : (uint32_t)q->count;
	if (!onnx_make(c, &zero, ONNX_FLOAT, &s) ||
	    !onnx_make(c, &scale, ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0; i < q->count; i++) {
		onnx_set(&zero, i, q->zero[i], 0);
		onnx_set(&scale, i, (double)q->scale[i], 0);
	}
	return quant_pixel(c, x, 0, 1, &f) &&
	       onnx_binary(c, &f, &zero, &d, NN_SUB) &&
	       onnx_binary(c, &d, &scale, y, NN_MUL);
}

static bool dequantize(struct onnx_ctx *c, struct onnx_value *x,
		       const struct onnx_scales *q, struct onnx_value *y)
{
	const struct onnx_layout l = x->layout;
	const struct onnx_shape s = x->shape;
	struct graph_node *n = NULL;
	struct graph_value *v = NULL;

	if (x->quant.scale || (x->type != ONNX_INT8 && x->type != ONNX_UINT8 &&
			       !(onnx_const(x) && x->type == ONNX_INT32)))
		return onnx_refuse(c, "INT8, UINT8 and constant INT32 elements "
				      "are accepted");
	if (onnx_const(x)) {
		if (q->count > 1 &&
		    (q->axis >= s.rank || s.dims[q->axis] != q->count))
			return onnx_refuse(c, "its scales do not fit its axis");
		if (!onnx_alias(c, x, y, &s))
			return false;
		y->quant = *q;
		return true;
	}
	if (c->g->values[x->place].type == NN_UINT8)
		return quant_pixels(c, x, q, y);
	if (!quant_state(c, x->place, q, x->type == ONNX_UINT8))
		return false;
	n = onnx_emit(c, NN_DEQUANTIZE, &x->place, 1,
		      c->g->values[x->place].dims, c->g->values[x->place].rank);
	if (!n)
		return false;
	v = &c->g->values[n->out];
	v->type = NN_F32;
	free(v->quant.scale);
	free(v->quant.zero);
	memset(&v->quant, 0, sizeof(v->quant));
	return onnx_bind(c, y, n->out, &l, &s);
}

static bool quantize(struct onnx_ctx *c, struct onnx_value *x,
		     const struct onnx_scales *q, enum onnx_type type,
		     struct onnx_value *y)
{
	const struct onnx_layout l = x->layout;
	const struct onnx_shape s = x->shape;
	struct graph_node *n = NULL;

	if (type != ONNX_INT8 && type != ONNX_UINT8)
		return onnx_refuse(c, "INT8 and UINT8 outputs are accepted");
	if (!onnx_float(c, x))
		return false;
	n = onnx_emit(c, NN_QUANTIZE, &x->place, 1, c->g->values[x->place].dims,
		      c->g->values[x->place].rank);
	if (!n)
		return false;
	c->g->values[n->out].type = NN_INT8;
	y->type = type;
	return quant_state(c, n->out, q, type == ONNX_UINT8) &&
	       onnx_bind(c, y, n->out, &l, &s);
}

/* A constant as integers, rounded half to even as ONNX has it. */
static bool quantize_constant(struct onnx_ctx *c, const struct onnx_value *x,
			      const struct onnx_scales *q, enum onnx_type type,
			      struct onnx_value *y)
{
	double low = type == ONNX_UINT8 ? 0 : -128;

	if ((type != ONNX_INT8 && type != ONNX_UINT8) ||
	    (q->count > 1 && (q->axis >= x->shape.rank ||
			      x->shape.dims[q->axis] != q->count)) ||
	    !onnx_make(c, y, type, &x->shape))
		return onnx_refuse(c, "its scales do not fit, or its type is "
				      "not INT8 or UINT8");
	for (size_t i = 0, n = onnx_len(y); i < n; i++) {
		size_t inner =
			q->count > 1 ? onnx_stride(&x->shape, q->axis) : 1;
		size_t k = i / inner % q->count;
		double r = nearbyint(onnx_real(x, i) / (double)q->scale[k]) +
			   q->zero[k];

		onnx_set(y, i, 0, (int64_t)fmax(low, fmin(low + 255, r)));
	}
	return true;
}

static bool quant_axis(struct onnx_ctx *c, const struct onnx_value *x,
		       const struct onnx_value *scale, uint32_t *axis)
{
	*axis = 0;
	if (onnx_attr_int(c, "block_size", 0))
		return onnx_refuse(c, "block_size is not accepted");
	return onnx_len(scale) == 1 ||
	       onnx_axis(c, onnx_attr_int(c, "axis", 1), x->shape.rank, axis);
}

/* DequantizeLinear (arg 0), QuantizeLinear (1). */
static bool run_linear(struct onnx_ctx *c, int writes)
{
	struct onnx_value *x = onnx_need(c, 0), *scale = onnx_need(c, 1);
	struct onnx_value *zero = onnx_in(c, 2), *y = onnx_out(c, 0);
	struct onnx_scales q;
	uint32_t axis = 0;
	enum onnx_type type = ONNX_UINT8;

	if (!x || !scale || !quant_axis(c, x, scale, &axis) ||
	    !quant_scales(c, scale, zero, axis, &q))
		return false;
	if (!writes)
		return dequantize(c, x, &q, y);
	type = zero ? zero->type :
		      (enum onnx_type)onnx_attr_int(c, "output_dtype",
						    ONNX_UINT8);
	return onnx_const(x) ? quantize_constant(c, x, &q, type, y) :
			       quantize(c, x, &q, type, y);
}

/* Inputs i to i + 2: a tensor, its scale, its zero point. */
static bool qlinear_in(struct onnx_ctx *c, size_t i, uint32_t axis,
		       struct onnx_scales *q, struct onnx_value *out)
{
	struct onnx_value *x = onnx_need(c, i), *scale = onnx_need(c, i + 1);

	*out = onnx_temp();
	return x && scale &&
	       quant_scales(c, scale, onnx_in(c, i + 2), axis, q) &&
	       dequantize(c, x, q, out);
}

/* Inputs i and i + 1: scale and zero point of the output. */
static bool qlinear_out(struct onnx_ctx *c, size_t i, struct onnx_value *x)
{
	struct onnx_value *scale = onnx_need(c, i), *zero = onnx_in(c, i + 1);
	struct onnx_scales q;

	return scale && quant_scales(c, scale, zero, 0, &q) &&
	       quantize(c, x, &q, zero ? zero->type : ONNX_UINT8,
			onnx_out(c, 0));
}

/* The bias of QLinearConv: of scale x * w. */
static bool qlinear_bias(struct onnx_ctx *c, const struct onnx_scales *x,
			 const struct onnx_scales *w, struct onnx_value *out)
{
	struct onnx_value *b = onnx_in(c, 8);
	float *s = onnx_alloc(&c->m.pool, w->count, sizeof(*s));
	int32_t *z = onnx_alloc(&c->m.pool, w->count, sizeof(*z));

	*out = onnx_temp();
	if (!onnx_const(b) || b->type != ONNX_INT32 || !s || !z)
		return onnx_refuse(c, "its bias must be INT32 constants");
	for (size_t i = 0; i < w->count; i++)
		s[i] = x->scale[0] * w->scale[i];
	*out = *b;
	out->quant = (struct onnx_scales){ s, z, w->count, 0 };
	return w->count == 1 || w->count == onnx_len(b) ||
	       onnx_refuse(c, "its bias does not fit its weights");
}

static bool run_qlinear_conv(struct onnx_ctx *c, int arg)
{
	struct onnx_value x, w, bias, y = onnx_temp();
	struct onnx_scales qx, qw;
	bool biased = onnx_in(c, 8);

	(void)arg;
	return qlinear_in(c, 0, 0, &qx, &x) && qlinear_in(c, 3, 0, &qw, &w) &&
	       (!biased || qlinear_bias(c, &qx, &qw, &bias)) &&
	       onnx_conv(c, &x, &w, biased ? &bias : NULL, &y) &&
	       qlinear_out(c, 6, &y);
}

static bool quant_matmul(struct onnx_ctx *c, struct onnx_value *a,
			 struct onnx_value *b, struct onnx_value *y)
{
	if (onnx_const(b) && !onnx_const(a) && b->shape.rank == 2 &&
	    a->shape.rank &&
	    a->shape.dims[a->shape.rank - 1] == b->shape.dims[0])
		return onnx_dense(c, a, b, NULL, y, false);
	return onnx_matmul(c, a, b, y);
}

static bool run_qlinear_matmul(struct onnx_ctx *c, int arg)
{
	struct onnx_value a, b, y = onnx_temp();
	struct onnx_scales qa, qb;

	(void)arg;
	return qlinear_in(c, 0, 0, &qa, &a) && qlinear_in(c, 3, 1, &qb, &b) &&
	       quant_matmul(c, &a, &b, &y) && qlinear_out(c, 6, &y);
}

static bool run_qlinear_binary(struct onnx_ctx *c, int variant)
{
	struct onnx_value a, b, y = onnx_temp();
	struct onnx_scales qa, qb;

	return qlinear_in(c, 0, 0, &qa, &a) && qlinear_in(c, 3, 0, &qb, &b) &&
	       onnx_binary(c, &a, &b, &y, (enum nn_binary)variant) &&
	       qlinear_out(c, 6, &y);
}

/* ---- Dynamic quantisation: f32, but for weights of 8 bits. */

/* Input i less its zero point, input `at`, as real numbers. */
static bool integer_in(struct onnx_ctx *c, size_t i, size_t at, uint32_t axis,
		       struct onnx_value *out)
{
	struct onnx_value *x = onnx_need(c, i), *zero = onnx_in(c, at);
	struct onnx_shape s = { .rank = 0 };
	struct onnx_value one = onnx_temp();
	struct onnx_scales q;

	*out = onnx_temp();
	if (!x)
		return false;
	/* what DynamicQuantizeLinear has left as it is */
	if (!onnx_const(x) && x->type == ONNX_FLOAT)
		return onnx_alias(c, x, out, &x->shape);
	if (zero)
		s = zero->shape;
	if (!onnx_make(c, &one, ONNX_FLOAT, &s))
		return false;
	for (size_t k = 0; k < onnx_len(&one); k++)
		onnx_set(&one, k, 1, 0);
	return quant_scales(c, &one, zero, axis, &q) &&
	       dequantize(c, x, &q, out);
}

/* MatMulInteger (arg 0), ConvInteger (1): sums of f32 instead of INT32. */
static bool run_integer(struct onnx_ctx *c, int conv)
{
	const struct onnx_value *w = onnx_need(c, 1);
	struct onnx_value a, b, *y = onnx_out(c, 0);
	uint32_t axis = w && !conv && w->shape.rank ? w->shape.rank - 1 : 0;

	return w && integer_in(c, 0, 2, 0, &a) &&
	       integer_in(c, 1, 3, axis, &b) &&
	       (conv ? onnx_conv(c, &a, &b, NULL, y) :
		       quant_matmul(c, &a, &b, y));
}

/*
 * DynamicQuantizeLinear: scale 1, zero point 0, and numbers that nobody has
 * rounded. What it is followed by computes the same, without that error.
 */
static bool run_dynamic(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y[3];
	const struct onnx_shape number = { .rank = 0 };

	(void)arg;
	for (size_t i = 0; i < 3; i++) {
		y[i] = onnx_out(c, i);
		if (!y[i])
			return onnx_refuse(c, "output %zu has no name", i);
		for (size_t k = 0; k < c->m.output_count; k++) {
			if (&c->m.values[c->m.outputs[k]] == y[i])
				return onnx_refuse(c, "its 8-bit numbers leave "
						      "the network; only "
						      "operators may read "
						      "them");
		}
	}
	if (!x || !onnx_float(c, x) ||
	    !onnx_make(c, y[1], ONNX_FLOAT, &number) ||
	    !onnx_make(c, y[2], ONNX_UINT8, &number))
		return false;
	onnx_set(y[1], 0, 1, 0);
	return onnx_alias(c, x, y[0], &x->shape);
}

const struct onnx_op onnx_ops_quant[] = {
	{ "DequantizeLinear", run_linear, 0 },
	{ "QuantizeLinear", run_linear, 1 },
	{ "QLinearConv", run_qlinear_conv, 0 },
	{ "QLinearMatMul", run_qlinear_matmul, 0 },
	{ "MatMulInteger", run_integer, 0 },
	{ "ConvInteger", run_integer, 1 },
	{ "DynamicQuantizeLinear", run_dynamic, 0 },
	{ "QLinearAdd", run_qlinear_binary, NN_ADD },
	{ "QLinearMul", run_qlinear_binary, NN_MUL },
	{ NULL, NULL, 0 },
};
