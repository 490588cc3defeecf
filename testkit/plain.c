/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

#define SUM_BLOCK 256

static size_t widest(const struct nn_arch *arch)
{
	size_t widest = nn_inputs(arch);

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		if (arch->layers[l].out > widest)
			widest = arch->layers[l].out;
	}
	return widest;
}

size_t plain_work(const struct nn_arch *arch)
{
	return 2 * widest(arch);
}

/* x: (in), y: (out) */
static void dense(const struct nn_layer *layer, const float *params,
		  const float *x, float *y)
{
	const float *bias = params + (size_t)layer->in * layer->out;

	for (size_t o = 0; o < layer->out; o++) {
		float sum = 0;

		for (size_t k = 0; k < layer->in;) {
			float part = 0;

			do {
				part += x[k] * params[k * layer->out + o];
			} while (++k < layer->in && k % SUM_BLOCK);
			sum += part;
		}
		sum += bias[o];
		y[o] = layer->relu && sum < 0 ? 0 : sum;
	}
}

static void image(const struct nn_arch *arch, const float *params,
		  const uint8_t *pixels, float *logits, float *work)
{
	float *half[2] = { work, work + widest(arch) };

	for (size_t k = 0; k < nn_inputs(arch); k++)
		half[0][k] = ((float)pixels[k] / 255 - arch->mean) / arch->std;
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		bool last = l + 1 == arch->layer_count;

		dense(layer, params, half[l % 2],
		      last ? logits : half[(l + 1) % 2]);
		params += ((size_t)layer->in + 1) * layer->out;
	}
}

void plain_logits(const struct nn_arch *arch, const float *params,
		  const uint8_t *pixels, size_t n, float *logits, float *work)
{
	for (size_t i = 0; i < n; i++)
		image(arch, params, pixels + i * nn_inputs(arch),
		      logits + i * nn_outputs(arch), work);
}
