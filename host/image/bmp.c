/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BMP: headers that stb does not know, or reads wrongly. Layout: a file header
 * of 14 bytes, whose last 4 are the offset of the pixels; then a second header,
 * which begins with its size, and the size tells its kind.
 */
#include <inttypes.h>
#include <string.h>

#include "picture.h"

#define OFFSET_AT 10u
#define SIZE_AT	  14u
#define NEEDED	  34u /* up to the compression */

#define COMPRESSION_AT 30u

#define OS2_HEADER  12u
#define INFO_HEADER 40u
#define MASKS	    3u /* compression: pixels by bit masks */

static bool is_os2(const struct picture *p)
{
	return picture_le32(p->file + SIZE_AT) == OS2_HEADER;
}

/* Bits per pixel. */
static uint32_t bits(const struct picture *p)
{
	return picture_le16(p->file + (is_os2(p) ? 24 : 28));
}

static uint32_t compression(const struct picture *p)
{
	return is_os2(p) ? 0 : picture_le32(p->file + COMPRESSION_AT);
}

/* Of OS/2's only those without a palette: stb looks for it in a wrong place. */
static bool known(const struct picture *p, uint32_t size)
{
	const uint32_t bpp = bits(p);

	if (size == OS2_HEADER)
		return bpp == 24;
	if (size != INFO_HEADER && size != 56 && size != 108 && size != 124 &&
	    (size != 52 || bpp < 16))
		return false;
	if (compression(p) == MASKS)
		return bpp == 16 || bpp == 32;
	return !compression(p) && (bpp == 1 || bpp == 4 || bpp == 8 ||
				   bpp == 16 || bpp == 24 || bpp == 32);
}

static bool refuse(const struct picture *p, const char *why,
		   struct enc_error *e)
{
	enc_fail(e, ENC_ERR_FORMAT,
		 "%s: a BMP of %" PRIu32 " bit%s a pixel, compression %" PRIu32
		 ", with a header of %" PRIu32 " bytes: %s",
		 p->name, bits(p), enc_s(bits(p)), compression(p),
		 picture_le32(p->file + SIZE_AT), why);
	return enc_hint(e, "save it as PNG");
}

/* Without a palette, stb skips a gap between header and pixels twice. */
static void close_gap(struct picture *p, uint32_t header_end)
{
	const uint32_t offset = picture_le32(p->file + OFFSET_AT);

	if (offset > p->len) /* bmp_whole() refuses it */
		return;
	memmove(p->file + header_end, p->file + offset, p->len - offset);
	p->len -= offset - header_end;
	for (unsigned int i = 0; i < 4; i++)
		p->file[OFFSET_AT + i] = (uint8_t)(header_end >> 8 * i);
}

/*
 * Headers of 52 and 56 bytes have the masks where they follow a header of 40.
 * stb does not know those of 52, and looks for the masks after those of 56. So
 * it is shown a header of 40 bytes, and the rest is a gap.
 */
bool bmp_check(struct picture *p, struct enc_error *e)
{
	uint32_t size = 0;
	uint32_t end = 0;
	bool masks = false;

	if (p->len < NEEDED)
		return picture_truncated(p, e);
	size = picture_le32(p->file + SIZE_AT);
	if (!known(p, size))
		return refuse(p, "this kind is not supported", e);
	if (bits(p) < 16)
		return true;
	masks = compression(p) == MASKS;
	if (size == 52 || (size == 56 && masks))
		size = INFO_HEADER;
	end = SIZE_AT + size + (masks && size == INFO_HEADER ? 12 : 0);
	if (picture_le32(p->file + OFFSET_AT) < end)
		return refuse(p, "its pixels begin within its header", e);
	p->file[SIZE_AT] = (uint8_t)size;
	close_gap(p, end);
	return true;
}

/* Rows of whole 32-bit words follow the offset that the header states. */
bool bmp_whole(const struct picture *p)
{
	uint64_t offset = picture_le32(p->file + OFFSET_AT);
	uint64_t row = (p->width * (uint64_t)bits(p) + 31) / 32 * 4;

	return offset <= p->len && row * p->height <= p->len - offset;
}
