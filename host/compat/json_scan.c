/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scan.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/*
 * An element is taken only when the next one begins. The NUL needs no check of
 * its own: it is neither a digit, nor a comma, nor white space.
 */
size_t enc_model_scan(const char *text, uint8_t *out, uint32_t room,
		      uint32_t *taken)
{
	const char *p = text;
	const char *rest = text;
	unsigned int value = 0;

	*taken = 0;
	for (uint32_t n = 0;; out[n++] = (uint8_t)value) {
		while (is_space(*p))
			p++;
		if (!is_digit(*p))
			break;
		rest = p;
		*taken = n;
		if (n == room)
			break;
		value = (unsigned int)(*p++ - '0');
		if (value && is_digit(*p))
			value = value * 10 + (unsigned int)(*p++ - '0');
		if (value > 9 && is_digit(*p))
			value = value * 10 + (unsigned int)(*p++ - '0');
		if (value > UINT8_MAX || *p++ != ',')
			break;
	}
	return (size_t)(rest - text);
}

size_t enc_model_skip(const char *text, uint32_t *taken)
{
	const char *last = memrchr(text, ',', strcspn(text, "]"));
	const char *p = text;
	uint32_t n = 0;

	*taken = 0;
	while (is_space(*p))
		p++;
	if (!is_digit(*p) || !last)
		return 0;
	while (p <= last)
		n += *p++ == ',';
	*taken = n;
	return (size_t)(last + 1 - text);
}
