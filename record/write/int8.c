/* SPDX-License-Identifier: Apache-2.0 */
#include "int8.h"

#include "record/int8.h"

bool record_int8_write(const struct nn_arch *arch, const uint8_t *packed,
		       record_sink sink, void *ctx)
{
	bool ok = true;

	for (size_t i = 0; ok && i < RECORD_INT8_HEAD_BYTES; i++) {
		uint8_t byte = record_int8_head(arch, i);

		ok = sink(ctx, &byte, 1);
	}
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		for (uint32_t t = 0; t < RECORD_INT8_TENSORS; t++) {
			size_t size = record_int8_tensor_size(layer, t);

			size_t run = 0;

			for (size_t i = 0; ok && i < size; i += run) {
				const uint8_t *at =
					packed +
					record_int8_place(layer, t, i, &run);

				ok = sink(ctx, at, run);
			}
		}
		packed += nn_dense8_layer(layer);
	}
	return ok;
}
