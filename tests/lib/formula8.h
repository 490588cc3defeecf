/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of 8-bit weights made by a formula, for any network, written from
 * doc/FORMAT.md without code from nn/; and the results of plain sums (plain8.h)
 * on them.
 */
#ifndef TEST_FORMULA8_H
#define TEST_FORMULA8_H

#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"

#define FORMULA8_HEAD 52

/* The caller frees it. Other values of `factor` make other models. */
uint8_t *formula8_record(const struct nn_arch *arch, uint64_t factor,
			 size_t *len);

/* Offsets of a layer's tensors in it: scales, bias, weight. */
size_t formula8_tensor(const struct nn_arch *arch, uint32_t layer,
		       uint32_t tensor);

/* pixels: (n, nn_inputs()); logits: (n, nn_outputs()) */
void formula8_logits(const struct nn_arch *arch, const uint8_t *record,
		     const uint8_t *pixels, size_t n, float *logits);

/* The labels of n images (n, 784) by these logits, with nn_mnist's record. */
void formula8_labels(uint64_t factor, const uint8_t *images, size_t n,
		     uint8_t *labels);

#endif
