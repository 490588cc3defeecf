/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool enc_fail(struct enc_error *e, enum enc_error_code code, const char *what,
	      ...)
{
	va_list ap;

	e->code = code;
	e->kind = code == ENC_ERR_MEMORY ? ENC_TRY_AGAIN : ENC_OTHER;
	e->hint[0] = '\0';
	va_start(ap, what);
	vsnprintf(e->what, sizeof(e->what), what, ap);
	va_end(ap);
	return false;
}

bool enc_hint(struct enc_error *e, const char *hint, ...)
{
	va_list ap;

	va_start(ap, hint);
	vsnprintf(e->hint, sizeof(e->hint), hint, ap);
	va_end(ap);
	return false;
}

bool enc_about(struct enc_error *e, const char *file)
{
	char what[ENC_ERROR_TEXT] = "";

	memcpy(what, e->what, sizeof(what));
	snprintf(e->what, sizeof(e->what), "%.4096s: %.500s", file, what);
	return false;
}

const char *enc_s(uint64_t count)
{
	return count == 1 ? "" : "s";
}

void enc_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

uint32_t enc_character(const char *text, size_t max, size_t *len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *c = (const unsigned char *)text;
	const size_t bytes = *c < 0x80 ? 1 :
			     *c < 0xc2 ? 0 :
			     *c < 0xe0 ? 2 :
			     *c < 0xf0 ? 3 :
			     *c < 0xf5 ? 4 :
					 0;
	uint32_t point = *c & (bytes > 1 ? 0x7fu >> bytes : 0x7f);

	*len = 1;
	if (!bytes || bytes > max)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (c[i] & 0x3f);
	}
	if (point < least[bytes] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*len = bytes;
	return point;
}

bool enc_character_stays(uint32_t character)
{
	static const uint32_t moves[][2] = {
		{ 0, 0x1f },	    { 0x7f, 0x9f },	{ 0x61c, 0x61c },
		{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++) {
		if (character >= moves[i][0] && character <= moves[i][1])
			return false;
	}
	return true;
}

void enc_one_line(char *text)
{
	const char *end = text + strlen(text);
	size_t len = 0;

	for (; *text; text += len) {
		if (!enc_character_stays(
			    enc_character(text, (size_t)(end - text), &len))) {
			*text = '?';
			len = 1;
		}
	}
}
