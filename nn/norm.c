/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layer norm and RMS norm over the last dimension, of n elements. Parameters:
 * gain (n) and offset (n), each if it is there, each padded to a unit.
 */
#include "math.h"
#include "rules.h"

enum {
	GAIN = 1,
	OFFSET = 2,
};

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	if (node->sources != 1 || node->variant < 1 ||
	    node->variant >= NN_NORMS ||
	    !nn_unused_zero(node, sizeof(node->norm)))
		return false;
	return at->in[0]->type == NN_F32 && at->out->type == NN_F32 &&
	       nn_same_shape(at->in[0], at->out) &&
	       nn_is_finite(node->norm.epsilon) && node->norm.epsilon >= 0 &&
	       node->norm.constants <= (GAIN | OFFSET);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out) * 4;
}

static size_t row_bytes(const struct nn_at *at)
{
	return at->out->dims[at->out->rank - 1] * sizeof(float);
}

static uint64_t params(const struct nn_at *at)
{
	const uint32_t constants = at->node->norm.constants;

	return ((constants & GAIN) + (constants & OFFSET) / OFFSET) *
	       nn_params_bytes(row_bytes(at));
}

static bool values(const struct nn_at *at, const void *from)
{
	const uint64_t step = nn_params_bytes(row_bytes(at)) / sizeof(float);
	bool allowed = true;

	for (uint64_t i = 0; i < params(at) / sizeof(float); i += step)
		allowed &= nn_floats_allowed((const float *)from + i,
					     row_bytes(at) / sizeof(float));
	return allowed;
}

/* The mean of (x - middle)^power in each lane, power 1 or 2. */
static inline nn_floats moment(const float *x, size_t n, nn_floats middle,
			       int power)
{
	nn_floats sum = { 0 };

	for (size_t i = 0; i < n; i += NN_LANES) {
		nn_floats v = nn_load(NN_F32, x, i) - middle;

		if (power == 2)
			v = v * v;
		sum += nn_choose(nn_lanes(n - i), v, nn_splat(0));
	}
	return nn_sum_lanes(sum) / (float)n;
}

static void run(const struct nn_call *call)
{
	const struct nn_node *node = call->at.node;
	const uint32_t constants = node->norm.constants;
	const size_t n = row_bytes(&call->at) / sizeof(float);
	const size_t all = call->batch * nn_elements(call->at.out);
	const float *gain = call->params;
	const float *offset = gain;

	if (constants & GAIN)
		offset += nn_params_bytes(row_bytes(&call->at)) / sizeof(float);
	for (size_t at = 0; at < all; at += n) {
		const float *x = (const float *)call->in[0] + at;
		nn_floats mean = { 0 };
		nn_floats deviation = { 0 };

		if (node->variant == NN_LAYER_NORM)
			mean = moment(x, n, mean, 1);
		deviation = nn_sqrt(moment(x, n, mean, 2) + node->norm.epsilon);
		for (size_t i = 0; i < n; i += NN_LANES) {
			nn_floats y =
				(nn_load(NN_F32, x, i) - mean) / deviation;

			if (constants & GAIN)
				y *= nn_load(NN_F32, gain, i);
			if (constants & OFFSET)
				y += nn_load(NN_F32, offset, i);
			nn_store(NN_F32, call->out, at + i, y, n - i);
		}
	}
}

const struct nn_operator nn_op_norm = {
	.check = check,
	.macs = macs,
	.params = params,
	.values = values,
	.run = run,
	.in_place = true,
};
