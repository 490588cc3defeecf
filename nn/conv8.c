/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: as conv.c, in tiles whose sums stay in registers. A vector of
 * sums holds four outputs of one position. A step takes four inputs, which one
 * SDOT multiplies and adds. Where the processor has no SDOT, or the compiler
 * was not told to use it, four other instructions give the same bits.
 *
 * If a layer has enough tiles, the inputs of AT_ONCE positions are packed
 * first, as the steps take them: in a panel.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include <string.h>

#include "conv.h"
#include "scale.h"

#define LANES	  4 /* outputs in a vector of sums */
#define TILE_VECS (NN_TILE / LANES)
#define STEP	  NN_CONV_STEP
#define GROUP	  16 /* inputs that are loaded at once */
#define MANY	  3  /* tiles from which on a panel pays */

/*
 * Positions at once; tiles at once, for a single position; sum vectors per
 * output vector; whether panels pay.
 */
#if defined(__ARM_FEATURE_DOTPROD) && defined(__aarch64__)
#define DOTPROD 1
#define AT_ONCE 8
#define WIDE	4
#define SUMS	1
#define PANELS	1
#elif defined(NN_ARM32)
#define AT_ONCE 2
#define WIDE	2
#define SUMS	2
#define PANELS	0 /* to repeat an input costs no more than to load it */
#else
#define AT_ONCE 4
#define WIDE	4
#define SUMS	2
#define PANELS	1
#endif

/*
 * The inputs of a step, as an instruction takes them: a lane of a vector, or
 * without SDOT a vector that repeats them.
 */
#ifdef DOTPROD
#define REPEATED 0
#else
#define REPEATED 1
#endif
/* A chunk of a panel: vectors, and inputs of each position in them. */
#define CHUNK  8
#define INPUTS (REPEATED ? 2 * STEP : GROUP)

typedef nn_many_bytes bytes;
typedef int8_t bytes_at __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint32_t uints __attribute__((vector_size(16)));

_Static_assert(WIDE <= AT_ONCE, "sums have room");

/* The inputs of a step of a group, four times. */
static inline __attribute__((always_inline)) bytes repeat(bytes x, int step)
{
	/* Only GCC takes a step that becomes constant. */
#if defined(__aarch64__) && !defined(__clang__)
	bytes y;

	/* GCC 12 would shift and copy them first. */
	__asm__("dup %0.4s, %1.s[%2]" : "=w"(y) : "w"(x), "i"(step));
	return y;
#elif defined(NN_ARM32) && !defined(__clang__)
	const int32x2_t half = step < 2 ? vget_low_s32((int32x4_t)x) :
					  vget_high_s32((int32x4_t)x);

	return (bytes)vdupq_lane_s32(half, step % 2);
#else
	return (bytes)((nn_ints){ 0 } + ((nn_ints)x)[step]);
#endif
}

#ifndef __ARM_NEON
/* The first or the second eight bytes. */
static inline nn_shorts half(bytes x, int which)
{
	int64_t eight __attribute__((vector_size(16))) =
		(int64_t __attribute__((vector_size(16))))x;
	int64_t one __attribute__((vector_size(8))) = { eight[which] };

	return __builtin_convertvector((nn_bytes)one, nn_shorts);
}

/* The sums of two neighbours each. */
static inline nn_ints pairs(nn_shorts x)
{
	return ((nn_ints)x >> 16) + ((nn_ints)((uints)x << 16) >> 16);
}
#endif

/*
 * Adds the products of two steps of one position for a vector of outputs. w0,
 * w1: their weights; x0, x1: their inputs, with SDOT in lanes `lane` and
 * lane + 1
 */
static inline __attribute__((always_inline)) void
add_steps(nn_ints sum[SUMS], bytes w0, bytes w1, bytes x0, bytes x1, int lane)
{
#if defined(DOTPROD)
	sum[0] = (nn_ints)vdotq_laneq_s32((int32x4_t)sum[0], w0, x0, lane);
	sum[0] = (nn_ints)vdotq_laneq_s32((int32x4_t)sum[0], w1, x1, lane + 1);
#elif defined(__ARM_NEON)
	int16x8_t low = vmull_s8(vget_low_s8(w0), vget_low_s8(x0));
	int16x8_t high = vmull_high_s8(w0, x0);

	(void)lane;
	/* 2 * 127 * 128 fits in 16 bits */
	low = vmlal_s8(low, vget_low_s8(w1), vget_low_s8(x1));
	high = vmlal_high_s8(high, w1, x1);
	sum[0] = (nn_ints)vpadalq_s16((int32x4_t)sum[0], low);
	sum[1] = (nn_ints)vpadalq_s16((int32x4_t)sum[1], high);
#else
	nn_shorts a = half(x0, 0);
	nn_shorts b = half(x1, 0);

	(void)lane;
	sum[0] += pairs(half(w0, 0) * a + half(w1, 0) * b);
	sum[1] += pairs(half(w0, 1) * a + half(w1, 1) * b);
#endif
}

