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

/* A character of 2 to 4 bytes: its code point, or 0. */
static uint32_t decode(const unsigned char *c, size_t *len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t point = 0;

	*len = *c < 0xc2 ? 0 :
	       *c < 0xe0 ? 2 :
	       *c < 0xf0 ? 3 :
	       *c < 0xf5 ? 4 :
			   0;
	point = *len ? *c & (0x7fu >> *len) : 0;
	for (size_t i = 1; i < *len; i++) {
		if ((c[i] & 0xc0) != 0x80) /* the end of the text, too */
			return 0;
		point = point << 6 | (c[i] & 0x3f);
	}
	return point < least[*len] || point > 0x10ffff ? 0 : point;
}

static bool stays(uint32_t point)
{
	return point >= 0xa0 && (point < 0xd800 || point > 0xdfff) &&
	       (point < 0x200e || point > 0x200f) &&
	       (point < 0x2028 || point > 0x202e) &&
	       (point < 0x2066 || point > 0x2069);
}

void enc_one_line(char *text)
{
	while (*text) {
		const unsigned char *c = (const unsigned char *)text;
		size_t len = 1;

		if (*c >= 0x80 && !stays(decode(c, &len))) {
			*text = '?';
			len = 1;
		} else if (*c < ' ' || *c == 0x7f) {
			*text = '?';
		}
		text += len;
	}
}
