/* SPDX-License-Identifier: Apache-2.0 */
#include "record8.h"

bool nn_record8_write(const struct nn_arch *arch, const uint8_t *packed,
		      nn_sink sink, void *ctx)
{
	bool ok = true;

	for (size_t i = 0; ok && i < NN_RECORD8_HEAD_BYTES; i++) {
		uint8_t byte = nn_record8_head(arch, i);

		ok = sink(ctx, &byte, 1);
	}
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		for (uint32_t t = 0; t < NN_RECORD8_TENSORS; t++) {
			size_t size = nn_record8_tensor_size(layer, t);

			size_t run = 0;

			for (size_t i = 0; ok && i < size; i += run) {
				const uint8_t *at =
					packed +
					nn_record8_place(layer, t, i, &run);

				ok = sink(ctx, at, run);
			}
		}
		packed += nn_dense8_layer(layer);
	}
	return ok;
}
