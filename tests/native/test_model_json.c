/* SPDX-License-Identifier: Apache-2.0 */
#include <yajl/yajl_tree.h>

#include "host/compat/json.h"
#include "host/compat/json_scan.h"
#include "tests/lib/scratch.h"

#define ALG "\"algorithm\":\"AES-256-CBC\""
#define B8  "1,2,3,4,5,6,7,8"
#define B16 B8 "," B8
#define B32 B16 "," B16
#define B48 B32 "," B16

/* Collects the output of the reader. */
struct collector {
	uint8_t *data;
	size_t len;
	size_t room;
	size_t calls;
	size_t stop_at; /* call that fails; 0: none */
};

static bool collect(void *ctx, const uint8_t *data, size_t len,
		    struct enc_error *e)
{
	struct collector *c = ctx;

	if (++c->calls == c->stop_at)
		return enc_fail(e, ENC_ERR_TEE, "stop");
	/* All pieces are full but the last. */
	assert_int_equal(c->len % ENC_MODEL_PIECE_BYTES, 0);
	assert_in_range(len, 1, ENC_MODEL_PIECE_BYTES);
	if (c->len + len > c->room) {
		c->room = 2 * (c->len + len);
		c->data = realloc(c->data, c->room);
		assert_non_null(c->data);
	}
	memcpy(c->data + c->len, data, len);
	c->len += len;
	return true;
}

static void refuse(const char *text, size_t len, enum enc_error_code code,
		   const char *message)
{
	const char *path = scratch_write("m.json", text, len);
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	if (enc_model_json_read(path, collect, &c, &e))
		fail_msg("accepted, expected \"%s\": %.60s", message, text);
	assert_error(e, code, message);
	assert_null(strchr(e.what, '\n'));
	free(c.data);
}

static void accept(const char *text, const uint8_t *expected, size_t len)
{
	const char *path = scratch_write("m.json", text, strlen(text));
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	if (!enc_model_json_read(path, collect, &c, &e))
		fail_msg("refused: %s", e.what);
	assert_int_equal(c.len, len);
	if (expected)
		assert_memory_equal(c.data, expected, len);
	free(c.data);
}

struct bad {
	const char *text;
	const char *message;
};

static void refuse_all(const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		refuse(cases[i].text, strlen(cases[i].text), ENC_ERR_FORMAT,
		       cases[i].message);
}

#define REFUSE_ALL(cases) refuse_all(cases, COUNT(cases))

static void what_is_not_json_is_refused(void **state)
{
	static const struct bad cases[] = {
		{ "", "m.json: is empty" },
		{ " \n", "ends too early, after 2 bytes" },
		{ "hello", "not JSON: lexical error" },
		{ "{" ALG ",}", "not JSON: parse error" },
		{ "{" ALG " \"x\":1}", "not JSON: parse error" },
		{ "{\"a\":\"\xff\"}", "not JSON: lexical error" },
		{ "{\"encrypted_data\":[" B32 ",]}", "not JSON" },
		{ "{\"encrypted_data\":[" B32 ", \n]," ALG "}", "not JSON" },
		{ "{\"encrypted_data\":[" B32 ",,1]}", "not JSON" },
		{ "{\"encrypted_data\":[," B32 "]}", "not JSON" },
		{ "{\"encrypted_data\":[" B32 ",01," B16 "]}", "not JSON" },
		{ "{\"encrypted_data\":[" B32 " 1," B16 "]}", "not JSON" },
		{ "{\"encrypted_data\":[" B32 "}", "not JSON" },
		{ "{" ALG ",\"encrypted_data\":[" B32 "]} x",
		  "goes on after its end (byte 111)" },
		{ "{" ALG ",\"encrypted_data\":[" B32 "]}\"abc",
		  "goes on after its end (byte 110)" },
		{ "{" ALG ",\"encrypted_data\":[" B32 "]}{}",
		  "goes on after its end" },
	};

	(void)state;
	REFUSE_ALL(cases);
}

/* Inputs that are no model file. */
static void other_files_are_refused_by_name(void **state)
{
	(void)state;
	refuse("\3f32\3i32\0", 9, ENC_ERR_FORMAT,
	       "m.json: a plain Burn record, not encrypted");
	refuse("\3f32", 4, ENC_ERR_FORMAT, "m.json: a plain Burn record");
	refuse("\3f3", 3, ENC_ERR_FORMAT, "not JSON: lexical error");
	refuse(" \3f32\3i32\0", 10, ENC_ERR_FORMAT, "not JSON: lexical error");
	refuse("{\"a\":[\3f32", 10, ENC_ERR_FORMAT, "not JSON: lexical error");
	refuse("\7\0\0\0\0\0\0\0mnist", 13, ENC_ERR_FORMAT,
	       "not JSON: lexical error: invalid char in json text. (byte");
}

static void hint(const char *text, const char *expected)
{
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	assert_false(enc_model_json_read(
		scratch_write("m.json", text, strlen(text)), collect, &c, &e));
	assert_string_equal(e.hint, expected);
}