/* As add_steps(), for one step. */
static inline __attribute__((always_inline)) void
add_step(nn_ints sum[SUMS], bytes w, bytes x, int lane)
{
#if defined(DOTPROD)
	sum[0] = (nn_ints)vdotq_laneq_s32((int32x4_t)sum[0], w, x, lane);
#elif defined(__ARM_NEON)
	(void)lane;
	sum[0] = (nn_ints)vpadalq_s16((int32x4_t)sum[0],
				      vmull_s8(vget_low_s8(w), vget_low_s8(x)));
	sum[1] = (nn_ints)vpadalq_s16((int32x4_t)sum[1], vmull_high_s8(w, x));
#else
	(void)lane;
	sum[0] += pairs(half(w, 0) * half(x, 0));
	sum[1] += pairs(half(w, 1) * half(x, 0));
#endif
}

/* The sum of each output of a vector. */
static inline nn_ints total(const nn_ints sum[SUMS])
{
#if SUMS == 1
	return sum[0];
#elif defined(__ARM_NEON)
	return (nn_ints)vpaddq_s32((int32x4_t)sum[0], (int32x4_t)sum[1]);
#else
	return __builtin_shufflevector(sum[0], sum[1], 0, 2, 4, 6) +
	       __builtin_shufflevector(sum[0], sum[1], 1, 3, 5, 7);
#endif
}

/* Sums that begin with the bias of their outputs. */
static inline __attribute__((always_inline)) void begin(nn_ints sum[SUMS],
							nn_ints bias)
{
#if SUMS == 1
	sum[0] = bias;
#else
	const nn_ints zero = { 0 };

	sum[0] = __builtin_shufflevector(bias, zero, 0, 4, 1, 5);
	sum[1] = __builtin_shufflevector(bias, zero, 2, 6, 3, 7);
#endif
}

typedef nn_ints sums[SUMS];

/* Loads four vectors that lie side by side; returns the address behind them. */
static inline __attribute__((always_inline)) const void *
load_four(bytes v[4], const void *from)
{
	nn_floats four[4];

	from = nn_load_four(four, from);
	for (size_t i = 0; i < 4; i++)
		v[i] = (bytes)four[i];
	return from;
}

/*
 * Adds two steps of a group, `step` and the next one, to a tile of each
 * position; their sums lie `vecs` apart. w: (2, TILE_VECS)
 */
static inline __attribute__((always_inline)) void
add_two(sums *sum, const bytes w[2 * TILE_VECS], const bytes *x, int step,
	size_t positions, size_t vecs)
{
	for (size_t p = 0; p < positions; p++) {
		const bytes x0 = REPEATED ? repeat(x[p], step) : x[p];
		const bytes x1 = REPEATED ? repeat(x[p], step + 1) : x[p];

		for (size_t i = 0; i < TILE_VECS; i++)
			add_steps(sum[p * vecs + i], w[i], w[i + TILE_VECS], x0,
				  x1, step);
	}
}

/* Adds one step. w: (TILE_VECS) */
static inline __attribute__((always_inline)) void
add_one(sums *sum, const bytes_at *w, const bytes *x, int step,
	size_t positions, size_t vecs)
{
	for (size_t p = 0; p < positions; p++) {
		const bytes xv = REPEATED ? repeat(x[p], step) : x[p];

		for (size_t i = 0; i < TILE_VECS; i++)
			add_step(sum[p * vecs + i], w[i], xv, step);
	}
}

/* Adds a group to a tile of each position. Returns the next weights. */
static inline __attribute__((always_inline)) const void *
add_group(sums *sum, const void *w, const bytes *x, size_t positions,
	  size_t vecs)
{
#pragma GCC unroll 2
	for (int step = 0; step < GROUP / STEP; step += 2) {
		bytes wv[2 * TILE_VECS];

		w = load_four(wv, w);
		add_two(sum, wv, x, step, positions, vecs);
	}
	return w;
}

