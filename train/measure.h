/* SPDX-License-Identifier: Apache-2.0 */
/* Accuracy, measured with the engine that the TA runs. */
#ifndef TRAIN_MEASURE_H
#define TRAIN_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "data.h"
#include "nn/arch.h"

/* Counts images of [begin, end) with the right label. */
bool measure(const struct nn_arch *arch, const float *params,
	     const struct data *data, uint32_t begin, uint32_t end,
	     uint32_t *right, struct enc_error *e);

#endif
