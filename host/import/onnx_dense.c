/* SPDX-License-Identifier: Apache-2.0 */
/* Gemm and MatMul. */
#include <math.h>
#include <string.h>

#include "onnx_read.h"

/*
 * Weights as (m, k), with the k in the order in which the input stores them:
 * Flatten after a convolution costs nothing this way.
 */
static bool dense_weights(struct onnx_ctx *c, const struct onnx_value *w,
			  uint32_t k, uint32_t m, bool turned,
			  const struct onnx_layout *last, int32_t *place)
{
	struct onnx_shape s = { .rank = last->n + 1 };
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	struct graph_value *g = NULL;

	if (s.rank > GRAPH_RANK_MAX)
		return onnx_refuse(c, "its input lies in too many pieces");
	order[0] = (uint8_t)(turned ? 0 : last->n);
	s.dims[order[0]] = m;
	for (uint32_t i = 0; i < last->n; i++) {
		uint8_t at = turned;

		for (uint32_t j = 0; j < last->n; j++)
			at = (uint8_t)(at +
				       (last->stride[j] > last->stride[i]));
		order[i + 1] = at;
		s.dims[at] = last->size[i];
	}
	if (!onnx_constant(c, w, &s, order, s.rank, place))
		return false;
	g = &c->g->values[*place];
	if (g->quant.count > 1 && g->quant.axis)
		return onnx_refuse(c, "its weights have a scale for each "
				      "input; one for each output is accepted");
	g->rank = 2;
	g->dims[0] = m;
	g->dims[1] = k;
	return true;
}

/* A bias of m elements, or of one that is repeated. */
static bool dense_bias(struct onnx_ctx *c, const struct onnx_value *bias,
		       uint32_t m, int32_t *place)
{
	const struct onnx_shape s = { .rank = 1, .dims = { m } };
	static const uint8_t order[1] = { 0 };
	struct onnx_value all = onnx_temp();
	const int64_t none[1] = { 0 };

	*place = GRAPH_NONE;
	if (!bias)
		return true;
	if (onnx_len(bias) == m)
		return onnx_constant(c, bias, &s, order, 1, place);
	return onnx_fold_copy(c, bias, &all, &s, 0, none) &&
	       onnx_constant(c, &all, &s, order, 1, place);
}

/* The result's shape: x's with m instead of k. */
static struct onnx_shape dense_shape(const struct onnx_value *x, uint32_t m)
{
	struct onnx_shape s = x->shape;

	s.dims[s.rank - 1] = m;
	return s;
}

/* Rows go through a convolution of 1 x 1, one row through a dense layer. */
static struct graph_node *dense_emit(struct onnx_ctx *c, const int32_t *in,
				     uint32_t rows, uint32_t k, uint32_t m)
{
	uint32_t dims[3] = { 1, rows, k };
	struct graph_value *w = &c->g->values[in[1]];
	struct graph_node *n = NULL;
	int32_t from[3] = { 0, in[1], in[2] };

	if (rows == 1) {
		if (!onnx_reshape(c, in[0], &k, 1, &from[0]))
			return NULL;
		n = onnx_emit(c, NN_CONV, from, 3, &m, 1);
	} else {
		w->rank = 4;
		w->dims[1] = w->dims[2] = 1;
		w->dims[3] = k;
		if (!onnx_reshape(c, in[0], dims, 3, &from[0]))
			return NULL;
		dims[2] = m;
		n = onnx_emit(c, NN_CONV, from, 3, dims, 3);
	}
	if (n) {
		n->window = (struct nn_window){ .kernel = { 1, 1 },
						.stride = { 1, 1 },
						.dilation = { 1, 1 } };
		n->groups = 1;
	}
	return n;
}

bool onnx_dense(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *w,
		struct onnx_value *bias, struct onnx_value *y, bool turned)
{
	uint32_t k = x->shape.dims[x->shape.rank - 1];
	uint32_t m = onnx_total(&w->shape) / k;
	struct onnx_shape out = dense_shape(x, m);
	struct onnx_layout rows, last, layout = { .n = 0 };
	struct graph_node *n = NULL;
	int32_t in[3] = { 0, 0, 0 };
	size_t count = 0;

