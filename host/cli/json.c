/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "host/base/error.h"

/*
 * yajl escapes control characters of C0. The others that a terminal would obey
 * are escaped here, and what is no UTF-8 is replaced. All of it is in strings,
 * which yajl hands over in whole characters.
 */
static void print(void *ctx, const char *text, size_t len)
{
	const char *end = text + len;
	size_t bytes = 0;

	for (; text < end; text += bytes) {
		const uint32_t c =
			enc_character(text, (size_t)(end - text), &bytes);

		if (!c)
			fputs("\\ufffd", ctx);
		else if (enc_character_stays(c))
			fwrite(text, 1, bytes, ctx);
		else
			fprintf(ctx, "\\u%04" PRIx32, c);
	}
}

/* An error may come while an object is open: it has a line of its own. */
static bool is_open;

yajl_gen cli_json_begin(void)
{
	yajl_gen gen = yajl_gen_alloc(NULL);

	if (gen && is_open)
		putchar('\n');
	is_open = gen;
	if (gen)
		yajl_gen_config(gen, yajl_gen_print_callback, print, stdout);
	return gen;
}

void cli_json_text(yajl_gen gen, const char *text)
{
	yajl_gen_string(gen, (const unsigned char *)text, strlen(text));
}

/* A file may claim any number. Those of yajl_gen_integer() are signed. */
void cli_json_number(yajl_gen gen, const char *key, uint64_t value)
{
	char text[32] = "";
	const int len = snprintf(text, sizeof(text), "%" PRIu64, value);

	cli_json_text(gen, key);
	yajl_gen_number(gen, text, (size_t)len);
}

void cli_json_decimal(yajl_gen gen, const char *key, double value)
{
	char text[64] = "";
	const int len = snprintf(text, sizeof(text), "%.1f", value);

	cli_json_text(gen, key);
	yajl_gen_number(gen, text, (size_t)len);
}

/* JSON has no infinity, and nothing that is not a number. */
void cli_json_float(yajl_gen gen, const char *key, float value)
{
	char text[64] = "";
	const int len = snprintf(text, sizeof(text), "%.9g", (double)value);

	cli_json_text(gen, key);
	if (isfinite(value))
		yajl_gen_number(gen, text, (size_t)len);
	else
		yajl_gen_null(gen);
}

void cli_json_string(yajl_gen gen, const char *key, const char *value)
{
	cli_json_text(gen, key);
	cli_json_text(gen, value);
}

void cli_json_bool(yajl_gen gen, const char *key, bool value)
{
	cli_json_text(gen, key);
	yajl_gen_bool(gen, value);
}

void cli_error_json(yajl_gen gen, enum cli_exit status, const char *message,
		    const char *hint)
{
	cli_json_text(gen, "error");
	yajl_gen_map_open(gen);
	cli_json_string(gen, "kind", cli_exits[status].kind);
	cli_json_number(gen, "status", status);
	cli_json_string(gen, "message", message);
	cli_json_string(gen, "hint", hint);
	yajl_gen_map_close(gen);
}

void cli_json_end(yajl_gen gen)
{
	is_open = false;
	putchar('\n');
	yajl_gen_free(gen);
}

void cli_error_object(enum cli_exit status, const char *message,
		      const char *hint)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return;
	yajl_gen_map_open(gen);
	cli_error_json(gen, status, message, hint);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
}