static void a_refusal_says_what_to_do(void **state)
{
	(void)state;
	hint("hello", "a model file is what `enc_mnist encrypt-model` writes");
	hint("\3f32", "encrypt it with `enc_mnist encrypt-model`");
	hint("{\"algorithm\":\"AES-256-CBC-Chunked\"}",
	     "encrypt the model again");
	hint("{\"algorithm\":\"AES-128-CBC\"}", "");
}

static void wrong_structure_is_refused(void **state)
{
	static const struct bad cases[] = {
		{ "[]", "the top level is an array, expected an object" },
		{ "12", "the top level is a number, expected an object" },
		{ "\"x\"", "the top level is a string" },
		{ "null", "the top level is null" },
		{ "{}", "has no field \"algorithm\"" },
		{ "{\"encrypted_data\":[" B32 "]}",
		  "has no field \"algorithm\"" },
		{ "{" ALG "}", "neither a field \"encrypted_data\" nor" },
		{ "{" ALG "," ALG "}", "algorithm is repeated (byte" },
		{ "{\"encrypted_data\":[],\"encrypted_data\":[]}",
		  "encrypted_data is repeated" },
		{ "{\"chunks\":[],\"encrypted_data\":[]}",
		  "both encrypted_data and chunks" },
		{ "{\"encrypted_data\":[],\"chunks\":[]}",
		  "both encrypted_data and chunks" },
		{ "{\"algorithm\":1}",
		  "algorithm is a number, expected a string" },
		{ "{\"algorithm\":[]}", "algorithm is an array, expected a s" },
		{ "{\"algorithm\":{}}", "algorithm is an object, expected" },
		{ "{\"algorithm\":\"AES-128-GCM\"}",
		  "\"AES-128-GCM\", only \"AES-256-CBC\" is supported" },
		{ "{\"algorithm\":\"AES-256-CBC\\u0000\",\"encrypted_data\":"
		  "[" B32 "]}",
		  "algorithm is \"AES-256-CBC\", only" },
		{ "{\"algorithm\":\"AES-256-CBC-Chunked\"}",
		  "algorithm is \"AES-256-CBC-Chunked\", only" },
		{ "{\"algorithm\":\"AES-256-CB\"}", "\"AES-256-CB\", only" },
		{ "{\"algorithm\":\"a\\u001b[2J\"}", "\"a?[2J\", only" },
		{ "{\"encrypted_data\":\"AA==\"}",
		  "encrypted_data is a string, expected an array (byte" },
		{ "{\"encrypted_data\":null}",
		  "encrypted_data is null, expected an array" },
		{ "{\"encrypted_data\":{}}",
		  "encrypted_data is an object, expected an array" },
		{ "{\"chunks\":7}", "chunks is a number, expected an array" },
		{ "{\"chunks\":[7]}",
		  "chunks[0] is a number, expected an object" },
		{ "{\"chunks\":[[]]}", "chunks[0] is an array, expected an o" },
		{ "{\"chunk_size\":\"7\"}",
		  "chunk_size is a string, expected a number" },
		{ "{\"chunk_size\":-1}",
		  "chunk_size is -1, expected an integer from 0 to" },
		{ "{\"total_chunks\":4294967296}",
		  "total_chunks is 4294967296, expected an integer" },
		{ "{\"original_size\":1.5}", "original_size is 1.5, expected" },
	};

	(void)state;
	REFUSE_ALL(cases);
}

/* Each bad element at the start, in the middle and at the end of an array. */
static void elements_that_are_no_bytes_are_refused(void **state)
{
	static const struct bad cases[] = {
		{ "256", "256, expected an integer from 0 to 255 (byte " },
		{ "1000", "1000, expected" },
		{ "-1", "-1, expected" },
		{ "-0", "-0, expected" },
		{ "1.0", "1.0, expected" },
		{ "1e1", "1e1, expected" },
		{ "99999999999999999999999999",
		  "999999999999999999999999..., expected" },
		{ "\"1\"", "a string, expected a number" },
		{ "\"1,2,3\"", "a string, expected a number" },
		{ "null", "null, expected a number" },
		{ "true", "a boolean, expected a number" },
		{ "[1]", "an array, expected a number" },
		{ "{}", "an object, expected a number" },
	};
	static const struct {
		const char *before;
		const char *after;
		const char *place;
		unsigned int byte; /* where the element begins */
	} places[] = {
		{ "", "," B32, "encrypted_data[0] is ", 19 },
		{ B32 ",", "," B16, "encrypted_data[32] is ", 83 },
		{ B32 ", ", "", "encrypted_data[32] is ", 84 },
		{ B8 ",\n" B8 ",\n\t", " ," B8, "encrypted_data[16] is ", 54 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t p = 0; p < COUNT(places); p++) {
			const char *e = cases[i].text;
			char text[512] = "";
			char message[160] = "";
			int n = snprintf(text, sizeof(text),
					 "{\"encrypted_data\":[%s%s%s]," ALG
					 "}",
					 places[p].before, e, places[p].after);

			snprintf(message, sizeof(message), "%s%s",
				 places[p].place, cases[i].message);
			if (!strcmp(e, "256"))
				snprintf(message + strlen(message), 16, "%u)",
					 places[p].byte);
			refuse(text, (size_t)n, ENC_ERR_FORMAT, message);
		}
	}
}

