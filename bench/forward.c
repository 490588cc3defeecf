/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <string.h>

#include "network.h"
#include "nn/forward.h"
#include "nn/pack.h"
#include "testkit/plain.h"

#define FILL 0x3c /* four of them are the float 0.0115 */

static size_t params_size(enum bench_forward what)
{
	switch (what) {
	case BENCH_F32:
		return bench_network_params(NN_F32);
	case BENCH_INT8:
		return bench_network_params(NN_INT8);
	case BENCH_BURN:
		return nn_packed_count(&nn_mnist) * sizeof(float);
	default:
		return nn_param_count(&nn_mnist) * sizeof(float);
	}
}

static size_t work_size(enum bench_forward what, size_t n)
{
	switch (what) {
	case BENCH_F32:
		return bench_network_work(NN_F32);
	case BENCH_INT8:
		return bench_network_work(NN_INT8);
	case BENCH_BURN:
		return nn_work_size(&nn_mnist, n);
	default:
		return plain_work(&nn_mnist) * sizeof(float);
	}
}

/* Rounds the size of a part of the memory up, for alignment. */
static size_t aligned(size_t size)
{
	return (size + BENCH_ALIGN - 1) / BENCH_ALIGN * BENCH_ALIGN;
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
	return BENCH_ALIGN + images_size(n) + logits_size(n) +
	       aligned(params_size(what)) + work_size(what, n);
}

void bench_forward_fill(uint8_t *memory, size_t size)
{
	memset(memory, FILL, size);
}

void bench_forward(enum bench_forward what, size_t n, size_t times,
		   uint8_t *memory)
{
	uint8_t *images = memory + -(uintptr_t)memory % BENCH_ALIGN;
	float *logits = (float *)(void *)(images + images_size(n));
	void *params = images + images_size(n) + logits_size(n);
	void *work = (uint8_t *)params + aligned(params_size(what));

	if (what == BENCH_F32)
		bench_network(NN_F32, params, images, n, times, work);
	if (what == BENCH_INT8)
		bench_network(NN_INT8, params, images, n, times, work);
	for (size_t i = 0; what == BENCH_BURN && i < times; i++)
		nn_logits(&nn_mnist, params, images, n, logits, work);
	for (size_t i = 0; what == BENCH_PLAIN_F32 && i < times; i++)
		plain_logits(&nn_mnist, params, images, n, logits, work);
}
