/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Softmax over the last dimension. int8: the exact value, rounded to 1/256, as
 * TFLite's fixed-point arithmetic gives it for the networks it was compared
 * with.
 */
#include "math.h"
#include "rules.h"

static bool check(const struct nn_at *at)
{
	const struct nn_tensor *in = at->in[0];
	const struct nn_tensor *out = at->out;

	if (at->node->sources != 1 || at->node->variant ||
	    !nn_unused_zero(at->node, 0))
		return false;
	if (!nn_is_activation(out) || in->type != out->type ||
	    !nn_same_shape(in, out))
		return false;
	return out->type == NN_F32 ||
	       (out->scale >= 0x1p-8f && out->scale <= 0x1p-8f &&
		out->zero == -128);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out) * 4;
}

/* x, and -infinity behind the end of the row: e^x is 0 there. */
static inline nn_floats load_row(uint8_t type, const void *in, size_t at,
				 size_t left)
{
	return nn_choose(nn_lanes(left), nn_load(type, in, at),
			 nn_splat(-NN_INFINITY));
}

/* A row of n elements from `at` on. int8 computes e^x twice: it has no room. */
static inline __attribute__((always_inline)) void softmax(uint8_t type,
							  const void *in,
							  void *out, size_t at,
							  size_t n, float scale)
{
	nn_floats max = nn_splat(-NN_INFINITY);
	nn_floats sum = { 0 };

	for (size_t i = 0; i < n; i += NN_LANES)
		max = nn_max(load_row(type, in, at + i, n - i), max);
	max = nn_max_lanes(max);
	for (size_t i = 0; i < n; i += NN_LANES) {
		nn_floats x = load_row(type, in, at + i, n - i) - max;
		nn_floats e = nn_exp(x * scale);

		sum += e;
		if (type == NN_F32)
			nn_store(type, out, at + i, e, n - i);
	}
	sum = nn_sum_lanes(sum);
	for (size_t i = 0; i < n; i += NN_LANES) {
		nn_floats x = nn_load(type, type == NN_F32 ? out : in, at + i);

		if (type == NN_F32)
			x = x / sum;
		else
			x = nn_to_int8(nn_exp((x - max) * scale) / sum * 256.0f,
				       -128);
		nn_store(type, out, at + i, x, n - i);
	}
}

static void run(const struct nn_call *call)
{
	const struct nn_tensor *t = call->at.out;
	const size_t n = t->dims[t->rank - 1];
	const size_t all = call->batch * nn_elements(t);

	for (size_t at = 0; at < all; at += n) {
		if (t->type == NN_F32)
			softmax(NN_F32, call->in[0], call->out, at, n, 1);
		else
			softmax(NN_INT8, call->in[0], call->out, at, n,
				call->at.in[0]->scale);
	}
}

const struct nn_operator nn_op_softmax = {
	.check = check,
	.macs = macs,
	.run = run,
	.in_place = true,
};
