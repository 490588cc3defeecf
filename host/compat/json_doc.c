/* SPDX-License-Identifier: Apache-2.0 */
#include "json_doc.h"

#include <inttypes.h>
#include <string.h>

enum kind {
	NIL,
	BOOLEAN,
	NUMBER,
	STRING,
	OBJECT,
	ARRAY,
	ANY /* wanted by an unknown key */
};

static const char *const kind_name[] = {
	[NIL] = "null",	       [BOOLEAN] = "a boolean", [NUMBER] = "a number",
	[STRING] = "a string", [OBJECT] = "an object",	[ARRAY] = "an array",
};

static const struct {
	const char *name;
	enum enc_place place;
	enum kind kind;
} fields[] = {
	[ENC_ALGORITHM] = { "algorithm", ENC_IN_TOP, STRING },
	[ENC_ENCRYPTED_DATA] = { "encrypted_data", ENC_IN_TOP, ARRAY },
	[ENC_CHUNKS] = { "chunks", ENC_IN_TOP, ARRAY },
	[ENC_CHUNK_SIZE] = { "chunk_size", ENC_IN_TOP, NUMBER },
	[ENC_TOTAL_CHUNKS] = { "total_chunks", ENC_IN_TOP, NUMBER },
	[ENC_ORIGINAL_SIZE] = { "original_size", ENC_IN_TOP, NUMBER },
	[ENC_ID] = { "id", ENC_IN_CHUNK, NUMBER },
	[ENC_SIZE] = { "size", ENC_IN_CHUNK, NUMBER },
	[ENC_DATA] = { "data", ENC_IN_CHUNK, ARRAY },
	[ENC_UNKNOWN] = { "", ENC_AT_START, ANY },
};

/* --- Messages ---------------------------------------------------------- */

/* Offset in the text, right after the token that yajl reports now. */
static uint64_t here(const struct enc_doc *d)
{
	return d->offset + yajl_get_bytes_consumed(d->yajl);
}

/* "chunks[3].data[17] is WHAT (byte 1234)" */
static bool place_is(const struct enc_doc *d, const char *what, uint64_t byte)
{
	const char *field = fields[d->field].name;
	char place[64] = "the top level";

	if (d->place == ENC_IN_TOP)
		snprintf(place, sizeof(place), "%s", field);
	else if (d->place == ENC_IN_CHUNKS)
		snprintf(place, sizeof(place), "chunks[%u]", d->chunk);
	else if (d->place == ENC_IN_CHUNK)
		snprintf(place, sizeof(place), "chunks[%u].%s", d->chunk,
			 field);
	else if (d->place == ENC_IN_BYTES && d->field == ENC_DATA)
		snprintf(place, sizeof(place), "chunks[%u].data[%u]", d->chunk,
			 d->count);
	else if (d->place == ENC_IN_BYTES)
		snprintf(place, sizeof(place), "%s[%u]", field, d->count);
	return enc_fail(d->e, ENC_ERR_FORMAT, "%s is %s (byte %" PRIu64 ")",
			place, what, byte);
}

static bool wrong_kind(const struct enc_doc *d, enum kind found,
		       enum kind wanted)
{
	char what[64] = "";

	snprintf(what, sizeof(what), "%s, expected %s", kind_name[found],
		 kind_name[wanted]);
	return place_is(d, what, here(d));
}

static bool wrong_number(const struct enc_doc *d, const char *text, size_t len,
			 uint32_t max)
{
	char what[96] = "";

	snprintf(what, sizeof(what), "%.*s%s, expected an integer from 0 to %u",
		 len < 24 ? (int)len : 24, text, len > 24 ? "..." : "", max);
	return place_is(d, what, here(d) - len);
}

/* --- Bytes ------------------------------------------------------------- */

bool enc_doc_flush(struct enc_doc *d)
{
	uint32_t len = d->fill;

	d->fill = 0;
	if (len)
		d->refused = !d->sink(d->ctx, d->piece, len, d->e);
	return !d->refused;
}

bool enc_doc_add(struct enc_doc *d, uint32_t n)
{
	d->count += n;
	d->total += n;
	if (d->total > ENC_MODEL_MAX_BYTES)
		return enc_fail(d->e, ENC_ERR_LIMIT,
				"more than %u MiB of encrypted data",
				ENC_MODEL_MAX_BYTES >> 20);
	if (d->muted)
		return true;
	d->fill += n;
	return d->fill < sizeof(d->piece) || enc_doc_flush(d);
}

/* --- Values ------------------------------------------------------------ */

static bool take_string(const struct enc_doc *d, const char *text, size_t len)
{
	char shown[41] = "";

	memcpy(shown, text, len < sizeof(shown) ? len : sizeof(shown) - 1);
	enc_printable(shown);
	if (len == strlen(BOX_CBC_NAME) && !memcmp(text, BOX_CBC_NAME, len))
		return true;
	enc_fail(d->e, ENC_ERR_FORMAT,
		 "algorithm is \"%s\", only \"" BOX_CBC_NAME "\" is supported",
		 shown);
	if (!strcmp(shown, BOX_CBC_NAME "-Chunked"))
		enc_hint(d->e, "encrypt the model again");
	return false;
}

