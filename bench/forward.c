/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nn/forward.h"
#include "nn/pack.h"
#include "testkit/plain.h"

#define ALIGN 64   /* of what the engine reads and writes */
#define FILL  0x3c /* four of them are the float 0.0115 */

static size_t params_size(enum bench_forward what)
{
	size_t count = what == BENCH_BURN ? nn_packed_count(&nn_mnist) :
					    nn_param_count(&nn_mnist);

	return count * sizeof(float);
}

static size_t work_size(enum bench_forward what, size_t n)
{
	return what == BENCH_BURN ? nn_work_size(&nn_mnist, n) :
				    plain_work(&nn_mnist) * sizeof(float);
}

/* Rounds the size of a part of the memory up, for alignment. */
static size_t aligned(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t images_size(size_t n)
{
	return aligned(n * nn_inputs(&nn_mnist));
}

static size_t logits_size(size_t n)
{
	return aligned(n * nn_outputs(&nn_mnist) * sizeof(float));
}

/* memory: filled, for n images */
static void compute(enum bench_forward what, size_t n, uint8_t *memory)
{
	uint8_t *images = memory + -(uintptr_t)memory % ALIGN;
	float *logits = (float *)(void *)(images + images_size(n));
	void *params = images + images_size(n) + logits_size(n);
	void *work = (uint8_t *)params + aligned(params_size(what));

	if (what == BENCH_BURN)
		nn_logits(&nn_mnist, params, images, n, logits, work);
	else
		plain_logits(&nn_mnist, params, images, n, logits, work);
}

bool bench_forward(enum bench_forward what, size_t n, size_t times)
{
	size_t size = ALIGN + images_size(n) + logits_size(n) +
		      aligned(params_size(what)) + work_size(what, n);
	uint8_t *memory = malloc(size);

	if (!memory)
		return false;
	memset(memory, FILL, size);
	for (size_t i = 0; i < times; i++)
		compute(what, n, memory);
	free(memory);
	return true;
}
