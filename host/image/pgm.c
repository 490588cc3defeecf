/* SPDX-License-Identifier: Apache-2.0 */
/* PGM: its header, and the ASCII form, which stb does not know. */
#include <stdlib.h>
#include <string.h>

#include "picture.h"

#define WRONG 1000000u /* for a number that is missing, or larger */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Skips white space and comments. False if nothing else is left. */
static bool skip(const struct picture *p, size_t *at)
{
	while (*at < p->len && memchr(" \t\n\v\f\r#", p->file[*at], 7)) {
		if (p->file[(*at)++] != '#')
			continue;
		while (*at < p->len && p->file[*at] != '\n' &&
		       p->file[*at] != '\r')
			(*at)++;
	}
	return *at < p->len;
}

static uint32_t number(const struct picture *p, size_t *at)
{
	uint32_t v = 0;

	if (!skip(p, at) || !is_digit(p->file[*at]))
		return WRONG;
	while (*at < p->len && is_digit(p->file[*at])) {
		v = v * 10 + p->file[(*at)++] - '0';
		if (v > WRONG)
			v = WRONG;
	}
	return v;
}

size_t pgm_header(struct picture *p)
{
	size_t at = 2; /* behind "P5" or "P2" */

	p->width = number(p, &at);
	p->height = number(p, &at);
	p->maxval = number(p, &at);
	return at;
}

uint8_t pgm_scale(uint32_t level, uint32_t maxval)
{
	return (uint8_t)(level >= maxval ? 255 :
					   (level * 255 + maxval / 2) / maxval);
}

/* Every level but the last takes two bytes or more. This bounds memory, too. */
bool pgm_plain_whole(const struct picture *p)
{
	return (uint64_t)p->width * p->height <= p->len / 2;
}

uint8_t *pgm_decode_plain(struct picture *p, struct enc_error *e)
{
	size_t n = (size_t)p->width * p->height;
	uint8_t *grey = malloc(p->len); /* see pgm_plain_whole() */
	size_t at = pgm_header(p);
	size_t i = 0;

	if (!grey) {
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", p->name);
		return NULL;
	}
	for (; i < n; i++) {
		uint32_t v = number(p, &at);

		if (v > p->maxval)
			break;
		grey[i] = pgm_scale(v, p->maxval);
	}
	if (i == n && !skip(p, &at))
		return grey;
	free(grey);
	picture_refuse(
		p,
		i < n ? "a level of grey is missing or over the maximum" :
			"goes on after its last pixel",
		e);
	return NULL;
}
