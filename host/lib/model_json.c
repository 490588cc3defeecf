/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works. yajl reads the text and decides what is JSON; its callbacks
 * walk a small state machine (`where`) over the few places that matter and
 * skip the rest. The bytes of an array are collected in a piece of 64 KiB
 * that goes to the sink when it is full.
 *
 * A model is two million numbers, and a callback for each would cost three
 * times what the TEE spends on decrypting them. So scan_bytes() takes the
 * plain middle of a byte array, where yajl would find nothing but "number,
 * comma", and yajl sees the rest: the start, the last element, the end, and
 * everything unusual. It may do so only when yajl waits for an element; feed()
 * cuts the text behind each '[' and ',' to know when that is. What scan_bytes
 * leaves out is a text that yajl would have accepted from the same state, so
 * the two together accept exactly what yajl alone accepts.
 *
 * The chunked form takes two passes: the first checks everything and notes
 * where each chunk's array starts, the second reads the arrays in id order.
 */
#include "model_json.h"

#include "file.h"
#include "model_chunks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yajl/yajl_parse.h>

#define TEXT_BYTES  65536u     /* text read at a time */
#define QUIET_BYTES (1u << 20) /* longest single string, number or blank */

enum kind {
	NIL,
	BOOLEAN,
	NUMBER,
	STRING,
	OBJECT,
	ARRAY
};

static const char *const kind_name[] = {
	[NIL] = "null",	       [BOOLEAN] = "a boolean", [NUMBER] = "a number",
	[STRING] = "a string", [OBJECT] = "an object",	[ARRAY] = "an array",
};

enum place {
	OUTSIDE, /* before the top level object */
	TOP,	 /* in the top level object */
	CHUNKS,	 /* in the array "chunks" */
	CHUNK,	 /* in one of its objects */
	BYTES,	 /* in "encrypted_data", or in the "data" of a chunk */
	REPLAY	 /* second pass: before the "data" of a chunk */
};

enum field {
	ALGORITHM,
	ENCRYPTED_DATA,
	CHUNK_SIZE,
	TOTAL_CHUNKS,
	ORIGINAL_SIZE,
	CHUNK_LIST,
	ID,
	SIZE,
	DATA,
	FIELDS,
	UNKNOWN = FIELDS
};

static const struct {
	const char *name;
	enum place place;
	enum kind kind;
} fields[FIELDS] = {
	[ALGORITHM] = {"algorithm", TOP, STRING},
	[ENCRYPTED_DATA] = {"encrypted_data", TOP, ARRAY},
	[CHUNK_SIZE] = {"chunk_size", TOP, NUMBER},
	[TOTAL_CHUNKS] = {"total_chunks", TOP, NUMBER},
	[ORIGINAL_SIZE] = {"original_size", TOP, NUMBER},
	[CHUNK_LIST] = {"chunks", TOP, ARRAY},
	[ID] = {"id", CHUNK, NUMBER},
	[SIZE] = {"size", CHUNK, NUMBER},
	[DATA] = {"data", CHUNK, ARRAY},
};

struct reader {
	const char *name; /* of the file, for messages */
	int fd;
	off_t base; /* where in fd the text begins; -1: a pipe, no going back */
	struct enc_error *e;
	yajl_handle yajl;
	uint64_t slice; /* offset in the text of what yajl reads now */
	size_t quiet;	/* bytes given to yajl since its last callback */

	enum place where;
	enum field field;	/* last key read */
	unsigned int skip;	/* nesting inside an ignored value */
	bool seen[FIELDS];	/* those of a chunk: of this chunk */
	uint64_t value[FIELDS]; /* of the numbers */
	bool plain;		/* this array was digits and commas so far */
	bool after_comma;	/* the last byte given to yajl: ',' or '[' */
	bool replay;		/* this is the second pass */
	bool done;		/* what yajl is to read is complete */
	uint64_t count;		/* bytes of this array so far */
	off_t start;		/* offset of its '[' */

	struct enc_chunks chunks;

	bool deliver;	/* to the sink, rather than only count */
	uint64_t total; /* bytes of all arrays so far */
	enc_model_sink sink;
	void *ctx;
	size_t fill; /* bytes in piece */
	uint8_t piece[ENC_MODEL_PIECE_BYTES];
	uint8_t text[TEXT_BYTES];
};

/* --- Messages --------------------------------------------------------- */

