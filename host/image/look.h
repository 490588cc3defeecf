/* SPDX-License-Identifier: Apache-2.0 */
/* What a picture looks like, and whether a digit of MNIST looks so. */
#ifndef HOST_IMAGE_LOOK_H
#define HOST_IMAGE_LOOK_H

#include "image.h"

/* Levels closer than this are one: noise, or the grain of paper. */
#define LOOK_CONTRAST 24

struct levels {
	int ground; /* the background: the median of the outermost pixels */
	int min;
	int max;
};

/* Of a picture of any size, with one pixel at least. */
struct levels look_levels(const uint8_t *grey, uint32_t width, uint32_t height);

/* Fills in light, faint and stray of *found. */
void look(const uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found);

#endif
