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
