/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the parameters of a network of arch.h: tiles of NN_TILE outputs,
 * so that weights that are used together lie together.
 *
 * For each layer: its tiles, each (in, NN_TILE) row-major, then its bias.
 * Inputs and outputs are padded to a multiple of NN_PAD with weights and biases
 * of 0. Freestanding.
 */
#ifndef NN_PACK_H
#define NN_PACK_H

#include "arch.h"
#include "tile.h"

#define NN_PAD 16 /* widths are padded to a multiple of this */

static inline size_t nn_padded(size_t width)
{
	return (width + NN_PAD - 1) / NN_PAD * NN_PAD;
}

/* Number of floats in the packed parameters: of one layer, of all layers. */
size_t nn_packed_layer(const struct nn_layer *layer);
size_t nn_packed_count(const struct nn_arch *arch);

/*
 * Offset in the packed layer, in floats, of value i of a tensor, in the order
 * of a Burn record. *run: how many values of the tensor are stored
 * consecutively from there.
 */
size_t nn_packed_weight(const struct nn_layer *layer, size_t i, size_t *run);
size_t nn_packed_bias(const struct nn_layer *layer, size_t i, size_t *run);

#endif
