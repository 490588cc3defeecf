/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fits a digit of any size, anywhere in a picture, as MNIST fitted its digits.
 *
 * "The original black and white (bilevel) images from NIST were size normalized
 * to fit in a 20x20 pixel box while preserving their aspect ratio. The
 * resulting images contain grey levels as a result of the anti-aliasing
 * technique used by the normalization algorithm. the images were centered in a
 * 28x28 image by computing the center of mass of the pixels, and translating
 * the image so as to position this point at the center of the 28x28 field." (Y.
 * LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits.)
 * In its files that centre is the pixel (14, 14), counted from 0.
 */
#ifndef HOST_IMAGE_FIT_H
#define HOST_IMAGE_FIT_H

#include "image.h"

/* Largest width and height of a picture to be fitted, in pixels. */
#define FIT_MAX_SIDE 512u

/*
 * Finds the digit, which is lighter than its background, and draws it into px.
 * grey: width * height levels, row-major; overwritten. Sides: 1 to
 * FIT_MAX_SIDE. name: for messages. px is untouched on failure.
 */
bool fit_digit(uint8_t *grey, uint32_t width, uint32_t height,
	       uint8_t px[ENC_IMAGE_PIXELS], const char *name,
	       struct enc_error *e);

#endif