/* Offset in the text right behind the token that yajl reports now. */
static uint64_t offset_now(const struct reader *r)
{
	return r->slice + yajl_get_bytes_consumed(r->yajl);
}

/* Where we are, as "chunks[3].data[17]". */
static const char *place_name(const struct reader *r, char *buf, size_t size)
{
	const char *field = r->field < FIELDS ? fields[r->field].name : "";

	if (r->where == OUTSIDE)
		snprintf(buf, size, "the top level");
	else if (r->where == CHUNKS)
		snprintf(buf, size, "chunks[%zu]", r->chunks.count);
	else if (r->where == CHUNK)
		snprintf(buf, size, "chunks[%zu].%s", r->chunks.count, field);
	else if (r->where == BYTES && r->field == DATA)
		snprintf(buf, size, "chunks[%zu].data[%" PRIu64 "]",
			 r->chunks.count, r->count);
	else if (r->where == BYTES)
		snprintf(buf, size, "encrypted_data[%" PRIu64 "]", r->count);
	else
		snprintf(buf, size, "%s", field);
	return buf;
}

static int wrong_kind(struct reader *r, enum kind found, enum kind expected)
{
	char place[64] = "";

	return enc_fail(r->e, ENC_ERR_FORMAT,
			"%s: %s is %s, expected %s (byte %" PRIu64 ")", r->name,
			place_name(r, place, sizeof(place)), kind_name[found],
			kind_name[expected], offset_now(r));
}

static int wrong_number(struct reader *r, const char *text, size_t len,
			const char *expected)
{
	char place[64] = "";
	int shown = len < 24 ? (int)len : 24;

	return enc_fail(r->e, ENC_ERR_FORMAT,
			"%s: %s is %.*s%s, expected %s (byte %" PRIu64 ")",
			r->name, place_name(r, place, sizeof(place)), shown,
			text, len > 24 ? "..." : "", expected,
			offset_now(r) - len);
}

static int over_limit(struct reader *r)
{
	return enc_fail(r->e, ENC_ERR_LIMIT,
			"%s: more than %" PRIu64 " MiB of encrypted data",
			r->name, ENC_MODEL_MAX_BYTES >> 20);
}

/* --- Bytes ------------------------------------------------------------ */

static bool flush_piece(struct reader *r)
{
	size_t len = r->fill;

	r->fill = 0;
	return !len || !r->deliver || r->sink(r->ctx, r->piece, len, r->e);
}