static bool take_number(struct enc_doc *d, const char *text, size_t len)
{
	bool in_bytes = d->place == ENC_IN_BYTES;
	uint32_t max = in_bytes ? UINT8_MAX : UINT32_MAX;
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return wrong_number(d, text, len, max);
		v = v * 10 + (uint64_t)(text[i] - '0');
		if (v > max)
			return wrong_number(d, text, len, max);
	}
	if (in_bytes) {
		d->piece[d->fill] = (uint8_t)v;
		return enc_doc_add(d, 1);
	}
	d->value[d->field] = (uint32_t)v;
	return true;
}

static bool open_object(struct enc_doc *d)
{
	if (d->place == ENC_AT_START) {
		d->place = ENC_IN_TOP;
		return true;
	}
	d->place = ENC_IN_CHUNK;
	d->seen[ENC_ID] = d->seen[ENC_SIZE] = d->seen[ENC_DATA] = false;
	return true;
}

static bool open_array(struct enc_doc *d)
{
	if (d->field == ENC_CHUNKS) {
		d->place = ENC_IN_CHUNKS;
		return true;
	}
	d->place = ENC_IN_BYTES;
	d->muted = d->field == ENC_DATA &&
		   !(d->seen[ENC_ID] && d->value[ENC_ID] == d->turn);
	d->start = here(d) - 1;
	d->count = 0;
	return true;
}

static bool ignore(struct enc_doc *d, enum kind kind)
{
	if (kind != OBJECT && kind != ARRAY)
		return true;
	if (++d->ignored <= ENC_MODEL_MAX_DEPTH)
		return true;
	return enc_fail(d->e, ENC_ERR_LIMIT,
			"nested more than %u deep (byte %" PRIu64 ")",
			ENC_MODEL_MAX_DEPTH, here(d));
}

/* A value begins: all of it, or its '{' or '['. */
static bool take(struct enc_doc *d, enum kind kind, const void *text,
		 size_t len)
{
	enum kind wanted = OBJECT;

	d->quiet = 0;
	if (d->place == ENC_IN_BYTES)
		wanted = NUMBER;
	else if (d->place == ENC_IN_TOP || d->place == ENC_IN_CHUNK)
		wanted = fields[d->field].kind;
	if (d->ignored || wanted == ANY)
		return ignore(d, kind);
	if (kind != wanted)
		return wrong_kind(d, kind, wanted);
	if (kind == NUMBER)
		return take_number(d, text, len);
	if (kind == STRING)
		return take_string(d, text, len);
	return kind == OBJECT ? open_object(d) : open_array(d);
}

/* --- Callbacks: 1 to go on, 0 to stop with *d->e filled ----------------- */

static int on_null(void *d)
{
	return take(d, NIL, NULL, 0);
}

static int on_boolean(void *d, int value)
{
	(void)value;
	return take(d, BOOLEAN, NULL, 0);
}

static int on_number(void *d, const char *text, size_t len)
{
	return take(d, NUMBER, text, len);
}

static int on_string(void *d, const unsigned char *text, size_t len)
{
	return take(d, STRING, text, len);
}

static int on_object(void *d)
{
	return take(d, OBJECT, NULL, 0);
}

static int on_array(void *d)
{
	return take(d, ARRAY, NULL, 0);
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
	struct enc_doc *d = ctx;
	enum enc_field f = 0;

	d->quiet = 0;
	if (d->ignored)
		return 1;
	while (f < ENC_UNKNOWN &&
	       (fields[f].place != d->place || strlen(fields[f].name) != len ||
		memcmp(fields[f].name, key, len)))
		f++;
	d->field = f;
	if (f == ENC_UNKNOWN)
		return 1;
	if (d->seen[f])
		return place_is(d, "repeated", here(d));
	d->seen[f] = true;
	if (d->seen[ENC_ENCRYPTED_DATA] && d->seen[ENC_CHUNKS])
		return enc_fail(d->e, ENC_ERR_FORMAT,
				"has both encrypted_data and chunks");
	return 1;
}

static bool end_chunk(struct enc_doc *d)
{
	const struct enc_chunk chunk = { d->start, d->count, d->chunk };

	if (!enc_doc_check_chunk(d))
		return false;
	d->chunks[d->value[ENC_ID]] = chunk;
	d->chunk_count++;
	d->chunk++;
	if (!d->muted)
		d->turn++;
	d->place = ENC_IN_CHUNKS;
	return true;
}

static int on_end(void *ctx)
{
	struct enc_doc *d = ctx;

	d->quiet = 0;
	if (d->ignored)
		d->ignored--;
	else if (d->place == ENC_IN_CHUNK)
		return end_chunk(d);
	else if (d->place == ENC_IN_TOP)
		d->place = ENC_AT_END;
	else if (d->place == ENC_IN_BYTES && d->field == ENC_DATA)
		d->place = ENC_IN_CHUNK;
	else
		d->place = ENC_IN_TOP;
	return 1;
}

const yajl_callbacks enc_doc_callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};
