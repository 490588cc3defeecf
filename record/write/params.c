/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include <string.h>

#include "nn/params.h"

/* The weights of an output in the order of `struct record_weights`. */
struct column {
	size_t output;
	size_t first;
	size_t step;
	size_t count;
};

/* Where the rest of an output's parameters goes; the last two: of int8. */
struct place {
	uint8_t *bias;
	uint8_t *multiplier;
	uint8_t *shift;
};

/* Folds the zero point of the input into the bias. */
static bool fold_bias(const struct record_weights *w, const struct column *c,
		      int32_t zero, int32_t *folded)
{
	const int8_t *weight = (const int8_t *)w->weights + c->first;
	const int64_t limit = INT32_MAX - NN_CONV_SUM_MAX(c->count);
	int64_t bias = w->bias ? ((const int32_t *)w->bias)[c->output] : 0;

	for (size_t k = 0; k < c->count; k++) {
		if (weight[k * c->step] == INT8_MIN)
			return false;
		bias -= zero * weight[k * c->step];
	}
	*folded = (int32_t)bias;
	return bias <= limit && bias >= -limit;
}

static bool pack_output(const struct nn_at *at, const struct record_weights *w,
			const struct column *c, const struct place *to)
{
	int32_t bias = 0;
	int8_t shift = 0;

	if (at->out->type == NN_F32) {
		if (w->bias)
			memcpy(to->bias, (const float *)w->bias + c->output,
			       sizeof(float));
		return true;
	}
	if (!fold_bias(w, c, at->in[0]->zero, &bias))
		return false;
	shift = (int8_t)w->scale[c->output].shift;
	memcpy(to->bias, &bias, sizeof(bias));
	memcpy(to->multiplier, &w->scale[c->output].multiplier,
	       sizeof(int32_t));
	memcpy(to->shift, &shift, sizeof(shift));
	return shift == w->scale[c->output].shift;
}

static bool pack_conv(const struct nn_at *at, const struct record_weights *w,
		      uint8_t *packed)
{
	const struct nn_conv_shape s = nn_conv_shape(at, at->node->conv.groups);
	const size_t size = s.int8 ? sizeof(int8_t) : sizeof(float);
	const size_t k = nn_conv_k(&s);

	memset(packed, 0, (size_t)nn_conv_bytes(&s));
	for (size_t o = 0; o < s.groups * s.outs; o++) {
		const struct column c = { o, o * k, 1, k };
		size_t lane = o % s.outs % NN_TILE;
		uint8_t *tile = packed + (o / s.outs * nn_conv_tiles(&s) +
					  o % s.outs / NN_TILE) *
						 nn_conv_tile_bytes(&s);
		const struct place to = { tile + lane * sizeof(int32_t),
					  tile + nn_conv_multiplier(lane),
					  tile + nn_conv_shift(lane) };

		if (!pack_output(at, w, &c, &to))
			return false;
		for (size_t i = 0; i < k; i++)
			memcpy(tile + nn_conv_weight(&s, lane, i),
			       (const uint8_t *)w->weights +
				       (c.first + i) * size,
			       size);
	}
	return true;
}

static bool pack_depthwise(const struct nn_at *at,
			   const struct record_weights *w, uint8_t *packed)
{
	const struct nn_conv_shape s = nn_conv_shape(at, 1);
	const size_t size = s.int8 ? sizeof(int8_t) : sizeof(float);

	memset(packed, 0, (size_t)nn_depthwise_bytes(&s));
	for (size_t c = 0; c < s.ins; c++) {
		const struct column column = { c, c, s.ins, s.taps };
		const struct place to = {
			packed + c * sizeof(int32_t),
			packed + nn_depthwise_multiplier(&s, c),
			packed + nn_depthwise_shift(&s, c),
		};

		if (!pack_output(at, w, &column, &to))
			return false;
		for (size_t i = 0; i < s.taps; i++)
			memcpy(packed + nn_depthwise_weight(&s, i, c),
			       (const uint8_t *)w->weights +
				       (i * s.ins + c) * size,
			       size);
	}
	return true;
}

bool record_params_pack(const struct nn_at *at, const struct record_weights *w,
			uint8_t *packed)
{
	if (at->node->op == NN_DEPTHWISE)
		return pack_depthwise(at, w, packed);
	return pack_conv(at, w, packed);
}
