/* SPDX-License-Identifier: Apache-2.0 */
/* A picture in a terminal: see image.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "image.h"

/* Darkest and lightest of the 24 greys of a 256-colour terminal. */
#define GREY_FIRST  232u
#define GREY_LEVELS 24u

/* The first variable that is set, of those that name the character set. */
static const char *locale_name(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "";
}

static bool is_utf8(const char *locale)
{
	const char *set = strchr(locale, '.');

	return set && (!strncasecmp(set, ".utf-8", 6) ||
		       !strncasecmp(set, ".utf8", 5));
}

static bool has_colours(FILE *f)
{
	const char *term = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(f)) && term && strcmp(term, "dumb") &&
	       !(no_color && *no_color);
}

enum enc_image_style enc_image_style_for(FILE *f)
{
	if (!is_utf8(locale_name()))
		return ENC_IMAGE_ASCII;
	return has_colours(f) ? ENC_IMAGE_GREY : ENC_IMAGE_BLOCKS;
}

static void ascii_row(const uint8_t *top, const uint8_t *low, char *row)
{
	static const char ramp[] = " .:+#";
	const unsigned int levels = sizeof(ramp) - 1;

	for (size_t x = 0; x < ENC_IMAGE_SIDE; x++)
		row[x] = ramp[(top[x] + (unsigned int)low[x]) * levels / 511];
	row[ENC_IMAGE_SIDE] = '\0';
}

/* A half that is light enough is drawn; dimmer ones are shaded. */
static const char *block(uint8_t top, uint8_t low)
{
	bool t = top >= 112;
	bool l = low >= 112;

	if (t && l)
		return "\u2588"; /* full block */
	if (t)
		return "\u2580"; /* upper half */
	if (l)
		return "\u2584";		 /* lower half */
	return top + low >= 80 ? "\u2591" : " "; /* light shade */
}

static void blocks_row(const uint8_t *top, const uint8_t *low, char *row)
{
	char *end = row;

	for (size_t x = 0; x < ENC_IMAGE_SIDE; x++)
		end = stpcpy(end, block(top[x], low[x]));
}

static unsigned int grey(uint8_t v)
{
	return GREY_FIRST + (v * (GREY_LEVELS - 1) + 127) / 255;
}

/* Upper half in the foreground, lower half behind: each pixel has its grey. */
static void grey_row(const uint8_t *top, const uint8_t *low, char *row)
{
	size_t at = 0;

	for (size_t x = 0; x < ENC_IMAGE_SIDE; x++)
		at += (size_t)snprintf(row + at, ENC_IMAGE_ROW_BYTES - at,
				       "\033[38;5;%u;48;5;%um\u2580",
				       grey(top[x]), grey(low[x]));
	snprintf(row + at, ENC_IMAGE_ROW_BYTES - at, "\033[0m");
}

void enc_image_rows(const uint8_t px[ENC_IMAGE_PIXELS],
		    enum enc_image_style style,
		    char rows[ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES])
{
	for (size_t y = 0; y < ENC_IMAGE_ROWS; y++) {
		const uint8_t *top = px + 2 * y * ENC_IMAGE_SIDE;
		const uint8_t *low = top + ENC_IMAGE_SIDE;

		if (style == ENC_IMAGE_GREY)
			grey_row(top, low, rows[y]);
		else if (style == ENC_IMAGE_BLOCKS)
			blocks_row(top, low, rows[y]);
		else
			ascii_row(top, low, rows[y]);
	}
}
