/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 32 bits to such of 8, for nn/dense8.h. On the owner's machine. */
#ifndef HOST_OWNER_QUANTIZE_H
#define HOST_OWNER_QUANTIZE_H

#include "host/base/error.h"
#include "nn/dense8.h"

/*
 * Symmetric, per output: the largest of its weights becomes 127 or -127.
 * packed:  nn_packed_count() f32, all finite
 * packed8: nn_dense8_size() bytes
 */
void enc_quantize(const struct nn_arch *arch, const float *packed,
		  uint8_t *packed8);

/* Writes their record to a file that nobody but its owner may read. */
bool enc_quantize_write(const struct nn_arch *arch, const uint8_t *packed8,
			const char *path, struct enc_error *e);

#endif
