/* SPDX-License-Identifier: Apache-2.0 */
/* Converts f32 weights to int8 for nn/dense8.h. Workstation only. */
#ifndef HOST_OWNER_QUANTIZE_H
#define HOST_OWNER_QUANTIZE_H

#include "host/base/error.h"
#include "nn/dense8.h"

/*
 * Symmetric, with a scale for each output: its largest weight becomes 127 or
 * -127.
 * packed:  nn_packed_count() f32, all finite
 * packed8: nn_dense8_size() bytes
 */
void enc_quantize(const struct nn_arch *arch, const float *packed,
		  uint8_t *packed8);

/* Writes the record of these weights to a file with mode 0600. */
bool enc_quantize_write(const struct nn_arch *arch, const uint8_t *packed8,
			const char *path, struct enc_error *e);

#endif