static void only_whole_blocks_are_taken(void **state)
{
	static const struct bad cases[] = {
		{ "{" ALG ",\"encrypted_data\":[]}", "has no encrypted data" },
		{ "{" ALG ",\"encrypted_data\":[1]}", "1 byte of encrypted" },
		{ "{" ALG ",\"encrypted_data\":[" B16 "]}",
		  "16 bytes of encrypted data: not an IV of 16 and whole" },
		{ "{" ALG ",\"encrypted_data\":[" B32 ",1]}", "33 bytes of" },
		{ "{" ALG ",\"encrypted_data\":[" B32 "," B8 "]}",
		  "40 bytes of" },
	};

	(void)state;
	REFUSE_ALL(cases);
	accept("{" ALG ",\"encrypted_data\":[" B32 "]}", NULL, 32);
	accept("{" ALG ",\"encrypted_data\":[" B48 "]}", NULL, 48);
}

static void every_prefix_is_refused(void **state)
{
	static const char whole[] =
		"{\"x\":[{\"y\":true}]," ALG ",\"encrypted_data\":[" B32
		",255],\"s\":\"abc\"}";

	(void)state;
	for (size_t len = 1; len < sizeof(whole) - 1; len++)
		refuse(whole, len, ENC_ERR_FORMAT, "ends too early, after");
}

