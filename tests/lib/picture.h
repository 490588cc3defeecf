/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in the files of scratch.h: loaded, or refused. */
#ifndef TEST_PICTURE_H
#define TEST_PICTURE_H

#include "host/image/image.h"
#include "scratch.h"

static const struct enc_image_options as_it_is;
static const struct enc_image_options inverted = { .invert = true };

static inline struct enc_image_found
accept_with(const struct enc_image_options *options, const char *path,
	    uint8_t px[ENC_IMAGE_PIXELS])
{
	struct enc_image_found found = { 0 };
	struct enc_error e = { 0 };

	if (!enc_image_load(path, options, px, &found, &e))
		fail_msg("refused: %s", e.what);
	return found;
}

static inline struct enc_image_found accept(const char *path,
					    uint8_t px[ENC_IMAGE_PIXELS])
{
	return accept_with(&as_it_is, path, px);
}

static inline void refuse_with(const struct enc_image_options *options,
			       const char *path, enum enc_error_code code,
			       const char *message)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 1, 2, 3 };
	struct enc_image_found found = { 0 };
	struct enc_error e = { 0 };

	if (enc_image_load(path, options, px, &found, &e))
		fail_msg("accepted, expected \"%s\"", message);
	assert_error(e, code, message);
	assert_int_equal(px[0] + px[1] + px[2], 6); /* untouched */
}

static inline void refuse(const char *path, enum enc_error_code code,
			  const char *message)
{
	refuse_with(&as_it_is, path, code, message);
}

/* The content of a file, which must be shorter than `max` bytes. */
static inline size_t slurp(const char *path, uint8_t *data, size_t max)
{
	FILE *f = fopen(path, "rb");
	size_t len = 0;

	assert_non_null(f);
	len = fread(data, 1, max, f);
	fclose(f);
	assert_true(len < max);
	return len;
}

#endif
