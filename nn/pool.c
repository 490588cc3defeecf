/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maximum or the average of windows of (height, width, channels). int8
 * stands in floats meanwhile: sums of so few numbers are exact.
 */
#include "math.h"
#include "rules.h"
#include "window.h"

#define TAPS_MAX (1u << 16) /* of int8: 128 * TAPS_MAX < 2^24 */

/* True if each window has a tap within the input. */
static bool axis_allowed(const struct nn_at *at, size_t axis)
{
	const struct nn_window *w = &at->node->conv.window;

	if (!w->kernel[axis] || !w->stride[axis] || !w->dilation[axis])
		return false;
	for (uint32_t o = 0; o < at->out->dims[axis]; o++) {
		struct nn_taps t =
			nn_taps_inside(w, axis, at->in[0]->dims[axis], o);

		if (t.from >= t.to)
			return false;
	}
	return true;
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const struct nn_window *w = &node->conv.window;

	if (node->sources != 1 || node->variant || node->conv.groups ||
	    !nn_unused_zero(node, sizeof(node->conv)))
		return false;
	if (!nn_is_activation(at->out) || !nn_same_type(at->in[0], at->out) ||
	    !nn_clamp_allowed(&node->conv.clamp, at->out->type))
		return false;
	if (at->in[0]->rank != 3 || at->out->rank != 3 ||
	    at->in[0]->dims[2] != at->out->dims[2])
		return false;
	if (at->out->type == NN_INT8 &&
	    (uint32_t)w->kernel[0] * w->kernel[1] > TAPS_MAX)
		return false;
	return axis_allowed(at, 0) && axis_allowed(at, 1);
}

static uint64_t macs(const struct nn_at *at)
{
	const struct nn_window *w = &at->node->conv.window;

	return (uint64_t)w->kernel[0] * w->kernel[1] * nn_elements(at->out) +
	       nn_elements(at->in[0]);
}

/* A window of four channels. */
static inline nn_floats pooled(const struct nn_call *call, bool max,
			       uint8_t type, size_t start, const size_t step[2],
			       const uint32_t taps[2])
{
	nn_floats y = nn_splat(max ? -NN_INFINITY : 0);

	for (uint32_t i = 0; i < taps[0]; i++) {
		for (uint32_t j = 0; j < taps[1]; j++) {
			nn_floats x =
				nn_load(type, call->in[0],
					start + i * step[0] + j * step[1]);

			y = max ? nn_max(x, y) : y + x;
		}
	}
	return y;
}

/*
 * The average of a sum. int8: half away from zero. The quotient is never
 * rounded up to an integer: it is 1 / count below the next one, at least, and
 * floats below 2^8 are no further apart than 2^-16.
 */
static inline nn_floats averaged(uint8_t type, nn_floats sum, uint32_t count)
{
	const uint32_t half = count / 2;
	nn_floats y;

	if (type == NN_F32)
		return sum / (float)count;
	y = (nn_abs(sum) + (float)half) / (float)count;
	y = __builtin_convertvector(__builtin_convertvector(y, nn_ints),
				    nn_floats);
	return nn_with_sign(y, sum);
}

/* All channels of output (y, x); `to`: the first one. */
static inline __attribute__((always_inline)) void
pool_pixel(const struct nn_call *call, bool max, uint8_t type, size_t from,
	   const struct nn_taps rows, const struct nn_taps cols, size_t to)
{
	const struct nn_node *node = call->at.node;
	const struct nn_window *w = &node->conv.window;
	const union nn_clamp *clamp = &node->conv.clamp;
	const size_t channels = call->at.out->dims[2];
	const size_t width = call->at.in[0]->dims[1];
	const size_t step[2] = { w->dilation[0] * width * channels,
				 w->dilation[1] * channels };
	const uint32_t taps[2] = { rows.to - rows.from, cols.to - cols.from };

	for (size_t c = 0; c < channels; c += NN_LANES) {
		nn_floats y = pooled(call, max, type, from + c, step, taps);

		if (!max)
			y = averaged(type, y, taps[0] * taps[1]);
		y = type == NN_F32 ? nn_limit(y, clamp->f32[0], clamp->f32[1]) :
				     nn_limit(y, (float)clamp->int8[0],
					      (float)clamp->int8[1]);
		nn_store(type, call->out, to + c, y, channels - c);
	}
}

static inline __attribute__((always_inline)) void
pool(const struct nn_call *call, bool max, uint8_t type, size_t sample)
{
	const struct nn_window *w = &call->at.node->conv.window;
	const uint32_t *in = call->at.in[0]->dims;
	const uint32_t *out = call->at.out->dims;
	size_t to = sample * nn_elements(call->at.out);

	for (uint32_t y = 0; y < out[0]; y++) {
		const struct nn_taps rows = nn_taps_inside(w, 0, in[0], y);
		const size_t row =
			sample * in[0] +
			(size_t)(nn_window_start(w, 0, y) +
				 (int64_t)rows.from * w->dilation[0]);

		for (uint32_t x = 0; x < out[1]; x++, to += out[2]) {
			const struct nn_taps cols =
				nn_taps_inside(w, 1, in[1], x);
			const size_t col =
				(size_t)(nn_window_start(w, 1, x) +
					 (int64_t)cols.from * w->dilation[1]);

			pool_pixel(call, max, type,
				   (row * in[1] + col) * out[2], rows, cols,
				   to);
		}
	}
}

static void run_max(const struct nn_call *call)
{
	for (size_t b = 0; b < call->batch; b++) {
		if (call->at.out->type == NN_F32)
			pool(call, true, NN_F32, b);
		else
			pool(call, true, NN_INT8, b);
	}
}

static void run_average(const struct nn_call *call)
{
	for (size_t b = 0; b < call->batch; b++) {
		if (call->at.out->type == NN_F32)
			pool(call, false, NN_F32, b);
		else
			pool(call, false, NN_INT8, b);
	}
}

const struct nn_operator nn_op_pool_max = {
	.check = check,
	.macs = macs,
	.run = run_max,
};

const struct nn_operator nn_op_pool_average = {
	.check = check,
	.macs = macs,
	.run = run_average,
};
