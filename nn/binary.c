/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic of two operands, element by element. A dimension of one element
 * serves all elements of the other operand's. The left operand is a tensor; the
 * right one is a tensor, or the node's parameters.
 *
 * int8 is computed as TFLite computes it, in integers.
 */
#include "math.h"
#include "rules.h"
#include "scale.h"
#include "walk.h"

#define ADD_BITS 20 /* that TFLite adds before it rounds */

/* The right operand: a tensor of these dimensions. */
static struct nn_tensor right_shape(const struct nn_at *at)
{
	struct nn_tensor t = *at->out;

	if (!at->node->binary.has_constant)
		return *at->in[1];
	for (uint32_t d = 0; d < NN_RANK_MAX; d++) {
		if (!(at->node->binary.axes >> d & 1))
			t.dims[d] = 1;
	}
	return t;
}

static bool shapes_allowed(const struct nn_at *at)
{
	const struct nn_tensor *left = at->in[0];
	const struct nn_tensor right = right_shape(at);

	if (left->rank != at->out->rank || right.rank != at->out->rank)
		return false;
	for (uint32_t d = 0; d < at->out->rank; d++) {
		const uint32_t n = at->out->dims[d];

		if ((left->dims[d] != n && left->dims[d] != 1) ||
		    (right.dims[d] != n && right.dims[d] != 1) ||
		    (left->dims[d] != n && right.dims[d] != n))
			return false;
	}
	return true;
}

static bool no_scale(const struct nn_scale *s)
{
	return !s->multiplier && !s->shift;
}

/* Of a sum: below 1. */
static bool factor_allowed(const struct nn_scale *s)
{
	return nn_scale_allowed(s) && s->shift <= 0;
}

static bool scales_allowed(const struct nn_node *node)
{
	const struct nn_scale *s = node->binary.scale;

	switch (node->variant) {
	case NN_ADD:
	case NN_SUB:
		return factor_allowed(&s[0]) && factor_allowed(&s[1]) &&
		       factor_allowed(&s[2]);
	case NN_MUL:
		return no_scale(&s[0]) && no_scale(&s[1]) &&
		       nn_scale_allowed(&s[2]);
	default:
		return false;
	}
}

static bool types_allowed(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const uint8_t type = at->out->type;

	for (uint32_t s = 0; s < node->sources; s++) {
		if (at->in[s]->type != type)
			return false;
	}
	if (type == NN_INT8)
		return !node->binary.has_constant && scales_allowed(node);
	return type == NN_F32 &&
	       nn_unused_zero(node, sizeof(node->binary) -
					    sizeof(node->binary.scale));
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const uint32_t constant = node->binary.has_constant;

	if (constant > 1 || node->sources != 2 - constant ||
	    node->variant < 1 || node->variant >= NN_BINARIES ||
	    !nn_unused_zero(node, sizeof(node->binary)))
		return false;
	if (node->binary.axes >> (constant ? at->out->rank : 0))
		return false;
	return types_allowed(at) && shapes_allowed(at) &&
	       nn_clamp_allowed(&node->binary.clamp, at->out->type);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out) * 2;
}

static uint64_t constants(const struct nn_at *at)
{
	const struct nn_tensor right = right_shape(at);

	return at->node->binary.has_constant ? nn_elements(&right) : 0;
}

static uint64_t params(const struct nn_at *at)
{
	return nn_params_bytes(constants(at) * sizeof(float));
}

static bool values(const struct nn_at *at, const void *from)
{
	return nn_floats_allowed(from, constants(at));
}

/* A row of outputs: of n elements on the left and right, or of one. */
struct row {
	const struct nn_at *at;
	const void *left;
	const void *right;
	void *out;
	size_t n;
	bool one_left;
	bool one_right;
};

