/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stb_image decodes every format but ASCII PGM, which it does not know. What it
 * trusts is checked here first: the size of the picture, how much memory it may
 * use, and that the file is whole (it makes up the rest of a truncated JPEG or
 * BMP).
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "picture.h"
#include "stb.h"

_Static_assert(ENC_IMAGE_MAX_FILE < INT_MAX, "stb takes int");

bool picture_refuse(const struct picture *p, const char *why,
		    struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_FORMAT, "%s: %s", p->name, why);
}

bool picture_truncated(const struct picture *p, struct enc_error *e)
{
	picture_refuse(p, "a truncated image", e);
	return enc_hint(e, "its end is missing: copy it again from its source");
}

/* --- Format and size --------------------------------------------------- */

static bool refuse_other(const struct picture *p, struct enc_error *e)
{
	const char *other = picture_other(p->file, p->len);

	if (other) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: a %s file, not a PNG, JPEG, BMP or PGM image",
			 p->name, other);
		return enc_hint(e, "save it as PNG");
	}
	picture_refuse(p, "not a PNG, JPEG, BMP or PGM image", e);
	if (p->len == ENC_IMAGE_PIXELS)
		enc_hint(e, "it has the size of a raw image, which `enc_mnist "
			    "infer --binary` takes");
	return false;
}

static bool check_format(struct picture *p, struct enc_error *e)
{
	if (!p->len)
		return picture_refuse(p, "is empty", e);
	p->kind = picture_kind(p->file, p->len);
	if (p->kind == PICTURE_OTHER)
		return refuse_other(p, e);
	if (p->kind == PICTURE_BMP)
		return bmp_check(p, e);
	if (p->kind != PICTURE_PGM && p->kind != PICTURE_PLAIN_PGM)
		return true;
	p->colours = 1;
	/* stb ignores the maximum, without which the levels mean nothing. */
	pgm_header(p);
	if (p->maxval >= 1 && p->maxval <= UINT16_MAX)
		return true;
	return picture_refuse(p, "the maximum of a PGM is 1 to 65535", e);
}

static bool check_limits(const struct picture *p, struct enc_error *e)
{
	if (p->width <= ENC_IMAGE_MAX_SIDE && p->height <= ENC_IMAGE_MAX_SIDE &&
	    (uint64_t)p->width * p->height <= ENC_IMAGE_MAX_PIXELS)
		return true;
	return enc_fail(e, ENC_ERR_LIMIT,
			"%s: %" PRIu32 " x %" PRIu32
			" pixels, more than %u a side or %u million",
			p->name, p->width, p->height, ENC_IMAGE_MAX_SIDE,
			ENC_IMAGE_MAX_PIXELS / 1000000u);
}

/* Asks stb for the size, and whether there is transparency. */
static bool read_size(struct picture *p, struct enc_error *e)
{
	int w = 0;
	int h = 0;
	int channels = 0;

	/* stb does not say why: it goes on to try all other formats. */
	if (!stbi_info_from_memory(p->file, (int)p->len, &w, &h, &channels))
		return picture_refuse(p, "a damaged image (its header)", e);
	/* A BMP that begins at the top has a negative height. */
	p->width = w < 0 ? 0u : (uint32_t)w;
	p->height = h < 0 ? 0u - (uint32_t)h : (uint32_t)h;
	p->alpha = channels % 2 == 0; /* grey or colours, and opacity */
	return true;
}

static bool check_size(struct picture *p, struct enc_error *e)
{
	/* stb does not tell the size of a PNG that it finds too large. */
	if (p->kind == PICTURE_PNG && p->len >= 24) {
		p->width = picture_be32(p->file + 16);
		p->height = picture_be32(p->file + 20);
		if (!check_limits(p, e))
			return false;
	}
	if (p->kind != PICTURE_PLAIN_PGM && !read_size(p, e))
		return false;
	if (!p->width || !p->height)
		return picture_refuse(p, "an image without pixels", e);
	return check_limits(p, e);
}

