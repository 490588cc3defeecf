/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the record. The output is replaced by a complete record that the
 * reader of the TA takes, or not at all.
 */
#ifndef TRAIN_OUTPUT_H
#define TRAIN_OUTPUT_H

#include "host/base/error.h"
#include "nn/arch.h"

/* Whether the output can be created or replaced; called before the training. */
bool output_check(const char *path, struct enc_error *e);

/* params: (nn_param_count()) */
bool output_write(const char *path, const struct nn_arch *arch,
		  const float *params, struct enc_error *e);

#endif