static void unknown_fields_are_skipped(void **state)
{
	static const char *const texts[] = {
		"{\"v\":[[1,{\"chunks\":[2]}],\"]\"]," ALG
		",\"encrypted_data\":[" B32 "],\"v\":{\"algorithm\":7}}",
		"{\"algorithm\\u0000\":1,\"encrypted_data\":[" B32
		"],\"\":null,\"id\":true,\"\\u0061lgorithm\":"
		"\"AES-256-CBC\"}",
		"\n{\t\"chunk_size\" : 3 ,\r\n\"encrypted_data\" : [ " B16
		"\n ,\n" B16 " ] , " ALG "\n}\n \n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		accept(texts[i], NULL, 32);
}

/* A text of one repeated character. */
static char *repeat(const char *before, char c, size_t n, const char *after)
{
	size_t size = strlen(before) + n + strlen(after) + 1;
	char *text = malloc(size);
	char *end = text;

	assert_non_null(text);
	end = stpcpy(end, before);
	memset(end, c, n);
	strcpy(end + n, after);
	return text;
}

static void depth_and_length_have_limits(void **state)
{
	char *deep = repeat("{\"v\":", '[', ENC_MODEL_MAX_DEPTH + 1, "");
	char *quiet = repeat("{\"v\":\"", 'a', 2 << 20, "\"}");
	char *blank = repeat("{", ' ', 2 << 20, "}");
	char *number = repeat("{\"v\":", '1', 2 << 20, "}");

	(void)state;
	refuse(deep, strlen(deep), ENC_ERR_LIMIT, "nested more than 64 deep");
	deep[strlen(deep) - 1] = '\0';
	refuse(deep, strlen(deep), ENC_ERR_FORMAT, "ends too early");
	refuse(quiet, strlen(quiet), ENC_ERR_LIMIT, "a string or blank of");
	refuse(blank, strlen(blank), ENC_ERR_LIMIT, "a string or blank of");
	refuse(number, strlen(number), ENC_ERR_LIMIT, "a string or blank of");
	free(deep);
	free(quiet);
	free(blank);
	free(number);
}

/* --- Chunks ------------------------------------------------------------ */

#define HEAD(size, total, original)                                  \
	"{" ALG ",\"chunk_size\":" #size ",\"total_chunks\":" #total \
	",\"original_size\":" #original ",\"chunks\":["
#define CHUNK(id, size, data) \
	"{\"id\":" #id ",\"size\":" #size ",\"data\":[" data "]}"

static void bad_chunks_are_refused(void **state)
{
	static const struct bad cases[] = {
		{ "{" ALG ",\"chunks\":[]}", "has no field \"chunk_size\"" },
		{ "{" ALG ",\"chunks\":[],\"chunk_size\":1}",
		  "has no field \"total_chunks\"" },
		{ "{" ALG ",\"chunks\":[],\"chunk_size\":1,"
		  "\"total_chunks\":0}",
		  "has no field \"original_size\"" },
		{ HEAD(16, 0, 0) "]}", "has no encrypted data" },
		{ HEAD(16, 1, 32) "{}]}", "chunks[0] has no field \"id\"" },
		{ HEAD(16, 1, 32) "{\"id\":0}]}",
		  "chunks[0] has no field \"size\"" },
		{ HEAD(16, 2, 32) CHUNK(0, 16, B16) ",{\"size\":1,\"id\":1}]}",
		  "chunks[1] has no field \"data\"" },
		{ HEAD(16, 1, 32) "{\"id\":0,\"id\":0}]}",
		  "chunks[0].id is repeated" },
		{ HEAD(16, 1, 32) "{\"id\":\"0\"}]}",
		  "chunks[0].id is a string, expected a number" },
		{ HEAD(16, 1, 32) "{\"id\":-3}]}", "chunks[0].id is -3" },
		{ HEAD(16, 1, 32) "{\"data\":5}]}",
		  "chunks[0].data is a number, expected an array" },
		{ HEAD(16, 2, 32) CHUNK(0, 16, B16) "," CHUNK(1, 3, "1,2,300"),
		  "chunks[1].data[2] is 300, expected" },
		{ HEAD(16, 2, 32) CHUNK(0, 15, B16),
		  "chunks[0]: size is 15, but data has 16 bytes" },
		{ HEAD(16, 2, 32) CHUNK(0, 17, B16),
		  "chunks[0]: size is 17, but data has 16 bytes" },
		{ HEAD(16, 2, 32) CHUNK(0, 0, ""), "chunks[0] is empty" },
		{ HEAD(16, 3, 48) CHUNK(0, 16, B16) "," CHUNK(2, 16, B16) "]}",
		  "chunk 1 of 0 to 2 is missing" },
		{ HEAD(16, 2, 32) CHUNK(1, 16, B16) "]}",
		  "chunk 0 of 0 to 1 is missing" },
		{ HEAD(16, 3, 48) CHUNK(0, 16, B16) "," CHUNK(1, 16, B16) "]}",
		  "chunk 2 of 0 to 2 is missing" },
		{ HEAD(16, 2, 32) CHUNK(1, 16, B16) "," CHUNK(1, 16, B16) "]}",
		  "chunks[1]: id 1 is repeated" },
		{ HEAD(16, 2, 32) CHUNK(0, 16, B16) "," CHUNK(2, 16, B16) "]}",
		  "chunk 1 of 0 to 1 is missing" },
		{ HEAD(16, 1, 32) CHUNK(0, 16, B16) "," CHUNK(1, 16, B16) "]}",
		  "total_chunks is 1, but the number of chunks is 2" },
		{ HEAD(15, 2, 32) CHUNK(0, 16, B16) "," CHUNK(1, 16, B16) "]}",
		  "chunk 0 has 16 bytes, more than chunk_size, 15" },
		{ HEAD(16, 1, 16) CHUNK(0, 16, B16) "]}", "16 bytes of encr" },
		{ HEAD(16, 3, 40) CHUNK(0, 16, B16) "," CHUNK(
			  1, 16, B16) "," CHUNK(2, 8, B8) "]}",
		  "40 bytes of encrypted data" },
		{ HEAD(32, 2, 31) CHUNK(0, 32, B32) "," CHUNK(1, 16, B16) "]}",
		  "original_size is 31, which does not fit the 48 bytes" },
	};

	/* In a chunk that the second pass reads. */
	static const struct bad skipped[] = {
		{ HEAD(16, 2, 32) CHUNK(1, 16, B16) "," CHUNK(
			  0, 16, B8 ",1,2,3,4,5,6,7,300") "]}",
		  "chunks[1].data[15] is 300, expected" },
		{ HEAD(16, 3, 48) CHUNK(0, 16, B16) "," CHUNK(
			  2, 16, B8 ",1,2,256,4,5,6,7,8") "," CHUNK(1, 16,
								    B16) "]}",
		  "chunks[1].data[10] is 256, expected" },
		{ HEAD(16, 2, 32) CHUNK(1, 16, B8 ",1,,3,4,5,6,7,8") "," CHUNK(
			  0, 16, B16) "]}",
		  "not JSON: parse error: unallowed token at this point" },
	};
	static const char far[] = HEAD(16, 70000, 48) CHUNK(65536, 16, B16);

	(void)state;
	REFUSE_ALL(cases);
	REFUSE_ALL(skipped);
	refuse(far, strlen(far), ENC_ERR_LIMIT,
	       "chunks[0]: id is 65536, the highest accepted is 65535");
}

/* 48 bytes: a record of 13 to 28 bytes fits, and so does 48 itself. */
static void the_original_size_fits_the_blocks(void **state)
{
	(void)state;
	for (unsigned int n = 0; n < 80; n++) {
		char text[512] = "";
		int len = snprintf(text, sizeof(text),
				   "{" ALG ",\"chunk_size\":48,"
				   "\"total_chunks\":1,\"original_size\":%u,"
				   "\"chunks\":[" CHUNK(0, 48, B48) "]}",
				   n);

		if ((n >= 13 && n <= 28) || n == 48)
			accept(text, NULL, 48);
		else
			refuse(text, (size_t)len, ENC_ERR_FORMAT,
			       "original_size is");
	}
}

static void chunks_come_in_any_order(void **state)
{
	char text[512] = "";
	uint8_t expected[48] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 16; i++) {
		expected[i] = (uint8_t)(i % 8 + 1);
		expected[16 + i] = 200;
		expected[32 + i] = 7;
	}
	/* Unknown keys and any order of keys, in and around the chunks. */
	snprintf(text, sizeof(text),
		 "{\"chunks\":["
		 "{\"data\":[%s],\"id\":2,\"[\":[1,2],\"size\":16},%s,"
		 "{\"size\":16,\"data\" : [\n%s\n],\"x\":{\"data\":[3]},"
		 "\"id\":1}],\"original_size\":48,\"total_chunks\":3,"
		 "\"chunk_size\":99," ALG "}",
		 "7,7,7,7,7,7,7,7,7,7,7,7,7,7,7,7", CHUNK(0, 16, B16),
		 "200,200,200,200,\n200,200,200,200,200,200,200,200,"
		 "200,200,200,200");
	accept(text, expected, sizeof(expected));
}