static inline nn_floats binary(uint8_t variant, nn_floats a, nn_floats b)
{
	switch (variant) {
	case NN_ADD:
		return a + b;
	case NN_SUB:
		return a - b;
	case NN_MUL:
		return a * b;
	case NN_DIV:
		return a / b;
	case NN_MIN:
		return nn_min(a, b);
	case NN_MAX:
		return nn_max(a, b);
	case NN_POW:
		return nn_pow(a, b);
	case NN_SUB_FROM:
		return b - a;
	default: /* NN_DIV_INTO */
		return b / a;
	}
}

/* Up to NN_LANES elements from i on. a, b: of an operand that has one */
static inline __attribute__((always_inline)) void
some_f32(uint8_t variant, const struct row *r, const union nn_clamp *clamp,
	 nn_floats a, nn_floats b, size_t i, size_t count)
{
	if (!r->one_left)
		a = nn_load(NN_F32, r->left, i);
	if (!r->one_right)
		b = nn_load(NN_F32, r->right, i);
	nn_store(NN_F32, r->out, i,
		 nn_limit(binary(variant, a, b), clamp->f32[0], clamp->f32[1]),
		 count);
}

static inline __attribute__((always_inline)) void row_f32(uint8_t variant,
							  const struct row *r)
{
	const union nn_clamp clamp = r->at->node->binary.clamp;
	const nn_floats a = nn_splat(*(const float *)r->left);
	const nn_floats b = nn_splat(*(const float *)r->right);
	size_t i = 0;

	for (; r->n - i >= NN_LANES; i += NN_LANES)
		some_f32(variant, r, &clamp, a, b, i, NN_LANES);
	if (i < r->n)
		some_f32(variant, r, &clamp, a, b, i, r->n - i);
}

/* One loop for each variant. */
static void run_row_f32(const struct row *r)
{
	switch (r->at->node->variant) {
	case NN_ADD:
		row_f32(NN_ADD, r);
		break;
	case NN_SUB:
		row_f32(NN_SUB, r);
		break;
	case NN_MUL:
		row_f32(NN_MUL, r);
		break;
	case NN_DIV:
		row_f32(NN_DIV, r);
		break;
	default:
		row_f32(r->at->node->variant, r);
	}
}

static inline nn_ints binary_int8(uint8_t variant, const struct nn_scales *s,
				  nn_ints a, nn_ints b)
{
	if (variant == NN_MUL)
		return nn_scale_four(a * b, &s[2]);
	a = nn_scale_down(a, &s[0]);
	b = nn_scale_down(b, &s[1]);
	return nn_scale_down(variant == NN_ADD ? a + b : a - b, &s[2]);
}

/* Eight numbers without their zero point; of a sum, with ADD_BITS. */
static inline void load_int8(uint8_t variant, const void *from, nn_bytes zero,
			     nn_ints y[2])
{
	const nn_shorts none = { 0 };
	nn_bytes bytes = { 0 };
	nn_shorts x = { 0 };

	memcpy(&bytes, from, sizeof(bytes));
	x = nn_difference(bytes, zero);
	if (variant == NN_MUL) {
		y[0] = nn_widen_first(x);
		y[1] = nn_widen_last(x);
		return;
	}
	x <<= ADD_BITS - 16; /* it becomes the upper half */
	y[0] = (nn_ints)__builtin_shufflevector(none, x, 0, 8, 1, 9, 2, 10, 3,
						11);
	y[1] = (nn_ints)__builtin_shufflevector(none, x, 4, 12, 5, 13, 6, 14, 7,
						15);
}