/* Accounts for n bytes put at the end of the piece. */
static bool added_bytes(struct reader *r, size_t n)
{
	r->fill += n;
	r->count += n;
	r->total += n;
	if (r->total > ENC_MODEL_MAX_BYTES)
		return over_limit(r);
	return r->fill < sizeof(r->piece) || flush_piece(r);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const uint8_t *skip_space(const uint8_t *p, const uint8_t *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/*
 * Takes elements from the front of `text`, at most as the piece has room for,
 * while each is a number from 0 to 255 as JSON writes it, then a comma, then
 * the first digit of another number, which stays: whoever reads on finds an
 * element, as JSON demands behind a comma. Returns the bytes of text taken.
 */
static size_t scan_bytes(struct reader *r, const uint8_t *text, size_t len,
			 size_t *taken)
{
	const uint8_t *end = text + len;
	const uint8_t *p = skip_space(text, end);
	uint8_t *out = r->piece + r->fill;
	const uint8_t *out_end = r->piece + sizeof(r->piece);

	/* "255,1": as much as one step looks at, besides white space. */
	while (end - p >= 5 && is_digit(*p) && out < out_end) {
		const uint8_t *q = p + 1;
		unsigned int v = *p - (unsigned int)'0';

		if (is_digit(*q) && v != 0) {
			v = v * 10 + *q++ - '0';
			if (is_digit(*q))
				v = v * 10 + *q++ - '0';
		}
		if (*q++ != ',' || v > UINT8_MAX)
			break;
		if (!is_digit(*q)) {
			q = skip_space(q, end);
			if (q == end || !is_digit(*q))
				break;
		}
		*out++ = (uint8_t)v;
		p = q;
	}
	*taken = (size_t)(out - r->piece) - r->fill;
	return *taken ? (size_t)(p - text) : 0;
}

/* --- Callbacks: 1 to go on, 0 to stop with *r->e filled ---------------- */

static int parse_integer(struct reader *r, const char *text, size_t len,
			 uint64_t max, const char *expected, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++) {
		if (!is_digit((uint8_t)text[i]))
			return wrong_number(r, text, len, expected);
		v = v * 10 + (uint64_t)(text[i] - '0');
		if (v > max)
			return wrong_number(r, text, len, expected);
	}
	*value = v;
	return 1;
}

static int on_algorithm(struct reader *r, const char *text, size_t len)
{
	char shown[41] = "";

	if (len == strlen(ENC_MODEL_ALGORITHM) &&
	    !memcmp(text, ENC_MODEL_ALGORITHM, len))
		return 1;
	for (size_t i = 0; i < len && i < sizeof(shown) - 1; i++)
		shown[i] =
			(char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
	enc_fail(r->e, ENC_ERR_FORMAT,
		 "%s: algorithm is \"%s\", only \"" ENC_MODEL_ALGORITHM
		 "\" is supported",
		 r->name, shown);
	if (!strcmp(shown, ENC_MODEL_ALGORITHM "-Chunked"))
		enc_hint(r->e, "each chunk has an IV of its own there: "
			       "encrypt the model again");
	return 0;
}

/* A value that is no container, in a place that wants it. */
static int on_field(struct reader *r, enum kind kind, const char *text,
		    size_t len)
{
	if (r->field == UNKNOWN)
		return 1;
	if (kind != fields[r->field].kind)
		return wrong_kind(r, kind, fields[r->field].kind);
	if (kind == STRING)
		return on_algorithm(r, text, len);
	return parse_integer(r, text, len, UINT32_MAX,
			     "an integer from 0 to 4294967295",
			     &r->value[r->field]);
}

static int on_scalar(struct reader *r, enum kind kind, const char *text,
		     size_t len)
{
	uint64_t byte = 0;

	r->quiet = 0;
	if (r->skip)
		return 1;
	switch (r->where) {
	case TOP:
	case CHUNK:
		return on_field(r, kind, text, len);
	case BYTES:
		if (kind != NUMBER)
			return wrong_kind(r, kind, NUMBER);
		if (!parse_integer(r, text, len, UINT8_MAX,
				   "an integer from 0 to 255", &byte))
			return 0;
		r->piece[r->fill] = (uint8_t)byte;
		return added_bytes(r, 1);
	case REPLAY:
		return wrong_kind(r, kind, ARRAY);
	default:
		return wrong_kind(r, kind, OBJECT);
	}
}

static int on_null(void *ctx)
{
	return on_scalar(ctx, NIL, NULL, 0);
}

static int on_boolean(void *ctx, int value)
{
	(void)value;
	return on_scalar(ctx, BOOLEAN, NULL, 0);
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return on_scalar(ctx, NUMBER, text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return on_scalar(ctx, STRING, (const char *)text, len);
}

static enum field find_field(const struct reader *r, const unsigned char *key,
			     size_t len)
{
	for (enum field f = 0; f < FIELDS; f++)
		if (fields[f].place == r->where &&
		    strlen(fields[f].name) == len &&
		    !memcmp(fields[f].name, key, len))
			return f;
	return UNKNOWN;
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
	struct reader *r = ctx;
	char place[64] = "";

	r->quiet = 0;
	if (r->skip)
		return 1;
	r->field = find_field(r, key, len);
	if (r->field == UNKNOWN)
		return 1;
	if (r->seen[r->field])
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: %s is there twice (byte %" PRIu64 ")",
				r->name, place_name(r, place, sizeof(place)),
				offset_now(r));
	r->seen[r->field] = true;
	if (r->seen[ENCRYPTED_DATA] && r->seen[CHUNK_LIST])
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: has both encrypted_data and chunks",
				r->name);
	return 1;
}

static int skip_deeper(struct reader *r)
{
	if (++r->skip <= ENC_MODEL_MAX_DEPTH)
		return 1;
	return enc_fail(r->e, ENC_ERR_LIMIT,
			"%s: nested more than %u deep (byte %" PRIu64 ")",
			r->name, ENC_MODEL_MAX_DEPTH, offset_now(r));
}

static int start_object(void *ctx)
{
	struct reader *r = ctx;

	r->quiet = 0;
	if (r->skip ||
	    ((r->where == TOP || r->where == CHUNK) && r->field == UNKNOWN))
		return skip_deeper(r);
	switch (r->where) {
	case OUTSIDE:
		r->where = TOP;
		return 1;
	case CHUNKS:
		if (r->chunks.count == ENC_MODEL_MAX_CHUNKS)
			return enc_fail(r->e, ENC_ERR_LIMIT,
					"%s: more than %u chunks", r->name,
					ENC_MODEL_MAX_CHUNKS);
		r->where = CHUNK;
		r->seen[ID] = r->seen[SIZE] = r->seen[DATA] = false;
		return 1;
	case BYTES:
		return wrong_kind(r, OBJECT, NUMBER);
	case REPLAY:
		return wrong_kind(r, OBJECT, ARRAY);
	default:
		return wrong_kind(r, OBJECT, fields[r->field].kind);
	}
}

static int start_bytes(struct reader *r)
{
	r->where = BYTES;
	r->plain = true;
	r->count = 0;
	r->start = (off_t)offset_now(r) - 1;
	return 1;
}

static int start_array(void *ctx)
{
	struct reader *r = ctx;

	r->quiet = 0;
	if (r->skip ||
	    ((r->where == TOP || r->where == CHUNK) && r->field == UNKNOWN))
		return skip_deeper(r);
	switch (r->where) {
	case TOP:
	case CHUNK:
		if (fields[r->field].kind != ARRAY)
			return wrong_kind(r, ARRAY, fields[r->field].kind);
		if (r->field == CHUNK_LIST) {
			r->where = CHUNKS;
			return 1;
		}
		r->deliver = r->field == ENCRYPTED_DATA;
		return start_bytes(r);
	case REPLAY:
		return start_bytes(r);
	case BYTES:
		return wrong_kind(r, ARRAY, NUMBER);
	default:
		return wrong_kind(r, ARRAY, OBJECT);
	}
}

static int end_chunk(struct reader *r)
{
	struct enc_chunk chunk = {0};

	for (enum field f = ID; f <= DATA; f++)
		if (!r->seen[f])
			return enc_fail(r->e, ENC_ERR_FORMAT,
					"%s: chunks[%zu] has no field \"%s\"",
					r->name, r->chunks.count,
					fields[f].name);
	if (r->value[SIZE] != r->count)
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: chunks[%zu]: size is %" PRIu64
				", but data has %" PRIu64 " bytes",
				r->name, r->chunks.count, r->value[SIZE],
				r->count);
	if (!r->count)
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: chunks[%zu] is empty", r->name,
				r->chunks.count);
	r->where = CHUNKS;
	chunk = (struct enc_chunk){
		.id = r->value[ID],
		.start = r->start,
		.bytes = (uint32_t)r->count,
	};
	return enc_chunks_add(&r->chunks, &chunk, r->name, r->e);
}

