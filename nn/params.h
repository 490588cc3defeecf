/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of parameters of convolutions, as the kernels read them: in tiles
 * of NN_TILE outputs, so that weights that are used together lie together.
 *
 * NN_CONV: for each group, its tiles. The last tile is padded with zeros.
 *
 *   f32    bias (8), weights (K, 8)
 *   int8   bias (8) int32, multiplier (8) int32, shift (8) int8, 8 zeros,
 *          weights (K / 4, 8, 4)
 *
 * K counts the inputs of an output: (kernel height, kernel width, channels of
 * the group). For int8, zeros pad it to a multiple of 4.
 *
 * NN_DEPTHWISE: C is the number of channels, padded with zeros to a multiple of
 * 8; zeros follow up to a multiple of 16 bytes.
 *
 *   f32    bias (C), weights (kernel height, kernel width, C)
 *   int8   bias (C) int32, multiplier (C) int32, shift (C) int8, weights as
 *          above
 *
 * The bias of int8 includes the zero point of the input: it is bias - zero *
 * (sum of the output's weights). So the kernels multiply activations as they
 * are stored, and padding is the zero point. Multiplier and shift: nn_scale.
 *
 * Freestanding; functions of shapes only.
 */
#ifndef NN_PARAMS_H
#define NN_PARAMS_H

#include "op.h"
#include "tile.h"

#define NN_CONV_STEP 4 /* inputs that the int8 kernels take at once */

/*
 * Inputs of an output: int8 sums fit in 32 bits with this many, and the work
 * of a node can be counted in 64 bits.
 */
#define NN_CONV_K_MAX	   (1u << 20)
#define NN_CONV_K_MAX_INT8 65535u

/* The largest sum of products of a kernel, without the bias. */
#define NN_CONV_SUM_MAX(k) ((int64_t)(k)*128 * 127)

struct nn_conv_shape {
	bool int8;
	size_t groups;
	size_t ins;  /* channels of a group */
	size_t outs; /* of a group */
	size_t taps; /* of the kernel */
};

/* groups: not 0. Also of an NN_DEPTHWISE, with `groups` 1. */
static inline struct nn_conv_shape nn_conv_shape(const struct nn_at *at,
						 size_t groups)
{
	const struct nn_tensor *in = at->in[0];
	const uint16_t *kernel = at->node->conv.window.kernel;

	return (struct nn_conv_shape){
		.int8 = at->out->type == NN_INT8,
		.groups = groups,
		.ins = in->dims[in->rank - 1] / groups,
		.outs = at->out->dims[at->out->rank - 1] / groups,
		.taps = (size_t)kernel[0] * kernel[1],
	};
}

static inline size_t nn_conv_k(const struct nn_conv_shape *s)
{
	return s->taps * s->ins;
}

/* As it is stored. */
static inline size_t nn_conv_k_padded(const struct nn_conv_shape *s)
{
	size_t step = s->int8 ? NN_CONV_STEP : 1;

	return (nn_conv_k(s) + step - 1) / step * step;
}

static inline size_t nn_conv_tiles(const struct nn_conv_shape *s)
{
	return (s->outs + NN_TILE - 1) / NN_TILE;
}

/* Offsets in a tile, in bytes. */
static inline size_t nn_conv_multiplier(size_t o)
{
	return (NN_TILE + o) * sizeof(int32_t);
}

static inline size_t nn_conv_shift(size_t o)
{
	return 2 * NN_TILE * sizeof(int32_t) + o;
}

static inline size_t nn_conv_weights(const struct nn_conv_shape *s)
{
	return s->int8 ? nn_conv_shift(2 * NN_TILE) : NN_TILE * sizeof(float);
}

static inline size_t nn_conv_weight(const struct nn_conv_shape *s, size_t o,
				    size_t k)
{
	if (!s->int8)
		return nn_conv_weights(s) + (k * NN_TILE + o) * sizeof(float);
	return nn_conv_weights(s) + k / NN_CONV_STEP * NN_CONV_STEP * NN_TILE +
	       o * NN_CONV_STEP + k % NN_CONV_STEP;
}

static inline size_t nn_conv_tile_bytes(const struct nn_conv_shape *s)
{
	return nn_conv_weight(s, 0, nn_conv_k_padded(s));
}

static inline uint64_t nn_conv_bytes(const struct nn_conv_shape *s)
{
	return (uint64_t)s->groups * nn_conv_tiles(s) * nn_conv_tile_bytes(s);
}

/* Channels of a depthwise node, as they are stored. */
static inline size_t nn_depthwise_padded(size_t channels)
{
	return (channels + NN_TILE - 1) / NN_TILE * NN_TILE;
}

/*
 * Offsets in the parameters of a depthwise node, in bytes. A size_t of 32 bits
 * is too small for those of a node that nobody has checked.
 */
static inline size_t nn_depthwise_multiplier(const struct nn_conv_shape *s,
					     size_t channel)
{
	return (nn_depthwise_padded(s->ins) + channel) * sizeof(int32_t);
}

static inline size_t nn_depthwise_shift(const struct nn_conv_shape *s,
					size_t channel)
{
	return nn_depthwise_multiplier(s, nn_depthwise_padded(s->ins)) +
	       channel;
}

static inline uint64_t nn_depthwise_weight(const struct nn_conv_shape *s,
					   uint64_t tap, size_t channel)
{
	size_t padded = nn_depthwise_padded(s->ins);
	uint64_t i = tap * padded + channel;

	return s->int8 ? nn_depthwise_shift(s, padded) + i :
			 (padded + i) * sizeof(float);
}

static inline uint64_t nn_depthwise_bytes(const struct nn_conv_shape *s)
{
	return nn_params_bytes(nn_depthwise_weight(s, s->taps, 0));
}

#endif
