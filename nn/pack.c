/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

size_t nn_packed_layer(const struct nn_layer *layer)
{
	return (nn_padded(layer->in) + 1) * nn_padded(layer->out);
}

size_t nn_packed_count(const struct nn_arch *arch)
{
	size_t count = 0;

	for (uint32_t l = 0; l < arch->layer_count; l++)
		count += nn_packed_layer(&arch->layers[l]);
	return count;
}

size_t nn_packed_weight(const struct nn_layer *layer, size_t i, size_t *run)
{
	size_t k = i / layer->out;
	size_t o = i % layer->out;
	size_t in_tile = NN_TILE - o % NN_TILE;
	size_t in_row = layer->out - o;

	*run = in_tile < in_row ? in_tile : in_row;
	return (o / NN_TILE * nn_padded(layer->in) + k) * NN_TILE + o % NN_TILE;
}

size_t nn_packed_bias(const struct nn_layer *layer, size_t i, size_t *run)
{
	*run = layer->out - i;
	return nn_padded(layer->in) * nn_padded(layer->out) + i;
}