/* The same for the last steps of a run, up to three. */
static inline __attribute__((always_inline)) const void *
add_few(sums *sum, const void *w, const bytes *x, size_t run, size_t positions,
	size_t vecs)
{
	bytes wv[2 * TILE_VECS];

	if (run & 2 * STEP) {
		w = load_four(wv, w);
		add_two(sum, wv, x, 0, positions, vecs);
		if (!(run & STEP))
			return w;
		add_one(sum, w, x, 2, positions, vecs);
	} else {
		add_one(sum, w, x, 0, positions, vecs);
	}
	return (const bytes_at *)w + TILE_VECS;
}

/*
 * Adds the products of `run` inputs of each position, a multiple of STEP. The
 * last group of a run is read whole. positions and tiles are constants where
 * this is inlined, and loops over them are unrolled, so that the sums stay in
 * registers. The tiles lie `stride` bytes apart.
 */
static inline __attribute__((always_inline)) void
add_run(sums *sum, const int8_t *const *x, const uint8_t *weights,
	size_t stride, size_t run, size_t positions, size_t tiles)
{
	const size_t vecs = tiles * TILE_VECS;
	const void *w[WIDE];
	bytes xv[AT_ONCE];
	size_t k = 0;

	for (size_t t = 0; t < tiles; t++)
		w[t] = weights + t * stride;
	for (; run - k >= GROUP; k += GROUP) {
		for (size_t p = 0; p < positions; p++)
			xv[p] = *(const bytes_at *)(x[p] + k);
#pragma GCC unroll 4
		for (size_t t = 0; t < tiles; t++)
			w[t] = add_group(sum + t * TILE_VECS, w[t], xv,
					 positions, vecs);
	}
	if (k == run)
		return;
	for (size_t p = 0; p < positions; p++)
		xv[p] = *(const bytes_at *)(x[p] + k);
#pragma GCC unroll 4
	for (size_t t = 0; t < tiles; t++)
		add_few(sum + t * TILE_VECS, w[t], xv, run, positions, vecs);
}

/* --- panels --- */

static size_t chunks_of(size_t run)
{
	return (run + INPUTS - 1) / INPUTS;
}

/* Packing writes the chunks of a group, and may write one too many. */
static bool has_panel(const struct nn_conv *c)
{
	return PANELS && nn_conv_tiles(&c->shape) >= MANY &&
	       c->run_count * chunks_of(c->run) <
		       c->panel_bytes / (CHUNK * sizeof(bytes));
}

/* Packs a group. x: of each position */
static inline void pack_group(bytes_at *to, const bytes x[AT_ONCE])
{
	for (size_t p = 0; p < AT_ONCE; p++) {
		for (int step = 0; step < 4 && REPEATED; step++)
			to[step / 2 * CHUNK + 2 * (int)p + step % 2] =
				repeat(x[p], step);
		if (!REPEATED)
			to[p] = x[p];
	}
}

static __attribute__((noinline)) void pack(const struct nn_conv *c,
					   const void *const *runs)
{
	const size_t run = c->run;
	bytes_at *to = c->panel;

	for (size_t r = 0; r < c->run_count; r++, runs += NN_CONV_AT_ONCE) {
		const int8_t *x[AT_ONCE];
		bytes_at *group = to;

		for (size_t p = 0; p < AT_ONCE; p++)
			x[p] = runs[p];
		for (size_t k = 0; k < run; k += GROUP) {
			bytes xv[AT_ONCE];

			for (size_t p = 0; p < AT_ONCE; p++)
				xv[p] = *(const bytes_at *)(x[p] + k);
			pack_group(group, xv);
			group += GROUP / INPUTS * CHUNK;
		}
		to += chunks_of(run) * CHUNK;
	}
}

#if REPEATED
/* Adds two steps of a panel to a tile of each position. */
static inline __attribute__((always_inline)) void
add_pair(sums *sum, const void **w, const void **x)
{
	bytes wv[2 * TILE_VECS];

	*w = load_four(wv, *w);
	for (size_t p = 0; p < AT_ONCE; p += 2) {
		bytes xv[4];

		*x = load_four(xv, *x);
		for (size_t i = 0; i < 2 * TILE_VECS; i++) {
			const bytes *at = xv + i / TILE_VECS * 2;

			add_steps(sum[p * TILE_VECS + i], wv[i % TILE_VECS],
				  wv[TILE_VECS + i % TILE_VECS], at[0], at[1],
				  0);
		}
	}
}