static inline __attribute__((always_inline)) void row_int8(uint8_t variant,
							   const struct row *r)
{
	const struct nn_at *at = r->at;
	const nn_bytes zeros[2] = { (nn_bytes){ 0 } + at->in[0]->zero,
				    (nn_bytes){ 0 } + at->in[1]->zero };
	const nn_shorts zero = (nn_shorts){ 0 } + at->out->zero;
	const struct nn_scale *scale = at->node->binary.scale;
	const struct nn_scales s[3] = { nn_scales_all(scale[0]),
					nn_scales_all(scale[1]),
					nn_scales_all(scale[2]) };
	const nn_bytes all[2] = { (nn_bytes){ 0 } + *(const int8_t *)r->left,
				  (nn_bytes){ 0 } + *(const int8_t *)r->right };
	const int8_t *left = r->one_left ? (const void *)&all[0] : r->left;
	const int8_t *right = r->one_right ? (const void *)&all[1] : r->right;
	const size_t step[2] = { r->one_left ? 0 : sizeof(nn_bytes),
				 r->one_right ? 0 : sizeof(nn_bytes) };
	uint8_t *out = r->out;

	for (size_t n = r->n; n; n -= sizeof(nn_bytes)) {
		nn_ints a[2], b[2];
		nn_bytes y = { 0 };

		load_int8(variant, left, zeros[0], a);
		load_int8(variant, right, zeros[1], b);
		y = nn_narrow(binary_int8(variant, s, a[0], b[0]),
			      binary_int8(variant, s, a[1], b[1]), zero);
		nn_store_bytes(out, y, n);
		if (n < sizeof(y))
			break;
		left += step[0];
		right += step[1];
		out += sizeof(y);
	}
}

static void run_row(const struct row *r)
{
	if (r->at->out->type == NN_F32)
		run_row_f32(r);
	else if (r->at->node->variant == NN_ADD)
		row_int8(NN_ADD, r);
	else if (r->at->node->variant == NN_SUB)
		row_int8(NN_SUB, r);
	else
		row_int8(NN_MUL, r);
}

/* Element `i` of a tensor of the type `type`. */
static inline const void *element(const void *base, uint8_t type, size_t i)
{
	return (const uint8_t *)base + i * nn_type_size(type);
}

/* One sample. */
static void run_rows(const struct nn_call *call, struct nn_walk *w,
		     const void *left, const void *right, void *out)
{
	const uint8_t type = call->at.out->type;
	const size_t inner = w->rank - 1;
	const size_t n = w->dims[inner];
	size_t to = 0;

	do {
		const struct row r = {
			.at = &call->at,
			.left = element(left, type, w->at[0]),
			.right = element(right, type, w->at[1]),
			.out = (uint8_t *)out + to * nn_type_size(type),
			.n = n,
			.one_left = !w->stride[0][inner],
			.one_right = !w->stride[1][inner],
		};

		run_row(&r);
		to += n;
	} while (nn_walk_next(w, inner));
}

static void run(const struct nn_call *call)
{
	const struct nn_tensor *out = call->at.out;
	const struct nn_tensor *left = call->at.in[0];
	const struct nn_tensor right = right_shape(&call->at);
	const bool constant = call->at.node->binary.has_constant;
	struct nn_walk w = nn_walk_start();
	size_t strides[2][NN_RANK_MAX];

	nn_broadcast_strides(left, strides[0]);
	nn_broadcast_strides(&right, strides[1]);
	for (size_t d = 0; d < NN_RANK_MAX; d++)
		nn_walk_add(&w, out->dims[d], strides[0][d], strides[1][d]);
	for (size_t b = 0; b < call->batch; b++)
		run_rows(call, &w,
			 element(call->in[0], out->type, b * nn_elements(left)),
			 constant ? call->params :
				    element(call->in[1], out->type,
					    b * nn_elements(&right)),
			 (uint8_t *)call->out +
				 b * nn_elements(out) *
					 nn_type_size(out->type));
	if (out->type == NN_INT8)
		nn_clamp_bytes(call->out, call->batch * nn_elements(out),
			       call->at.node->binary.clamp.int8);
}

const struct nn_operator nn_op_binary = {
	.check = check,
	.macs = macs,
	.params = params,
	.values = values,
	.run = run,
	.in_place = true,
};
