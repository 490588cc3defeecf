/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the record to a temporary file beside the output, reads it back, then
 * renames it, so that the output is always complete. Both functions print what
 * is wrong.
 */
#ifndef TRAIN_OUTPUT_H
#define TRAIN_OUTPUT_H

#include <stdbool.h>

#include "nn/arch.h"

/*
 * Whether the output can be created or replaced; called before the training. A
 * path that is no regular file, such as a device, is refused, because the
 * rename would replace it.
 */
bool output_check(const char *path);

bool output_write(const char *path, const struct nn_arch *arch,
		  const float *params);

#endif