/* Adds the last step of a run, half a pair. */
static inline __attribute__((always_inline)) void
add_last(sums *sum, const void **w, const void **x)
{
	const bytes_at *wv = *w;
	const bytes_at *xv = *x;

	for (size_t i = 0; i < AT_ONCE * TILE_VECS; i++)
		add_step(sum[i], wv[i % TILE_VECS], xv[i / TILE_VECS * 2], 0);
	*w = wv + TILE_VECS;
	*x = xv + CHUNK;
}

/* Adds a run of a panel to a tile of each position. */
static inline __attribute__((always_inline)) void
add_packed(sums *sum, const void **w, const void **x, size_t run)
{
	for (size_t n = run / GROUP; n; n--) {
		add_pair(sum, w, x);
		add_pair(sum, w, x);
	}
	if (run & 2 * STEP)
		add_pair(sum, w, x);
	if (run & STEP)
		add_last(sum, w, x);
}
#else
static inline __attribute__((always_inline)) void
add_packed(sums *sum, const void **w, const void **x, size_t run)
{
	bytes xv[AT_ONCE];

	for (size_t n = run / GROUP; n; n--) {
		*x = load_four(xv + 4, load_four(xv, *x));
		*w = add_group(sum, *w, xv, AT_ONCE, TILE_VECS);
	}
	if (run % GROUP) {
		*x = load_four(xv + 4, load_four(xv, *x));
		*w = add_few(sum, *w, xv, run, AT_ONCE, TILE_VECS);
	}
}
#endif

static inline __attribute__((always_inline)) void
add_panel(const struct nn_conv *c, sums *sum, const void *w)
{
	const void *x = c->panel;

	for (size_t r = 0; r < c->run_count; r++)
		add_packed(sum, &w, &x, c->run);
}

/* --- a block --- */

/*
 * Scales and stores one tile. tile: its parameters; y: its outputs of a
 * position, the next one's are `pixel` bytes behind
 */
static inline __attribute__((always_inline)) void
finish(const struct nn_conv *c, sums *sum, size_t step, const uint8_t *tile,
       uint8_t *y, size_t pixel, size_t positions)
{
	const nn_shorts zero = (nn_shorts){ 0 } + c->out_zero;
	struct nn_scales s[2];

	nn_scales_load(tile + nn_conv_multiplier(0), tile + nn_conv_shift(0),
		       s);
#pragma GCC unroll 8
	for (size_t p = 0; p < positions; p++, sum += step, y += pixel) {
		nn_bytes q =
			nn_narrow(nn_scale_four(total(sum[0]), &s[0]),
				  nn_scale_four(total(sum[1]), &s[1]), zero);

		memcpy(y, &q, sizeof(q));
	}
}

static inline __attribute__((always_inline)) void
add_runs(const struct nn_conv *c, const void *const *runs, sums *sum,
	 const uint8_t *w, size_t positions, size_t tiles)
{
	for (size_t r = 0; r < c->run_count; r++) {
		const int8_t *x[AT_ONCE];

		for (size_t p = 0; p < positions; p++)
			x[p] = runs[p];
		add_run(sum, x, w, c->tile_bytes, c->run, positions, tiles);
		runs += NN_CONV_AT_ONCE;
		w += c->run * NN_TILE;
	}
}

/*
 * Computes `tiles` tiles, of which `outs` outputs are wanted. runs: NULL for
 * the panel
 */
static inline __attribute__((always_inline)) void
compute(const struct nn_conv *c, const void *const *runs, const uint8_t *tile,
	uint8_t *y, size_t positions, size_t tiles, size_t outs)
{
	const size_t stride = c->tile_bytes;
	const size_t vecs = tiles * TILE_VECS;
	const uint8_t *w = tile + c->weights;
	const bool whole = outs >= tiles * NN_TILE;
	const size_t pixel = whole ? c->out[2] : tiles * NN_TILE;
	uint8_t *to = whole ? y : (uint8_t *)c->tile;
	sums sum[AT_ONCE * TILE_VECS];

	for (size_t i = 0; i < positions * vecs; i++) {
		const void *bias = tile + i % vecs / TILE_VECS * stride;

		begin(sum[i], ((const nn_ints_at *)bias)[i % TILE_VECS]);
	}
	if (!PANELS || runs)
		add_runs(c, runs, sum, w, positions, tiles);
	else
		add_panel(c, sum, w);
#pragma GCC unroll 4
	for (size_t t = 0; t < tiles; t++)
		finish(c, sum + t * TILE_VECS, vecs, tile + t * stride,
		       to + t * NN_TILE, pixel, positions);
	if (!whole)
		nn_conv_store_part(c, y, positions, pixel, outs);
}