/* --- Large models, in both forms --------------------------------------- */

static uint8_t *random_bytes(size_t len)
{
	uint8_t *data = malloc(len);
	uint32_t s = 12345;

	assert_non_null(data);
	for (size_t i = 0; i < len; i++) {
		s = s * 1664525 + 1013904223;
		data[i] = (uint8_t)(s >> 24);
	}
	return data;
}

static void check_large(const char *path, const uint8_t *data, size_t len)
{
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	if (!enc_model_json_read(path, collect, &c, &e))
		fail_msg("refused: %s", e.what);
	assert_int_equal(c.len, len);
	assert_memory_equal(c.data, data, len);
	free(c.data);
}

static void a_model_is_read_as_it_was_written(void **state)
{
	static const size_t sizes[] = { 32, 48, 65536, 65552, 2269776 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint8_t *data = random_bytes(sizes[i]);
		const char *path = scratch_path("m.json");
		struct enc_error e = { 0 };
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		assert_true(enc_model_json_write(f, data, sizes[i], &e));
		assert_int_equal(fclose(f), 0);
		check_large(path, data, sizes[i]);
		free(data);
	}
}

static void the_written_text_is_known(void **state)
{
	static const char expected[] =
		"{" ALG ",\"encrypted_data\":[0,9,10,99,100,255," B8 "," B16
		",1,2]}\n";
	const uint8_t data[33] = { 0, 9, 10, 99, 100, 255, 1, 2, 3, 4, 5,
				   6, 7, 8,  1,	 2,   3,   4, 5, 6, 7, 8,
				   1, 2, 3,  4,	 5,   6,   7, 8, 1, 2 };
	char text[256] = "";
	struct enc_error e = { 0 };
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	assert_true(enc_model_json_write(f, data, 32, &e));
	fclose(f);
	assert_string_equal(text, expected);
	assert_false(enc_model_json_write(stdout, data, 31, &e));
	assert_error(e, ENC_ERR_LIMIT, "31 bytes");
	assert_false(enc_model_json_write(stdout, data, 33, &e));
	assert_error(e, ENC_ERR_LIMIT, "33 bytes");
	assert_false(enc_model_json_write(stdout, data, 16, &e));
	assert_error(e, ENC_ERR_LIMIT, "16 bytes");
}

/*
 * The same numbers with white space of every kind between them, shifted so
 * that each place of the text falls on the border of the reader's buffer.
 */
static void the_buffer_may_end_anywhere(void **state)
{
	const size_t len = 65536;
	uint8_t *data = random_bytes(len);

	(void)state;
	for (unsigned int shift = 0; shift < 12; shift++) {
		const char *path = scratch_path("m.json");
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fprintf(f, "{%*s" ALG ",\"encrypted_data\":[", (int)shift, "");
		for (size_t i = 0; i < len; i++)
			fprintf(f, "%s%u%s%s", i % 5 ? "" : "\n  ", data[i],
				i % 7 ? "" : " \t\r", i + 1 < len ? "," : "]}");
		assert_int_equal(fclose(f), 0);
		check_large(path, data, len);
	}
	free(data);
}

/* A comma is missing between two elements, just at the border. */
static void the_buffer_may_end_at_an_error(void **state)
{
	static char text[70000];

	(void)state;
	for (int pad = 65536 - 160; pad < 65536; pad++) {
		int n = snprintf(text, sizeof(text),
				 "%*s{" ALG ",\"encrypted_data\":[" B16
				 ",9 9," B16 "]}",
				 pad, "");

		refuse(text, (size_t)n, ENC_ERR_FORMAT, "not JSON: parse");
	}
}

/* The scan takes all elements but the last, as long as it knows their form. */
static void the_scan_takes_what_it_knows(void **state)
{
	static const struct {
		const char *text;
		size_t bytes;
		uint32_t taken;
	} cases[] = {
		{ "", 0, 0 },	       { "7", 0, 0 },
		{ "7,", 0, 0 },	       { "7,8", 2, 1 },
		{ "0,255,8]", 6, 2 },  { " 7,\n    8", 8, 1 },
		{ "7,8 ,9,1", 2, 1 },  { "7,256,1", 2, 1 },
		{ "7,01,1", 2, 1 },    { "7,1000,1", 2, 1 },
		{ "7,-1,1", 0, 0 },    { "7,]", 0, 0 },
		{ "1,2,3,4,5", 6, 3 }, { "1.5,2", 0, 0 },
	};
	uint8_t out[3] = { 0 };
	uint32_t taken = 9;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(enc_model_scan(cases[i].text, out, 3, &taken),
				 cases[i].bytes);
		assert_int_equal(taken, cases[i].taken);
	}
	assert_memory_equal(out, "\1\2\3", 3);
}

