/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the look of a picture with MNIST's digits. */
#ifndef HOST_IMAGE_LOOK_H
#define HOST_IMAGE_LOOK_H

#include "image.h"

/* Levels closer than this count as one: noise, or the grain of paper. */
#define LOOK_CONTRAST 24

struct levels {
	int ground; /* the background: the median of the outermost pixels */
	int min;
	int max;
};

/* For a picture of any size, with at least one pixel. */
struct levels look_levels(const uint8_t *grey, uint32_t width, uint32_t height);

/* Fills in light, faint and stray of *found. */
void look(const uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found);

#endif
