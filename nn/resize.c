/* SPDX-License-Identifier: Apache-2.0 */
/*
 * (height, width, channels) in another size. The coordinate of an output in the
 * input is limited to the input. NN_NEAREST takes the element at or before it:
 * who wants another rounding adds to `offset`. int8: linear weights apply to
 * what is stored, and the result is rounded half to even.
 *
 * Coordinates are in double, in which their products are exact: a fused
 * addition changes nothing.
 */
#include "math.h"
#include "rules.h"

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	bool finite = true;

	for (size_t a = 0; a < 2; a++)
		finite &= nn_is_finite(node->resize.scale[a]) &&
			  nn_is_finite(node->resize.offset[a]);
	return node->sources == 1 && node->variant >= 1 &&
	       node->variant < NN_RESIZES &&
	       nn_unused_zero(node, sizeof(node->resize)) && finite &&
	       nn_is_activation(at->out) && nn_same_type(at->in[0], at->out) &&
	       at->in[0]->rank == 3 && at->out->rank == 3 &&
	       at->in[0]->dims[2] == at->out->dims[2];
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->in[0]) + nn_elements(at->out) * 4;
}

/* Two neighbours in the input, and the weight of the second one. */
struct between {
	size_t at[2];
	float weight;
};

static struct between between(const struct nn_at *at, size_t axis, uint32_t o)
{
	const double last = at->in[0]->dims[axis] - 1;
	double x = (double)o * at->node->resize.scale[axis] +
		   at->node->resize.offset[axis];
	uint32_t first;

	x = x > 0 ? x : 0;
	x = x < last ? x : last;
	first = (uint32_t)x;
	return (struct between){
		.at = { first, first < last ? first + 1 : first },
		.weight = (float)(x - first),
	};
}

static inline nn_floats mixed(nn_floats a, nn_floats b, float weight)
{
	return a * (1.0f - weight) + b * weight;
}

/* All channels of an output. rows: the first elements of two rows. */
static inline __attribute__((always_inline)) void
resize_pixel(const struct nn_call *call, uint8_t type, const size_t rows[2],
	     float row_weight, const struct between *x, size_t to)
{
	const size_t channels = call->at.out->dims[2];
	const bool linear = call->at.node->variant == NN_LINEAR;

	for (size_t c = 0; c < channels; c += NN_LANES) {
		nn_floats y[2] = { 0 };

		for (size_t r = 0; r < (linear ? 2 : 1); r++) {
			const size_t at = rows[r] + c;

			y[r] = nn_load(type, call->in[0],
				       at + x->at[0] * channels);
			if (linear)
				y[r] = mixed(y[r],
					     nn_load(type, call->in[0],
						     at + x->at[1] * channels),
					     x->weight);
		}
		if (linear)
			y[0] = mixed(y[0], y[1], row_weight);
		if (linear && type == NN_INT8)
			y[0] = nn_to_int8(y[0], 0);
		nn_store(type, call->out, to + c, y[0], channels - c);
	}
}

static inline __attribute__((always_inline)) void
resize(const struct nn_call *call, uint8_t type, size_t sample)
{
	const uint32_t *in = call->at.in[0]->dims;
	const uint32_t *out = call->at.out->dims;
	size_t to = sample * nn_elements(call->at.out);

	for (uint32_t i = 0; i < out[0]; i++) {
		const struct between y = between(&call->at, 0, i);
		const size_t first = sample * in[0];
		const size_t row = (size_t)in[1] * in[2];
		const size_t rows[2] = { (first + y.at[0]) * row,
					 (first + y.at[1]) * row };

		for (uint32_t j = 0; j < out[1]; j++, to += out[2]) {
			const struct between x = between(&call->at, 1, j);

			resize_pixel(call, type, rows, y.weight, &x, to);
		}
	}
}

static void run(const struct nn_call *call)
{
	for (size_t b = 0; b < call->batch; b++) {
		if (call->at.out->type == NN_F32)
			resize(call, NN_F32, b);
		else
			resize(call, NN_INT8, b);
	}
}

const struct nn_operator nn_op_resize = {
	.check = check,
	.macs = macs,
	.run = run,
};
