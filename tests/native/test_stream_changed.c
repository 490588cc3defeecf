/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of small chunks, changed in every way. None is accepted, neither with
 * the right length nor with one that fits the remaining bytes. The output
 * before the error is right.
 */
#include <stdlib.h>
#include <string.h>

#include "testkit/test.h"
#include "tests/lib/streams.h"

#define CHUNK	    64
#define FIRST	    (CHUNK - 40 - 16)
#define OTHERS	    (CHUNK - 16)
#define PLAIN	    (FIRST + 3 * OTHERS)
#define SEALED	    (4 * CHUNK)
#define PIECES	    5 /* the header, four chunks */
#define SEALED_ROOM (3 * SEALED)

/*
 * Chunk counts: one, empty; one, full; four, the last not full; four, all full
 */
static const size_t lengths[] = { 0, FIRST, PLAIN - 20, PLAIN };

static const uint8_t key_bytes[32] = "a key of the tests, 32 bytes.";
static const uint8_t aad[] = "what is bound";
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

struct sealed {
	uint8_t plain[PLAIN];
	size_t plain_len;
	uint8_t bytes[SEALED_ROOM];
	size_t len;
};

static void seal_with(struct sealed *s, size_t len, uint8_t first,
		      const uint8_t *random)
{
	uint8_t *stream = NULL;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < len; i++)
		s->plain[i] = (uint8_t)(first + i);
	s->plain_len = len;
	stream = streams_seal(&key, CHUNK, s->plain, len, random, &s->len);
	memcpy(s->bytes, stream, s->len);
	free(stream);
}

static void seal(struct sealed *s, size_t len)
{
	seal_with(s, len, 1, random_bytes);
}

static enum box_error open_as(const struct sealed *s, uint64_t told,
			      const uint8_t *bytes, size_t len)
{
	uint8_t out[SEALED_ROOM] = { 0 };
	size_t n = 0;
	enum box_error error =
		streams_open(&key, CHUNK, told, bytes, len, out, &n);

	assert_in_range(n, 0, s->plain_len);
	assert_memory_equal(out, s->plain, n);
	return error;
}

static void assert_refused(const struct sealed *s, const uint8_t *bytes,
			   size_t len)
{
	assert_int_not_equal(open_as(s, s->plain_len, bytes, len), BOX_OK);
	for (uint64_t told = 0; told <= len; told++) {
		if (box_stream_sealed_size(told, CHUNK) == len)
			assert_int_not_equal(open_as(s, told, bytes, len),
					     BOX_OK);
	}
}

static void unchanged_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct sealed s;

		seal(&s, lengths[i]);
		assert_int_equal(open_as(&s, s.plain_len, s.bytes, s.len),
				 BOX_OK);
	}
}

static void no_bit_may_flip(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct sealed s;

		seal(&s, lengths[i]);
		for (size_t bit = 0; bit < 8 * s.len; bit++) {
			s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_refused(&s, s.bytes, s.len);
			s.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* Each prefix, with each length that the opener could be told. */
static void no_length_completes_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct sealed s;

		seal(&s, lengths[i]);
		for (size_t len = 0; len <= s.len; len++) {
			for (size_t told = 0; told <= PLAIN + CHUNK; told++) {
				if (len == s.len && told == s.plain_len)
					continue;
				assert_int_not_equal(
					open_as(&s, told, s.bytes, len),
					BOX_OK);
			}
		}
	}
}

static void nothing_may_follow(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct sealed s;

		seal(&s, lengths[i]);
		for (size_t n = 1; n <= 2 * CHUNK; n++) {
			assert_int_equal(
				open_as(&s, s.plain_len, s.bytes, s.len + n),
				BOX_TRAILING);
			assert_refused(&s, s.bytes, s.len + n);
		}
	}
}

static size_t piece_at(const struct sealed *s, size_t piece)
{
	size_t at = piece ? 40 : 0;

	if (piece > 1)
		at = (piece - 1) * CHUNK;
	return at < s->len ? at : s->len;
}

/* The stream that consists of these pieces. */
static void assert_pieces_refused(const struct sealed *s, const size_t *pieces,
				  size_t count)
{
	uint8_t bytes[SEALED_ROOM] = { 0 };
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t at = piece_at(s, pieces[i]);
		size_t n = piece_at(s, pieces[i] + 1) - at;

		memcpy(bytes + len, s->bytes + at, n);
		len += n;
	}
	assert_refused(s, bytes, len);
}

