/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's arithmetic with 8-bit weights (nn/dense8.h) in the plainest C,
 * image by image and sum by sum: the reference of tests and benchmarks. It
 * follows doc/FORMAT.md and doc/ENGINE.md, and uses nothing of nn/ but the
 * description of a network.
 */
#ifndef TESTKIT_PLAIN8_H
#define TESTKIT_PLAIN8_H

#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"

/*
 * params: the tensors of an int8 record: for each layer the scales of its
 *         outputs (out) f32, its bias (out) f32, its weights (out, in) int8
 * pixels: (n, nn_inputs()); logits: (n, nn_outputs()); both row-major
 * work:   plain8_work_size() bytes, aligned for a float
 */
void plain8_logits(const struct nn_arch *arch, const uint8_t *params,
		   const uint8_t *pixels, size_t n, float *logits, void *work);

/* Bytes of all parameters, and of `work`. */
size_t plain8_size(const struct nn_arch *arch);
size_t plain8_work_size(const struct nn_arch *arch);

#endif
