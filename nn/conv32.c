/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: 8 outputs of 8 positions stay in registers, 16 vectors of sums.
 * Four inputs of each position are loaded at once, and two vectors of weights
 * are multiplied by one input after the other. A single position takes four
 * tiles at once.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include "conv.h"

#define LANES	  4
#define TILE_VECS (NN_TILE / LANES)
#define WIDE	  4 /* tiles at once, for a single position */

/*
 * Adds the products of one input of each position, a lane of x, and moves w on.
 * positions and tiles are constants where this is inlined, so that the sums
 * stay in registers. w: weights of each tile, from this input on
 */
static inline __attribute__((always_inline)) void
add_input(nn_floats *sum, const nn_floats *x, size_t lane,
	  const nn_floats_at *w[WIDE], size_t positions, size_t tiles)
{
	const size_t vecs = tiles * TILE_VECS;
	nn_floats wv[WIDE * TILE_VECS];

	for (size_t t = 0; t < vecs; t++)
		wv[t] = w[t / TILE_VECS][t % TILE_VECS];
	for (size_t i = 0; i < positions * vecs; i++)
		/* cppcheck-suppress uninitvar */
		sum[i] += wv[i % vecs] * x[i / vecs][lane];
	for (size_t t = 0; t < tiles; t++)
		w[t] += TILE_VECS;
}

/*
 * Adds the products of `run` inputs of each position. The tiles lie `stride`
 * floats apart.
 */
static inline __attribute__((always_inline)) void
add_run(nn_floats *sum, const float *const *x, const float *weights,
	size_t stride, size_t run, size_t positions, size_t tiles)
{
	const nn_floats_at *w[WIDE];
	nn_floats xv[NN_CONV_AT_ONCE];
	size_t k = 0;

	for (size_t t = 0; t < tiles; t++)
		w[t] = (const nn_floats_at *)(weights + t * stride);
	for (; run - k >= LANES; k += LANES) {
		for (size_t p = 0; p < positions; p++)
			xv[p] = *(const nn_floats_at *)(x[p] + k);
#pragma GCC unroll 4
		for (size_t i = 0; i < LANES; i++)
			add_input(sum, xv, i, w, positions, tiles);
	}
	for (; k < run; k++) {
		for (size_t p = 0; p < positions; p++)
			xv[p] = (nn_floats){ x[p][k] };
		add_input(sum, xv, 0, w, positions, tiles);
	}
}

/* Adds all runs of the inputs from k to `end`; taps > 1: k is 0. */
static inline __attribute__((always_inline)) void
add_runs(const struct nn_conv *c, nn_floats *sum, const float *w, size_t stride,
	 size_t k, size_t end, size_t positions, size_t tiles)
{
	for (size_t r = 0; r < c->run_count; r++) {
		const float *x[NN_CONV_AT_ONCE];

		for (size_t p = 0; p < positions; p++)
			x[p] = (const float *)c->runs[r * NN_CONV_AT_ONCE + p] +
			       k;
		add_run(sum, x, w, stride, end - k, positions, tiles);
		w += (end - k) * NN_TILE;
	}
}

static inline __attribute__((always_inline)) void
store(const struct nn_conv *c, const nn_floats *sum, float *y, size_t positions,
      size_t tiles, size_t outs)
{
	bool whole = outs >= tiles * NN_TILE;
	float *to = whole ? y : c->tile;
	size_t step = whole ? c->out[2] : tiles * NN_TILE;

	for (size_t p = 0; p < positions; p++) {
		for (size_t t = 0; t < tiles * TILE_VECS; t++)
			((nn_floats_at *)to)[t] =
				sum[p * tiles * TILE_VECS + t];
		to += step;
		NN_HIDE(to);
	}
	if (!whole)
		nn_conv_store_part(c, (uint8_t *)y, positions,
				   tiles * NN_TILE * sizeof(*y), outs);
}

/* Computes `tiles` tiles, of which `outs` outputs are wanted. */
static inline __attribute__((always_inline)) void
compute(const struct nn_conv *c, const float *tile, float *y, size_t positions,
	size_t tiles, size_t outs)
{
	const size_t stride = nn_conv_tile_bytes(&c->shape) / sizeof(float);
	const size_t block = c->shape.taps == 1 ? NN_SUM_BLOCK : c->run;
	const size_t vecs = positions * tiles * TILE_VECS;
	nn_floats_at *part = (nn_floats_at *)c->tile;
	nn_floats sum[NN_CONV_AT_ONCE * TILE_VECS];
	size_t k = 0;

	for (;;) {
		size_t end = c->run - k < block ? c->run : k + block;

		for (size_t i = 0; i < vecs; i++)
			sum[i] = (nn_floats){ 0 };
		add_runs(c, sum, tile + (1 + k) * NN_TILE, stride, k, end,
			 positions, tiles);
		for (size_t i = 0; k && i < vecs; i++)
			sum[i] += part[i];
		k = end;
		if (k == c->run)
			break;
		for (size_t i = 0; i < vecs; i++)
			part[i] = sum[i];
	}
	for (size_t t = 0; t < tiles * TILE_VECS; t++) {
		nn_floats bias =
			*(const nn_floats_at *)(tile + t / TILE_VECS * stride +
						t % TILE_VECS * LANES);

		for (size_t p = 0; p < positions; p++)
			sum[p * tiles * TILE_VECS + t] += bias;
	}
	nn_clamp_floats(sum, vecs, &c->clamp);
	store(c, sum, y, positions, tiles, outs);
}

static inline __attribute__((always_inline)) size_t
compute_tiles(const struct nn_conv *c, const uint8_t *tiles, float *y,
	      size_t first, size_t positions, size_t wide)
{
	const size_t bytes = nn_conv_tile_bytes(&c->shape);
	const size_t count = nn_conv_tiles(&c->shape);
	size_t t = first;

	for (; count - t >= wide; t += wide)
		compute(c, (const float *)(const void *)(tiles + t * bytes),
			y + t * NN_TILE, positions, wide,
			c->shape.outs - t * NN_TILE);
	return t;
}

void nn_conv32_block(const struct nn_conv *c, const uint8_t *tiles,
		     uint8_t *out, size_t count)
{
	float *y = (float *)(void *)out;
	size_t t = 0;

	switch (count) {
	case 8:
		compute_tiles(c, tiles, y, 0, 8, 1);
		break;
	case 4:
		compute_tiles(c, tiles, y, 0, 4, 1);
		break;
	case 2:
		compute_tiles(c, tiles, y, 0, 2, 1);
		break;
	default:
		t = compute_tiles(c, tiles, y, 0, 1, WIDE);
		compute_tiles(c, tiles, y, t, 1, 1);
	}
}