	if (!m || !onnx_count(&out, &count))
		return onnx_refuse(c, "its output is empty or too large");
	if (!onnx_float(c, x) ||
	    !onnx_take_last(c, x, k, 1, &in[0], &rows, &last) ||
	    !dense_weights(c, w, k, m, turned, &last, &in[1]) ||
	    !dense_bias(c, bias, m, &in[2]))
		return false;
	n = dense_emit(c, in, onnx_total(&x->shape) / k, k, m);
	if (!n)
		return false;
	for (uint32_t i = 0; i < rows.n; i++)
		onnx_layout_add(&layout, rows.size[i], rows.stride[i] / k * m);
	onnx_layout_add(&layout, m, 1);
	return onnx_bind(c, y, n->out, &layout, &out);
}

/* x with its last two dimensions exchanged. */
static bool dense_turn(struct onnx_ctx *c, struct onnx_value *x,
		       struct onnx_value *y)
{
	uint8_t from[GRAPH_RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	uint32_t r = x->shape.rank;
	struct onnx_shape s = x->shape;

	if (r < 2)
		return onnx_alias(c, x, y, &s);
	from[r - 1] = (uint8_t)(r - 2);
	from[r - 2] = (uint8_t)(r - 1);
	s.dims[r - 1] = x->shape.dims[r - 2];
	s.dims[r - 2] = x->shape.dims[r - 1];
	return onnx_alias(c, x, y, &s) && onnx_permute(c, x, from, &y->layout);
}

/* ---- Two computed matrices. */

/* x repeated along the dimensions before the last two. */
static bool matmul_expand(struct onnx_ctx *c, struct onnx_value *x,
			  const struct onnx_shape *batch, struct onnx_value *y)
{
	struct onnx_shape s = *batch, p = onnx_pad_rank(&x->shape, batch->rank);
	uint8_t order[GRAPH_RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct onnx_layout plain;
	struct graph_node *n = NULL;
	int32_t place = 0;

	s.dims[s.rank - 1] = p.dims[s.rank - 1];
	s.dims[s.rank - 2] = p.dims[s.rank - 2];
	if (!memcmp(&s, &p, sizeof(s))) {
		if (x->place == GRAPH_NONE &&
		    !onnx_take_order(c, x, &p, order, p.rank, &place))
			return false;
		return onnx_alias(c, x, y, &s);
	}
	plain = onnx_layout_plain(&s);
	if (!onnx_take_order(c, x, &p, order, p.rank, &place))
		return false;
	n = onnx_emit(c, NN_EXPAND, &place, 1, s.dims, s.rank);
	return n && onnx_bind(c, y, n->out, &plain, &s);
}

/* (batch, rows, columns), or stored as (batch, columns, rows): *turned. */
static bool matmul_place(struct onnx_ctx *c, struct onnx_value *x,
			 int32_t *place, bool *turned)
{
	static const uint8_t plain[3] = { 0, 1, 2 }, swapped[3] = { 0, 2, 1 };
	uint32_t rank = x->shape.rank;
	struct onnx_shape s = { .rank = 3 };
	struct onnx_layout l;
	bool flat = false;

	s.dims[1] = x->shape.dims[rank - 2];
	s.dims[2] = x->shape.dims[rank - 1];
	s.dims[0] = onnx_total(&x->shape) / s.dims[1] / s.dims[2];
	flat = s.dims[0] == 1;
	l = onnx_layout_of(&s, swapped, 3);
	*turned = l.n > 1 && l.n == x->layout.n &&
		  !memcmp(l.size, x->layout.size, l.n * sizeof(*l.size)) &&
		  !memcmp(l.stride, x->layout.stride, l.n * sizeof(*l.stride));
	return onnx_take_order(c, x, &s, (*turned ? swapped : plain) + flat,
			       3 - flat, place);
}

static bool matmul_batch(struct onnx_ctx *c, const struct onnx_shape *a,
			 const struct onnx_shape *b, struct onnx_shape *out)
{
	struct onnx_shape l = *a, r = *b;

	if (l.rank < 2 || r.rank < 2 ||
	    l.dims[l.rank - 1] != r.dims[r.rank - 2]) {
		onnx_misfit(c);
		return false;
	}
	l.dims[l.rank - 1] = r.dims[r.rank - 1];
	r.dims[r.rank - 2] = l.dims[l.rank - 2];
	return onnx_broadcast(c, &l, &r, out);
}

bool onnx_matmul(struct onnx_ctx *c, struct onnx_value *a, struct onnx_value *b,
		 struct onnx_value *y)
{
	struct onnx_value l = onnx_temp(), r = onnx_temp();
	struct onnx_shape s;
	struct onnx_layout plain;
	struct graph_node *n = NULL;
	bool turned[2] = { false, false };
	uint32_t dims[3] = { 0 };
	int32_t in[2] = { 0, 0 };
	bool flat = false;

	if (!onnx_float(c, a) || !onnx_float(c, b) ||
	    !matmul_batch(c, &a->shape, &b->shape, &s) ||
	    !matmul_expand(c, a, &s, &l) || !matmul_expand(c, b, &s, &r) ||
	    !matmul_place(c, &l, &in[0], &turned[0]) ||
	    !matmul_place(c, &r, &in[1], &turned[1]))
		return false;
	dims[1] = s.dims[s.rank - 2];
	dims[2] = s.dims[s.rank - 1];
	dims[0] = onnx_total(&s) / dims[1] / dims[2];
	flat = dims[0] == 1;
	n = onnx_emit(c, NN_MATMUL, in, 2, dims + flat, 3 - flat);
	if (!n)
		return false;
	n->transposed = turned[0] | (uint32_t)turned[1] << 1;
	plain = onnx_layout_plain(&s);
	return onnx_bind(c, y, n->out, &plain, &s);
}

/* ---- Operators. */

/* True if all dimensions of a constant but the last two are 1. */
static bool is_matrix(const struct onnx_value *w)
{
	uint64_t last = 1;

	for (uint32_t d = w->shape.rank > 2 ? w->shape.rank - 2 : 0;
	     d < w->shape.rank; d++)
		last *= w->shape.dims[d];
	return onnx_const(w) && w->shape.rank && onnx_len(w) &&
	       last == onnx_len(w);
}

/* constant * x = (x' * constant')' */
static bool matmul_left(struct onnx_ctx *c, struct onnx_value *w,
			struct onnx_value *x, struct onnx_value *y)
{
	struct onnx_value xt = onnx_temp(), yt = onnx_temp();

	if (w->shape.dims[w->shape.rank - 1] !=
	    x->shape.dims[x->shape.rank - 2])
		return onnx_misfit(c);
	return dense_turn(c, x, &xt) &&
	       onnx_dense(c, &xt, w, NULL, &yt, true) && dense_turn(c, &yt, y);
}

static bool run_matmul(struct onnx_ctx *c, int arg)
{
	struct onnx_value *a = onnx_need(c, 0), *b = onnx_need(c, 1);
	struct onnx_value *y = onnx_out(c, 0);
	uint32_t k = 0;

	(void)arg;
	if (!a || !b)
		return false;
	if (!a->shape.rank || !b->shape.rank)
		return onnx_refuse(c, "an input is a scalar");
	k = a->shape.dims[a->shape.rank - 1];
	if (!onnx_const(a) && is_matrix(b) &&
	    b->shape.rank <= (a->shape.rank > 2 ? a->shape.rank : 2) &&
	    b->shape.dims[b->shape.rank > 1 ? b->shape.rank - 2 : 0] == k) {
		if (!onnx_dense(c, a, b, NULL, y, false))
			return false;
		/* A vector on the right leaves no last dimension. */
		y->shape.rank -= b->shape.rank == 1;
		return true;
	}
	if (!onnx_const(b) && is_matrix(a) && a->shape.rank == 2 &&
	    b->shape.rank >= 2)
		return matmul_left(c, a, b, y);
	return onnx_matmul(c, a, b, y);
}

/* A bias that Gemm may take: constant, along the last dimension only. */
static bool gemm_bias(struct onnx_ctx *c, struct onnx_value *bias, float beta,
		      uint32_t m, struct onnx_value *out, bool *fits)
{
	*fits = onnx_const(bias) &&
		(onnx_len(bias) == 1 ||
		 (onnx_len(bias) == m &&
		  bias->shape.dims[bias->shape.rank - 1] == m));
	if (!*fits)
		return true;
	if (fabsf(beta - 1) < 1e-12f) {
		*out = *bias;
		return true;
	}
	if (!onnx_make(c, out, ONNX_FLOAT, &bias->shape))
		return false;
	for (size_t i = 0; i < onnx_len(bias); i++)
		onnx_set(out, i, onnx_real(bias, i) * (double)beta, 0);
	return true;
}

/* alpha times a constant. */
static bool gemm_scale(struct onnx_ctx *c, const struct onnx_value *w,
		       float alpha, struct onnx_value *out)
{
	*out = *w;
	if (fabsf(alpha - 1) < 1e-12f)
		return true;
	if (!onnx_make(c, out, ONNX_FLOAT, &w->shape))
		return false;
	for (size_t i = 0; i < onnx_len(w); i++)
		onnx_set(out, i, onnx_real(w, i) * (double)alpha, 0);
	return true;
}

/* y = beta * bias + product, where the bias is no dense layer's. */
static bool gemm_add(struct onnx_ctx *c, struct onnx_value *product,
		     struct onnx_value *bias, float beta, struct onnx_value *y)
{
	struct onnx_value factor, scaled = onnx_temp();

	if (fabsf(beta - 1) < 1e-12f)
		return onnx_binary(c, product, bias, y, NN_ADD);
	if (onnx_const(bias))
		return gemm_scale(c, bias, beta, &scaled) &&
		       onnx_binary(c, product, &scaled, y, NN_ADD);
	return onnx_scalar(c, beta, &factor) &&
	       onnx_binary(c, bias, &factor, &scaled, NN_MUL) &&
	       onnx_binary(c, product, &scaled, y, NN_ADD);
}

/* Both matrices computed, or the left one constant. */
static bool gemm_general(struct onnx_ctx *c, struct onnx_value *a,
			 struct onnx_value *b, float alpha,
			 struct onnx_value *y)
{
	struct onnx_value product = onnx_temp(), factor;

	if (fabsf(alpha - 1) < 1e-12f)
		return onnx_matmul(c, a, b, y);
	return onnx_matmul(c, a, b, &product) &&
	       onnx_scalar(c, alpha, &factor) &&
	       onnx_binary(c, &product, &factor, y, NN_MUL);
}

static bool run_gemm(struct onnx_ctx *c, int arg)
{
	struct onnx_value *a = onnx_need(c, 0), *b = onnx_need(c, 1);
	struct onnx_value *bias = onnx_in(c, 2), *y = onnx_out(c, 0);
	struct onnx_value at = onnx_temp(), w = at, added = at, product = at;
	float alpha = onnx_attr_float(c, "alpha", 1);
	float beta = onnx_attr_float(c, "beta", 1);
	bool turned = onnx_attr_int(c, "transB", 0) != 0, fits = false;
	uint32_t m = 0;

	(void)arg;
	if (!a || !b)
		return false;
	if (a->shape.rank != 2 || b->shape.rank != 2 || !isfinite(alpha) ||
	    !isfinite(beta))
		return onnx_refuse(c, "matrices of rank 2 and finite factors "
				      "are accepted");
	if (onnx_attr_int(c, "transA", 0)) {
		if (onnx_const(a))
			return onnx_refuse(c, "transA of a constant");
		if (!dense_turn(c, a, &at))
			return false;
		a = &at;
	}
	m = turned ? b->shape.dims[0] : b->shape.dims[1];
	if (a->shape.dims[1] != b->shape.dims[turned])
		return onnx_misfit(c);
	if (onnx_const(b) && !onnx_const(a)) {
		if (bias && !gemm_bias(c, bias, beta, m, &added, &fits))
			return false;
		if (!gemm_scale(c, b, alpha, &w) ||
		    !onnx_dense(c, a, &w, fits ? &added : NULL, &product,
				turned))
			return false;
	} else {
		w = *b;
		if (turned && (onnx_const(b) || !dense_turn(c, b, &w)))
			return onnx_refuse(c, "transB of this constant");
		if (!gemm_general(c, a, &w, alpha, &product))
			return false;
	}
	if (bias && !fits)
		return gemm_add(c, &product, bias, beta, y);
	return onnx_alias(c, &product, y, &product.shape);
}

const struct onnx_op onnx_ops_dense[] = {
	{ "Gemm", run_gemm, 0 },
	{ "MatMul", run_matmul, 0 },
	{ NULL, NULL, 0 },
};
