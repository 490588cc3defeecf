/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Each hidden value is dropped with this probability. */
#define DROPOUT 0.05f

/* Label smoothing: target probability of all wrong classes together. */
#define SMOOTHING 0.1f

bool batch_create(struct batch *batch, const struct nn_arch *arch, size_t size)
{
	bool ok = false;

	*batch = (struct batch){ .arch = arch, .size = size };
	if (arch->layer_count > NETWORK_LAYERS_MAX)
		return false;
	batch->labels = calloc(size, 1);
	batch->values[0] = calloc(size * nn_inputs(arch), sizeof(float));
	ok = batch->labels && batch->values[0];
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		size_t count = size * arch->layers[l].out;

		batch->values[l + 1] = calloc(count, sizeof(float));
		batch->slopes[l] = calloc(count, sizeof(float));
		ok = ok && batch->values[l + 1] && batch->slopes[l];
	}
	if (!ok)
		batch_free(batch);
	return ok;
}

void batch_free(struct batch *batch)
{
	free(batch->labels);
	for (size_t l = 0; l < NETWORK_LAYERS_MAX; l++) {
		free(batch->values[l]);
		free(batch->slopes[l]);
	}
	free(batch->values[NETWORK_LAYERS_MAX]);
	*batch = (struct batch){ 0 };
}

void network_init(const struct nn_arch *arch, float *params,
		  struct random *random)
{
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		size_t weights = (size_t)layer->in * layer->out;
		float limit = sqrtf(6.0f / (float)layer->in);

		for (size_t i = 0; i < weights; i++)
			params[i] = random_within(random, limit);
		memset(params + weights, 0, layer->out * sizeof(float));
		params += weights + layer->out;
	}
}

/* ReLU, then dropout. Kept values are scaled up to keep the expected sum. */
static void activate(float *values, size_t count, struct random *random)
{
	const uint32_t dropped = (uint32_t)(DROPOUT * 0x1p32f);

	for (size_t i = 0; i < count; i++) {
		bool stays = random_bits(random) >= dropped && values[i] > 0;

		values[i] = stays ? values[i] / (1.0f - DROPOUT) : 0.0f;
	}
}

static void forward(struct batch *batch, const float *params,
		    struct random *random)
{
	for (uint32_t l = 0; l < batch->arch->layer_count; l++) {
		const struct nn_layer *layer = &batch->arch->layers[l];
		const float *bias = params + (size_t)layer->in * layer->out;
		float *y = batch->values[l + 1];

		for (size_t i = 0; i < batch->size; i++)
			memcpy(y + i * layer->out, bias,
			       layer->out * sizeof(float));
		cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans,
			    (blasint)batch->size, (blasint)layer->out,
			    (blasint)layer->in, 1.0f, batch->values[l],
			    (blasint)layer->in, params, (blasint)layer->out,
			    1.0f, y, (blasint)layer->out);
		if (layer->relu)
			activate(y, batch->size * layer->out, random);
		params = bias + layer->out;
	}
}

/* Cross-entropy of softmax(logits), and its derivative: softmax - target. */
static struct score judge(const float *logits, float *slope, size_t classes,
			  uint8_t label)
{
	float others = SMOOTHING / (float)(classes - 1);
	double loss = 0.0;
	float sum = 0.0f;
	size_t best = 0;

	for (size_t c = 1; c < classes; c++) {
		if (logits[c] > logits[best])
			best = c;
	}
	for (size_t c = 0; c < classes; c++) {
		slope[c] = expf(logits[c] - logits[best]);
		sum += slope[c];
	}
	for (size_t c = 0; c < classes; c++) {
		float target = c == label ? 1.0f - SMOOTHING : others;

		loss += target * (logf(sum) - (logits[c] - logits[best]));
		slope[c] = slope[c] / sum - target;
	}
	return (struct score){ .loss = loss, .right = best == label };
}

/*
 * From the slopes of a layer's outputs to those of its parameters, and, if
 * `below` is not NULL, of its inputs. An input that is 0 was cut off by ReLU or
 * dropout, so its slope is 0.
 */
static void layer_backward(const struct nn_layer *layer, size_t size,
			   const float *x, const float *slope,
			   const float *weight, float *gradient, float *below)
{
	float *bias = gradient + (size_t)layer->in * layer->out;

	cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)layer->in,
		    (blasint)layer->out, (blasint)size, 1.0f, x,
		    (blasint)layer->in, slope, (blasint)layer->out, 0.0f,
		    gradient, (blasint)layer->out);
	memset(bias, 0, layer->out * sizeof(float));
	for (size_t i = 0; i < size; i++) {
		for (size_t o = 0; o < layer->out; o++)
			bias[o] += slope[i * layer->out + o];
	}
	if (!below)
		return;
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)size,
		    (blasint)layer->in, (blasint)layer->out, 1.0f, slope,
		    (blasint)layer->out, weight, (blasint)layer->out, 0.0f,
		    below, (blasint)layer->in);
	for (size_t i = 0; i < size * layer->in; i++)
		below[i] = x[i] > 0 ? below[i] / (1.0f - DROPOUT) : 0.0f;
}

static void backward(struct batch *batch, const float *params, float *gradient)
{
	size_t at = nn_param_count(batch->arch);

	for (uint32_t l = batch->arch->layer_count; l-- > 0;) {
		const struct nn_layer *layer = &batch->arch->layers[l];

		at -= ((size_t)layer->in + 1) * layer->out;
		layer_backward(layer, batch->size, batch->values[l],
			       batch->slopes[l], params + at, gradient + at,
			       l > 0 ? batch->slopes[l - 1] : NULL);
	}
}

struct score network_learn(struct batch *batch, const float *params,
			   float *gradient, struct random *random)
{
	uint32_t last = batch->arch->layer_count - 1;
	size_t classes = nn_outputs(batch->arch);
	struct score sum = { 0 };

	forward(batch, params, random);
	for (size_t i = 0; i < batch->size; i++) {
		struct score one = judge(batch->values[last + 1] + i * classes,
					 batch->slopes[last] + i * classes,
					 classes, batch->labels[i]);

		sum.loss += one.loss;
		sum.right += one.right;
	}
	backward(batch, params, gradient);
	return sum;
}
