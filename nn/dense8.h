/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A dense layer with 8-bit integer weights and a scale for each output. Its
 * inputs are 8-bit integers with a scale for each image:
 *
 *   y[b][o] = sum over k of x[b][k] w[o][k] * (scale[b] * scale_w[o]) + bias[o]
 *
 * The sum is computed in integers, where it is exact. Then max(y, 0) if the
 * layer has `relu`. No branch and no address depends on a value. Freestanding.
 *
 * packed: for each layer its weights in tiles of NN_TILE outputs, each tile (in
 * / 4, NN_TILE, 4), then scale_w, then the bias. Widths are padded to a
 * multiple of NN_PAD: see pack.h.
 */
#ifndef NN_DENSE8_H
#define NN_DENSE8_H

#include "dense.h"

/* Inputs of one image are stored in groups of 16. */
#define NN_DENSE8_GROUP 16

/* In a tile, each output's weights are stored 4 at a time. */
#define NN_DENSE8_STEP 4

/* Bytes of the packed parameters: of one layer, of all layers. */
size_t nn_dense8_layer(const struct nn_layer *layer);
size_t nn_dense8_size(const struct nn_arch *arch);

/* Offset in the packed layer of the weight from input k to output o, bytes. */
size_t nn_dense8_weight(const struct nn_layer *layer, size_t o, size_t k);

/*
 * Offset in the packed layer of the scales, of the bias: bytes, multiples of 4.
 */
size_t nn_dense8_scales(const struct nn_layer *layer);
size_t nn_dense8_bias(const struct nn_layer *layer);

/*
 * Quantises the activations of `images` images, 1 or NN_BLOCK_IMAGES. x:
 * (images, stride) f32; `width` values of a row count, those from there to
 * nn_padded(width) are 0; q: (nn_padded(width) / GROUP, images, GROUP); scale:
 * (images)
 */
void nn_quantize(const float *x, size_t stride, size_t width, size_t images,
		 int8_t *q, float *scale);

/*
 * Computes a layer. y: (images, stride) f32; each row has room for
 * nn_padded(layer->out).
 */
void nn_dense8(const struct nn_layer *layer, const uint8_t *packed,
	       const int8_t *q, const float *scale, size_t images, float *y,
	       size_t stride);

#endif
