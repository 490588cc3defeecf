/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function of each element. int8: of the number that is meant, rounded to
 * what the output can store. A table would be faster, and its addresses would
 * be the activations.
 */
#include "math.h"
#include "rules.h"

static bool operands_allowed(const struct nn_node *node)
{
	const float alpha = node->unary.alpha;
	const float beta = node->unary.beta;

	switch (node->variant) {
	case NN_CLAMP:
		return nn_clamp_allowed(
			&(const union nn_clamp){ .f32 = { alpha, beta } },
			NN_F32);
	case NN_HARD_SIGMOID:
		return nn_is_finite(alpha) && nn_is_finite(beta);
	case NN_LEAKY_RELU:
	case NN_ELU:
		return nn_is_finite(alpha) &&
		       nn_unused_zero(node, sizeof(alpha));
	default:
		return nn_unused_zero(node, 0);
	}
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	return node->sources == 1 && node->variant >= 1 &&
	       node->variant < NN_UNARIES &&
	       nn_unused_zero(node, sizeof(node->unary)) &&
	       operands_allowed(node) && nn_is_activation(at->out) &&
	       at->in[0]->type == at->out->type &&
	       nn_same_shape(at->in[0], at->out);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out) * 2;
}

static inline nn_floats hard_sigmoid(nn_floats x, float alpha, float beta)
{
	return nn_limit(x * alpha + beta, 0, 1);
}

static inline nn_floats gelu_tanh(nn_floats x)
{
	const float twice_sqrt_2_by_pi = 0x1.988454p0f;

	return x * nn_sigmoid((x + x * x * x * 0.044715f) * twice_sqrt_2_by_pi);
}

static inline nn_floats unary(uint8_t variant, nn_floats x, float alpha,
			      float beta)
{
	switch (variant) {
	case NN_CLAMP:
		return nn_limit(x, alpha, beta);
	case NN_LEAKY_RELU:
		return nn_choose(x < 0.0f, x * alpha, x);
	case NN_ELU:
		return nn_choose(x < 0.0f, nn_exp_minus_1(x) * alpha, x);
	case NN_SIGMOID:
		return nn_sigmoid(x);
	case NN_HARD_SIGMOID:
		return hard_sigmoid(x, alpha, beta);
	case NN_HARD_SWISH:
		return x * hard_sigmoid(x, 1.0f / 6, 0.5f);
	case NN_TANH:
		return nn_tanh(x);
	case NN_GELU:
		return x * 0.5f * (1.0f + nn_erf(x * 0x1.6a09e6p-1f));
	case NN_GELU_TANH:
		return gelu_tanh(x);
	case NN_ERF:
		return nn_erf(x);
	case NN_EXP:
		return nn_exp(x);
	case NN_LOG:
		return nn_log(x);
	case NN_SQRT:
		return nn_sqrt(x);
	case NN_RECIPROCAL:
		return 1.0f / x;
	case NN_NEGATE:
		return -x;
	case NN_ABS:
		return nn_abs(x);
	default: /* NN_SOFTPLUS */
		return nn_softplus(x);
	}
}

static inline __attribute__((always_inline)) void
run_type(const struct nn_call *call, uint8_t type)
{
	const struct nn_node *node = call->at.node;
	/* Copies, or the compiler would load them again behind each store. */
	const struct nn_tensor in = *call->at.in[0];
	const struct nn_tensor out = *call->at.out;
	const size_t n = call->batch * nn_elements(&out);

	for (size_t i = 0; i < n; i += NN_LANES) {
		nn_floats x = nn_load(type, call->in[0], i);

		if (type == NN_INT8)
			x = (x - in.zero) * in.scale;
		x = unary(node->variant, x, node->unary.alpha,
			  node->unary.beta);
		if (type == NN_INT8)
			x = nn_to_int8(x / out.scale, out.zero);
		nn_store(type, call->out, i, x, n - i);
	}
}

static void run(const struct nn_call *call)
{
	if (call->at.out->type == NN_F32)
		run_type(call, NN_F32);
	else
		run_type(call, NN_INT8);
}

const struct nn_operator nn_op_unary = {
	.check = check,
	.macs = macs,
	.run = run,
	.in_place = true,
};
