/* SPDX-License-Identifier: Apache-2.0 */
#include "quantize.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "host/base/file.h"
#include "record/int8.h"
#include "record/write/int8.h"

static float weight(const struct nn_layer *layer, const float *packed, size_t o,
		    size_t k)
{
	size_t run = 0;

	return packed[nn_packed_weight(layer, k * layer->out + o, &run)];
}

static float scale_of(const struct nn_layer *layer, const float *packed,
		      size_t o)
{
	float most = 0;

	for (size_t k = 0; k < layer->in; k++)
		most = fmaxf(most, fabsf(weight(layer, packed, o, k)));
	return fmaxf(most / 127, FLT_MIN);
}

static void quantize_output(const struct nn_layer *layer, const float *packed,
			    size_t o, uint8_t *packed8)
{
	float scale = scale_of(layer, packed, o);
	size_t run = 0;

	for (size_t k = 0; k < layer->in; k++)
		packed8[nn_dense8_weight(layer, o, k)] =
			(uint8_t)lrintf(weight(layer, packed, o, k) / scale);
	memcpy(packed8 + nn_dense8_scales(layer) + o * sizeof(scale), &scale,
	       sizeof(scale));
	memcpy(packed8 + nn_dense8_bias(layer) + o * sizeof(float),
	       packed + nn_packed_bias(layer, o, &run), sizeof(float));
}

void enc_quantize(const struct nn_arch *arch, const float *packed,
		  uint8_t *packed8)
{
	memset(packed8, 0, nn_dense8_size(arch));
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		for (size_t o = 0; o < layer->out; o++)
			quantize_output(layer, packed, o, packed8);
		packed += nn_packed_layer(layer);
		packed8 += nn_dense8_layer(layer);
	}
}

/* enc_out_commit() notices failed writes. */
static bool sink(void *ctx, const void *data, size_t len)
{
	fwrite(data, 1, len, ctx);
	return true;
}

bool enc_quantize_write(const struct nn_arch *arch, const uint8_t *packed8,
			const char *path, struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0600, e))
		return false;
	record_int8_write(arch, packed8, sink, out.stream);
	return enc_out_commit(&out, e);
}
