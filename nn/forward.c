/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: images go through the network in blocks of NN_BLOCK_IMAGES, so
 * that a weight that was loaded serves all of them; those left over go one by
 * one. Activations lie in one of two halves of the working memory: each layer
 * reads one half and writes the other. Those of a block are interleaved,
 * (width, images). Rows are filled up with zeros.
 */
#include "forward.h"

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
 * `count` images (count, inputs) to activations (inputs, count), which Burn has
 * with three roundings and a true division. A table of the 256 results would be
 * shorter, and its addresses would depend on the pixels.
 */
static void normalise(const struct nn_arch *arch, const uint8_t *pixels,
		      size_t count, float *x)
{
	size_t inputs = nn_inputs(arch);
	size_t i = 0;

	for (size_t k = 0; k < inputs; k++) {
		for (size_t b = 0; b < count; b++, i++)
			x[i] = ((float)pixels[b * inputs + k] / 255.0f -
				arch->mean) /
			       arch->std;
	}
	for (; i < nn_padded(inputs) * count; i++)
		x[i] = 0.0f;
}

/*
 * All layers, of `count` images at once: 1 or NN_BLOCK_IMAGES.
 * half: two of those of the working memory
 */
static inline __attribute__((always_inline)) void
infer(const struct nn_arch *arch, const float *packed, const uint8_t *images,
      size_t count, float *logits, float *half[2])
{
	const size_t classes = nn_outputs(arch);
	const float *y = half[arch->layer_count % 2];

	normalise(arch, images, count, half[0]);
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
		infer(arch, packed, images + i * inputs, NN_BLOCK_IMAGES,
		      logits + i * classes, half);
	for (; i < n; i++)
		infer(arch, packed, images + i * inputs, 1,
		      logits + i * classes, half);
}
