/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture on its way from a file to grey: what image.c and the files about
 * one format each share, and nobody else.
 *
 * The file is hostile. Every offset in it is compared with what is left, and
 * the size of the picture with the limits of image.h, before they are used.
 */
#ifndef HOST_IMAGE_PICTURE_H
#define HOST_IMAGE_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum picture_kind {
	PICTURE_OTHER, /* none that is read */
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
	uint32_t maxval;	  /* white of a PGM */
	unsigned int orientation; /* of EXIF, 1 (upright) to 8 */
	bool alpha;		  /* has levels of transparency */
	bool no_end;		  /* a JPEG that lacks its end, and only that */
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

/* Fails with ENC_ERR_FORMAT: "NAME: WHY". Always false. */
bool picture_refuse(const struct picture *p, const char *why,
		    struct enc_error *e);

/* --- kind.c ------------------------------------------------------------ */

/* The content tells, not the name. */
enum picture_kind picture_kind(const uint8_t *file, size_t len);

/* What a file of PICTURE_OTHER is called, such as "GIF"; NULL: unknown. */
const char *picture_other(const uint8_t *file, size_t len);

/* --- decode.c ---------------------------------------------------------- */

/*
 * Fills in p->kind and all that follows it. Returns width * height levels of
 * grey, or where p->alpha pairs of grey and opacity, to be freed with free().
 */
uint8_t *picture_decode(struct picture *p, struct enc_error *e);

/* --- bmp.c ------------------------------------------------------------- */

/* Makes of the header one that stb knows, or says what kind of BMP it is. */
bool bmp_check(struct picture *p, struct enc_error *e);

/* There are as many rows as the header states. */
bool bmp_whole(const struct picture *p);

/* --- jpeg.c ------------------------------------------------------------ */

/* What EXIF says, 1 to 8. What is damaged or missing is upright: 1. */
unsigned int jpeg_orientation(const uint8_t *file, size_t len);

/* Behind the start of the last scan there is an end of image. */
bool jpeg_has_end(const uint8_t *file, size_t len);

/*
 * Puts an end to a JPEG that has none, so that decoding fails if anything else
 * is missing, too. False: it can be seen already, or no memory.
 */
bool jpeg_end(struct picture *p);

/* --- pgm.c ------------------------------------------------------------- */

/* Reads size and maximum. Returns where the levels begin, or just before. */
size_t pgm_header(struct picture *p);

/* A level of grey as 8 bits. */
uint8_t pgm_scale(uint32_t level, uint32_t maxval);

/* What is needed of a PGM in ASCII for its pixels to fit into the file. */
bool pgm_plain_whole(const struct picture *p);

/* Decodes a PGM in ASCII, like picture_decode(). */
uint8_t *pgm_decode_plain(struct picture *p, struct enc_error *e);

#endif
