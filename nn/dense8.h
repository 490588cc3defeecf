/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dense layer whose weights are 8-bit integers, each output with a scale of
 * its own, and so are its inputs, each image with a scale of its own:
 *
 *   y[b][o] = sum over k of x[b][k] w[o][k] * (scale[b] * scale_w[o]) + bias[o]
 *
 * with the sum in integers, where it is exact. Then max(y, 0) where the layer
 * has `relu`. No branch and no address depends on a value. Freestanding.
 *
 * packed: per layer its weights in tiles of NN_TILE outputs, each tile (in / 4,
 * NN_TILE, 4), then scale_w, then the bias. Widths are filled up to a multiple
 * of NN_PAD: see pack.h.
 */
#ifndef NN_DENSE8_H
#define NN_DENSE8_H

#include "dense.h"

/* Inputs of an image that lie together. */
#define NN_DENSE8_GROUP 16

/* Of which so many weights of an output do. */
#define NN_DENSE8_STEP 4

/* Bytes that the packed parameters of a layer, of all layers take. */
size_t nn_dense8_layer(const struct nn_layer *layer);
size_t nn_dense8_size(const struct nn_arch *arch);

/* Where in its packed layer the weight from input k to output o lies: bytes. */
size_t nn_dense8_weight(const struct nn_layer *layer, size_t o, size_t k);

/* Where scales, bias begin: bytes, a multiple of 4. */
size_t nn_dense8_scales(const struct nn_layer *layer);
size_t nn_dense8_bias(const struct nn_layer *layer);

/*
 * Activations of `images` images, 1 or NN_BLOCK_IMAGES, to integers.
 * x: (images, stride) f32, of which `width` count, the rest up to nn_padded()
 * 0; q: (nn_padded(width) / GROUP, images, GROUP); scale: (images)
 */
void nn_quantize(const float *x, size_t stride, size_t width, size_t images,
		 int8_t *q, float *scale);

/* y: (images, stride) f32, room for nn_padded(layer->out) in each row */
void nn_dense8(const struct nn_layer *layer, const uint8_t *packed,
	       const int8_t *q, const float *scale, size_t images, float *y,
	       size_t stride);

#endif