/* A text that is read again is taken up to its last comma, whatever it is. */
static void skipping_ends_behind_the_last_comma(void **state)
{
	static const struct {
		const char *text;
		size_t bytes;
		uint32_t taken;
	} cases[] = {
		{ "", 0, 0 },	      { "7", 0, 0 },
		{ "]7,8", 0, 0 },     { "7,8", 2, 1 },
		{ "7,", 2, 1 },	      { "7, 8 ,9 ],6", 6, 2 },
		{ "7,,1.5,9", 7, 3 }, { " \n7,x", 4, 1 },
		{ " ,7,8", 0, 0 },    { "x,7", 0, 0 },
	};
	uint32_t taken = 9;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(enc_model_skip(cases[i].text, &taken),
				 cases[i].bytes);
		assert_int_equal(taken, cases[i].taken);
	}
}

/* The expected result for a text: from yajl alone, without any scan. */
static bool oracle(const char *text, uint8_t *data, size_t *len)
{
	const char *path[] = { "encrypted_data", NULL };
	yajl_val tree = yajl_tree_parse(text, NULL, 0);
	yajl_val v = tree ? yajl_tree_get(tree, path, yajl_t_array) : NULL;
	bool ok = v && v->u.array.len >= 32 && v->u.array.len % 16 == 0;

	for (size_t i = 0; ok && i < v->u.array.len; i++) {
		yajl_val x = v->u.array.values[i];
		const char *digits = YAJL_IS_NUMBER(x) ? x->u.number.r : "";

		ok = *digits &&
		     strspn(digits, "0123456789") == strlen(digits) &&
		     strtoul(digits, NULL, 10) <= UINT8_MAX;
		data[i] = (uint8_t)strtoul(digits, NULL, 10);
	}
	*len = ok ? v->u.array.len : 0;
	yajl_tree_free(tree);
	return ok;
}

static uint32_t draw(uint32_t n)
{
	static uint32_t s = 1;

	s = s * 1664525 + 1013904223;
	return (s >> 8) % n;
}

/* An array whose elements are mostly good. */
static void random_array(char *text)
{
	static const char *const odd[] = {
		"256",	 "01",	"-1",	"1.0",	      "1e2",	  "00",
		"0 ",	 "\n7", "]",	"[",	      "[1]",	  "\"",
		"\"1,2", "7 8", "1000", "null",	      "",	  ",",
		"{}",	 "}",	"]}",	" \"x,1,2\"", "1\"2,3\"",
	};
	static const char *const comma[] = { ",", ",", ", ", ",\n    ", " ," };
	size_t n = draw(8) ? 32 + 16 * draw(3) : draw(70);
	const char *sep = comma[draw(COUNT(comma))];
	char *p = text;

	p = stpcpy(p, "[");
	for (size_t i = 0; i < n; i++) {
		if (!draw(60))
			p += sprintf(p, "%s", odd[draw(COUNT(odd))]);
		else
			p += sprintf(p, "%u", draw(256));
		if (i + 1 < n || !draw(50))
			p += sprintf(p, "%s", draw(50) ? sep : comma[draw(5)]);
	}
	strcpy(p, "]");
}

/* The length of the array, judged by its commas alone. */
static size_t length_of(const char *array)
{
	size_t n = 1;

	for (; *array && *array != ']'; array++)
		n += *array == ',';
	return n;
}

/*
 * The model in three forms, at any place of the reader's buffer: plain, as a
 * chunk that the first pass delivers, and as one left for the second pass.
 */
static void write_form(unsigned int form, const char *array, char *text)
{
	int pad = draw(4) ? 0 : (int)(65536 - draw(400));
	size_t n = length_of(array);

	if (form == 0)
		sprintf(text, "%*s{" ALG ",\"encrypted_data\":%s}", pad, "",
			array);
	else
		sprintf(text,
			"%*s{" ALG ",\"chunk_size\":%zu,\"total_chunks\":1,"
			"\"original_size\":%zu,\"chunks\":[{%s\"data\":%s,"
			"\"size\":%zu%s}]}",
			pad, "", n, n, form == 1 ? "\"id\":0," : "", array, n,
			form == 2 ? ",\"id\":0" : "");
}

