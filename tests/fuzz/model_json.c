/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/compat/json*.c: any bytes as a model file.
 *
 * The output equals that of a slow reader, which works on yajl's events without
 * any scan, and both accept the same files. Leading blanks that shift the text
 * across the border of the reader's buffer change nothing, nor does a pipe. The
 * scan alone takes what yajl finds there. A model that is written again can be
 * read again.
 */
#include <yajl/yajl_parse.h>

#include "host/compat/json.h"
#include "host/compat/json_scan.h"
#include "tests/lib/fuzz.h"

#define MOST	     8192  /* bytes of an input, and so of its events and run */
#define BUFFER_BYTES 65536 /* of the reader */

/* --- Events of yajl ----------------------------------------------------- */

enum kind {
	OTHER, /* null or a boolean */
	NUMBER,
	STRING,
	KEY,
	OPEN_OBJECT,
	OPEN_ARRAY,
	CLOSE,
	END
};

struct event {
	enum kind kind;
	size_t text; /* offset in `texts`, where it ends with a NUL */
	size_t len;
};

struct events {
	yajl_handle yajl;
	size_t end; /* of the text that they make up */
	size_t count;
	size_t used;
	struct event list[MOST + 1];
	char texts[4 * MOST];
};

static int add(struct events *v, enum kind kind, const void *text, size_t len)
{
	struct event *event = &v->list[v->count++];

	FUZZ_ASSERT(v->count <= MOST && len < sizeof(v->texts) - v->used);
	*event = (struct event){ kind, v->used, len };
	if (len)
		memcpy(v->texts + v->used, text, len);
	v->used += len;
	v->texts[v->used++] = '\0';
	return 1;
}

static int on_null(void *v)
{
	return add(v, OTHER, NULL, 0);
}

static int on_boolean(void *v, int value)
{
	(void)value;
	return add(v, OTHER, NULL, 0);
}

static int on_number(void *v, const char *text, size_t len)
{
	return add(v, NUMBER, text, len);
}

static int on_string(void *v, const unsigned char *text, size_t len)
{
	return add(v, STRING, text, len);
}

static int on_key(void *v, const unsigned char *text, size_t len)
{
	return add(v, KEY, text, len);
}

static int on_open_object(void *v)
{
	return add(v, OPEN_OBJECT, NULL, 0);
}

static int on_open_array(void *v)
{
	return add(v, OPEN_ARRAY, NULL, 0);
}

static int on_close(void *ctx)
{
	struct events *v = ctx;

	v->end = yajl_get_bytes_consumed(v->yajl);
	return add(v, CLOSE, NULL, 0);
}

/*
 * All events of a text; false: yajl refuses it, or ignores the beginning of
 * something behind its end.
 */
static bool parse(struct events *v, const void *text, size_t len)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_open_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_close,
		.yajl_start_array = on_open_array,
		.yajl_end_array = on_close,
	};
	const char *chars = text;
	bool ok = false;

	v->yajl = yajl_alloc(&callbacks, NULL, v);
	FUZZ_ASSERT(v->yajl);
	v->count = v->used = v->end = 0;
	ok = yajl_parse(v->yajl, text, len) == yajl_status_ok &&
	     yajl_complete_parse(v->yajl) == yajl_status_ok;
	yajl_free(v->yajl);
	add(v, END, NULL, 0);
	for (size_t i = v->end; i < len; i++)
		ok = ok && chars[i] && strchr(" \t\n\v\f\r", chars[i]);
	return ok;
}

/* --- The slow reader ---------------------------------------------------- */

struct run {
	bool chunked;
	size_t len;
	uint8_t data[MOST];
};

/* The fields allowed in an object: by name, each at most once. */
struct fields {
	const struct event *value[6];
	const char *const *names;
	size_t count;
};

static const char *text_of(const struct events *v, const struct event *event)
{
	return v->texts + event->text;
}

static bool is_text(const struct events *v, const struct event *event,
		    const char *text)
{
	return event->len == strlen(text) &&
	       !memcmp(text_of(v, event), text, event->len);
}

/* The event behind a value; NULL: an ignored value is nested too deep. */
static const struct event *skip(const struct event *event, bool ignored)
{
	size_t depth = 0;

	do {
		if (event->kind == OPEN_OBJECT || event->kind == OPEN_ARRAY)
			depth++;
		else if (event->kind == CLOSE)
			depth--;
		if (ignored && depth > ENC_MODEL_MAX_DEPTH)
			return NULL;
		event++;
	} while (depth);
	return event;
}

/* *event: the opening of an object; behind it afterwards. */
static bool read_fields(const struct events *v, const struct event **event,
			struct fields *f)
{
	const struct event *at = *event;

