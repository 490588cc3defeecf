/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass: pixels to logits to labels.
 *
 * The arithmetic is Burn 0.17's (NdArray backend), rounding by rounding: see
 * doc/DESIGN.md, "Arithmetic". No branch and no address depends on a pixel, a
 * parameter or an activation. Freestanding; the caller passes all memory.
 */
#ifndef NN_FORWARD_H
#define NN_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch.h"

/* Images that are computed together, each weight being loaded once. */
#define NN_BLOCK_IMAGES 8

/*
 * Bytes of working memory that nn_logits() needs for n images; no more than
 * for NN_BLOCK_IMAGES, however large n is.
 */
size_t nn_work_size(const struct nn_arch *arch, size_t n);

/*
 * Logits of a batch.
 * params: nn_param_count() f32, see arch.h
 * images: (n, nn_inputs()) bytes, row-major, 0 = background
 * logits: (n, nn_outputs()) f32, row-major; may not overlap the others
 * work:   nn_work_size(arch, n) bytes, aligned for a float; holds activations
 *         afterwards: wipe it where they matter
 * n may be 0. An image's logits do not depend on the others in its batch.
 */
void nn_logits(const struct nn_arch *arch, const float *params,
	       const uint8_t *images, size_t n, float *logits, void *work);

/*
 * The class of one row of logits: the first largest softmax probability, as
 * Burn's softmax and argmax give it. classes: 1 to 256.
 * False, and *label untouched, if a logit is not finite.
 */
bool nn_label(const float *logits, uint32_t classes, uint8_t *label);

#endif
