/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 32 bits to such of 8, for nn/dense8.h. On the owner's machine. */
#ifndef ENC_QUANTIZE_H
#define ENC_QUANTIZE_H

#include "nn/dense8.h"

/*
 * Symmetric, per output: the largest of its weights becomes 127 or -127.
 * packed:  nn_packed_count() f32, all finite
 * packed8: nn_dense8_size() bytes
 */
void enc_quantize(const struct nn_arch *arch, const float *packed,
		  uint8_t *packed8);

#endif