static void no_piece_may_be_missing(void **state)
{
	struct sealed s;

	(void)state;
	for (size_t len = PLAIN - OTHERS + 1; len <= PLAIN; len++) {
		seal(&s, len);
		for (size_t gone = 0; gone < PIECES; gone++) {
			size_t pieces[PIECES] = { 0 };
			size_t n = 0;

			for (size_t i = 0; i < PIECES; i++) {
				if (i != gone)
					pieces[n++] = i;
			}
			assert_pieces_refused(&s, pieces, n);
		}
	}
}

/* Each piece repeated once, at each place. */
static void no_piece_may_be_there_twice(void **state)
{
	struct sealed s;

	(void)state;
	for (size_t i = 2; i < COUNT(lengths); i++) {
		seal(&s, lengths[i]);
		for (size_t twice = 0; twice < PIECES; twice++) {
			for (size_t at = 0; at <= PIECES; at++) {
				size_t pieces[PIECES + 1] = { 0 };

				for (size_t p = 0; p < PIECES; p++)
					pieces[p + (p >= at)] = p;
				pieces[at] = twice;
				assert_pieces_refused(&s, pieces, PIECES + 1);
			}
		}
	}
}

static void no_piece_may_be_elsewhere(void **state)
{
	struct sealed s;

	(void)state;
	for (size_t i = 2; i < COUNT(lengths); i++) {
		seal(&s, lengths[i]);
		for (size_t a = 0; a < PIECES; a++) {
			for (size_t b = 0; b < PIECES; b++) {
				size_t pieces[PIECES] = { 0, 1, 2, 3, 4 };

				pieces[a] = b;
				if (a != b)
					assert_pieces_refused(&s, pieces,
							      PIECES);
				pieces[b] = a;
				if (a != b)
					assert_pieces_refused(&s, pieces,
							      PIECES);
			}
		}
	}
}

/* Each piece of another stream in place of each piece of this one. */
static void assert_splices_refused(const struct sealed *s,
				   const struct sealed *other)
{
	for (size_t to = 0; to < PIECES; to++) {
		for (size_t from = 0; from < PIECES; from++) {
			const size_t at = piece_at(s, to);
			const size_t end = piece_at(s, to + 1);
			const size_t start = piece_at(other, from);
			const size_t n = piece_at(other, from + 1) - start;
			uint8_t bytes[SEALED_ROOM] = { 0 };

			memcpy(bytes, s->bytes, at);
			memcpy(bytes + at, other->bytes + start, n);
			memcpy(bytes + at + n, s->bytes + end, s->len - end);
			assert_refused(s, bytes, s->len - (end - at) + n);
		}
	}
}

/* Another salt or another nonce prefix, with the same key. */
static void no_piece_may_be_another_streams(void **state)
{
	const size_t differs[] = { 0, BOX_STREAM_SALT_BYTES - 1,
				   BOX_STREAM_SALT_BYTES,
				   BOX_STREAM_RANDOM_BYTES - 1 };
	struct sealed s;
	struct sealed other;

	(void)state;
	for (size_t i = 2; i < COUNT(lengths); i++) {
		for (size_t d = 0; d < COUNT(differs); d++) {
			uint8_t random[BOX_STREAM_RANDOM_BYTES];

			memcpy(random, random_bytes, sizeof(random));
			random[differs[d]] ^= 1;
			seal(&s, lengths[i]);
			seal_with(&other, lengths[i], 100, random);
			assert_splices_refused(&s, &other);
		}
	}
}

static void assert_other_key_refused(const struct sealed *s)
{
	const struct streams_key good = key;

	for (size_t len = 0; len < sizeof(aad); len++) {
		key.aad_len = len;
		assert_refused(s, s->bytes, s->len);
	}
	key = good;
	for (size_t bit = 0; bit < 8 * sizeof(aad); bit++) {
		uint8_t other[sizeof(aad)];

		memcpy(other, aad, sizeof(aad));
		other[bit / 8] ^= (uint8_t)(1 << bit % 8);
		key.aad = other;
		assert_refused(s, s->bytes, s->len);
	}
	key = good;
	key.key = random_bytes;
	assert_refused(s, s->bytes, s->len);
	key = good;
}

static void key_and_associated_data_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct sealed s;

		seal(&s, lengths[i]);
		assert_other_key_refused(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_is_accepted),
		cmocka_unit_test(no_bit_may_flip),
		cmocka_unit_test(no_length_completes_another),
		cmocka_unit_test(nothing_may_follow),
		cmocka_unit_test(no_piece_may_be_missing),
		cmocka_unit_test(no_piece_may_be_there_twice),
		cmocka_unit_test(no_piece_may_be_elsewhere),
		cmocka_unit_test(no_piece_may_be_another_streams),
		cmocka_unit_test(key_and_associated_data_count),
	};

	return cmocka_run_group_tests_name("stream_changed", tests, NULL, NULL);
}
