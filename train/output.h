/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record's way to its file: written beside it, read back, then renamed, so
 * that what has that name is whole. Both functions print what is wrong.
 */
#ifndef TRAIN_OUTPUT_H
#define TRAIN_OUTPUT_H

#include <stdbool.h>

#include "nn/arch.h"

/*
 * Whether a file can be made there, or replaced: better asked before the
 * training. A rename would put a file in the place of a device, too: refused.
 */
bool output_check(const char *path);

bool output_write(const char *path, const struct nn_arch *arch,
		  const float *params);

#endif
