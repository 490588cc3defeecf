/* SPDX-License-Identifier: Apache-2.0 */
/* A labelled set of MNIST images, from its two IDX files. */
#ifndef TRAIN_DATA_H
#define TRAIN_DATA_H

#include <stdbool.h>
#include <stdint.h>

#define DATA_SIDE    28
#define DATA_PIXELS  (DATA_SIDE * DATA_SIDE)
#define DATA_CLASSES 10

struct data {
	uint32_t count;
	uint8_t *images; /* (count, 28, 28), 0 = background */
	uint8_t *labels; /* (count), each below DATA_CLASSES */
};

/*
 * Reads DIR/NAME-images-idx3-ubyte and DIR/NAME-labels-idx1-ubyte. On failure,
 * prints which file is wrong and how, and leaves nothing to free.
 */
bool data_load(struct data *data, const char *dir, const char *name);

void data_free(struct data *data);

#endif
