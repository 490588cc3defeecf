/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JPEG: what stb leaves out. A file is a sequence of segments: 0xff, a marker,
 * and in most a length of two bytes that includes itself. The segment "start of
 * scan" is followed by compressed data, in which 0xff comes before 0, a restart
 * marker, or the next segment's marker. Specifications: ITU-T T.81 for JPEG,
 * CIPA DC-008 for EXIF, which is a TIFF file in a segment APP1.
 */
#include <stdlib.h>
#include <string.h>

#include "picture.h"

#define SOF0 0xc0 /* frame: baseline */
#define SOF1 0xc1 /* frame: extended sequential */
#define EOI  0xd9
#define SOS  0xda /* start of scan */
#define DRI  0xdd /* restart interval */
#define APP1 0xe1

#define TAG_ORIENTATION 0x0112u
#define TYPE_SHORT	3u

#define ONES 32u /* bytes: more than a code and stb's read-ahead */

/* Bytes that are left to read. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

/* Takes the next n bytes. NULL if there are fewer. */
static const uint8_t *take(struct bytes *b, size_t n)
{
	const uint8_t *taken = b->at;

	if (n > b->left)
		return NULL;
	b->at += n;
	b->left -= n;
	return taken;
}

/* Takes a marker, after any number of fill bytes. 0: none. */
static uint8_t take_marker(struct bytes *b)
{
	const uint8_t *c = take(b, 1);

	if (!c || *c != 0xff)
		return 0;
	while (c && *c == 0xff)
		c = take(b, 1);
	return c ? *c : 0;
}

/* Takes the next segment: its marker and content. 0: none. */
static uint8_t take_segment(struct bytes *b, struct bytes *content)
{
	uint8_t marker = take_marker(b);
	const uint8_t *length = marker ? take(b, 2) : NULL;

	if (!length || picture_be16(length) < 2)
		return 0;
	content->left = picture_be16(length) - 2;
	content->at = take(b, content->left);
	return content->at ? marker : 0;
}

static struct bytes segments(const uint8_t *file, size_t len)
{
	struct bytes b = { .at = file, .left = len };

	take(&b, 2); /* SOI */
	return b;
}

/* --- EXIF -------------------------------------------------------------- */

/* A TIFF file, of either byte order. */
struct tiff {
	struct bytes bytes;
	bool big;
};

static uint32_t tiff16(const struct tiff *t, const uint8_t *b)
{
	return t->big ? picture_be16(b) : picture_le16(b);
}

static uint32_t tiff32(const struct tiff *t, const uint8_t *b)
{
	return t->big ? picture_be32(b) : picture_le32(b);
}

/* Goes to the first directory. Header: "II" or "MM", 42, its offset. */
static bool tiff_open(struct tiff *t)
{
	const struct bytes file = t->bytes;
	const uint8_t *head = take(&t->bytes, 8);

	if (!head || (memcmp(head, "II", 2) && memcmp(head, "MM", 2)))
		return false;
	t->big = head[0] == 'M';
	t->bytes = file;
	return tiff16(t, head + 2) == 42 &&
	       take(&t->bytes, tiff32(t, head + 4));
}

/* Entries have 12 bytes: tag, type, count, and the value if it is one SHORT. */
static unsigned int tiff_orientation(struct tiff t)
{
	const uint8_t *entries = tiff_open(&t) ? take(&t.bytes, 2) : NULL;
	uint32_t left = entries ? tiff16(&t, entries) : 0;

	for (; left; left--) {
		const uint8_t *entry = take(&t.bytes, 12);
		uint32_t v = 0;

		if (!entry)
			break;
		if (tiff16(&t, entry) != TAG_ORIENTATION)
			continue;
		v = tiff16(&t, entry + 8);
		if (tiff16(&t, entry + 2) == TYPE_SHORT &&
		    tiff32(&t, entry + 4) == 1 && v >= 1 && v <= 8)
			return v;
		break;
	}
	return 1;
}

unsigned int jpeg_orientation(const uint8_t *file, size_t len)
{
	struct bytes b = segments(file, len);
	struct tiff exif = { 0 };
	uint8_t marker = 0;

	while ((marker = take_segment(&b, &exif.bytes)) && marker != SOS) {
		const uint8_t *name = NULL;

		if (marker == APP1)
			name = take(&exif.bytes, 6);
		if (name && !memcmp(name, "Exif\0\0", 6))
			return tiff_orientation(exif);
	}
	return 1;
}