static inline __attribute__((always_inline)) size_t
compute_tiles(const struct nn_conv *c, const void *const *runs,
	      const uint8_t *tiles, uint8_t *y, size_t first, size_t positions,
	      size_t wide)
{
	const size_t size = c->tile_bytes;
	const size_t count = nn_conv_tiles(&c->shape);
	size_t t = first;

	for (; count - t >= wide; t += wide)
		compute(c, runs, tiles + t * size, y + t * NN_TILE, positions,
			wide, c->shape.outs - t * NN_TILE);
	return t;
}

/* Computes the tiles of AT_ONCE positions by means of a panel. */
static __attribute__((noinline)) void compute_panels(const struct nn_conv *c,
						     const void *const *runs,
						     const uint8_t *tiles,
						     uint8_t *y)
{
	pack(c, runs);
	compute_tiles(c, NULL, tiles, y, 0, AT_ONCE, 1);
}

void nn_conv8_block(const struct nn_conv *c, const uint8_t *tiles, uint8_t *y,
		    size_t count)
{
	const void *const *runs = c->runs;
	const bool packed = has_panel(c);
	size_t t = 0;

	for (; count >= AT_ONCE; count -= AT_ONCE) {
		if (packed)
			compute_panels(c, runs, tiles, y);
		else
			compute_tiles(c, runs, tiles, y, 0, AT_ONCE, 1);
		runs += AT_ONCE;
		y += AT_ONCE * c->out[2];
	}
	switch (count) {
#if AT_ONCE > 4
	case 4:
		compute_tiles(c, runs, tiles, y, 0, 4, 1);
		break;
#endif
#if AT_ONCE > 2
	case 2:
		compute_tiles(c, runs, tiles, y, 0, 2, 1);
		break;
#endif
	case 1:
		t = compute_tiles(c, runs, tiles, y, 0, 1, WIDE);
		compute_tiles(c, runs, tiles, y, t, 1, 1);
		break;
	default:
		break;
	}
}

/* Not 0 if a weight of a tile is -128, or padding is not 0. */
static uint32_t wrong_weights(const struct nn_conv_shape *s,
			      const uint8_t *tile, size_t outs)
{
	const uint8_t *w = tile + nn_conv_weights(s);
	const size_t count = nn_conv_k_padded(s) * NN_TILE;
	const size_t inputs = nn_conv_k(s);
	uint8_t padding[STEP * NN_TILE] = { 0 }; /* masks of unused outputs */
	uint8_t bad = 0;

	for (size_t i = outs * STEP; i < sizeof(padding); i++)
		padding[i] = UINT8_MAX;
	for (size_t i = 0; i < count; i += sizeof(padding)) {
		for (size_t k = 0; k < sizeof(padding); k++)
			bad |= (uint8_t)((w[i + k] & padding[k]) |
					 (w[i + k] == 0x80));
	}
	for (size_t o = 0; o < NN_TILE; o++) {
		for (size_t k = inputs; k < nn_conv_k_padded(s); k++)
			bad |= tile[nn_conv_weight(s, o, k)];
	}
	return bad;
}

uint32_t nn_conv8_wrong(const struct nn_conv_shape *s, const uint8_t *tile,
			size_t outs)
{
	uint32_t bad = wrong_weights(s, tile, outs);

	for (size_t o = 0; o < NN_TILE; o++) {
		int32_t bias = 0;
		int32_t multiplier = 0;
		int8_t shift = (int8_t)tile[nn_conv_shift(o)];

		memcpy(&bias, tile + o * sizeof(bias), sizeof(bias));
		memcpy(&multiplier, tile + nn_conv_multiplier(o),
		       sizeof(multiplier));
		bad |= nn_wrong_scale(bias, multiplier, shift, nn_conv_k(s));
		if (o >= outs)
			bad |= (uint32_t)(bias | multiplier | shift);
		bad |= tile[nn_conv_shift(NN_TILE + o)];
	}
	return bad;
}
