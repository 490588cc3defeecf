/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between number types: pixels to f32 or int8, f32 to int8 and back.
 *
 *   f32   (pixel / divisor - mean) / deviation: three roundings, true divisions
 *   int8  round(x / scale) + zero, halves to even, from -128 to 127; what is
 *         not a number becomes -128
 *
 * Elements go in vectors of four; the last ones go through a vector in memory.
 * Constant time: no table of pixels.
 */
#include <string.h>

#include "conv.h"

#define LANES  4
#define PERIOD 12 /* elements: a multiple of LANES and of any channels */

typedef uint8_t pixels __attribute__((vector_size(4)));
typedef int8_t bytes __attribute__((vector_size(4)));

/* How f32 become int8. */
struct target {
	float scale;
	int32_t zero;
};

/* Where values lie between two bounds, or at the lower one if not a number. */
static inline nn_floats limit(nn_floats x, nn_floats low, nn_floats high)
{
	nn_masks above = x > low;

	x = (nn_floats)(((nn_masks)x & above) | ((nn_masks)low & ~above));
	above = x > high;
	return (nn_floats)(((nn_masks)x & ~above) | ((nn_masks)high & above));
}

static inline bytes quantise(nn_floats x, const struct target *t)
{
	/* adding this rounds, and leaves the integer in the lowest bits */
	const nn_floats round = (nn_floats){ 0 } + 0x1.8p23f;
	const nn_floats low = (nn_floats){ 0 } + (float)(INT8_MIN - t->zero);
	const nn_floats high = (nn_floats){ 0 } + (float)(INT8_MAX - t->zero);
	nn_floats y = limit(x / t->scale, low, high) + round;

	return __builtin_convertvector((nn_masks)y - (nn_masks)round + t->zero,
				       bytes);
}

static struct target target_of(const struct nn_tensor *t)
{
	return (struct target){ t->scale, t->zero };
}

static size_t count_of(const struct nn_call *call)
{
	return call->batch * nn_elements(call->at.out);
}

static uint64_t elements_of(const struct nn_at *at)
{
	return nn_elements(at->out);
}

static bool has_types(const struct nn_at *at, enum nn_type in, enum nn_type out)
{
	return at->node->sources == 1 && !at->node->variant &&
	       at->in[0]->type == in && at->out->type == out &&
	       nn_same_shape(at->in[0], at->out);
}

/* --- pixels --- */

static bool is_normal(float x)
{
	uint32_t bits = 0;

	memcpy(&bits, &x, sizeof(bits));
	bits &= 0x7fffffff;
	return bits >= 0x00800000 && bits < 0x7f800000;
}

static bool is_zero(float x)
{
	uint32_t bits = 0;

	memcpy(&bits, &x, sizeof(bits));
	return !bits;
}

/* Channels with numbers of their own: those that have a deviation. */
static size_t image_channels(const struct nn_node *node)
{
	size_t channels = 0;

	while (channels < 4 && !is_zero(node->image.deviation[channels]))
		channels++;
	return channels;
}

static bool image_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const size_t channels = image_channels(node);

	if (!has_types(at, NN_UINT8, NN_F32) &&
	    !has_types(at, NN_UINT8, NN_INT8))
		return false;
	if (channels != 1 && channels != at->out->dims[at->out->rank - 1])
		return false;
	for (size_t i = 0; i < 4; i++) {
		float mean = node->image.mean[i];
		float deviation = node->image.deviation[i];

		if (i < channels ? !is_normal(deviation) || (!is_normal(mean) &&
							     !is_zero(mean)) :
				   !is_zero(deviation) || !is_zero(mean))
			return false;
	}
	return is_normal(node->image.divisor) && node->image.divisor > 0 &&
	       nn_unused_check(node, sizeof(node->image));
}

/* The numbers of each element of a period. */
struct normal {
	float divisor;
	nn_floats mean[PERIOD / LANES];
	nn_floats deviation[PERIOD / LANES];
};

