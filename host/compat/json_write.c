/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <yajl/yajl_gen.h>

#include "json.h"

static void print(void *ctx, const char *text, size_t len)
{
	fwrite(text, 1, len, ctx); /* ferror() remembers */
}

static yajl_gen_status put_string(yajl_gen g, const char *s)
{
	return yajl_gen_string(g, (const unsigned char *)s, strlen(s));
}

/* Each of the 256 numbers is formatted once. */
static yajl_gen_status put_bytes(yajl_gen g, const uint8_t *data, size_t len)
{
	char text[UINT8_MAX + 1][4] = { "" };
	yajl_gen_status st = yajl_gen_array_open(g);

	for (unsigned int i = 0; i < UINT8_MAX + 1; i++)
		snprintf(text[i], sizeof(text[i]), "%u", i & UINT8_MAX);
	for (size_t i = 0; i < len && st == yajl_gen_status_ok; i++) {
		const char *t = text[data[i]];

		st = yajl_gen_number(g, t, strlen(t));
	}
	return st == yajl_gen_status_ok ? yajl_gen_array_close(g) : st;
}

static bool put_model(yajl_gen g, const uint8_t *data, size_t len)
{
	return yajl_gen_map_open(g) == yajl_gen_status_ok &&
	       put_string(g, "algorithm") == yajl_gen_status_ok &&
	       put_string(g, BOX_CBC_NAME) == yajl_gen_status_ok &&
	       put_string(g, "encrypted_data") == yajl_gen_status_ok &&
	       put_bytes(g, data, len) == yajl_gen_status_ok &&
	       yajl_gen_map_close(g) == yajl_gen_status_ok;
}

bool enc_model_json_write(FILE *f, const uint8_t *data, size_t len,
			  struct enc_error *e)
{
	yajl_gen g = NULL;
	bool ok = false;

	if (len < ENC_MODEL_MIN_BYTES || len % BOX_CBC_BLOCK_BYTES ||
	    len > ENC_MODEL_MAX_BYTES)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%zu bytes: not a length of encrypted data",
				len);
	g = yajl_gen_alloc(NULL);
	if (g) {
		yajl_gen_config(g, yajl_gen_print_callback, print, f);
		ok = put_model(g, data, len);
		yajl_gen_free(g);
	}
	if (!ok)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory for JSON");
	fputc('\n', f);
	return true;
}
