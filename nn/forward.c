/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: images go through the network in blocks of NN_BLOCK_IMAGES, so
 * that a loaded weight serves all of them; the rest go one by one. Activations
 * lie in two halves of the working memory: each layer reads one half and writes
 * the other. Those of a block are interleaved, (width, images). Rows are padded
 * with zeros.
 */
#include "forward.h"

#include <string.h>

#define LANES 4

typedef float floats __attribute__((vector_size(4 * LANES)));
typedef float floats_at
	__attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));

_Static_assert(NN_BLOCK_IMAGES % LANES == 0, "whole vectors of images");

static size_t widest_row(const struct nn_arch *arch)
{
	size_t widest = nn_padded(nn_inputs(arch));

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		size_t width = nn_padded(arch->layers[l].out);

		if (width > widest)
			widest = width;
	}
	return widest;
}

size_t nn_work_size(const struct nn_arch *arch, size_t n)
{
	size_t images = n < NN_BLOCK_IMAGES ? 1 : NN_BLOCK_IMAGES;

	return 2 * images * widest_row(arch) * sizeof(float);
}

/*
 * Normalises a pixel as Burn does: three roundings and true divisions. A table
 * of the 256 results would be shorter, but its addresses would depend on the
 * pixels.
 */
static inline float normalise(float mean, float std, uint8_t pixel)
{
	return ((float)pixel / 255.0f - mean) / std;
}

static inline floats normalise_four(float mean, float std, ints pixels)
{
	return (__builtin_convertvector(pixels, floats) / 255.0f - mean) / std;
}

/* Four pixels, the first in the lowest bits: little-endian. */
static inline int32_t four_pixels(const uint8_t *p)
{
	int32_t pixels = 0;

	memcpy(&pixels, p, sizeof(pixels));
	return pixels;
}

/* Pads the inputs with zeros; their weights are zeros, too. */
static void fill_up(const struct nn_arch *arch, size_t images, float *x)
{
	const size_t inputs = nn_inputs(arch);

	memset(x, 0, (nn_padded(inputs) - inputs) * images * sizeof(*x));
}

/*
 * Turns an image (inputs) into a row of activations; the compiler vectorises
 * it.
 */
static void take_one(const struct nn_arch *arch, const uint8_t *pixels,
		     float *x)
{
	const size_t inputs = nn_inputs(arch);
	const float mean = arch->mean;
	const float std = arch->std;

	for (size_t k = 0; k < inputs; k++)
		x[k] = normalise(mean, std, pixels[k]);
	fill_up(arch, 1, x + inputs);
}

/* Turns a block of images (images, inputs) into interleaved activations. */
static void take_block(const struct nn_arch *arch, const uint8_t *pixels,
		       float *x)
{
	const size_t inputs = nn_inputs(arch);
	const float mean = arch->mean;
	const float std = arch->std;
	size_t k = 0;

	for (; inputs - k >= 4; k += 4) {
		for (size_t b = 0; b < NN_BLOCK_IMAGES; b += LANES) {
			const uint8_t *p = pixels + b * inputs + k;
			const ints four = { four_pixels(p),
					    four_pixels(p + inputs),
					    four_pixels(p + 2 * inputs),
					    four_pixels(p + 3 * inputs) };

#pragma GCC unroll 4
			for (size_t i = 0; i < 4; i++)
				*(floats_at *)(x + (k + i) * NN_BLOCK_IMAGES +
					       b) =
					normalise_four(mean, std,
						       four >> 8 * i & 255);
		}
	}
	for (; k < inputs; k++) {
		for (size_t b = 0; b < NN_BLOCK_IMAGES; b++)
			x[k * NN_BLOCK_IMAGES + b] =
				normalise(mean, std, pixels[b * inputs + k]);
	}
	fill_up(arch, NN_BLOCK_IMAGES, x + k * NN_BLOCK_IMAGES);
}

/*
 * Runs all layers on `count` images at once: 1 or NN_BLOCK_IMAGES. half: the
 * two halves of the working memory
 */
static inline __attribute__((always_inline)) void
run_layers(const struct nn_arch *arch, const float *packed,
	   const uint8_t *images, size_t count, float *logits, float *half[2])
{
	const size_t classes = nn_outputs(arch);
	const float *y = half[arch->layer_count % 2];

	if (count == 1)
		take_one(arch, images, half[0]);
	else
		take_block(arch, images, half[0]);
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		if (count == 1)
			nn_dense_one(layer, packed, half[l % 2],
				     half[(l + 1) % 2]);
		else
			nn_dense_block(layer, packed, half[l % 2],
				       half[(l + 1) % 2]);
		packed += nn_packed_layer(layer);
	}
	for (size_t i = 0; i < count * classes; i++)
		logits[i] = y[i % classes * count + i / classes];
}

void nn_logits(const struct nn_arch *arch, const float *packed,
	       const uint8_t *images, size_t n, float *logits, void *work)
{
	const size_t inputs = nn_inputs(arch);
	const size_t classes = nn_outputs(arch);
	float *half[2] = { work, (float *)work + nn_work_size(arch, n) /
							 (2 * sizeof(float)) };
	size_t i = 0;

	for (; n - i >= NN_BLOCK_IMAGES; i += NN_BLOCK_IMAGES)
		run_layers(arch, packed, images + i * inputs, NN_BLOCK_IMAGES,
			   logits + i * classes, half);
	for (; i < n; i++)
		run_layers(arch, packed, images + i * inputs, 1,
			   logits + i * classes, half);
}
