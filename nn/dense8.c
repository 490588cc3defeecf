/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: as dense.c, in tiles whose sums stay in registers. A vector of
 * sums holds four outputs of one image. A step takes four inputs, which one
 * SDOT multiplies and adds. Where the processor has no SDOT, or the compiler
 * was not told to use it, four other instructions give the same bits.
 */
#include "dense8.h"

#include <string.h>

#ifdef __aarch64__
#include <arm_neon.h>
#endif

#define LANES	   4 /* outputs in a vector of sums */
#define TILE_VECS  (NN_TILE / LANES)
#define STEP	   NN_DENSE8_STEP
#define GROUP_VECS (NN_DENSE8_GROUP / STEP * TILE_VECS)
#define WIDE	   4 /* tiles at once, for a single image */

/*
 * Images of a block that are computed at once; sum vectors per output vector.
 */
#if defined(__aarch64__) && !defined(__ARM_FEATURE_DOTPROD)
#define AT_ONCE 4
#define SUMS	2
#else
#define AT_ONCE 8
#define SUMS	1
#endif

typedef int8_t bytes __attribute__((vector_size(16)));
typedef int8_t bytes_at __attribute__((vector_size(16), aligned(1), may_alias));
typedef int16_t shorts __attribute__((vector_size(16)));
typedef int32_t ints __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));
typedef float floats_at __attribute__((vector_size(16), aligned(4), may_alias));

_Static_assert(NN_PAD % NN_DENSE8_GROUP == 0, "groups are whole");
_Static_assert(NN_BLOCK_IMAGES % AT_ONCE == 0 && WIDE <= AT_ONCE,
	       "blocks are whole, and sums have room");

size_t nn_dense8_bias(const struct nn_layer *layer)
{
	return nn_dense8_scales(layer) + nn_padded(layer->out) * sizeof(float);
}

size_t nn_dense8_scales(const struct nn_layer *layer)
{
	return nn_padded(layer->in) * nn_padded(layer->out);
}

size_t nn_dense8_layer(const struct nn_layer *layer)
{
	return nn_dense8_bias(layer) + nn_padded(layer->out) * sizeof(float);
}

size_t nn_dense8_size(const struct nn_arch *arch)
{
	size_t size = 0;

	for (uint32_t l = 0; l < arch->layer_count; l++)
		size += nn_dense8_layer(&arch->layers[l]);
	return size;
}

size_t nn_dense8_weight(const struct nn_layer *layer, size_t o, size_t k)
{
	return o / NN_TILE * NN_TILE * nn_padded(layer->in) +
	       k / STEP * STEP * NN_TILE + o % NN_TILE * STEP + k % STEP;
}

/* The largest absolute value, never 0. */
static float largest(const float *x, size_t width)
{
	ints most = { 0 };
	int32_t bits = 0;
	float value = 0;

	for (size_t k = 0; k < width; k += LANES) {
		/* without a sign, floats are ordered as their bits */
		ints v = (ints)(*(const floats_at *)(x + k)) & 0x7fffffff;
		ints more = v > most;

		most = (v & more) | (most & ~more);
	}
	for (size_t i = 0; i < LANES; i++) {
		int32_t more = -(most[i] > bits);

		__asm__("" : "+r"(more)); /* hides it: no branch */
		bits ^= more & (bits ^ most[i]);
	}
	__builtin_memcpy(&value, &bits, sizeof(value));
	return value + 0x1p-100f;
}

/* The integers nearest to x * inverse, for a group. */
static inline bytes group(const float *x, float inverse)
{
	/* adding this rounds, and leaves the integer in the lowest bits */
	const float round = 0x1.8p23f;
	shorts half[2];

	for (size_t i = 0; i < 2; i++) {
		const floats_at *from = (const floats_at *)x + 2 * i;

		half[i] = __builtin_shufflevector(
			(shorts)(from[0] * inverse + round),
			(shorts)(from[1] * inverse + round), 0, 2, 4, 6, 8, 10,
			12, 14);
	}
	return __builtin_shufflevector((bytes)half[0], (bytes)half[1], 0, 2, 4,
				       6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26,
				       28, 30);
}

void nn_quantize(const float *x, size_t stride, size_t width, size_t images,
		 int8_t *q, float *scale)
{
	width = nn_padded(width);
	for (size_t b = 0; b < images; b++) {
		float most = largest(x + b * stride, width);

		scale[b] = most / 127.0f;
		for (size_t k = 0; k < width; k += NN_DENSE8_GROUP)
			((bytes_at *)q)[k / NN_DENSE8_GROUP * images + b] =
				group(x + b * stride + k, 127.0f / most);
	}
}

/*
 * Adds the products of two steps of one image, `step` and step + 1 of a group,
 * for a vector of outputs, whose weights for them are w0 and w1.
 */
static inline __attribute__((always_inline)) void
add_steps(ints sum[SUMS], bytes w0, bytes w1, bytes x, int step)
{
#if defined(__ARM_FEATURE_DOTPROD)
	sum[0] = vdotq_laneq_s32(sum[0], w0, x, step);
	sum[0] = vdotq_laneq_s32(sum[0], w1, x, step + 1);
#elif defined(__aarch64__)
	int8x16_t x0 = (int8x16_t)vdupq_laneq_s32((ints)x, step);
	int8x16_t x1 = (int8x16_t)vdupq_laneq_s32((ints)x, step + 1);
	int16x8_t low = vmull_s8(vget_low_s8(w0), vget_low_s8(x0));
	int16x8_t high = vmull_high_s8(w0, x0);

	/* 2 * 127 * 127 fits in 16 bits */
	low = vmlal_s8(low, vget_low_s8(w1), vget_low_s8(x1));
	high = vmlal_high_s8(high, w1, x1);
	sum[0] = vpadalq_s16(sum[0], low);
	sum[1] = vpadalq_s16(sum[1], high);
#else
	for (int i = 0; i < LANES * STEP; i++)
		sum[0][i / STEP] += w0[i] * x[step * STEP + i % STEP] +
				    w1[i] * x[(step + 1) * STEP + i % STEP];
#endif
}

