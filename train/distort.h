/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a new training image from an existing one: turned, stretched, sheared
 * and shifted a little at random, so that the network never sees one twice.
 */
#ifndef TRAIN_DISTORT_H
#define TRAIN_DISTORT_H

#include <stdint.h>

#include "data.h"
#include "random.h"

/* in: (28, 28) bytes; out: (28, 28), 0 to 255, not normalised */
void distort(const uint8_t *in, float *out, struct random *random);

#endif