	if (at->kind != OPEN_OBJECT)
		return false;
	for (at++; at->kind == KEY;) {
		size_t i = 0;

		while (i < f->count && !is_text(v, at, f->names[i]))
			i++;
		at++;
		if (i < f->count && f->value[i])
			return false;
		if (i < f->count)
			f->value[i] = at;
		at = skip(at, i == f->count);
		if (!at)
			return false;
	}
	*event = at + 1;
	return true;
}

static bool read_number(const struct events *v, const struct event *event,
			uint64_t max, uint64_t *n)
{
	const char *text = text_of(v, event);

	if (event->kind != NUMBER || event->len > 10 ||
	    strspn(text, "0123456789") != event->len)
		return false;
	*n = strtoull(text, NULL, 10);
	return *n <= max;
}

/* Adds an array to the run. */
static bool read_bytes(const struct events *v, const struct event *event,
		       struct run *run)
{
	uint64_t n = 0;

	if (event->kind != OPEN_ARRAY)
		return false;
	for (event++; event->kind != CLOSE; event++) {
		if (!read_number(v, event, UINT8_MAX, &n))
			return false;
		run->data[run->len++] = (uint8_t)n;
	}
	return true;
}

/* The array of each chunk, by id. */
struct chunks {
	size_t total;
	uint64_t size_max;
	const struct event *data[MOST / 20]; /* no input has room for more */
};

/* Stores the chunk that *event opens at its index. */
static bool read_chunk(const struct events *v, const struct event **event,
		       struct chunks *chunks)
{
	static const char *const names[] = { "id", "size", "data" };
	static struct run run;
	struct fields f = { .names = names, .count = 3 };
	uint64_t id = 0;
	uint64_t size = 0;

	run.len = 0;
	if (!read_fields(v, event, &f) || !f.value[0] || !f.value[1] ||
	    !f.value[2] || !read_number(v, f.value[0], UINT32_MAX, &id) ||
	    !read_number(v, f.value[1], UINT32_MAX, &size) ||
	    !read_bytes(v, f.value[2], &run))
		return false;
	if (id >= chunks->total || chunks->data[id] || size != run.len ||
	    !size || size > chunks->size_max)
		return false;
	chunks->data[id] = f.value[2];
	return true;
}

static bool read_chunks(const struct events *v, const struct event *event,
			uint64_t total, uint64_t size_max, struct run *run)
{
	struct chunks chunks = { .total = total, .size_max = size_max };

	if (event->kind != OPEN_ARRAY || total > MOST / 20)
		return false;
	for (event++; event->kind != CLOSE;)
		if (!read_chunk(v, &event, &chunks))
			return false;
	for (size_t id = 0; id < total; id++)
		if (!chunks.data[id] || !read_bytes(v, chunks.data[id], run))
			return false;
	return true;
}

/* original_size: that of the run, or of a record that makes a run this long. */
static bool original_fits(uint64_t original, size_t len)
{
	return original == len ||
	       (original + BOX_CBC_LENGTH_BYTES <= len - BOX_CBC_BLOCK_BYTES &&
		original + BOX_CBC_LENGTH_BYTES + 2 * BOX_CBC_BLOCK_BYTES >
			len);
}

enum {
	ALGORITHM,
	DATA,
	CHUNKS,
	CHUNK_SIZE,
	TOTAL,
	ORIGINAL
};

/* By the rules of host/compat/json.h. */
static bool read_model(const struct events *v, struct run *run)
{
	static const char *const names[] = { "algorithm",    "encrypted_data",
					     "chunks",	     "chunk_size",
					     "total_chunks", "original_size" };
	struct fields f = { .names = names, .count = 6 };
	const struct event *at = v->list;
	uint64_t n[6] = { 0 };

	if (!read_fields(v, &at, &f) || !f.value[ALGORITHM] ||
	    f.value[ALGORITHM]->kind != STRING ||
	    !is_text(v, f.value[ALGORITHM], BOX_CBC_NAME) ||
	    !f.value[DATA] == !f.value[CHUNKS])
		return false;
	for (size_t i = CHUNK_SIZE; i <= ORIGINAL; i++) {
		if (f.value[CHUNKS] && !f.value[i])
			return false;
		if (f.value[i] &&
		    !read_number(v, f.value[i], UINT32_MAX, &n[i]))
			return false;
	}
	run->len = 0;
	run->chunked = f.value[CHUNKS];
	if (f.value[DATA] && !read_bytes(v, f.value[DATA], run))
		return false;
	if (f.value[CHUNKS] &&
	    !read_chunks(v, f.value[CHUNKS], n[TOTAL], n[CHUNK_SIZE], run))
		return false;
	return run->len >= ENC_MODEL_MIN_BYTES &&
	       run->len % BOX_CBC_BLOCK_BYTES == 0 &&
	       (f.value[DATA] || original_fits(n[ORIGINAL], run->len));
}