/* The sum of each output of a vector. */
static inline ints total(const ints sum[SUMS])
{
#if defined(__aarch64__) && SUMS == 2
	return vpaddq_s32(sum[0], sum[1]);
#else
	return sum[0];
#endif
}

/* Adds all steps of a group for several images. w: (step, vector of outputs) */
static inline __attribute__((always_inline)) void
add_group(ints sum[][TILE_VECS][SUMS], const bytes_at *w, const bytes *x,
	  size_t images)
{
	bytes wv[GROUP_VECS / 2];

	for (size_t i = 0; i < GROUP_VECS / 2; i++)
		wv[i] = w[i];
	for (size_t i = 0; i < images * TILE_VECS; i++)
		add_steps(sum[i / TILE_VECS][i % TILE_VECS], wv[i % TILE_VECS],
			  wv[i % TILE_VECS + TILE_VECS], x[i / TILE_VECS], 0);
	for (size_t i = 0; i < GROUP_VECS / 2; i++)
		wv[i] = w[i + GROUP_VECS / 2];
	for (size_t i = 0; i < images * TILE_VECS; i++)
		add_steps(sum[i / TILE_VECS][i % TILE_VECS], wv[i % TILE_VECS],
			  wv[i % TILE_VECS + TILE_VECS], x[i / TILE_VECS], 2);
}

/* Common to all tiles of a layer. */
struct work {
	const struct nn_layer *layer;
	const uint8_t *packed;
	const bytes_at *q; /* groups (in, images) */
	const float *scale;
	size_t images; /* in q */
	float *y;
	size_t stride;
};

/* Writes one vector of outputs, from o on, for `images` images from b on. */
static inline __attribute__((always_inline)) void
finish(const struct work *w, const ints *sum, size_t b, size_t images, size_t o)
{
	const ints keep = (ints){ 0 } - !w->layer->relu;
	const uint8_t *at = w->packed + o * sizeof(float);
	floats scales = { 0 };
	floats bias = { 0 };
	float *to = w->y + b * w->stride + o;

	memcpy(&scales, at + nn_dense8_scales(w->layer), sizeof(scales));
	memcpy(&bias, at + nn_dense8_bias(w->layer), sizeof(bias));
	for (size_t i = 0; i < images; i++, to += w->stride) {
		floats y = __builtin_convertvector(sum[i], floats) *
				   (scales * w->scale[b + i]) +
			   bias;

		*(floats_at *)to = (floats)((ints)y & (~(y < 0.0f) | keep));
	}
}

/*
 * Computes `tiles` tiles of outputs from o on, for `images` images from b on.
 * Both numbers are constants where this is inlined, so that the sums stay in
 * registers.
 */
static inline __attribute__((always_inline)) void
tile(const struct work *w, size_t o, size_t tiles, size_t b, size_t images)
{
	const size_t groups = nn_padded(w->layer->in) / NN_DENSE8_GROUP;
	const bytes_at *q = w->q + b;
	const bytes_at *wt[WIDE];
	ints sum[AT_ONCE][TILE_VECS][SUMS] = { 0 };

	for (size_t t = 0; t < tiles; t++)
		wt[t] = (const bytes_at *)w->packed +
			(o / NN_TILE + t) * groups * GROUP_VECS;
	for (size_t g = 0; g < groups; g++) {
		bytes x[AT_ONCE];

		for (size_t i = 0; i < images; i++)
			x[i] = q[i];
		for (size_t t = 0; t < tiles; t++) {
			add_group(sum + t * images, wt[t], x, images);
			wt[t] += GROUP_VECS;
		}
		q += w->images;
	}
	for (size_t i = 0; i < tiles * TILE_VECS; i++) {
		ints totals[AT_ONCE];

		for (size_t k = 0; k < images; k++)
			totals[k] = total(
				sum[i / TILE_VECS * images + k][i % TILE_VECS]);
		finish(w, totals, b, images, o + i * LANES);
	}
}

void nn_dense8(const struct nn_layer *layer, const uint8_t *packed,
	       const int8_t *q, const float *scale, size_t images, float *y,
	       size_t stride)
{
	const struct work w = {
		.layer = layer,
		.packed = packed,
		.q = (const bytes_at *)q,
		.scale = scale,
		.images = images,
		.y = y,
		.stride = stride,
	};
	const size_t out = nn_padded(layer->out);
	size_t o = 0;

	for (; images == 1 && out - o >= WIDE * NN_TILE; o += WIDE * NN_TILE)
		tile(&w, o, WIDE, 0, 1);
	for (; images == 1 && o < out; o += NN_TILE)
		tile(&w, o, 1, 0, 1);
	for (; o < out; o += NN_TILE) {
		for (size_t b = 0; b < images; b += AT_ONCE)
			tile(&w, o, 1, b, AT_ONCE);
	}
}