static int end_object(void *ctx)
{
	struct reader *r = ctx;

	r->quiet = 0;
	if (r->skip) {
		r->skip--;
		return 1;
	}
	if (r->where == CHUNK)
		return end_chunk(r);
	r->done = true;
	return 0; /* what follows is not for yajl: see read_rest() */
}

static int end_array(void *ctx)
{
	struct reader *r = ctx;

	r->quiet = 0;
	if (r->skip) {
		r->skip--;
		return 1;
	}
	if (r->where == BYTES && r->field == DATA) {
		r->where = CHUNK;
		r->done = r->replay;
		return !r->done; /* do not read what follows once more */
	}
	r->where = TOP;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = start_object,
	.yajl_map_key = on_key,
	.yajl_end_map = end_object,
	.yajl_start_array = start_array,
	.yajl_end_array = end_array,
};

/* --- First pass ------------------------------------------------------- */

static int not_json(struct reader *r, const uint8_t *text, size_t len)
{
	unsigned char *why = yajl_get_error(r->yajl, 0, text, len);

	enc_fail(r->e, ENC_ERR_FORMAT, "%s: not JSON: %.*s (byte %" PRIu64 ")",
		 r->name, why ? (int)strcspn((char *)why, "\n") : 0,
		 why ? (char *)why : "", offset_now(r));
	if (why)
		yajl_free_error(r->yajl, why);
	return enc_hint(r->e, "a model file is what `enc_mnist encrypt-model` "
			      "writes");
}

/* Length of the text that yajl gets next: up to where scan_bytes may go on. */
static size_t slice_length(struct reader *r, const uint8_t *text, size_t len)
{
	const uint8_t *p = NULL;

	if (r->where != BYTES) {
		p = memchr(text, '[', len);
		return p ? (size_t)(p - text) + 1 : len;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ',' || text[i] == '[')
			return i + 1;
		if (!is_digit(text[i]) && !is_space(text[i]))
			r->plain = false;
	}
	return len;
}