static void yajl_alone_reads_the_same(void **state)
{
	static char array[4000];
	static char text[70000];
	size_t good = 0;

	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		struct collector c = { 0 };
		struct enc_error e = { 0 };
		uint8_t expected[256] = { 0 };
		size_t len = 0;
		bool ok = false;

		random_array(array);
		write_form(0, array, text);
		ok = oracle(text, expected, &len);
		write_form(i % 3, array, text);
		scratch_write("m.json", text, strlen(text));
		if (enc_model_json_read(scratch_path("m.json"), collect, &c,
					&e) != ok)
			fail_msg("%s (%s), yajl does not: %s",
				 ok ? "refuses" : "accepts", e.what,
				 text + strspn(text, " "));
		if (ok) {
			assert_int_equal(c.len, len);
			assert_memory_equal(c.data, expected, len);
			good++;
		}
		free(c.data);
	}
	assert_in_range(good, 500, 2500);
}

/* As serde_json::to_vec_pretty writes it. */
static void indented_json_is_read(void **state)
{
	const size_t len = 200000;
	uint8_t *data = random_bytes(len);
	const char *path = scratch_path("m.json");
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fputs("{\n  \"algorithm\": \"AES-256-CBC\",\n"
	      "  \"encrypted_data\": [",
	      f);
	for (size_t i = 0; i < len; i++)
		fprintf(f, "%s\n    %u", i ? "," : "", data[i]);
	fputs("\n  ]\n}", f);
	assert_int_equal(fclose(f), 0);
	check_large(path, data, len);
	free(data);
}

/* The order of the chunks in the file. */
enum order {
	ASCENDING,
	ASCENDING_ID_LAST,
	REVERSED,
	SHUFFLED,
	ORDERS
};

static size_t id_at(enum order order, size_t i, size_t total)
{
	if (order == REVERSED)
		return total - 1 - i;
	/* total is no multiple of 7 */
	return order == SHUFFLED ? (i * 7 + 3) % total : i;
}

static void write_chunks(FILE *f, enum order order, const uint8_t *data,
			 size_t len, size_t size)
{
	size_t total = (len + size - 1) / size;

	fprintf(f, "{\"chunk_size\":%zu,\"total_chunks\":%zu,", size, total);
	fprintf(f, "\"original_size\":%zu," ALG ",\"chunks\":[", len);
	for (size_t i = 0; i < total; i++) {
		size_t id = id_at(order, i, total);
		size_t n = len - id * size < size ? len - id * size : size;

		fprintf(f, "%s{", i ? "," : "");
		if (order != ASCENDING_ID_LAST)
			fprintf(f, "\"id\":%zu,", id);
		fputs("\"data\":[", f);
		for (size_t k = 0; k < n; k++)
			fprintf(f, "%s%u", k ? "," : "", data[id * size + k]);
		if (order == ASCENDING_ID_LAST)
			fprintf(f, "],\"id\":%zu,\"size\":%zu}", id, n);
		else
			fprintf(f, "],\"size\":%zu}", n);
	}
	fputs("]}", f);
}

static void large_chunks_are_read_in_any_order(void **state)
{
	static const size_t sizes[] = { 1000, 65536, 65537 };
	const size_t len = 500000;
	uint8_t *data = random_bytes(len);

	(void)state;
	for (size_t i = 0; i < ORDERS * COUNT(sizes); i++) {
		const char *path = scratch_path("m.json");
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		write_chunks(f, i % ORDERS, data, len, sizes[i / ORDERS]);
		assert_int_equal(fclose(f), 0);
		check_large(path, data, len);
	}
	free(data);
}

/* An error of the sink is the error of the whole read. */
static void an_error_of_the_sink_ends_the_read(void **state)
{
	uint8_t *data = random_bytes(200000);
	const char *path = scratch_path("m.json");

	(void)state;
	for (size_t form = 0; form < 2; form++) {
		struct enc_error e = { 0 };
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		if (form)
			write_chunks(f, SHUFFLED, data, 200000, 40000);
		else
			assert_true(enc_model_json_write(f, data, 200000, &e));
		fclose(f);
		for (size_t stop = 1; stop <= 4; stop++) {
			struct collector c = { .stop_at = stop };

			assert_false(
				enc_model_json_read(path, collect, &c, &e));
			assert_int_equal(e.code, ENC_ERR_TEE);
			assert_string_equal(e.what, "stop");
			assert_int_equal(c.calls, stop);
			free(c.data);
		}
	}
	free(data);
}

/* Damages the end of the file when the first piece comes out. */
struct spoiler {
	const char *path;
	char put; /* replaces each comma and bracket; 0: cut the file off */
};

static bool spoil(void *ctx, const uint8_t *data, size_t len,
		  struct enc_error *e)
{
	const struct spoiler *s = ctx;
	FILE *f = fopen(s->path, "r+");
	int c = 0;

	(void)data;
	(void)len;
	(void)e;
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), s->put ? 1500000 : 300000), 0);
	assert_int_equal(fseek(f, 300000, SEEK_SET), 0);
	while (s->put && (c = fgetc(f)) != EOF) {
		if (c != ',' && c != '[')
			continue;
		fseek(f, -1, SEEK_CUR);
		fputc(s->put, f);
		fseek(f, 0, SEEK_CUR);
	}
	assert_int_equal(fclose(f), 0);
	return true;
}