static struct normal normal_of(const struct nn_node *node)
{
	const size_t channels = image_channels(node);
	struct normal n = { .divisor = node->image.divisor };

	for (size_t i = 0; i < PERIOD; i++) {
		n.mean[i / LANES][i % LANES] = node->image.mean[i % channels];
		n.deviation[i / LANES][i % LANES] =
			node->image.deviation[i % channels];
	}
	return n;
}

static inline nn_floats normalise(const struct normal *n, size_t i,
				  const uint8_t *from)
{
	pixels four = { 0 };

	memcpy(&four, from, sizeof(four));
	return (__builtin_convertvector(four, nn_floats) / n->divisor -
		n->mean[i]) /
	       n->deviation[i];
}

static void image_to_f32(const struct normal *n, const uint8_t *x, size_t count,
			 float *y)
{
	size_t i = 0;

	for (; count >= LANES; count -= LANES, x += LANES, y += LANES) {
		*(nn_floats_at *)y = normalise(n, i, x);
		i = (i + 1) % (PERIOD / LANES);
	}
	if (count) {
		nn_floats last = normalise(n, i, x);

		memcpy(y, &last, count * sizeof(*y));
	}
}

static void image_to_int8(const struct normal *n, const struct target *t,
			  const uint8_t *x, size_t count, int8_t *y)
{
	size_t i = 0;

	for (; count >= LANES; count -= LANES, x += LANES, y += LANES) {
		bytes q = quantise(normalise(n, i, x), t);

		memcpy(y, &q, LANES);
		i = (i + 1) % (PERIOD / LANES);
	}
	if (count) {
		bytes last = quantise(normalise(n, i, x), t);

		memcpy(y, &last, count);
	}
}

/* A sample is a whole number of pixels, so a batch is one long image. */
static void image_run(const struct nn_call *call)
{
	const struct normal n = normal_of(call->at.node);
	const struct target t = target_of(call->at.out);

	if (call->at.out->type == NN_INT8)
		image_to_int8(&n, &t, call->in[0], count_of(call), call->out);
	else
		image_to_f32(&n, call->in[0], count_of(call), call->out);
}

const struct nn_operator nn_op_image = {
	.check = image_check,
	.macs = elements_of,
	.run = image_run,
};

/* --- f32 and int8 --- */

static bool quantize_check(const struct nn_at *at)
{
	return has_types(at, NN_F32, NN_INT8) && nn_unused_check(at->node, 0);
}

static void quantize_run(const struct nn_call *call)
{
	const struct target t = target_of(call->at.out);
	const float *x = call->in[0];
	int8_t *y = call->out;
	size_t count = count_of(call);

	for (; count >= LANES; count -= LANES, x += LANES, y += LANES) {
		bytes q = quantise(*(const nn_floats_at *)x, &t);

		memcpy(y, &q, LANES);
	}
	if (count) {
		nn_floats last = { 0 };
		bytes q = { 0 };

		memcpy(&last, x, count * sizeof(*x));
		q = quantise(last, &t);
		memcpy(y, &q, count);
	}
}

const struct nn_operator nn_op_quantize = {
	.check = quantize_check,
	.macs = elements_of,
	.run = quantize_run,
};

static bool dequantize_check(const struct nn_at *at)
{
	return has_types(at, NN_INT8, NN_F32) && nn_unused_check(at->node, 0);
}

static void dequantize_run(const struct nn_call *call)
{
	const int32_t zero = call->at.in[0]->zero;
	const float scale = call->at.in[0]->scale;
	const int8_t *x = call->in[0];
	float *y = call->out;
	size_t count = count_of(call);

	for (size_t i = 0; i < count; i++)
		y[i] = (float)(x[i] - zero) * scale;
}

const struct nn_operator nn_op_dequantize = {
	.check = dequantize_check,
	.macs = elements_of,
	.run = dequantize_run,
};
