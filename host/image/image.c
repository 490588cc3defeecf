/* SPDX-License-Identifier: Apache-2.0 */
/* From a decoded picture to what the network reads. */
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/file.h"
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

bool enc_image_load(const char *path, uint8_t px[ENC_IMAGE_PIXELS],
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
	ok = grey && resize(&p, grey, px, e);
	free(grey);
	return ok;
}
