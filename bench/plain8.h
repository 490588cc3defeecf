/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's arithmetic with 8-bit weights (nn/dense8.h), image by image, sum
 * by sum: what it is measured against.
 */
#ifndef BENCH_PLAIN8_H
#define BENCH_PLAIN8_H

#include "nn/arch.h"

/*
 * params: for each layer the scales of its outputs (out) f32, its bias (out)
 *         f32, its weights (out, in) int8, filled up to whole floats
 * pixels: (n, nn_inputs()); logits: (n, nn_outputs()); both row-major
 * work:   plain8_work_size() bytes, aligned for a float
 */
void plain8_logits(const struct nn_arch *arch, const uint8_t *params,
		   const uint8_t *pixels, size_t n, float *logits, void *work);

/* Bytes of all parameters; of `work`. */
size_t plain8_size(const struct nn_arch *arch);
size_t plain8_work_size(const struct nn_arch *arch);

#endif