/* --- The reader --------------------------------------------------------- */

static bool keep(void *ctx, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	struct run *run = ctx;

	(void)e;
	FUZZ_ASSERT(len && len <= sizeof(run->data) - run->len);
	memcpy(run->data + run->len, data, len);
	run->len += len;
	return true;
}

/* Reads `path` and compares the result with the expected one; NULL: refused. */
static void check_read(const char *path, const struct run *expected)
{
	static struct run run;
	struct enc_error e = { 0 };
	bool ok = false;

	run.len = 0;
	ok = enc_model_json_read(path, keep, &run, &e);
	FUZZ_ASSERT(ok == !!expected);
	FUZZ_ASSERT(ok == (e.code == ENC_OK));
	FUZZ_ASSERT(!strchr(e.what, '\n'));
	if (ok)
		FUZZ_ASSERT(run.len == expected->len &&
			    !memcmp(run.data, expected->data, run.len));
}

static void check_file(const uint8_t *data, size_t len,
		       const struct run *expected)
{
	static struct fuzz_file file;

	fuzz_file_write(&file, data, len);
	check_read(file.path, expected);
}

/* The text at any position across the end of the first buffer. */
static void check_shifted(const uint8_t *data, size_t len, uint32_t *state,
			  const struct run *expected)
{
	static uint8_t text[BUFFER_BYTES + MOST];
	size_t blanks = BUFFER_BYTES - fuzz_draw(state, (uint32_t)len + 1);

	memset(text, ' ', blanks);
	memcpy(text + blanks, data, len);
	check_file(text, blanks + len, expected);
}

/* Chunks cannot come from a pipe. */
static void check_pipe(const uint8_t *data, size_t len,
		       const struct run *expected)
{
	int fd[2] = { -1, -1 };

	FUZZ_ASSERT(!pipe(fd));
	FUZZ_ASSERT(write(fd[1], data, len) == (ssize_t)len);
	close(fd[1]);
	FUZZ_ASSERT(dup2(fd[0], STDIN_FILENO) == STDIN_FILENO);
	close(fd[0]);
	check_read("-", expected && !expected->chunked ? expected : NULL);
}

static void check_again(const struct run *run)
{
	static char text[4 * MOST + 64];
	struct enc_error e = { 0 };
	FILE *f = fmemopen(text, sizeof(text), "w");
	long len = 0;

	FUZZ_ASSERT(f);
	FUZZ_ASSERT(enc_model_json_write(f, run->data, run->len, &e));
	len = ftell(f);
	FUZZ_ASSERT(!ferror(f) && !fclose(f));
	check_file((uint8_t *)text, (size_t)len, run);
}

/* --- The scan ----------------------------------------------------------- */

/* From the first array on: the part that it takes, closed, is a whole array. */
static void check_scan(struct events *v, const char *text, uint32_t *state)
{
	static char array[MOST + 4];
	static struct run run;
	const char *open = strchr(text, '[');
	uint32_t room = fuzz_draw(state, 40);
	uint32_t taken = 0;
	uint8_t *out = NULL;
	size_t n = 0;

	if (!open)
		return;
	out = fuzz_alloc(room);
	n = enc_model_scan(open + 1, out, room, &taken);
	FUZZ_ASSERT(n <= strlen(open + 1) && taken <= room);
	FUZZ_ASSERT(!n || strchr("0123456789", open[1 + n]));
	snprintf(array, sizeof(array), "[%.*s0]", (int)n, open + 1);
	FUZZ_ASSERT(parse(v, array, strlen(array)));
	run.len = 0;
	FUZZ_ASSERT(read_bytes(v, v->list, &run));
	FUZZ_ASSERT(run.len == taken + 1u && !memcmp(run.data, out, taken));
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct events v;
	static struct run run;
	uint32_t state = fuzz_hash(data, len);
	char *text = NULL;
	const struct run *expected = NULL;

	if (len >= MOST)
		return 0;
	if (parse(&v, data, len) && read_model(&v, &run))
		expected = &run;
	check_file(data, len, expected);
	if (!fuzz_draw(&state, 4)) /* these are slower */
		check_shifted(data, len, &state, expected);
	if (!fuzz_draw(&state, 4))
		check_pipe(data, len, expected);
	if (expected)
		check_again(expected);
	text = fuzz_alloc(len + 1);
	memcpy(text, data, len);
	text[len] = '\0';
	check_scan(&v, text, &state);
	free(text);
	return 0;
}
