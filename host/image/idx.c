/* SPDX-License-Identifier: Apache-2.0 */
#include "idx.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "host/base/file.h"

#define MAGIC_IMAGES UINT32_C(0x00000803)
#define MAGIC_LABELS UINT32_C(0x00000801)
#define BUFFER_BYTES (128u << 10) /* of zlib */
#define PART_BYTES   (1u << 30)	  /* gzread() takes int */

struct source {
	const char *name; /* of the file, for messages: the caller's path */
	gzFile gz;
};

struct enc_idx {
	struct source images;
	struct source labels;
	size_t count;
	size_t done;
	char names[]; /* copies of both paths, one behind the other */
};

static bool failed(struct source *s, struct enc_error *e)
{
	int code = Z_OK;
	const char *why = gzerror(s->gz, &code);

	if (code == Z_ERRNO)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", s->name,
				strerror(errno));
	if (code == Z_OK || code == Z_BUF_ERROR)
		return enc_fail(e, ENC_ERR_FORMAT, "%s: ends too early",
				s->name);
	return enc_fail(e, ENC_ERR_FORMAT, "%s: damaged gzip data (%s)",
			s->name, why);
}

static bool read_bytes(struct source *s, uint8_t *buf, size_t len,
		       struct enc_error *e)
{
	while (len) {
		unsigned int part =
			len < PART_BYTES ? (unsigned int)len : PART_BYTES;
		int n = gzread(s->gz, buf, part);

		if (n <= 0)
			return failed(s, e);
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_be32(struct source *s, uint32_t *v, struct enc_error *e)
{
	uint8_t b[4] = { 0 };

	if (!read_bytes(s, b, sizeof(b), e))
		return false;
	*v = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
	     b[3];
	return true;
}

/* Fails if anything follows. Makes zlib verify the checksum of gzip, too. */
static bool check_end(struct source *s, struct enc_error *e)
{
	uint8_t byte = 0;
	int n = gzread(s->gz, &byte, 1);
	int code = Z_OK;

	if (n > 0)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: goes on after its last element", s->name);
	gzerror(s->gz, &code);
	return (n == 0 && code == Z_OK) || failed(s, e);
}

static bool open_source(struct source *s, const char *name, struct enc_error *e)
{
	int fd = enc_file_open(name, e);

	s->name = enc_file_label(name);
	if (fd < 0)
		return false;
	s->gz = gzdopen(fd, "rb");
	if (!s->gz) {
		close(fd);
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", name);
	}
	gzbuffer(s->gz, BUFFER_BYTES);
	return true;
}

static bool read_magic(struct source *s, uint32_t expected, const char *what,
		       struct enc_error *e)
{
	uint32_t magic = 0;

	if (!read_be32(s, &magic, e))
		return false;
	if (magic == expected)
		return true;
	enc_fail(e, ENC_ERR_FORMAT,
		 "%s: not an IDX file of %s: magic 0x%08" PRIx32
		 ", expected 0x%08" PRIx32,
		 s->name, what, magic, expected);
	return enc_hint(e, "other samples are given as arrays (.npy) or as a "
			   "folder of pictures");
}

static bool read_images_header(struct source *s, uint32_t *count,
			       struct enc_error *e)
{
	uint32_t rows = 0;
	uint32_t columns = 0;

	if (!read_magic(s, MAGIC_IMAGES, "images", e) ||
	    !read_be32(s, count, e) || !read_be32(s, &rows, e) ||
	    !read_be32(s, &columns, e))
		return false;
	if (rows != ENC_IMAGE_SIDE || columns != ENC_IMAGE_SIDE)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: images of %" PRIu32 " x %" PRIu32
				", expected 28 x 28",
				s->name, rows, columns);
	return true;
}

static bool read_headers(struct enc_idx *idx, struct enc_error *e)
{
	uint32_t images = 0;
	uint32_t labels = 0;

	if (!read_images_header(&idx->images, &images, e))
		return false;
	if (idx->labels.gz &&
	    (!read_magic(&idx->labels, MAGIC_LABELS, "labels", e) ||
	     !read_be32(&idx->labels, &labels, e)))
		return false;
	if (idx->labels.gz && images != labels)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%" PRIu32 " image%s in %s, but %" PRIu32
				" label%s in %s",
				images, enc_s(images), idx->images.name, labels,
				enc_s(labels), idx->labels.name);
	if (!images)
		return enc_fail(e, ENC_ERR_FORMAT, "%s: has no images",
				idx->images.name);
	if (images > ENC_IDX_MAX_COUNT)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%s: %" PRIu32 " images, more than %u",
				idx->images.name, images, ENC_IDX_MAX_COUNT);
	idx->count = images;
	return true;
}

struct enc_idx *enc_idx_open(const char *images, const char *labels,
			     struct enc_error *e)
{
	size_t first = strlen(images) + 1;
	size_t second = labels ? strlen(labels) + 1 : 0;
	struct enc_idx *idx = calloc(1, sizeof(*idx) + first + second);

	if (!idx) {
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", images);
		return NULL;
	}
	memcpy(idx->names, images, first);
	if (labels)
		memcpy(idx->names + first, labels, second);
	if (!open_source(&idx->images, idx->names, e) ||
	    (labels && !open_source(&idx->labels, idx->names + first, e)) ||
	    !read_headers(idx, e)) {
		enc_idx_close(idx);
		return NULL;
	}
	return idx;
}

size_t enc_idx_count(const struct enc_idx *idx)
{
	return idx->count;
}

static bool read_labels(struct enc_idx *idx, uint8_t *labels, size_t count,
			struct enc_error *e)
{
	if (!read_bytes(&idx->labels, labels, count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (labels[i] >= ENC_IDX_CLASSES)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: label %zu is %u, expected 0 to 9",
					idx->labels.name, idx->done + i,
					labels[i]);
	return true;
}

bool enc_idx_next(struct enc_idx *idx, uint8_t *px, uint8_t *labels, size_t max,
		  size_t *n, struct enc_error *e)
{
	const bool labelled = idx->labels.gz;
	size_t left = idx->count - idx->done;
	size_t want = left < max ? left : max;

	*n = 0;
	if (!want)
		return true;
	if (!read_bytes(&idx->images, px, want * ENC_IMAGE_PIXELS, e) ||
	    (labelled && !read_labels(idx, labels, want, e)))
		return false;
	if (want == left && (!check_end(&idx->images, e) ||
			     (labelled && !check_end(&idx->labels, e))))
		return false;
	idx->done += want;
	*n = want;
	return true;
}

void enc_idx_close(struct enc_idx *idx)
{
	if (!idx)
		return;
	if (idx->images.gz)
		gzclose_r(idx->images.gz);
	if (idx->labels.gz)
		gzclose_r(idx->labels.gz);
	free(idx);
}
