/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flips every byte of a full-size sealed model: none is accepted, and the
 * output of the chunk is zeroed. Each chunk is opened by itself, in the state
 * that its stream had reached. Most chunks are tested at every 32nd byte; with
 * SOAK in the environment, all bytes are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/streams.h"

#define CHUNK	  65536u
#define UNTOUCHED 0xa5

static const uint8_t key_bytes[32] = "a key of the tests, 32 bytes.";
static const uint8_t aad[152] = "what a head would be";
static const uint8_t random_bytes[BOX_STREAM_RANDOM_BYTES] =
	"thirty-two bytes for the salt, 7 more";

static struct streams_key key = {
	.hash = "SHA256",
	.key = key_bytes,
	.key_len = sizeof(key_bytes),
	.derived_len = 32,
	.aad = aad,
	.aad_len = sizeof(aad),
};

static uint8_t *record;
static uint8_t *stream;
static size_t len;

static int setup(void **state)
{
	(void)state;
	record = formula_record(1);
	stream = streams_seal(&key, CHUNK, record, FORMULA_RECORD_BYTES,
			      random_bytes, &len);
	key.seals = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(record);
	free(stream);
	return 0;
}

/* Flips each bit of one byte of a chunk, one after the other. */
static void flip(const struct box_stream *before, uint8_t *chunk, size_t size,
		 size_t at, uint8_t mask)
{
	static uint8_t out[CHUNK];
	struct box_stream s = *before;
	const size_t plain = box_stream_next_plain(&s);
	const bool header = !s.index && !at;
	enum box_error error = BOX_OK;

	memset(out, UNTOUCHED, plain);
	chunk[at] ^= mask;
	error = box_stream_open_chunk(&s, chunk, size, out);
	chunk[at] ^= mask;
	assert_int_equal(error, header ? BOX_FIELD : BOX_TAG);
	/* all of it is untouched or zeroed, as the first byte is */
	assert_int_equal(out[0], header ? UNTOUCHED : 0);
	assert_int_equal(memcmp(out, out + 1, plain - 1), 0);
	assert_int_equal(box_stream_open_end(&s), error);
}

static size_t flip_chunk(const struct box_stream *before, uint8_t *chunk,
			 size_t size, size_t step)
{
	size_t count = 0;

	for (size_t at = 0; at < size; at += step, count++)
		flip(before, chunk, size, at, (uint8_t)(1u << at % 8));
	return count;
}

static void no_byte_may_flip(void **state)
{
	const size_t chunks = (len + CHUNK - 1) / CHUNK;
	static uint8_t out[CHUNK];
	struct box_stream s;
	size_t count = 0;

	(void)state;
	box_stream_open_begin(&s, &streams_ops, &key, CHUNK,
			      FORMULA_RECORD_BYTES);
	for (size_t chunk = 0; chunk < chunks; chunk++) {
		const size_t size = box_stream_next_sealed(&s);
		const bool all =
			!chunk || chunk + 1 == chunks || getenv("SOAK");
		uint8_t *at = stream + chunk * CHUNK;

		count += flip_chunk(&s, at, size, all ? 1 : 32);
		assert_int_equal(box_stream_open_chunk(&s, at, size, out),
				 BOX_OK);
	}
	assert_int_equal(box_stream_open_end(&s), BOX_OK);
	printf("# figure: %zu bytes of %zu flipped, 0 accepted\n", count, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_may_flip),
	};

	return cmocka_run_group_tests_name("stream_large", tests, setup,
					   teardown);
}
