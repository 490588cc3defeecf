/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the engine keeps a network's parameters: in tiles of NN_TILE outputs, so
 * that the weights that are used together lie together.
 *
 * Per layer: its tiles, each (in, NN_TILE) row-major, then its bias. Inputs and
 * outputs are filled up to a multiple of NN_PAD with weights and biases of 0.
 * Freestanding.
 */
#ifndef NN_PACK_H
#define NN_PACK_H

#include "arch.h"

#define NN_TILE 8  /* outputs of a tile */
#define NN_PAD	16 /* widths are filled up to a multiple of this */

static inline size_t nn_padded(size_t width)
{
	return (width + NN_PAD - 1) / NN_PAD * NN_PAD;
}

/* Floats that the packed parameters of a layer, of all layers take. */
size_t nn_packed_layer(const struct nn_layer *layer);
size_t nn_packed_count(const struct nn_arch *arch);

/*
 * Where in its packed layer value i of a tensor lies, the i-th in the order of
 * a Burn record; in *run, how many values lie one after another from there.
 */
size_t nn_packed_weight(const struct nn_layer *layer, size_t i, size_t *run);
size_t nn_packed_bias(const struct nn_layer *layer, size_t i, size_t *run);

#endif
