/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: a layer is computed in tiles of NN_TILE outputs, whose sums
 * stay in registers. GCC's vector types become NEON, SSE or AVX, independently
 * of the loop vectoriser.
 *
 * In a block of images, a vector holds one activation of several images and is
 * multiplied by one weight after the other. For a single image, a vector holds
 * several weights and is multiplied by one activation after the other.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include "dense.h"

#include "vector.h"

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

typedef float images __attribute__((vector_size(4 * LANES)));
typedef float images_at
	__attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t images_mask __attribute__((vector_size(4 * LANES)));
typedef float four __attribute__((vector_size(16)));
typedef float four_at __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t four_mask __attribute__((vector_size(16)));

#define BLOCK_VECS (NN_BLOCK_IMAGES / LANES)
#define TILE_VECS  (NN_TILE / 4)
#define WIDE	   4 /* tiles at once, for a single image */
#define UNROLL	   16

_Static_assert(NN_PAD % UNROLL == 0 && NN_PAD % NN_TILE == 0 &&
		       NN_SUM_BLOCK % UNROLL == 0,
	       "no inputs and no outputs are left over");

/* End of the partial sum that begins with input k. */
static size_t sum_end(size_t in, size_t k)
{
	return in - k < NN_SUM_BLOCK ? in : k + NN_SUM_BLOCK;
}

/* Loads the weights of an input, then goes on to the next one. */
#ifdef NN_ARM32
#define LOAD_TILE(wv, w) ((w) = nn_load_two(wv, w))
#define NEXT_TILE(w)	 ((void)(w))
#else
#define LOAD_TILE(wv, w)                       \
	for (size_t v = 0; v < TILE_VECS; v++) \
	(wv)[v] = ((const four_at *)(w))[v]
#define NEXT_TILE(w) ((w) += NN_TILE)
#endif

/*
 * Adds the products of one input to the sums of a tile: for each of its outputs
 * and each image of a block. *w: (NN_TILE); x: (images)
 */
static inline void add_block(images sum[NN_TILE][BLOCK_VECS], const float **w,
			     const float *x)
{
	images xv[BLOCK_VECS];
	four wv[TILE_VECS];

	for (size_t v = 0; v < BLOCK_VECS; v++)
		xv[v] = ((const images_at *)x)[v];
	LOAD_TILE(wv, *w);
	for (size_t o = 0; o < NN_TILE; o++) {
		for (size_t v = 0; v < BLOCK_VECS; v++)
			NN_ADD_PRODUCT(sum[o][v], xv[v], wv[o / 4], o % 4);
	}
	NEXT_TILE(*w);
}

/* Sums a tile of a block over `count` inputs; adds them to y unless `first`. */
static inline void sum_block(const float *w, const float *x, size_t count,
			     bool first, images_at *y)
{
	images sum[NN_TILE][BLOCK_VECS] = { 0 };

	for (size_t k = 0; k < count; k += UNROLL) {
#pragma GCC unroll 16
		for (size_t i = 0; i < UNROLL; i++) {
			add_block(sum, &w, x);
			x += NN_BLOCK_IMAGES;
		}
	}
	for (size_t i = 0; i < NN_TILE * BLOCK_VECS; i++) {
		images part = sum[i / BLOCK_VECS][i % BLOCK_VECS];

		if (!first)
			part += y[i];
		y[i] = part;
	}
}

/* Adds the bias and applies ReLU. y: (NN_TILE, images) */
static inline void finish_block(const float *bias, bool relu, images_at *y)
{
	for (size_t i = 0; i < NN_TILE * BLOCK_VECS; i++) {
		images v = y[i] + bias[i / BLOCK_VECS];

		if (relu)
			v = (images)((images_mask)v & ~(v < 0.0f));
		y[i] = v;
	}
}

void nn_dense_block(const struct nn_layer *layer, const float *packed,
		    const float *x, float *y)
{
	size_t in = nn_padded(layer->in);
	size_t out = nn_padded(layer->out);
	const float *bias = packed + in * out;

	for (size_t o = 0; o < out; o += NN_TILE) {
		images_at *tile = (images_at *)(y + o * NN_BLOCK_IMAGES);

		for (size_t k = 0; k < in; k = sum_end(in, k)) {
			sum_block(packed + k * NN_TILE, x + k * NN_BLOCK_IMAGES,
				  sum_end(in, k) - k, k == 0, tile);
		}
		finish_block(bias + o, layer->relu, tile);
		packed += in * NN_TILE;
	}
}

/*
 * Sums of one image over `count` inputs, added to y unless `first`. `tiles` is
 * a constant where this is inlined; the tiles lie `size` floats apart.
 */
static inline __attribute__((always_inline)) void
sum_one(const float *w, size_t size, size_t tiles, const float *x, size_t count,
	bool first, four_at *y)
{
	const float *end = x + count;
	four sum[WIDE][TILE_VECS] = { 0 };
	const float *wt[WIDE] = { w, w + size, w + 2 * size, w + 3 * size };

	while (x != end) {
#pragma GCC unroll 16
		for (size_t i = 0; i < UNROLL; i++) {
			four xv = ((const four_at *)x)[i / 4];

			for (size_t t = 0; t < tiles; t++) {
				four wv[TILE_VECS];

				LOAD_TILE(wv, wt[t]);
				for (size_t v = 0; v < TILE_VECS; v++)
					NN_ADD_PRODUCT(sum[t][v], wv[v], xv,
						       i % 4);
				NEXT_TILE(wt[t]);
			}
		}
		x += UNROLL;
	}
	for (size_t i = 0; i < tiles * TILE_VECS; i++) {
		four part = sum[i / TILE_VECS][i % TILE_VECS];

		if (!first)
			part += y[i];
		y[i] = part;
	}
}

static inline __attribute__((always_inline)) void
tiles_one(const struct nn_layer *layer, const float *w, const float *bias,
	  size_t tiles, const float *x, float *y)
{
	size_t in = nn_padded(layer->in);
	four_at *yv = (four_at *)y;

	for (size_t k = 0; k < in; k = sum_end(in, k))
		sum_one(w + k * NN_TILE, in * NN_TILE, tiles, x + k,
			sum_end(in, k) - k, k == 0, yv);
	for (size_t i = 0; i < tiles * TILE_VECS; i++) {
		four v = yv[i] + ((const four_at *)bias)[i];

		if (layer->relu)
			v = (four)((four_mask)v & ~(v < 0.0f));
		yv[i] = v;
	}
}

void nn_dense_one(const struct nn_layer *layer, const float *packed,
		  const float *x, float *y)
{
	size_t in = nn_padded(layer->in);
	size_t out = nn_padded(layer->out);
	const float *bias = packed + in * out;
	size_t o = 0;

	for (; out - o >= WIDE * NN_TILE; o += WIDE * NN_TILE)
		tiles_one(layer, packed + o * in, bias + o, WIDE, x, y + o);
	for (; o < out; o += NN_PAD)
		tiles_one(layer, packed + o * in, bias + o, NN_PAD / NN_TILE, x,
			  y + o);
}
