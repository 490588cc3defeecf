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

static bool read_raw(int fd, const char *name, uint8_t *px, size_t size,
		     struct enc_error *e)
{
	ssize_t n = enc_file_fill(fd, px, size);
	ssize_t more = n;
	const bool is_full = n == (ssize_t)size;
	uint8_t byte = 0;

	if (is_full)
		more = enc_file_fill(fd, &byte, 1);
	if (more < 0)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", name,
				strerror(errno));
	if (is_full && !more)
		return true;
	return enc_fail(e, ENC_ERR_FORMAT,
			"%s: %s%zd byte%s, a raw image has %zu%s", name,
			is_full ? "more than " : "", n, enc_s((uint64_t)n),
			size, size == ENC_IMAGE_PIXELS ? " (28 x 28)" : "");
}

bool enc_image_load_raw(const char *path, uint8_t *px, size_t size,
			struct enc_error *e)
{
	int fd = enc_file_open(path, e);
	bool ok = fd >= 0 && read_raw(fd, enc_file_label(path), px, size, e);

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
 * Makes pixels without opacity of those with one, in place. A transparent pixel
 * is background, which is 0 for the network: black paper, or white paper if the
 * picture is inverted.
 */
static struct opacity flatten(const struct picture *p, uint8_t *pixels,
			      bool invert)
{
	const size_t n = (size_t)p->width * p->height;
	const size_t colours = p->colours;
	const size_t stride = colours + p->alpha;
	struct opacity opacity = { 255, 0 };

	for (size_t i = 0; i < n; i++) {
		const uint8_t *from = pixels + i * stride;
		uint8_t a = p->alpha ? from[colours] : 255;

		for (size_t c = 0; c < colours; c++) {
			unsigned int v = invert ? 255u - from[c] : from[c];

			pixels[i * colours + c] =
				(uint8_t)((v * a + 127) / 255);
		}
		opacity.min = a < opacity.min ? a : opacity.min;
		opacity.max = a > opacity.max ? a : opacity.max;
	}
	return opacity;
}

static bool resize(const struct picture *p, const uint8_t *from, uint8_t *to,
		   uint32_t width, uint32_t height)
{
	if (p->width == width && p->height == height) {
		memcpy(to, from, (size_t)width * height * p->colours);
		return true;
	}
	return stbir_resize(from, (int)p->width, (int)p->height, 0, to,
			    (int)width, (int)height, 0,
			    p->colours == 3 ? STBIR_RGB : STBIR_1CHANNEL,
			    STBIR_TYPE_UINT8, STBIR_EDGE_CLAMP,
			    STBIR_FILTER_TRIANGLE) != NULL;
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
static void turn(const struct picture *p, const uint8_t *from, uint32_t width,
		 uint32_t height, uint8_t *to)
{
	const unsigned int orientation = p->orientation;
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
		const size_t at = (upended ? height - 1 - row : row) * width +
				  (mirrored ? width - 1 - column : column);

		memcpy(to + (size_t)i * p->colours, from + at * p->colours,
		       p->colours);
	}
}

/*
 * Stretches a picture, then turns the small one: the same result with less
 * work. width, height: of the upright picture, width * height pixels at `to`.
 */
static bool stretch(const struct picture *p, const uint8_t *from,
		    uint32_t width, uint32_t height, uint8_t *to,
		    struct enc_error *e)
{
	const bool lying = lies(p->orientation);
	const uint32_t stored_width = lying ? height : width;
	const uint32_t stored_height = lying ? width : height;
	uint8_t *stored = malloc((size_t)width * height * p->colours);
	const bool ok =
		stored && resize(p, from, stored, stored_width, stored_height);

	if (ok)
		turn(p, stored, stored_width, stored_height, to);
	else
		enc_fail(e, ENC_ERR_MEMORY, "%s: no memory to resize", p->name);
	free(stored);
	return ok;
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
	const bool lying = lies(p->orientation);
	const uint32_t longer = p->width > p->height ? p->width : p->height;
	const uint32_t width = limited(lying ? p->height : p->width, longer);
	const uint32_t height = limited(lying ? p->width : p->height, longer);
	uint8_t *upright = malloc((size_t)width * height);
	bool ok = false;

	if (!upright)
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", p->name);
	else
		ok = stretch(p, grey, width, height, upright, e) &&
		     fit_digit(upright, width, height, px, p->name, e);
	free(upright);
	return ok;
}

static bool convert(const struct picture *p, uint8_t *grey,
		    const struct enc_image_options *options,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found,
		    struct enc_error *e)
{
	const struct opacity opacity = flatten(p, grey, options->invert);
	uint8_t whole[ENC_IMAGE_PIXELS] = { 0 };

	if (!stretch(p, grey, ENC_IMAGE_SIDE, ENC_IMAGE_SIDE, whole, e))
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

/* Reads and decodes a file; the caller frees the pixels. */
static uint8_t *read_picture(const char *path, uint32_t colours,
			     struct picture *p, struct enc_error *e)
{
	uint8_t *pixels = NULL;

	*p = (struct picture){ .name = enc_file_label(path),
			       .colours = colours };
	if (!enc_file_read(path, ENC_IMAGE_MAX_FILE, &p->file, &p->len, e))
		return NULL;
	pixels = picture_decode(p, e);
	free(p->file);
	p->file = NULL;
	return pixels;
}

bool enc_image_load(const char *path, const struct enc_image_options *options,
		    uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found,
		    struct enc_error *e)
{
	struct picture p = { 0 };
	uint8_t *grey = read_picture(path, 1, &p, e);
	bool ok = grey && convert(&p, grey, options, px, found, e);

	free(grey);
	return ok;
}

/* Three equal channels of one, in place: from the end. */
static void spread(uint8_t *px, size_t n)
{
	while (n--)
		memset(px + 3 * n, px[n], 3);
}

bool enc_image_scale(const char *path, bool invert,
		     const struct enc_image_size *size, uint8_t *px,
		     struct enc_error *e)
{
	struct picture p = { 0 };
	uint8_t *pixels = read_picture(path, size->channels, &p, e);
	bool ok = false;

	if (pixels) {
		flatten(&p, pixels, invert);
		ok = stretch(&p, pixels, size->width, size->height, px, e);
	}
	if (ok && p.colours < size->channels)
		spread(px, (size_t)size->width * size->height);
	free(pixels);
	return ok;
}
