/* SPDX-License-Identifier: Apache-2.0 */
#include "int8.h"

#include <string.h>

#include "nn/reveal.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "scales and biases are stored as they come: little endian");

/* The head: magic, version 1, layers, nine sizes, bits of ReLU. */
#define AT_LAYERS 10
#define AT_SIZES  12
#define AT_RELU	  48

uint8_t record_int8_head(const struct nn_arch *arch, size_t i)
{
	static const uint8_t magic[AT_LAYERS] = RECORD_INT8_MARK "\1";
	size_t l = (i - AT_SIZES) / 4;
	uint32_t value = 0;

	if (i < AT_LAYERS)
		return magic[i];
	if (i < AT_SIZES)
		return (uint8_t)(arch->layer_count >> 8 * (i - AT_LAYERS));
	if (i < AT_RELU && l <= arch->layer_count)
		value = l ? arch->layers[l - 1].out : nn_inputs(arch);
	for (l = 0; i >= AT_RELU && l < arch->layer_count; l++)
		value |= (uint32_t)arch->layers[l].relu << l;
	return (uint8_t)(value >> 8 * (i % 4));
}

size_t record_int8_tensor_size(const struct nn_layer *layer, uint32_t tensor)
{
	return layer->out * (tensor == RECORD_INT8_WEIGHTS ? (size_t)layer->in :
							     sizeof(float));
}

size_t record_int8_place(const struct nn_layer *layer, uint32_t tensor,
			 size_t i, size_t *run)
{
	size_t k = i % layer->in;
	size_t rest = NN_DENSE8_STEP - k % NN_DENSE8_STEP;

	if (tensor == RECORD_INT8_WEIGHTS) {
		*run = layer->in - k < rest ? layer->in - k : rest;
		return nn_dense8_weight(layer, i / layer->in, k);
	}
	*run = record_int8_tensor_size(layer, tensor) - i;
	return i + (tensor == RECORD_INT8_SCALES ? nn_dense8_scales(layer) :
						   nn_dense8_bias(layer));
}

size_t record_int8_size(const struct nn_arch *arch)
{
	size_t size = RECORD_INT8_HEAD_BYTES;

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		for (uint32_t t = 0; t < RECORD_INT8_TENSORS; t++)
			size += record_int8_tensor_size(&arch->layers[l], t);
	}
	return size;
}

void record_int8_begin(struct record_int8 *r, const struct nn_arch *arch,
		       uint8_t *packed)
{
	memset(r, 0, sizeof(*r));
	r->arch = arch;
	r->packed = packed;
}

/* An exponent with all bits set carries into the sign bit. */
static uint32_t not_finite(uint32_t bits)
{
	return ((bits & 0x7f800000) + 0x00800000) >> 31;
}

/* An exponent of 0 borrows from the sign bit. */
static uint32_t not_normal(uint32_t bits)
{
	return not_finite(bits) | ((bits & 0x7f800000) - 0x00800000) >> 31;
}

static uint8_t *place(const struct record_int8 *r, size_t i, size_t *run)
{
	return r->packed + r->at +
	       record_int8_place(&r->arch->layers[r->layer], r->tensor, i, run);
}

/* Not 0 if the tensor may not contain the value. */
static uint32_t is_bad(uint32_t tensor, const uint8_t *value)
{
	uint32_t bits = 0;

	if (tensor == RECORD_INT8_WEIGHTS)
		return ((*value ^ 0x80u) - 1) >> 31;
	memcpy(&bits, value, sizeof(bits));
	if (tensor == RECORD_INT8_BIASES)
		return not_finite(bits);
	return not_normal(bits) | bits >> 31;
}

/* Checks a complete tensor, all values alike. */
static void check_tensor(struct record_int8 *r, const struct nn_layer *layer)
{
	size_t size = record_int8_tensor_size(layer, r->tensor);
	size_t step = r->tensor == RECORD_INT8_WEIGHTS ? 1 : sizeof(float);
	uint32_t any = 0;
	size_t run = 0;

	for (size_t i = 0; i < size; i += run) {
		const uint8_t *at = place(r, i, &run);

		for (size_t k = 0; k < run; k += step)
			any |= is_bad(r->tensor, at + k);
	}
	if (!NN_REVEAL(any))
		return;
	r->error = RECORD_INT8_SCALE + r->tensor;
	r->offset -= size;
	for (size_t i = 0; !NN_REVEAL(is_bad(r->tensor, place(r, i, &run)));
	     i += step)
		r->offset += step;
}

static void take_head(struct record_int8 *r, uint8_t byte)
{
	if (byte != record_int8_head(r->arch, r->offset)) {
		r->error = r->offset < AT_LAYERS ? RECORD_INT8_MAGIC :
						   RECORD_INT8_NETWORK;
		return;
	}
	r->offset++;
}

static void next_tensor(struct record_int8 *r, const struct nn_layer *layer)
{
	r->have = 0;
	if (++r->tensor < RECORD_INT8_TENSORS)
		return;
	r->tensor = 0;
	r->at += nn_dense8_layer(layer);
	r->layer++;
}

/* Takes up to `len` bytes that are stored consecutively; gives their number. */
static size_t take_run(struct record_int8 *r, const uint8_t *data, size_t len)
{
	const struct nn_layer *layer = &r->arch->layers[r->layer];
	size_t run = 0;
	uint8_t *to = place(r, r->have, &run);

	if (run > len)
		run = len;
	memcpy(to, data, run);
	r->offset += run;
	r->have += run;
	if (r->have == record_int8_tensor_size(layer, r->tensor)) {
		check_tensor(r, layer);
		if (r->error == RECORD_INT8_OK)
			next_tensor(r, layer);
	}
	return run;
}

enum record_int8_error record_int8_push(struct record_int8 *r,
					const uint8_t *data, size_t len)
{
	size_t done = 0;

	while (done < len && r->error == RECORD_INT8_OK) {
		if (r->offset < RECORD_INT8_HEAD_BYTES)
			take_head(r, data[done++]);
		else if (r->layer < r->arch->layer_count)
			done += take_run(r, data + done, len - done);
		else
			r->error = RECORD_INT8_TRAILING;
	}
	return r->error;
}

enum record_int8_error record_int8_end(struct record_int8 *r)
{
	if (r->error == RECORD_INT8_OK && r->layer < r->arch->layer_count)
		r->error = RECORD_INT8_SHORT;
	return r->error;
}
