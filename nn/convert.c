/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between number types: pixels to f32 or int8, f32 to int8 and back, int8 to
 * int8 of another scale.
 *
 *   f32   (pixel / divisor - mean) / deviation: three roundings, true divisions
 *   int8  from f32: round(x / scale) + zero, halves to even, from -128 to 127;
 *         what is not a number becomes -128
 *   int8  from int8: as TFLite, in integers
 *
 * Constant time: no table of pixels.
 */
#include "math.h"
#include "rules.h"
#include "scale.h"

#define PERIOD 12 /* elements: a multiple of NN_LANES and of any channels */

/* Elements of all samples. */
static size_t count_of(const struct nn_call *call)
{
	return call->batch * nn_elements(call->at.out);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->out);
}

static bool has_types(const struct nn_at *at, enum nn_type in, enum nn_type out)
{
	return at->node->sources == 1 && !at->node->variant &&
	       at->in[0]->type == in && at->out->type == out &&
	       nn_same_shape(at->in[0], at->out);
}

/* Stores up to four numbers as int8 of the scale of `t`. */
static inline void quantise(const struct nn_tensor *t, int8_t *y, size_t i,
			    nn_floats x, size_t count)
{
	nn_store(NN_INT8, y, i, nn_to_int8(x / t->scale, t->zero), count);
}

/* --- pixels --- */

/* Not -0. */
static bool is_zero(float x)
{
	return !nn_to_bits(x);
}

/* Channels with numbers of their own: up to the last one with a deviation. */
static size_t image_channels(const struct nn_node *node)
{
	size_t channels = 1;

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

		if (i < channels ?
			    !nn_is_normal(deviation) ||
				    (!nn_is_normal(mean) && !is_zero(mean)) :
			    !is_zero(deviation) || !is_zero(mean))
			return false;
	}
	return nn_is_normal(node->image.divisor) && node->image.divisor > 0 &&
	       nn_unused_zero(node, sizeof(node->image));
}

/* The numbers of each element of a period. */
struct normal {
	float divisor;
	nn_floats mean[PERIOD / NN_LANES];
	nn_floats deviation[PERIOD / NN_LANES];
};

static struct normal normal_of(const struct nn_node *node)
{
	const size_t channels = image_channels(node);
	struct normal n = { .divisor = node->image.divisor };

	for (size_t i = 0; i < PERIOD; i++) {
		n.mean[i / NN_LANES][i % NN_LANES] =
			node->image.mean[i % channels];
		n.deviation[i / NN_LANES][i % NN_LANES] =
			node->image.deviation[i % channels];
	}
	return n;
}

/* `at`: vectors from the begin of a period on */
static inline nn_floats normalise(const struct normal *n, size_t at,
				  const uint8_t *x)
{
	const nn_ints four = nn_load_int8(x, 0) & UINT8_MAX;

	return (__builtin_convertvector(four, nn_floats) / n->divisor -
		n->mean[at]) /
	       n->deviation[at];
}

/* type: a constant where this is inlined; count: at most a period */
static inline __attribute__((always_inline)) void
normalise_period(const struct normal *n, const struct nn_tensor *out,
		 uint8_t type, const uint8_t *in, void *to, size_t i,
		 size_t count)
{
#pragma GCC unroll 3
	for (size_t at = 0; at < count; at += NN_LANES) {
		const nn_floats x = normalise(n, at / NN_LANES, in + i + at);

		if (type == NN_F32)
			nn_store(NN_F32, to, i + at, x, count - at);
		else
			quantise(out, to, i + at, x, count - at);
	}
}

static inline __attribute__((always_inline)) void
normalise_all(const struct nn_call *call, uint8_t type)
{
	/* A copy, or the compiler would load it again behind each store. */
	const struct nn_tensor out = *call->at.out;
	const struct normal n = normal_of(call->at.node);
	const size_t count = count_of(call);
	size_t i = 0;

	for (; count - i >= PERIOD; i += PERIOD)
		normalise_period(&n, &out, type, call->in[0], call->out, i,
				 PERIOD);
	normalise_period(&n, &out, type, call->in[0], call->out, i, count - i);
}

/* A sample is a whole number of pixels, so a batch is one long image. */
static void image_run(const struct nn_call *call)
{
	if (call->at.out->type == NN_F32)
		normalise_all(call, NN_F32);
	else
		normalise_all(call, NN_INT8);
}

const struct nn_operator nn_op_image = {
	.check = image_check,
	.macs = macs,
	.run = image_run,
};

/* --- f32 and int8 --- */

static bool quantize_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	if (has_types(at, NN_INT8, NN_INT8))
		return nn_unused_zero(node, sizeof(node->requantize)) &&
		       nn_scale_allowed(&node->requantize);
	return has_types(at, NN_F32, NN_INT8) && nn_unused_zero(node, 0);
}

static void requantize(const struct nn_call *call)
{
	const int8_t from = call->at.in[0]->zero;
	const int8_t to = call->at.out->zero;
	const struct nn_scales s = nn_scales_all(call->at.node->requantize);
	const size_t count = count_of(call);

	for (size_t i = 0; i < count; i += NN_LANES) {
		nn_ints x = nn_load_int8(call->in[0], i) - from;

		nn_store_int8(call->out, i,
			      nn_limit_sum(nn_scale_four(x, &s), to, INT8_MIN,
					   INT8_MAX),
			      count - i);
	}
}

static void quantize_run(const struct nn_call *call)
{
	const struct nn_tensor out = *call->at.out;
	const size_t count = count_of(call);

	if (call->at.in[0]->type == NN_INT8) {
		requantize(call);
		return;
	}
	for (size_t i = 0; i < count; i += NN_LANES)
		quantise(&out, call->out, i, nn_load(NN_F32, call->in[0], i),
			 count - i);
}

const struct nn_operator nn_op_quantize = {
	.check = quantize_check,
	.macs = macs,
	.run = quantize_run,
};

static bool dequantize_check(const struct nn_at *at)
{
	return has_types(at, NN_INT8, NN_F32) && nn_unused_zero(at->node, 0);
}

static void dequantize_run(const struct nn_call *call)
{
	const struct nn_tensor in = *call->at.in[0];
	const size_t count = count_of(call);

	for (size_t i = 0; i < count; i += NN_LANES)
		nn_store(NN_F32, call->out, i,
			 (nn_load(NN_INT8, call->in[0], i) - in.zero) *
				 in.scale,
			 count - i);
}

const struct nn_operator nn_op_dequantize = {
	.check = dequantize_check,
	.macs = macs,
	.run = dequantize_run,
};