/* Gives yajl one slice of text. */
static bool feed_yajl(struct reader *r, const uint8_t *text, size_t len)
{
	yajl_status status = yajl_status_ok;

	r->quiet += len;
	status = yajl_parse(r->yajl, text, len);
	r->after_comma = text[len - 1] == ',' || text[len - 1] == '[';
	if (status == yajl_status_error)
		return not_json(r, text, len);
	if (status != yajl_status_ok)
		return false; /* a callback has filled *r->e, or we are done */
	r->slice += len;
	if (r->quiet > QUIET_BYTES)
		return enc_fail(r->e, ENC_ERR_LIMIT,
				"%s: a string or blank of more than %u bytes "
				"(byte %" PRIu64 ")",
				r->name, QUIET_BYTES, r->slice);
	return true;
}

/* Takes what scan_bytes can take; *used: bytes of text that this was. */
static bool feed_scan(struct reader *r, const uint8_t *text, size_t len,
		      size_t *used)
{
	size_t n = 0;

	*used = 0;
	if (r->where != BYTES || !r->plain || !r->after_comma)
		return true;
	do {
		size_t step = scan_bytes(r, text + *used, len - *used, &n);

		*used += step;
		r->slice += step;
		if (n)
			r->quiet = 0;
		if (!added_bytes(r, n))
			return false;
	} while (n);
	return true;
}

static bool feed(struct reader *r, const uint8_t *text, size_t len)
{
	size_t at = 0;
	size_t n = 0;

	while (at < len) {
		if (!feed_scan(r, text + at, len - at, &n))
			return false;
		at += n;
		n = slice_length(r, text + at, len - at);
		if (!feed_yajl(r, text + at, n))
			return false;
		at += n;
	}
	return true;
}

static bool new_parser(struct reader *r, uint64_t offset)
{
	if (r->yajl)
		yajl_free(r->yajl);
	r->yajl = yajl_alloc(&callbacks, NULL, r);
	r->slice = offset;
	r->quiet = 0;
	if (!r->yajl)
		return enc_fail(r->e, ENC_ERR_MEMORY, "%s: out of memory",
				r->name);
	return true;
}

static bool cannot_read(struct reader *r)
{
	return enc_fail(r->e, ENC_ERR_IO, "%s: cannot read: %s", r->name,
			strerror(errno));
}

/* The text has ended before the top level object has. */
static bool early_end(struct reader *r)
{
	if (!r->slice)
		return enc_fail(r->e, ENC_ERR_FORMAT, "%s: is empty", r->name);
	/* Only now yajl knows that a number was whole. */
	if (yajl_complete_parse(r->yajl) == yajl_status_client_canceled)
		return false;
	return enc_fail(r->e, ENC_ERR_FORMAT,
			"%s: ends too early, after %" PRIu64 " bytes", r->name,
			r->slice);
}

/*
 * Behind the top level object: white space only. r->text holds `have` bytes,
 * the first of them at offset `before`.
 */
static bool read_rest(struct reader *r, size_t have, uint64_t before)
{
	const uint8_t *p = r->text + (offset_now(r) - before);

	for (;;) {
		ssize_t n = 0;

		p = skip_space(p, r->text + have);
		if (p < r->text + have)
			return enc_fail(r->e, ENC_ERR_FORMAT,
					"%s: goes on after its end (byte "
					"%" PRIu64 ")",
					r->name,
					before + (uint64_t)(p - r->text));
		before += have;
		n = enc_file_fill(r->fd, r->text, sizeof(r->text));
		if (n <= 0)
			return !n || cannot_read(r);
		have = (size_t)n;
		p = r->text;
	}
}

static bool read_text(struct reader *r)
{
	for (;;) {
		uint64_t before = r->slice;
		ssize_t n = enc_file_fill(r->fd, r->text, sizeof(r->text));

		if (n < 0)
			return cannot_read(r);
		if (!n)
			return early_end(r);
		if (!feed(r, r->text, (size_t)n))
			return r->done && read_rest(r, (size_t)n, before);
	}
}

/* --- What belongs together -------------------------------------------- */

static bool missing(struct reader *r, enum field f)
{
	return enc_fail(r->e, ENC_ERR_FORMAT, "%s: has no field \"%s\"",
			r->name, fields[f].name);
}

