/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns a picture into what the network reads, 28 x 28 pixels of 8-bit grey,
 * row-major, 0 black to 255 white; and draws that in a terminal.
 *
 * MNIST's digits are white on black, centred, and of one size. Pictures that
 * differ are detected, and made like that on request.
 */
#ifndef HOST_IMAGE_IMAGE_H
#define HOST_IMAGE_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/base/error.h"

#define ENC_IMAGE_SIDE	 28u
#define ENC_IMAGE_PIXELS (ENC_IMAGE_SIDE * ENC_IMAGE_SIDE)

/* Limits, checked before anything is decoded: ENC_ERR_LIMIT above them. */
#define ENC_IMAGE_MAX_SIDE   16384u	 /* pixels */
#define ENC_IMAGE_MAX_PIXELS 50000000u	 /* width times height */
#define ENC_IMAGE_MAX_FILE   (64u << 20) /* bytes */

/*
 * Reads a file ("-": standard input) of exactly `size` bytes. On failure px
 * holds whatever was read.
 */
bool enc_image_load_raw(const char *path, uint8_t *px, size_t size,
			struct enc_error *e);

struct enc_image_options {
	bool invert; /* dark becomes light */
	bool fit;    /* find the digit, and place it as MNIST does: see fit.h */
};

/*
 * What is odd about a picture that was loaded. All but no_end are about the
 * whole picture, after inverting and before fitting.
 */
struct enc_image_found {
	bool light;  /* a light background, and something dark on it */
	bool faint;  /* hardly anything is visible */
	bool hidden; /* faint, but the transparency varies */
	bool stray;  /* off centre, or much larger or smaller than in MNIST */
	bool no_end; /* a JPEG that lacks only its end marker */
};

/*
 * Reads a PNG, JPEG, BMP or PGM file ("-": standard input) of any size and
 * depth, a PGM in binary (P5) or ASCII (P2). Content decides, not the name.
 *
 * Colours become luma (0.30 R + 0.59 G + 0.11 B); 16 bits become 8; the levels
 * of a PGM are scaled from its own maximum. A JPEG is turned as its EXIF
 * orientation says; a damaged orientation counts as none. Transparency
 * becomes 0, the background of MNIST: the picture lies on black paper, or on
 * white if it is inverted. PNG's own background colour (bKGD) is ignored.
 *
 * A picture of another size is stretched to the square with a triangle filter,
 * unless it is fitted. One of 28 x 28 with 8-bit grey comes out bit for bit. A
 * colour that is not in the palette is black.
 *
 * Refused: an empty file, another format (PBM and PPM, too), a damaged or
 * truncated file, one over the limits; and for fitting, one without anything
 * lighter than its background. Checksums inside a PNG are not verified. On
 * failure px is unchanged and *found undefined.
 */
bool enc_image_load(const char *path, const struct enc_image_options *options,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found,
		    struct enc_error *e);

/* A picture that a network reads: row by row, channels side by side. */
struct enc_image_size {
	uint32_t width;
	uint32_t height;
	uint32_t channels; /* 1: grey, 3: RGB */
};

/*
 * As enc_image_load() without fitting, to any size: width * height * channels
 * bytes at px. A grey picture has three equal channels as RGB.
 */
bool enc_image_scale(const char *path, bool invert,
		     const struct enc_image_size *size, uint8_t *px,
		     struct enc_error *e);

/*
 * The picture as text, ENC_IMAGE_ROWS lines of ENC_IMAGE_SIDE columns; each
 * character shows two pixels, one above the other.
 */
enum enc_image_style {
	ENC_IMAGE_ASCII,  /* " .:+#": any terminal, any file */
	ENC_IMAGE_BLOCKS, /* UTF-8 blocks in the terminal's own colours */
	ENC_IMAGE_GREY	  /* the same with 24 greys by escape sequences */
};

#define ENC_IMAGE_ROWS	    (ENC_IMAGE_SIDE / 2u)
#define ENC_IMAGE_ROW_BYTES 768u /* longest line of any style, and its NUL */

/*
 * The style for `f` and the environment: greys on a colour terminal with UTF-8
 * (NO_COLOR unset), blocks wherever else the locale's variables name UTF-8,
 * ASCII otherwise. Escapes go to terminals only.
 */
enum enc_image_style enc_image_style_for(FILE *f);

/* Fills `rows` with NUL-terminated lines without line ends. */
void enc_image_rows(const uint8_t px[ENC_IMAGE_PIXELS],
		    enum enc_image_style style,
		    char rows[ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES]);

#endif
