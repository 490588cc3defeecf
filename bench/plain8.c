/* SPDX-License-Identifier: Apache-2.0 */
#include "plain8.h"

static size_t layer_size(const struct nn_layer *layer)
{
	return 2 * layer->out * sizeof(float) +
	       ((size_t)layer->in * layer->out + 3) / 4 * 4;
}

size_t plain8_size(const struct nn_arch *arch)
{
	size_t size = 0;

	for (uint32_t l = 0; l < arch->layer_count; l++)
		size += layer_size(&arch->layers[l]);
	return size;
}

static size_t widest(const struct nn_arch *arch)
{
	size_t widest = nn_inputs(arch);

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		if (arch->layers[l].out > widest)
			widest = arch->layers[l].out;
	}
	return widest;
}

/* A row of activations, and one of integers. */
size_t plain8_work_size(const struct nn_arch *arch)
{
	return widest(arch) * (sizeof(float) + 1);
}

/* To the nearest integers; answers what one of them is worth. */
static float quantize(const float *x, size_t width, int8_t *q)
{
	float most = 0x1p-100f;

	for (size_t k = 0; k < width; k++) {
		float size = x[k] < 0 ? -x[k] : x[k];

		most = size > most ? size : most;
	}
	for (size_t k = 0; k < width; k++) {
		float scaled = x[k] * (127 / most);

		q[k] = (int8_t)(scaled < 0 ? scaled - 0.5f : scaled + 0.5f);
	}
	return most / 127;
}

static void dense(const struct nn_layer *layer, const uint8_t *params,
		  const int8_t *q, float scale, float *y)
{
	const float *scales = (const float *)(const void *)params;
	const float *bias = scales + layer->out;
	const int8_t *w = (const int8_t *)(bias + layer->out);

	for (size_t o = 0; o < layer->out; o++) {
		int32_t sum = 0;
		float value = 0;

		for (size_t k = 0; k < layer->in; k++)
			sum += q[k] * w[o * layer->in + k];
		value = (float)sum * (scale * scales[o]) + bias[o];
		y[o] = layer->relu && value < 0 ? 0 : value;
	}
}

void plain8_logits(const struct nn_arch *arch, const uint8_t *params,
		   const uint8_t *pixels, size_t n, float *logits, void *work)
{
	float *x = work;
	int8_t *q = (int8_t *)(x + widest(arch));

	for (size_t i = 0; i < n; i++, pixels += nn_inputs(arch)) {
		const uint8_t *at = params;

		for (size_t k = 0; k < nn_inputs(arch); k++)
			x[k] = ((float)pixels[k] / 255 - arch->mean) /
			       arch->std;
		for (uint32_t l = 0; l < arch->layer_count; l++) {
			const struct nn_layer *layer = &arch->layers[l];
			float scale = quantize(x, layer->in, q);

			dense(layer, at, q, scale, x);
			at += layer_size(layer);
		}
		for (size_t o = 0; o < nn_outputs(arch); o++)
			*logits++ = x[o];
	}
}