static void a_file_that_changes_is_refused(void **state)
{
	static const struct {
		char put;
		enum enc_error_code code;
		const char *message;
	} cases[] = {
		{ 0, ENC_ERR_IO, "m.json: changed while it was read" },
		{ ']', ENC_ERR_IO, "m.json: changed while it was read" },
		{ ' ', ENC_ERR_FORMAT, "m.json: not JSON: parse error" },
	};
	uint8_t *data = random_bytes(400000);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spoiler s = { scratch_path("m.json"), cases[i].put };
		struct enc_error e = { 0 };
		FILE *f = fopen(s.path, "w");

		assert_non_null(f);
		write_chunks(f, ASCENDING_ID_LAST, data, 400000, 40000);
		fclose(f);
		assert_false(enc_model_json_read(s.path, spoil, &s, &e));
		assert_error(e, cases[i].code, cases[i].message);
	}
	free(data);
}

/* The maximum number of chunks, and one more in the count. */
static void the_most_chunks_are_read(void **state)
{
	const char *path = scratch_path("m.json");
	struct enc_error e = { 0 };
	struct collector c = { 0 };
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fputs(HEAD(1, 65537, 65536), f);
	for (unsigned int i = 0; i < ENC_MODEL_MAX_CHUNKS; i++)
		fprintf(f, "%s{\"id\":%u,\"size\":1,\"data\":[7]}",
			i ? "," : "", i);
	fputs("]}", f);
	assert_int_equal(fclose(f), 0);
	assert_false(enc_model_json_read(path, collect, &c, &e));
	assert_error(e, ENC_ERR_FORMAT, "chunk 65536 of 0 to 65536 is missing");
	assert_int_equal(c.calls, 1);
	free(c.data);
}

/* Chunks in order are read once, so they can come from a pipe. */
static void a_pipe_is_read_once(void **state)
{
	static const char plain[] = "{" ALG ",\"encrypted_data\":[" B32 "]}";
	static const char chunks[] =
		HEAD(16, 2, 32) CHUNK(0, 16, B16) "," CHUNK(1, 16, B16) "]}";
	static const char swapped[] =
		HEAD(16, 2, 32) CHUNK(1, 16, B16) "," CHUNK(0, 16, B16) "]}";
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	scratch_stdin(plain, strlen(plain));
	assert_true(enc_model_json_read("-", collect, &c, &e));
	assert_int_equal(c.len, 32);
	c.len = 0;
	scratch_stdin(chunks, strlen(chunks));
	assert_true(enc_model_json_read("-", collect, &c, &e));
	assert_int_equal(c.len, 32);
	scratch_stdin(swapped, strlen(swapped));
	assert_false(enc_model_json_read("-", collect, &c, &e));
	assert_error(e, ENC_ERR_IO, "standard input: chunks out of order");
	free(c.data);
	assert_false(enc_model_json_read(scratch_path("no"), collect, &c, &e));
	assert_error(e, ENC_ERR_IO, "no: cannot open: No such file");
}

/* A file on standard input that has been partly read before. */
static void standard_input_may_be_a_file(void **state)
{
	static const char text[] = "line\n" HEAD(16, 2, 32)
		CHUNK(1, 16, B16) "," CHUNK(0, 16, B16) "]}";
	FILE *f = fopen(scratch_write("m.json", text, strlen(text)), "r");
	struct collector c = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_non_null(f);
	assert_int_equal(dup2(fileno(f), STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(lseek(STDIN_FILENO, 5, SEEK_SET), 5);
	assert_true(enc_model_json_read("-", collect, &c, &e));
	assert_int_equal(c.len, 32);
	free(c.data);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(other_files_are_refused_by_name),
		cmocka_unit_test(a_refusal_says_what_to_do),
		cmocka_unit_test(wrong_structure_is_refused),
		cmocka_unit_test(elements_that_are_no_bytes_are_refused),
		cmocka_unit_test(only_whole_blocks_are_taken),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(depth_and_length_have_limits),
		cmocka_unit_test(bad_chunks_are_refused),
		cmocka_unit_test(the_original_size_fits_the_blocks),
		cmocka_unit_test(chunks_come_in_any_order),
		cmocka_unit_test(a_model_is_read_as_it_was_written),
		cmocka_unit_test(the_written_text_is_known),
		cmocka_unit_test(the_buffer_may_end_anywhere),
		cmocka_unit_test(the_buffer_may_end_at_an_error),
		cmocka_unit_test(the_scan_takes_what_it_knows),
		cmocka_unit_test(skipping_ends_behind_the_last_comma),
		cmocka_unit_test(yajl_alone_reads_the_same),
		cmocka_unit_test(indented_json_is_read),
		cmocka_unit_test(a_file_that_changes_is_refused),
		cmocka_unit_test(the_most_chunks_are_read),
		cmocka_unit_test(large_chunks_are_read_in_any_order),
		cmocka_unit_test(an_error_of_the_sink_ends_the_read),
		cmocka_unit_test(a_pipe_is_read_once),
		cmocka_unit_test(standard_input_may_be_a_file),
	};

	return cmocka_run_group_tests_name("model_json", tests, scratch_setup,
					   scratch_teardown);
}