/* --- Is the file whole? ------------------------------------------------ */

/* Whether its last chunk, IEND, is there with its checksum. */
static bool png_whole(const struct picture *p)
{
	static const char end[] = "IEND\xae\x42\x60\x82";
	const size_t n = sizeof(end) - 1;

	for (size_t at = p->len; at >= n; at--)
		if (!memcmp(p->file + at - n, end, n))
			return true;
	return false;
}

static bool is_whole(struct picture *p)
{
	switch (p->kind) {
	case PICTURE_PNG:
		return png_whole(p);
	case PICTURE_JPEG:
		return jpeg_has_end(p->file, p->len) || jpeg_end(p);
	case PICTURE_BMP:
		return bmp_whole(p);
	case PICTURE_PLAIN_PGM:
		return pgm_plain_whole(p);
	default: /* stb itself checks a binary PGM */
		return true;
	}
}

/* --- Decoding ---------------------------------------------------------- */

/*
 * Returns width * height pixels, each with its opacity if there is one. They
 * are bytes, or if `deep` pairs of bytes as in the file. NULL also if the
 * decoder finds another size than check_size().
 */
static uint8_t *load_pixels(const struct picture *p, bool deep)
{
	int len = (int)p->len;
	int channels = (int)p->colours + p->alpha;
	uint8_t *pixels = NULL;
	int w = 0;
	int h = 0;

	if (deep)
		pixels = (uint8_t *)stbi_load_16_from_memory(
			p->file, len, &w, &h, NULL, channels);
	else
		pixels = stbi_load_from_memory(p->file, len, &w, &h, NULL,
					       channels);
	if (pixels && (w != (int)p->width || h != (int)p->height)) {
		stbi_image_free(pixels);
		return NULL;
	}
	return pixels;
}

/* Scales the levels of a PGM, of one or two bytes (big-endian), to 8 bits. */
static uint8_t *decode_pgm(const struct picture *p)
{
	size_t n = (size_t)p->width * p->height;
	uint8_t *grey = load_pixels(p, p->maxval > UINT8_MAX);

	for (size_t i = 0; grey && i < n; i++) {
		uint32_t v = grey[i];

		if (p->maxval > UINT8_MAX)
			v = picture_be16(grey + 2 * i);
		grey[i] = pgm_scale(v, p->maxval);
	}
	return grey;
}

/*
 * Enough for the picture with 4 channels of 16 bits, decompressed into a
 * buffer that doubles, and for the whole blocks of a JPEG.
 */
static size_t memory_limit(const struct picture *p)
{
	return ((size_t)p->width + 64) * ((size_t)p->height + 64) * 16 +
	       (1u << 20);
}

static uint8_t *decode(const struct picture *p, struct enc_error *e)
{
	uint8_t *grey = NULL;

	enc_stb_limit(memory_limit(p));
	grey = p->kind == PICTURE_PGM ? decode_pgm(p) : load_pixels(p, false);
	if (grey)
		return grey;
	if (enc_stb_starved())
		enc_fail(e, ENC_ERR_MEMORY,
			 "%s: needs more memory than there is, or than its "
			 "size allows",
			 p->name);
	else if (p->no_end)
		picture_truncated(p, e);
	else
		enc_fail(e, ENC_ERR_FORMAT, "%s: a damaged image (%s)", p->name,
			 stbi_failure_reason());
	return NULL;
}

uint8_t *picture_decode(struct picture *p, struct enc_error *e)
{
	p->orientation = 1;
	enc_stb_limit(1u << 20); /* reading a header needs little */
	if (!check_format(p, e) || !check_size(p, e))
		return NULL;
	if (p->kind == PICTURE_JPEG)
		p->orientation = jpeg_orientation(p->file, p->len);
	if (!is_whole(p)) {
		picture_truncated(p, e);
		return NULL;
	}
	return p->kind == PICTURE_PLAIN_PGM ? pgm_decode_plain(p, e) :
					      decode(p, e);
}