/* --- The end ----------------------------------------------------------- */

/* The offset after the last such marker. 0: none. */
static size_t behind_last(const uint8_t *file, size_t len, uint8_t marker)
{
	for (size_t at = len; at >= 2; at--)
		if (file[at - 2] == 0xff && file[at - 1] == marker)
			return at;
	return 0;
}

/* Segments before the scan may hold a thumbnail, with an end of its own. */
bool jpeg_has_end(const uint8_t *file, size_t len)
{
	struct bytes b = segments(file, len);
	struct bytes content = { 0 };
	uint8_t marker = 0;

	while ((marker = take_segment(&b, &content)) && marker != SOS)
		;
	return marker &&
	       behind_last(b.at, b.left, EOI) > behind_last(b.at, b.left, SOS);
}

/* What determines how many restart markers a scan has. */
struct frame {
	uint32_t blocks;   /* in the unit of restart intervals */
	uint32_t interval; /* 0: no restart markers */
	uint8_t components;
};

static uint32_t up(uint32_t n, uint32_t by)
{
	return (n + by - 1) / by;
}

/* Content: depth, height, width; name, sampling, table of each component. */
static bool read_frame(struct bytes content, struct frame *f)
{
	const uint8_t *head = take(&content, 6);
	uint32_t across = 1; /* blocks of 8 x 8 pixels in a unit */
	uint32_t down = 1;

	f->components = head ? head[5] : 0;
	if (!f->components)
		return false;
	for (uint8_t i = 0; i < f->components; i++) {
		const uint8_t *c = take(&content, 3);

		if (!c)
			return false;
		/* the unit of a single component is one block */
		if (f->components > 1 && c[1] >> 4 > across)
			across = c[1] >> 4;
		if (f->components > 1 && (c[1] & 15) > down)
			down = c[1] & 15;
	}
	f->blocks = up(picture_be16(head + 3), 8 * across) *
		    up(picture_be16(head + 1), 8 * down);
	return f->blocks != 0;
}

/*
 * Goes to the data of the scan. True for sequential JPEGs whose scan has all
 * components: then no second scan can be missing. (The frame of a progressive
 * JPEG has another marker.)
 */
static bool find_scan(struct bytes *b, struct frame *f)
{
	struct bytes content = { 0 };
	uint8_t marker = 0;

	while ((marker = take_segment(b, &content))) {
		if (marker == SOS)
			return f->components && content.left &&
			       content.at[0] == f->components;
		if (marker == DRI)
			f->interval = content.left == 2 ?
					      picture_be16(content.at) :
					      0;
		else if ((marker == SOF0 || marker == SOF1) &&
			 (f->components || !read_frame(content, f)))
			return false;
	}
	return false;
}

/* Counts restart markers in the data. UINT32_MAX: there are other markers. */
static uint32_t count_restarts(struct bytes b)
{
	uint32_t n = 0;

	for (size_t i = 1; i < b.left; i++) {
		if (b.at[i - 1] != 0xff || !b.at[i] || b.at[i] == 0xff)
			continue;
		if ((b.at[i] & 0xf8) != 0xd0)
			return UINT32_MAX;
		n++;
	}
	return n;
}

/*
 * stb makes up what a truncated file lacks: it decodes zeros, or leaves out
 * blocks where an interval ends without a restart marker. So all intervals must
 * have begun, and one bits are put after the data. No code consists of ones
 * only: the standard reserves it (T.81, annex C). A whole file needs none of
 * them.
 */
bool jpeg_end(struct picture *p)
{
	struct bytes b = segments(p->file, p->len);
	struct frame f = { 0 };
	uint8_t *file = NULL;

	if (!find_scan(&b, &f) ||
	    count_restarts(b) !=
		    (f.interval ? up(f.blocks, f.interval) - 1 : 0))
		return false;
	file = realloc(p->file, p->len + 2 * ONES + 2);
	if (!file)
		return false;
	for (size_t i = 0; i < 2 * ONES; i++)
		file[p->len++] = i % 2 ? 0x00 : 0xff;
	file[p->len++] = 0xff;
	file[p->len++] = EOI;
	p->file = file;
	p->no_end = true;
	return true;
}
