/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include <string.h>

void record_pack(const struct nn_arch *arch, const float *params, float *packed)
{
	memset(packed, 0, nn_packed_count(arch) * sizeof(*packed));
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		size_t weights = (size_t)layer->in * layer->out;
		size_t run = 0;

		for (size_t i = 0; i < weights; i++)
			packed[nn_packed_weight(layer, i, &run)] = params[i];
		params += weights;
		for (size_t i = 0; i < layer->out; i++)
			packed[nn_packed_bias(layer, i, &run)] = params[i];
		params += layer->out;
		packed += nn_packed_layer(layer);
	}
}
