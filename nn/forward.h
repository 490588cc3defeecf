/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass: pixels to logits.
 *
 * The arithmetic is Burn 0.17's (NdArray backend), rounding by rounding: see
 * doc/DESIGN.md, "Arithmetic". No branch and no address depends on a pixel, a
 * parameter or an activation. Freestanding; the caller passes all memory.
 */
#ifndef NN_FORWARD_H
#define NN_FORWARD_H

#include <stddef.h>
#include <stdint.h>

#include "dense.h"
#include "dense8.h"

/*
 * Bytes of working memory that nn_logits() needs for n images; no more than
 * for NN_BLOCK_IMAGES, however large n is.
 */
size_t nn_work_size(const struct nn_arch *arch, size_t n);

/*
 * Logits of a batch.
 * packed: nn_packed_count() f32, see pack.h
 * images: (n, nn_inputs()) bytes, row-major, 0 = background
 * logits: (n, nn_outputs()) f32, row-major; may not overlap the others
 * work:   nn_work_size(arch, n) bytes, aligned for a float; holds activations
 *         afterwards: wipe it where they matter
 * n may be 0. An image's logits do not depend on the others in its batch.
 */
void nn_logits(const struct nn_arch *arch, const float *packed,
	       const uint8_t *images, size_t n, float *logits, void *work);

/*
 * The same for a network of 8-bit weights: nearly the same logits, of which an
 * image's do not depend on the others, either.
 * packed: nn_dense8_size() bytes, see dense8.h, aligned for a float
 */
void nn_logits8(const struct nn_arch *arch, const uint8_t *packed,
		const uint8_t *images, size_t n, float *logits, void *work);

#endif
