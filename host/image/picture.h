/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture between its file and levels of grey: private to image.c and to the
 * files about one format each.
 *
 * The file is hostile. Every offset in it is checked against what is left, and
 * the size of the picture against the limits of image.h, before use.
 */
#ifndef HOST_IMAGE_PICTURE_H
#define HOST_IMAGE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum picture_kind {
	PICTURE_OTHER, /* not supported */
	PICTURE_PNG,
	PICTURE_JPEG,
	PICTURE_BMP,
	PICTURE_PGM,
	PICTURE_PLAIN_PGM /* in ASCII */
};

struct picture {
	const char *name; /* of the file, for messages */
	uint8_t *file;	  /* from malloc() */
	size_t len;
	enum picture_kind kind;
	uint32_t width; /* as stored: `orientation` may turn it */
	uint32_t height;
	uint32_t colours;	  /* 1: grey, 3: RGB; what to decode it to */
	uint32_t maxval;	  /* white of a PGM */
	unsigned int orientation; /* of EXIF, 1 (upright) to 8 */
	bool alpha;		  /* has transparency */
	bool no_end;		  /* a JPEG that lacks only its end */
};

static inline uint32_t picture_le16(const uint8_t *b)
{
	return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t picture_le32(const uint8_t *b)
{
	return picture_le16(b) | picture_le16(b + 2) << 16;
}

static inline uint32_t picture_be16(const uint8_t *b)
{
	return (uint32_t)b[0] << 8 | b[1];
}

static inline uint32_t picture_be32(const uint8_t *b)
{
	return picture_be16(b) << 16 | picture_be16(b + 2);
}

/* Fails with ENC_ERR_FORMAT: "NAME: WHY". Always returns false. */
bool picture_refuse(const struct picture *p, const char *why,
		    struct enc_error *e);

/* The same for a file that ends too early, with what to do. */
bool picture_truncated(const struct picture *p, struct enc_error *e);

/* --- kind.c ------------------------------------------------------------ */

/* Content decides, not the name. */
enum picture_kind picture_kind(const uint8_t *file, size_t len);

/* The name of an unsupported format, such as "GIF". NULL: unknown. */
const char *picture_other(const uint8_t *file, size_t len);

/* --- decode.c ---------------------------------------------------------- */

/*
 * Fills in p->kind and all fields after it; a PGM is grey in any case. Returns
 * width * height levels of grey, or of red, green and blue, if p->alpha each
 * with an opacity. The caller frees them.
 */
uint8_t *picture_decode(struct picture *p, struct enc_error *e);

/* --- bmp.c ------------------------------------------------------------- */

/* Changes the header to one that stb knows, or says what kind of BMP it is. */
bool bmp_check(struct picture *p, struct enc_error *e);

/* Whether there are as many rows as the header states. */
bool bmp_whole(const struct picture *p);

/* --- jpeg.c ------------------------------------------------------------ */

/* The orientation from EXIF, 1 to 8. If damaged or missing, 1: upright. */
unsigned int jpeg_orientation(const uint8_t *file, size_t len);

/* Whether an end of image follows the start of the last scan. */
bool jpeg_has_end(const uint8_t *file, size_t len);

/*
 * Adds an end to a JPEG that has none, so that decoding fails if anything else
 * is missing, too. False if something is, or may be, or memory runs out.
 */
bool jpeg_end(struct picture *p);

/* --- pgm.c ------------------------------------------------------------- */

/* Reads size and maximum. Returns where the levels begin, or just before. */
size_t pgm_header(struct picture *p);

/* A level of grey as 8 bits. */
uint8_t pgm_scale(uint32_t level, uint32_t maxval);

/* Whether a PGM in ASCII is long enough for its pixels. */
bool pgm_plain_whole(const struct picture *p);

/* Decodes a PGM in ASCII, like picture_decode(). */
uint8_t *pgm_decode_plain(struct picture *p, struct enc_error *e);

#endif