static bool check_fields(struct reader *r)
{
	if (!r->seen[ALGORITHM])
		return missing(r, ALGORITHM);
	if (r->seen[ENCRYPTED_DATA])
		return true;
	if (!r->seen[CHUNK_LIST])
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: has neither a field \"encrypted_data\" "
				"nor \"chunks\"",
				r->name);
	for (enum field f = CHUNK_SIZE; f <= ORIGINAL_SIZE; f++)
		if (!r->seen[f])
			return missing(r, f);
	return true;
}

static bool check_length(struct reader *r)
{
	if (!r->total)
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: has no encrypted data", r->name);
	if (r->total < ENC_MODEL_MIN_BYTES || r->total % ENC_MODEL_BLOCK_BYTES)
		return enc_fail(r->e, ENC_ERR_FORMAT,
				"%s: %" PRIu64 " bytes of encrypted data: not "
				"an IV of %u and whole blocks of %u",
				r->name, r->total, ENC_MODEL_IV_BYTES,
				ENC_MODEL_BLOCK_BYTES);
	return true;
}

/* original_size: of the run, or of a record behind 4 bytes in its blocks. */
static bool check_original(struct reader *r)
{
	uint64_t original = r->value[ORIGINAL_SIZE];
	uint64_t blocks = r->total - ENC_MODEL_IV_BYTES;

	if (original == r->total ||
	    (original + 4 <= blocks &&
	     blocks - (original + 4) < ENC_MODEL_BLOCK_BYTES))
		return true;
	return enc_fail(r->e, ENC_ERR_FORMAT,
			"%s: original_size is %" PRIu64
			", which does not fit the %" PRIu64
			" bytes of the chunks",
			r->name, original, r->total);
}

static bool check_all(struct reader *r)
{
	if (!check_fields(r))
		return false;
	if (r->seen[ENCRYPTED_DATA])
		return check_length(r);
	return enc_chunks_check(&r->chunks, r->value[TOTAL_CHUNKS],
				r->value[CHUNK_SIZE], r->name, r->e) &&
	       check_length(r) && check_original(r);
}

/* --- Second pass ------------------------------------------------------ */

static bool changed(struct reader *r)
{
	return enc_fail(r->e, ENC_ERR_IO, "%s: changed while it was read",
			r->name);
}

/* Reads the array of one chunk again, this time for the sink. */
static bool replay_chunk(struct reader *r, const struct enc_chunk *c)
{
	off_t at = r->base + c->start;
	uint64_t before = r->total;

	if (!new_parser(r, (uint64_t)c->start))
		return false;
	r->where = REPLAY;
	r->done = false;
	while (!r->done) {
		ssize_t n = pread(r->fd, r->text, sizeof(r->text), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(r);
		if (!n)
			return changed(r);
		at += n;
		if (!feed(r, r->text, (size_t)n) && !r->done)
			return false;
	}
	return r->total - before == c->bytes || changed(r);
}

static bool replay(struct reader *r)
{
	if (r->base < 0) {
		enc_fail(r->e, ENC_ERR_IO,
			 "%s: a model in chunks is read twice, which a pipe "
			 "cannot do",
			 r->name);
		return enc_hint(r->e, "give the name of a file");
	}
	r->replay = true;
	r->deliver = true;
	r->field = DATA;
	r->total = 0;
	r->fill = 0;
	for (size_t i = 0; i < r->chunks.count; i++)
		if (!replay_chunk(r, &r->chunks.list[i]))
			return false;
	return true;
}

static bool read_model(struct reader *r, struct enc_model_info *info)
{
	if (!new_parser(r, 0) || !read_text(r) || !check_all(r))
		return false;
	if (!r->seen[ENCRYPTED_DATA] && !replay(r))
		return false;
	if (!flush_piece(r))
		return false;
	if (info)
		*info = (struct enc_model_info){
			.bytes = r->total,
			.chunks = r->chunks.count,
		};
	return true;
}

bool enc_model_json_read(const char *path, enc_model_sink sink, void *ctx,
			 struct enc_model_info *info, struct enc_error *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	bool ok = false;

	if (!r)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory",
				enc_file_label(path));
	r->name = enc_file_label(path);
	r->e = e;
	r->sink = sink;
	r->ctx = ctx;
	r->fd = enc_file_open(path, e);
	if (r->fd >= 0) {
		r->base = lseek(r->fd, 0, SEEK_CUR);
		ok = read_model(r, info);
		close(r->fd);
	}
	if (r->yajl)
		yajl_free(r->yajl);
	free(r->chunks.list);
	free(r);
	return ok;
}
