/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stb_image decodes all but ASCII PGMs, which it does not know. What it takes
 * on trust is checked here first: the size of the picture, how much memory it
 * may use, and that the file is whole (of a truncated JPEG or BMP it would make
 * up the rest).
 */
#include "image.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/file.h"
#include "stb.h"

_Static_assert(ENC_IMAGE_MAX_FILE < INT_MAX, "stb takes int");

struct picture {
	const char *name; /* of the file, for messages */
	const uint8_t *file;
	size_t len;
	uint32_t width;
	uint32_t height;
	uint32_t maxval; /* white of a PGM */
};

static bool refuse(const struct picture *p, const char *why,
		   struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_FORMAT, "%s: %s", p->name, why);
}

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

/* --- Is the file whole? ------------------------------------------------ */

/* Offset behind the last place where `what` stands; 0: nowhere. */
static size_t behind_last(const struct picture *p, const char *what, size_t n)
{
	for (size_t at = p->len; at >= n; at--)
		if (!memcmp(p->file + at - n, what, n))
			return at;
	return 0;
}

/* Its last chunk, IEND, is there with its checksum. */
static bool png_whole(const struct picture *p)
{
	return behind_last(p, "IEND\xae\x42\x60\x82", 8) != 0;
}

/* A level of grey takes two bytes, but for the last: a bound on memory, too. */
static bool plain_pgm_whole(const struct picture *p)
{
	return (uint64_t)p->width * p->height <= p->len / 2;
}

/* Behind the start of the last scan there is an end of image. */
static bool jpeg_whole(const struct picture *p)
{
	return behind_last(p, "\xff\xd9", 2) > behind_last(p, "\xff\xda", 2);
}

