/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: as dense.c, in tiles whose sums stay in registers: a vector of
 * sums has four outputs of one image. A step takes four inputs, which SDOT
 * multiplies and adds at once; where the processor has no such instruction, or
 * the compiler was not told so, four others do the same, to the same bits.
 */
#include "dense8.h"

#ifdef __ARM_NEON
#include <arm_neon.h>
#endif

#define LANES	  4 /* outputs in a vector of sums */
#define TILE_VECS (NN_TILE / LANES)
#define STEP	  NN_DENSE8_STEP
#define STEPS	  (NN_DENSE8_GROUP / STEP)

typedef int8_t bytes __attribute__((vector_size(16)));
typedef int8_t bytes_at __attribute__((vector_size(16), aligned(1), may_alias));
typedef int16_t shorts __attribute__((vector_size(16)));
typedef int32_t ints __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));
typedef float floats_at __attribute__((vector_size(16), aligned(4), may_alias));

_Static_assert(NN_PAD % NN_DENSE8_GROUP == 0, "groups are whole");

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

/* The largest of the absolute values; not 0. */
static float largest(const float *x, size_t width)
{
	ints most = { 0 };
	int32_t bits = 0;
	float value = 0;

	for (size_t k = 0; k < width; k += LANES) {
		/* without their sign, floats are in the order of their bits */
		ints v = (ints)(*(const floats_at *)(x + k)) & 0x7fffffff;
		ints more = v > most;

		most = (v & more) | (most & ~more);
	}
	for (size_t i = 0; i < LANES; i++) {
		int32_t more = -(most[i] > bits);

		bits ^= more & (bits ^ most[i]);
	}
	__builtin_memcpy(&value, &bits, sizeof(value));
	return value + 0x1p-100f;
}

/* The integers nearest to x * inverse, of a group. */
static inline bytes group(const float *x, float inverse)
{
	/* adding this rounds, and leaves the integer in the lowest bits */
	const float round = 0x1.8p23f;
	shorts half[2];

	for (size_t i = 0; i < 2; i++) {
		const floats_at *from = (const floats_at *)x + 2 * i;

		half[i] = __builtin_shuffle(
			(shorts)(from[0] * inverse + round),
			(shorts)(from[1] * inverse + round),
			(shorts){ 0, 2, 4, 6, 8, 10, 12, 14 });
	}
	return __builtin_shuffle((bytes)half[0], (bytes)half[1],
				 (bytes){ 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
					  22, 24, 26, 28, 30 });
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
 * To each sum, which is one output's, the products of its weights and inputs 4
 * `step`, ... of a group.
 */
static inline __attribute__((always_inline)) ints dot(ints sum, bytes w,
						      bytes x, int step)
{
#if defined(__ARM_FEATURE_DOTPROD)
	return (ints)vdotq_laneq_s32((int32x4_t)sum, (int8x16_t)w, (int8x16_t)x,
				     step);
#elif defined(__ARM_NEON)
	int8x16_t four = (int8x16_t)vdupq_laneq_s32((int32x4_t)x, step);
	int16x8_t low = vmull_s8(vget_low_s8((int8x16_t)w), vget_low_s8(four));
	int16x8_t high = vmull_high_s8((int8x16_t)w, four);

	return (ints)vpadalq_s16((int32x4_t)sum, vpaddq_s16(low, high));
#else
	for (int i = 0; i < LANES * STEP; i++)
		sum[i / STEP] += w[i] * x[step * STEP + i % STEP];
	return sum;
#endif
}

static inline __attribute__((always_inline)) void
add_step(ints sum[NN_BLOCK_IMAGES][TILE_VECS], const bytes_at *w,
	 const bytes *x, size_t images, int step)
{
	bytes wv[TILE_VECS];

	for (size_t v = 0; v < TILE_VECS; v++)
		wv[v] = w[(size_t)step * TILE_VECS + v];
	for (size_t b = 0; b < images; b++) {
		for (size_t v = 0; v < TILE_VECS; v++)
			sum[b][v] = dot(sum[b][v], wv[v], x[b], step);
	}
}

/* A tile of outputs, of `images` images, a constant where this is inlined. */
static inline __attribute__((always_inline)) void
tile(const struct nn_layer *layer, const bytes_at *w, const floats_at *scale_w,
     const floats_at *bias, const bytes_at *q, const float *scale,
     size_t images, float *y, size_t stride)
{
	ints sum[NN_BLOCK_IMAGES][TILE_VECS] = { 0 };

	for (size_t k = 0; k < nn_padded(layer->in); k += NN_DENSE8_GROUP) {
		bytes x[NN_BLOCK_IMAGES];

		for (size_t b = 0; b < images; b++)
			x[b] = q[b];
		add_step(sum, w, x, images, 0);
		add_step(sum, w, x, images, 1);
		add_step(sum, w, x, images, 2);
		add_step(sum, w, x, images, 3);
		w += STEPS * TILE_VECS;
		q += images;
	}
	for (size_t b = 0; b < images; b++) {
		for (size_t v = 0; v < TILE_VECS; v++) {
			floats f = __builtin_convertvector(sum[b][v], floats) *
					   (scale_w[v] * scale[b]) +
				   bias[v];

			if (layer->relu)
				f = (floats)((ints)f & ~(f < 0.0f));
			*(floats_at *)(y + b * stride + v * LANES) = f;
		}
	}
}

void nn_dense8(const struct nn_layer *layer, const uint8_t *packed,
	       const int8_t *q, const float *scale, size_t images, float *y,
	       size_t stride)
{
	const size_t in = nn_padded(layer->in);

	for (size_t o = 0; o < nn_padded(layer->out); o += NN_TILE) {
		const bytes_at *w = (const bytes_at *)(packed + o * in);
		const floats_at *scale_w =
			(const floats_at *)(packed + nn_dense8_scales(layer)) +
			o / LANES;
		const floats_at *bias =
			(const floats_at *)(packed + nn_dense8_bias(layer)) +
			o / LANES;

		if (images == 1)
			tile(layer, w, scale_w, bias, (const bytes_at *)q,
			     scale, 1, y + o, stride);
		else
			tile(layer, w, scale_w, bias, (const bytes_at *)q,
			     scale, NN_BLOCK_IMAGES, y + o, stride);
	}
}
