/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dense layer of a network of arch.h: y = x W + b, then max(y, 0) if it has
 * `relu`.
 *
 * packed: the layer's parameters, see pack.h. x and y do not overlap. y has
 * room for nn_padded(layer->out) outputs; those behind the layer's last output
 * have no meaning. Freestanding.
 */
#ifndef NN_DENSE_H
#define NN_DENSE_H

#include "pack.h"

/* Images that are computed together: each weight is loaded once for them. */
#ifdef __AVX512F__
#define NN_BLOCK_IMAGES 32
#elif defined(__arm__)
#define NN_BLOCK_IMAGES 4
#else
#define NN_BLOCK_IMAGES 8
#endif

/* One image. x: (in); y: (out) */
void nn_dense_one(const struct nn_layer *layer, const float *packed,
		  const float *x, float *y);

/* A block of images. x: (in, NN_BLOCK_IMAGES); y: (out, NN_BLOCK_IMAGES) */
void nn_dense_block(const struct nn_layer *layer, const float *packed,
		    const float *x, float *y);

#endif
