/* SPDX-License-Identifier: Apache-2.0 */
/* A labelled set of MNIST images in memory. */
#ifndef TRAIN_DATA_H
#define TRAIN_DATA_H

#include <stdint.h>

#include "host/base/error.h"
#include "host/image/idx.h"

struct data {
	uint32_t count;
	uint8_t *images; /* (count, 28, 28), 0 = background */
	uint8_t *labels; /* (count), each below ENC_IDX_CLASSES */
};

/*
 * Reads DIR/NAME-images-idx3-ubyte and DIR/NAME-labels-idx1-ubyte. A failure
 * leaves nothing to free.
 */
bool data_load(struct data *data, const char *dir, const char *name,
	       struct enc_error *e);

void data_free(struct data *data);

#endif
