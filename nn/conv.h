/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the convolutions for f32 and int8 share. Private to nn/.
 *
 * A kernel computes a tile of 8 outputs for up to 8 positions at once. It reads
 * the inputs of each position in runs that lie side by side, and a table says
 * where: (runs, NN_CONV_AT_ONCE) pointers. Dense layers, and kernels of 1 x 1
 * that skip nothing, have a run for each position, one after the other.
 * Otherwise a run is
 *
 *   a row    of the kernel: in the input, in a run of padding, or in a copy, if
 *            a part of it lies outside
 *   a tap    one pixel, in the input or in padding; where rows do not lie side
 *            by side, or their copies have no room
 *   a patch  the whole window, copied; if the others are too short
 */
#ifndef NN_CONV_H
#define NN_CONV_H

#include "params.h"
#include "vector.h"

#ifdef NN_ARM32
#define NN_CONV_AT_ONCE 4 /* positions */
#else
#define NN_CONV_AT_ONCE 8
#endif
#define NN_CONV_MOST 8 /* of them, on any processor */

/* Keeps GCC from an address of its own for each vector: they go in pairs. */
#define NN_HIDE(pointer) __asm__("" : "+r"(pointer))

struct nn_conv {
	struct nn_conv_shape shape;
	struct nn_window window;
	union nn_clamp clamp;
	size_t in[3];  /* height, width, channels of all groups */
	size_t out[3]; /* the same */
	size_t tile_bytes;
	size_t weights; /* where they begin in a tile */
	int8_t in_zero, out_zero;
	bool one_by_one;
	bool has_rows;	  /* runs are rows or patches, and rows side by side */
	uint8_t size;	  /* bytes of an element */
	uint8_t at_once;  /* positions */
	size_t span;	  /* taps of a run */
	size_t run_count; /* of a position */
	size_t run;	  /* elements */
	size_t run_bytes; /* of a copy, with room for what is written behind */
	size_t pad_bytes; /* as run_bytes, of the padding */
	size_t panel_bytes; /* what is left of scratch memory */
	size_t pixel;	    /* bytes of it, in the input */
	size_t row;	    /* bytes from a row of a window to the next one */
	size_t inside[2]; /* windows that begin in an earlier row of the input,
			     and in an earlier column of the output, do not hang
			     over */
	/* scratch memory */
	float *tile;	   /* (NN_CONV_AT_ONCE, NN_TILE) */
	const void **runs; /* (run_count, NN_CONV_AT_ONCE) */
	uint8_t *padding;  /* a run, or a pixel of a patch */
	uint8_t *copies;   /* (at_once, run_count, run_bytes) */
	void *panel;	   /* what a kernel packs */
};

/*
 * True if the windows begin and end in the right places: each meets the input,
 * and they have an output each. in, out: height, width
 */
bool nn_window_check(const struct nn_window *w, const uint32_t *in,
		     const uint32_t *out);

/* y becomes max(low, min(high, y)). */
static inline __attribute__((always_inline)) void
nn_clamp_floats(nn_floats *y, size_t count, const union nn_clamp *clamp)
{
	const nn_floats low = (nn_floats){ 0 } + clamp->f32[0];
	const nn_floats high = (nn_floats){ 0 } + clamp->f32[1];

	if (clamp->f32[0] > -__builtin_inff()) {
		for (size_t i = 0; i < count; i++)
			y[i] = nn_larger(y[i], low);
	}
	if (clamp->f32[1] < __builtin_inff()) {
		for (size_t i = 0; i < count; i++)
			y[i] = nn_smaller(y[i], high);
	}
}

/* Not 0 if values of an int8 output are not allowed. k: its inputs */
static inline uint32_t nn_wrong_scale(int32_t bias, int32_t multiplier,
				      int8_t shift, size_t k)
{
	const int64_t limit = INT32_MAX - NN_CONV_SUM_MAX(k);
	uint64_t far = (uint64_t)(limit - bias) | (uint64_t)(limit + bias);
	uint32_t wrong = (multiplier >> 30) != 1;

	wrong &= (multiplier | shift) != 0;
	return wrong | (uint32_t)(far >> 63) | (shift < -31) | (shift > 30);
}

/*
 * The last tile of a group may have less than NN_TILE outputs: it is stored in
 * c->tile, then its `outs` outputs are copied to y. bytes: of what is stored
 * for a position
 */
void nn_conv_store_part(const struct nn_conv *c, uint8_t *y, size_t positions,
			size_t bytes, size_t outs);

/*
 * Computes all tiles of a group for `count` positions (8, 4, 2 or 1), with
 * c->runs set. tiles: the group's parameters; y: the first position's outputs
 */
typedef void nn_conv_block(const struct nn_conv *c, const uint8_t *tiles,
			   uint8_t *y, size_t count);
nn_conv_block nn_conv32_block, nn_conv8_block;

/* Not 0 if a value of a tile is not allowed. outs: outputs in use */
uint32_t nn_conv8_wrong(const struct nn_conv_shape *s, const uint8_t *tile,
			size_t outs);

#endif
