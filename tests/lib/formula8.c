/* SPDX-License-Identifier: Apache-2.0 */
#include "formula8.h"

#include <stdlib.h>
#include <string.h>

#include "nn/label.h"
#include "testkit/plain8.h"

#define TENSORS	 3
#define AT_SIZES 12
#define AT_RELU	 48

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void put32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void put_float(uint8_t *to, float value)
{
	uint32_t bits = 0;

	memcpy(&bits, &value, sizeof(bits));
	put32(to, bits);
}

/* A number below `limit`. */
static uint32_t draw(uint64_t n, uint64_t factor, uint32_t limit)
{
	return (uint32_t)((n * 2654435761u * factor >> 7) % limit);
}

size_t formula8_tensor(const struct nn_arch *arch, uint32_t layer,
		       uint32_t tensor)
{
	size_t at = FORMULA8_HEAD;

	for (uint32_t l = 0; l < layer; l++)
		at += (size_t)arch->layers[l].out * (8 + arch->layers[l].in);
	return at + 4 * tensor * arch->layers[layer].out;
}

static void put_head(const struct nn_arch *arch, uint8_t *record)
{
	uint32_t relu = 0;

	memcpy(record, "ENC-INT8\1", 10);
	record[10] = (uint8_t)arch->layer_count;
	put32(record + AT_SIZES, arch->layers[0].in);
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		put32(record + AT_SIZES + 4 * (l + 1), arch->layers[l].out);
		relu |= (uint32_t)arch->layers[l].relu << l;
	}
	put32(record + AT_RELU, relu);
}

uint8_t *formula8_record(const struct nn_arch *arch, uint64_t factor,
			 size_t *len)
{
	const struct nn_layer *last = &arch->layers[arch->layer_count - 1];
	uint8_t *record = NULL;

	*len = formula8_tensor(arch, arch->layer_count - 1, 2) +
	       (size_t)last->in * last->out;
	record = must(calloc(1, *len));
	put_head(arch, record);
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		uint8_t *scales = record + formula8_tensor(arch, l, 0);
		uint8_t *bias = record + formula8_tensor(arch, l, 1);
		uint8_t *weight = record + formula8_tensor(arch, l, 2);

		for (size_t o = 0; o < layer->out; o++) {
			put_float(scales + 4 * o,
				  (float)(1 + draw(o + l, factor, 1000)) /
					  0x1p20f);
			put_float(bias + 4 * o,
				  (float)draw(o + l + 9, factor, 2000) /
						  0x1p12f -
					  0.25f);
		}
		for (size_t i = 0; i < (size_t)layer->in * layer->out; i++)
			weight[i] =
				(uint8_t)((int)draw(i + l, factor, 255) - 127);
	}
	return record;
}

void formula8_logits(const struct nn_arch *arch, const uint8_t *record,
		     const uint8_t *pixels, size_t n, float *logits)
{
	void *work = must(malloc(plain8_work_size(arch)));

	plain8_logits(arch, record + FORMULA8_HEAD, pixels, n, logits, work);
	free(work);
}

void formula8_labels(uint64_t factor, const uint8_t *images, size_t n,
		     uint8_t *labels)
{
	const uint32_t classes = nn_outputs(&nn_mnist);
	size_t len = 0;
	uint8_t *record = formula8_record(&nn_mnist, factor, &len);
	float *logits = must(malloc(n * classes * sizeof(*logits)));

	formula8_logits(&nn_mnist, record, images, n, logits);
	for (size_t i = 0; i < n; i++) {
		if (!nn_label(logits + i * classes, classes, &labels[i]))
			abort();
	}
	free(logits);
	free(record);
}
