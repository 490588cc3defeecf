/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <string.h>

#include "nn/model.h"
#include "testkit/plain.h"
#include "testkit/plain8.h"

#define FILL 0x3c /* four of them are the float 0.0115 */

static size_t params_size(enum bench_forward what)
{
	switch (what) {
	case BENCH_F32:
		return nn_model_size(&nn_mnist, NN_FORMAT_F32);
	case BENCH_INT8:
		return nn_model_size(&nn_mnist, NN_FORMAT_INT8);
	case BENCH_PLAIN_F32:
		return nn_param_count(&nn_mnist) * sizeof(float);
	default:
		return plain8_size(&nn_mnist);
	}
}

static size_t work_size(enum bench_forward what, size_t n)
{
	switch (what) {
	case BENCH_PLAIN_F32:
		return plain_work(&nn_mnist) * sizeof(float);
	case BENCH_PLAIN_INT8:
		return plain8_work_size(&nn_mnist);
	default:
		return nn_work_size(&nn_mnist, n);
	}
}

/* Rounds the size of a part of the memory up, for alignment. */
static size_t aligned(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

static size_t images_size(size_t n)
{
	return aligned(n * nn_inputs(&nn_mnist));
}

static size_t logits_size(size_t n)
{
	return aligned(n * nn_outputs(&nn_mnist) * sizeof(float));
}

size_t bench_forward_size(enum bench_forward what, size_t n)
{
	return images_size(n) + logits_size(n) + aligned(params_size(what)) +
	       work_size(what, n);
}

void bench_forward_fill(uint8_t *memory, size_t size)
{
	memset(memory, FILL, size);
}

void bench_forward(enum bench_forward what, size_t n, size_t times,
		   uint8_t *memory)
{
	const uint8_t *images = memory;
	float *logits = (float *)(void *)(memory + images_size(n));
	void *params = memory + images_size(n) + logits_size(n);
	void *work = (uint8_t *)params + aligned(params_size(what));

	for (size_t i = 0; i < times; i++) {
		switch (what) {
		case BENCH_F32:
			nn_model_logits(&nn_mnist, NN_FORMAT_F32, params,
					images, n, logits, work);
			break;
		case BENCH_INT8:
			nn_model_logits(&nn_mnist, NN_FORMAT_INT8, params,
					images, n, logits, work);
			break;
		case BENCH_PLAIN_F32:
			plain_logits(&nn_mnist, params, images, n, logits,
				     work);
			break;
		default:
			plain8_logits(&nn_mnist, params, images, n, logits,
				      work);
		}
	}
}
