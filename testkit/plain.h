/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's arithmetic in the plainest C, image by image and sum by sum: the
 * reference of tests and benchmarks.
 */
#ifndef TESTKIT_PLAIN_H
#define TESTKIT_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"

/*
 * params: nn_param_count() f32, in the order of a Burn record
 * pixels: (n, nn_inputs()); logits: (n, nn_outputs()); both row-major
 * work:   plain_work() floats, two rows of the network's greatest width
 */
void plain_logits(const struct nn_arch *arch, const float *params,
		  const uint8_t *pixels, size_t n, float *logits, float *work);

/* Size of `work` in floats. */
size_t plain_work(const struct nn_arch *arch);

#endif