static uint32_t load_le16(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static uint32_t load_le32(const uint8_t *b)
{
	return load_le16(b) | load_le16(b + 2) << 16;
}

static uint32_t load_be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

/* Rows of whole 32-bit words follow the offset that the header states. */
static bool bmp_whole(const struct picture *p)
{
	uint64_t offset = 0;
	uint64_t bits = 0;
	uint64_t row = 0;

	if (p->len < 30) /* up to the bits of a pixel */
		return false;
	offset = load_le32(p->file + 10);
	bits = load_le16(p->file + (load_le32(p->file + 14) == 12 ? 24 : 28));
	row = (p->width * bits + 31) / 32 * 4;
	return offset <= p->len && row * p->height <= p->len - offset;
}

/* --- PGM --------------------------------------------------------------- */

#define PGM_WRONG 1000000u /* for a number that is not there, or larger */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Skips white space and comments; false: nothing else is left. */
static bool pgm_skip(const struct picture *p, size_t *at)
{
	while (*at < p->len && memchr(" \t\n\v\f\r#", p->file[*at], 7)) {
		if (p->file[(*at)++] != '#')
			continue;
		while (*at < p->len && p->file[*at] != '\n' &&
		       p->file[*at] != '\r')
			(*at)++;
	}
	return *at < p->len;
}

static uint32_t pgm_number(const struct picture *p, size_t *at)
{
	uint32_t v = 0;

	if (!pgm_skip(p, at) || !is_digit(p->file[*at]))
		return PGM_WRONG;
	while (*at < p->len && is_digit(p->file[*at])) {
		v = v * 10 + p->file[(*at)++] - '0';
		if (v > PGM_WRONG)
			v = PGM_WRONG;
	}
	return v;
}

/* Returns where the levels begin, or the white space before them. */
static size_t pgm_header(struct picture *p)
{
	size_t at = 2; /* behind "P5" or "P2" */

	p->width = pgm_number(p, &at);
	p->height = pgm_number(p, &at);
	p->maxval = pgm_number(p, &at);
	return at;
}

/* stb skips the maximum; without it the levels mean nothing. */
static bool pgm_maxval(struct picture *p, struct enc_error *e)
{
	pgm_header(p);
	if (p->maxval >= 1 && p->maxval <= UINT16_MAX)
		return true;
	return refuse(p, "the maximum of a PGM is 1 to 65535", e);
}

static uint8_t pgm_scale(uint32_t v, uint32_t maxval)
{
	return (uint8_t)(v >= maxval ? 255 : (v * 255 + maxval / 2) / maxval);
}

/* --- Decoding ---------------------------------------------------------- */

static bool starts_with(const struct picture *p, const char *magic, size_t n)
{
	return p->len >= n && !memcmp(p->file, magic, n);
}

static bool is_pgm(const struct picture *p)
{
	return starts_with(p, "P5", 2);
}

/* In ASCII. "P2" alone could be the start of anything. */
static bool is_plain_pgm(const struct picture *p)
{
	return starts_with(p, "P2", 2) && p->len > 2 &&
	       memchr(" \t\n\v\f\r#", p->file[2], 7);
}

static bool is_png(const struct picture *p)
{
	return starts_with(p, "\x89PNG\r\n\x1a\n", 8);
}

static bool is_jpeg(const struct picture *p)
{
	return starts_with(p, "\xff\xd8\xff", 3);
}

static bool is_bmp(const struct picture *p)
{
	return starts_with(p, "BM", 2);
}

static bool check_format(struct picture *p, struct enc_error *e)
{
	if (!p->len)
		return refuse(p, "is empty", e);
	if (is_pgm(p) || is_plain_pgm(p))
		return pgm_maxval(p, e);
	if (is_png(p) || is_jpeg(p) || is_bmp(p))
		return true;
	refuse(p, "not a PNG, JPEG, BMP or PGM image", e);
	if (p->len == ENC_IMAGE_PIXELS)
		enc_hint(e, "it has the size of a raw image: use -b");
	return false;
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

/* The size as stb tells it. */
static bool read_size(struct picture *p, struct enc_error *e)
{
	int w = 0;
	int h = 0;

	if (!stbi_info_from_memory(p->file, (int)p->len, &w, &h, NULL))
		return enc_fail(e, ENC_ERR_FORMAT, "%s: a damaged image (%s)",
				p->name, stbi_failure_reason());
	/* A BMP that begins at the top has a negative height. */
	p->width = w < 0 ? 0u : (uint32_t)w;
	p->height = h < 0 ? 0u - (uint32_t)h : (uint32_t)h;
	return true;
}

static bool check_size(struct picture *p, struct enc_error *e)
{
	/* Of a PNG that stb finds too large, it does not tell the size. */
	if (is_png(p) && p->len >= 24) {
		p->width = load_be32(p->file + 16);
		p->height = load_be32(p->file + 20);
		if (!check_limits(p, e))
			return false;
	}
	if (!is_plain_pgm(p) && !read_size(p, e))
		return false;
	if (!p->width || !p->height)
		return refuse(p, "an image without pixels", e);
	return check_limits(p, e);
}

static bool check_whole(const struct picture *p, struct enc_error *e)
{
	bool whole = true; /* of a binary PGM, stb itself finds out */

	if (is_png(p))
		whole = png_whole(p);
	else if (is_jpeg(p))
		whole = jpeg_whole(p);
	else if (is_bmp(p))
		whole = bmp_whole(p);
	else if (is_plain_pgm(p))
		whole = plain_pgm_whole(p);
	return whole || refuse(p, "a truncated image", e);
}

/*
 * width * height levels of grey: bytes, or where `deep` the pairs of bytes that
 * are in the file. NULL also if the decoder found another size than
 * check_size().
 */
static uint8_t *load_grey(const struct picture *p, bool deep)
{
	int len = (int)p->len;
	uint8_t *grey = NULL;
	int w = 0;
	int h = 0;

	if (deep)
		grey = (uint8_t *)stbi_load_16_from_memory(p->file, len, &w, &h,
							   NULL, 1);
	else
		grey = stbi_load_from_memory(p->file, len, &w, &h, NULL, 1);
	if (grey && (w != (int)p->width || h != (int)p->height)) {
		stbi_image_free(grey);
		return NULL;
	}
	return grey;
}

/* Scales the levels of a PGM, of one or two bytes (big-endian), to 8 bits. */
static uint8_t *decode_pgm(const struct picture *p)
{
	size_t n = (size_t)p->width * p->height;
	uint8_t *grey = load_grey(p, p->maxval > UINT8_MAX);

	for (size_t i = 0; grey && i < n; i++) {
		uint32_t v = grey[i];

		if (p->maxval > UINT8_MAX)
			v = (uint32_t)grey[2 * i] << 8 | grey[2 * i + 1];
		grey[i] = pgm_scale(v, p->maxval);
	}
	return grey;
}

static uint8_t *decode_plain_pgm(struct picture *p, struct enc_error *e)
{
	size_t n = (size_t)p->width * p->height;
	uint8_t *grey = malloc(p->len); /* see plain_pgm_whole() */
	size_t at = pgm_header(p);
	size_t i = 0;

	if (!grey) {
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", p->name);
		return NULL;
	}
	for (; i < n; i++) {
		uint32_t v = pgm_number(p, &at);

		if (v > p->maxval)
			break;
		grey[i] = pgm_scale(v, p->maxval);
	}
	if (i == n && !pgm_skip(p, &at))
		return grey;
	free(grey);
	refuse(p,
	       i < n ? "a level of grey is missing or over the maximum" :
		       "goes on after its last pixel",
	       e);
	return NULL;
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

/* width * height bytes of grey, to be freed with stbi_image_free(). */
static uint8_t *decode(const struct picture *p, struct enc_error *e)
{
	uint8_t *grey = NULL;

	enc_stb_limit(memory_limit(p));
	grey = is_pgm(p) ? decode_pgm(p) : load_grey(p, false);
	if (!grey && enc_stb_starved())
		enc_fail(e, ENC_ERR_MEMORY,
			 "%s: needs more memory than there is, or than its "
			 "size allows",
			 p->name);
	else if (!grey)
		enc_fail(e, ENC_ERR_FORMAT, "%s: a damaged image (%s)", p->name,
			 stbi_failure_reason());
	return grey;
}

static bool resize(const struct picture *p, const uint8_t *grey,
		   uint8_t px[ENC_IMAGE_PIXELS], struct enc_error *e)
{
	const int side = (int)ENC_IMAGE_SIDE;

	if (p->width == ENC_IMAGE_SIDE && p->height == ENC_IMAGE_SIDE) {
		memcpy(px, grey, ENC_IMAGE_PIXELS);
		return true;
	}
	if (!stbir_resize(grey, (int)p->width, (int)p->height, 0, px, side,
			  side, 0, STBIR_1CHANNEL, STBIR_TYPE_UINT8,
			  STBIR_EDGE_CLAMP, STBIR_FILTER_TRIANGLE))
		return enc_fail(e, ENC_ERR_MEMORY, "%s: no memory to resize",
				p->name);
	return true;
}

static bool load(struct picture *p, uint8_t px[ENC_IMAGE_PIXELS],
		 struct enc_error *e)
{
	uint8_t *grey = NULL;
	bool ok = false;

	enc_stb_limit(1u << 20); /* reading a header needs little */
	if (!check_format(p, e) || !check_size(p, e) || !check_whole(p, e))
		return false;
	grey = is_plain_pgm(p) ? decode_plain_pgm(p, e) : decode(p, e);
	if (!grey)
		return false;
	ok = resize(p, grey, px, e);
	stbi_image_free(grey);
	return ok;
}

bool enc_image_load(const char *path, uint8_t px[ENC_IMAGE_PIXELS],
		    struct enc_error *e)
{
	struct picture p = { .name = enc_file_label(path) };
	uint8_t *data = NULL;
	bool ok = false;

	if (!enc_file_read(path, ENC_IMAGE_MAX_FILE, &data, &p.len, e))
		return false;
	p.file = data;
	ok = load(&p, px, e);
	free(data);
	return ok;
}
