/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises the format of a file, and names formats that are not supported. */
#include <string.h>

#include "picture.h"

#define PGM_SPACE " \t\n\v\f\r#" /* after the magic; '#': a comment */

static bool has(const uint8_t *file, size_t len, size_t at, const char *magic,
		size_t n)
{
	return at <= len && n <= len - at && !memcmp(file + at, magic, n);
}

/* "P2" alone could be the start of anything. */
static bool is_pnm(const uint8_t *file, size_t len, const char *magic)
{
	return has(file, len, 0, magic, 2) && len > 2 &&
	       memchr(PGM_SPACE, file[2], sizeof(PGM_SPACE) - 1);
}

enum picture_kind picture_kind(const uint8_t *file, size_t len)
{
	if (has(file, len, 0, "\x89PNG\r\n\x1a\n", 8))
		return PICTURE_PNG;
	if (has(file, len, 0, "\xff\xd8\xff", 3))
		return PICTURE_JPEG;
	if (has(file, len, 0, "BM", 2))
		return PICTURE_BMP;
	if (has(file, len, 0, "P5", 2))
		return PICTURE_PGM;
	if (is_pnm(file, len, "P2"))
		return PICTURE_PLAIN_PGM;
	return PICTURE_OTHER;
}

/* An SVG may begin with anything that XML allows before its element. */
static bool is_svg(const uint8_t *file, size_t len)
{
	size_t head = len < 1024 ? len : 1024;

	return len && file[0] == '<' && memmem(file, head, "<svg", 4);
}

const char *picture_other(const uint8_t *file, size_t len)
{
	static const struct {
		const char *name;
		size_t at;
		const char *magic;
		size_t n;
	} others[] = {
		{ "GIF", 0, "GIF8", 4 },       { "WebP", 8, "WEBP", 4 },
		{ "HEIC", 4, "ftyphe", 6 },    { "HEIF", 4, "ftypmif1", 8 },
		{ "AVIF", 4, "ftypavi", 7 },   { "TIFF", 0, "II*\0", 4 },
		{ "TIFF", 0, "MM\0*", 4 },     { "JPEG XL", 0, "\xff\x0a", 2 },
		{ "JPEG XL", 4, "JXL ", 4 },   { "JPEG 2000", 4, "jP  ", 4 },
		{ "Photoshop", 0, "8BPS", 4 }, { "PDF", 0, "%PDF-", 5 },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(file, len, others[i].at, others[i].magic, others[i].n))
			return others[i].name;
	if (is_svg(file, len))
		return "SVG";
	if (is_pnm(file, len, "P1") || is_pnm(file, len, "P4"))
		return "PBM";
	if (is_pnm(file, len, "P3") || is_pnm(file, len, "P6"))
		return "PPM";
	return NULL;
}
