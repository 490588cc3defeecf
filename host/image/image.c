/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a decoded picture into what the network reads. */
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit.h"
#include "host/base/file.h"
#include "look.h"
#include "picture.h"
#include "stb.h"

static bool read_raw(int fd, const char *name, uint8_t px[ENC_IMAGE_PIXELS],
		     struct enc_error *e)
{
	ssize_t n = enc_file_fill(fd, px, ENC_IMAGE_PIXELS);
	ssize_t more = n;
	uint8_t byte = 0;

	if (n == ENC_IMAGE_PIXELS)
		more = enc_file_fill(fd, &byte, 1);
	if (more < 0)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", name,
				strerror(errno));
	if (n == ENC_IMAGE_PIXELS && !more)
		return true;
	return enc_fail(e, ENC_ERR_FORMAT,
			"%s: %s%zd bytes, a raw image has %u (28 x 28)", name,
			n == ENC_IMAGE_PIXELS ? "more than " : "", n,
			ENC_IMAGE_PIXELS);
}

bool enc_image_load_raw(const char *path, uint8_t px[ENC_IMAGE_PIXELS],
			struct enc_error *e)
{
	int fd = enc_file_open(path, e);
	bool ok = fd >= 0 && read_raw(fd, enc_file_label(path), px, e);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* The range of opacity in a picture. */
struct opacity {
	uint8_t min;
	uint8_t max;
};

/*
 * Makes one level of each pair of grey and opacity, in place. A transparent
 * pixel is background, which is 0 for the network: black paper, or white paper
 * if the picture is inverted.
 */
static struct opacity flatten(uint8_t *grey, size_t n, bool alpha, bool invert)
{
	struct opacity opacity = { 255, 0 };

	for (size_t i = 0; i < n; i++) {
		unsigned int v = grey[alpha ? 2 * i : i];
		uint8_t a = alpha ? grey[2 * i + 1] : 255;

		if (invert)
			v = 255 - v;
		grey[i] = (uint8_t)((v * a + 127) / 255);
		opacity.min = a < opacity.min ? a : opacity.min;
		opacity.max = a > opacity.max ? a : opacity.max;
	}
	return opacity;
}

static bool resize(const uint8_t *from, uint32_t width, uint32_t height,
		   uint8_t *to, uint32_t to_width, uint32_t to_height)
{
	if (width == to_width && height == to_height) {
		memcpy(to, from, (size_t)width * height);
		return true;
	}
	return stbir_resize(from, (int)width, (int)height, 0, to, (int)to_width,
			    (int)to_height, 0, STBIR_1CHANNEL, STBIR_TYPE_UINT8,
			    STBIR_EDGE_CLAMP, STBIR_FILTER_TRIANGLE) != NULL;
}

/* Whether rows are stored as columns. */
static bool lies(unsigned int orientation)
{
	return orientation >= 5;
}

/*
 * Turns a picture of width * height pixels upright, as EXIF says. If it lies on
 * its side, rows and columns are swapped. Then it may be mirrored, turned
 * upside down, or both.
 */
static void turn(const uint8_t *from, uint32_t width, uint32_t height,
		 unsigned int orientation, uint8_t *to)
{
	const bool mirrored = orientation == 2 || orientation == 3 ||
			      orientation == 7 || orientation == 8;
	const bool upended = orientation == 3 || orientation == 4 ||
			     orientation == 6 || orientation == 7;
	const uint32_t columns = lies(orientation) ? height : width;
	const uint32_t n = width * height;

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t x = i % columns;
		const uint32_t y = i / columns;
		const uint32_t column = lies(orientation) ? y : x;
		const uint32_t row = lies(orientation) ? x : y;

		to[i] = from[(upended ? height - 1 - row : row) * width +
			     (mirrored ? width - 1 - column : column)];
	}
}

/* Scales n so that the longer side is at most FIT_MAX_SIDE. */
static uint32_t limited(uint32_t n, uint32_t longer)
{
	uint64_t to = n;

	if (longer > FIT_MAX_SIDE)
		to = (to * FIT_MAX_SIDE + longer / 2) / longer;
	return to ? (uint32_t)to : 1;
}

static bool fit(const struct picture *p, const uint8_t *grey,
		uint8_t px[ENC_IMAGE_PIXELS], struct enc_error *e)
{
	const uint32_t longer = p->width > p->height ? p->width : p->height;
	const uint32_t width = limited(p->width, longer);
	const uint32_t height = limited(p->height, longer);
	const bool lying = lies(p->orientation);
	uint8_t *small = calloc(width, height);
	uint8_t *upright = calloc(width, height);
	bool ok = false;

	if (small && upright &&
	    resize(grey, p->width, p->height, small, width, height)) {
		turn(small, width, height, p->orientation, upright);
		ok = fit_digit(upright, lying ? height : width,
			       lying ? width : height, px, p->name, e);
	} else {
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", p->name);
	}
	free(small);
	free(upright);
	return ok;
}

/* Does not fit. Turns the small square: the same result with less work. */
static bool stretch(const struct picture *p, const uint8_t *grey,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_error *e)
{
	const uint32_t side = ENC_IMAGE_SIDE;
	uint8_t square[ENC_IMAGE_PIXELS] = { 0 };

	if (!resize(grey, p->width, p->height, square, side, side))
		return enc_fail(e, ENC_ERR_MEMORY, "%s: no memory to resize",
				p->name);
	turn(square, side, side, p->orientation, px);
	return true;
}

static bool convert(const struct picture *p, uint8_t *grey,
		    const struct enc_image_options *options,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found,
		    struct enc_error *e)
{
	const struct opacity opacity = flatten(
		grey, (size_t)p->width * p->height, p->alpha, options->invert);
	uint8_t whole[ENC_IMAGE_PIXELS] = { 0 };

	if (!stretch(p, grey, whole, e))
		return false;
	look(whole, found);
	found->hidden =
		found->faint && opacity.max - opacity.min >= LOOK_CONTRAST;
	found->no_end = p->no_end;
	if (!options->fit) {
		memcpy(px, whole, sizeof(whole));
		return true;
	}
	if (fit(p, grey, px, e))
		return true;
	if (e->code == ENC_ERR_FORMAT && (found->light || found->hidden))
		enc_hint(e, options->invert ? "try without --invert" :
					      "try --invert");
	return false;
}

bool enc_image_load(const char *path, const struct enc_image_options *options,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found,
		    struct enc_error *e)
{
	struct picture p = { .name = enc_file_label(path) };
	uint8_t *grey = NULL;
	bool ok = false;

	if (!enc_file_read(path, ENC_IMAGE_MAX_FILE, &p.file, &p.len, e))
		return false;
	grey = picture_decode(&p, e);
	free(p.file);
	p.file = NULL;
	ok = grey && convert(&p, grey, options, px, found, e);
	free(grey);
	return ok;
}
