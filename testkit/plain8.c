/* SPDX-License-Identifier: Apache-2.0 */
#include "plain8.h"

#include <string.h>

static size_t layer_size(const struct nn_layer *layer)
{
	return (size_t)layer->out * (2 * sizeof(float) + layer->in);
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

/* Rounds to nearest, ties to even. Returns the scale: the value of 1. */
static float quantize(const float *x, size_t width, int8_t *q)
{
	float most = 0;

	for (size_t k = 0; k < width; k++) {
		float size = x[k] < 0 ? -x[k] : x[k];

		most = size > most ? size : most;
	}
	most += 0x1p-100f;
	for (size_t k = 0; k < width; k++)
		q[k] = (int8_t)__builtin_rintf(x[k] * (127 / most));
	return most / 127;
}

/* Float i of a tensor, which may be unaligned. */
static float at(const uint8_t *tensor, size_t i)
{
	float value = 0;

	memcpy(&value, tensor + i * sizeof(value), sizeof(value));
	return value;
}

static void dense(const struct nn_layer *layer, const uint8_t *params,
		  const int8_t *q, float scale, float *y)
{
	const uint8_t *bias = params + layer->out * sizeof(float);
	const int8_t *w = (const int8_t *)(bias + layer->out * sizeof(float));

	for (size_t o = 0; o < layer->out; o++) {
		int32_t sum = 0; /* at most 65535 * 127 * 127 */
		float value = 0;

		for (size_t k = 0; k < layer->in; k++)
			sum += q[k] * w[o * layer->in + k];
		value = (float)sum * (scale * at(params, o)) + at(bias, o);
		y[o] = layer->relu && value < 0 ? 0 : value;
	}
}

static void image(const struct nn_arch *arch, const uint8_t *params,
		  const uint8_t *pixels, float *logits, float *x)
{
	int8_t *q = (int8_t *)(x + widest(arch));

	for (size_t k = 0; k < nn_inputs(arch); k++)
		x[k] = ((float)pixels[k] / 255 - arch->mean) / arch->std;
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		float scale = quantize(x, layer->in, q);

		dense(layer, params, q, scale, x);
		params += layer_size(layer);
	}
	memcpy(logits, x, nn_outputs(arch) * sizeof(*logits));
}

void plain8_logits(const struct nn_arch *arch, const uint8_t *params,
		   const uint8_t *pixels, size_t n, float *logits, void *work)
{
	for (size_t i = 0; i < n; i++)
		image(arch, params, pixels + i * nn_inputs(arch),
		      logits + i * nn_outputs(arch), work);
}
