/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass of a network of arch.h: pixels to logits.
 *
 * The arithmetic is that of Burn 0.17 (NdArray backend), rounding by rounding:
 * see doc/ENGINE.md, "Arithmetic". No branch and no address depends on a pixel,
 * a parameter or an activation. Freestanding; the caller passes all memory.
 */
#ifndef NN_FORWARD_H
#define NN_FORWARD_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"

/*
 * Bytes of working memory that nn_logits() needs for n images; never more than
 * for NN_BLOCK_IMAGES.
 */
size_t nn_work_size(const struct nn_arch *arch, size_t n);

/*
 * Computes the logits of a batch.
 * packed: nn_packed_count() f32, see pack.h
 * images: (n, nn_inputs()) bytes, row-major, 0 = background
 * logits: (n, nn_outputs()) f32, row-major; may not overlap the others
 * work:   nn_work_size(arch, n) bytes, aligned for a float; holds activations
 *         afterwards: wipe it where they are secret
 * n may be 0. An image's logits do not depend on the other images of its batch.
 */
void nn_logits(const struct nn_arch *arch, const float *packed,
	       const uint8_t *images, size_t n, float *logits, void *work);

#endif
