/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams against Tink's test vectors, at every kind of length, and with wrong
 * calls. test_stream_changed.c covers attacks.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/streams.h"
#include "tests/lib/unhex.h"

#define HEADER BOX_STREAM_HEADER_BYTES
#define TAG    BOX_STREAM_TAG_BYTES
#define SALT   BOX_STREAM_SALT_BYTES
#define RANDOM BOX_STREAM_RANDOM_BYTES

static const uint8_t random_bytes[RANDOM] =
	"thirty-two bytes for the salt, 7 more";

static const struct streams_key some_key = {
	.hash = "SHA256",
	.key = random_bytes,
	.key_len = 32,
	.derived_len = 32,
};

/*
 * tink-java, AesGcmHkdfStreamingTestUtil.java: vectors 1 to 7, and 0 below.
 * Vectors with derived keys of 16 bytes have a salt of 16 bytes, and so another
 * header; all their plaintexts but that of vector 0 are empty.
 */
struct vector {
	const char *hash;
	const char *key;
	size_t derived_len;
	size_t chunk_bytes;
	const char *plain;
	const char *aad;
	const char *stream;
};

#define KEY_16 "6eb56cdc726dfbe5d57f2fcdc6e9345b"
#define KEY_32 "00112233445566778899aabbccddeeff" KEY_16

static const struct vector vectors[] = {
	{ "SHA1", KEY_16, 16, 64, "", "",
	  "18ec99b2c3884194023bd41bb9bff309205354c750fa0cb3c0d02609abf71f88"
	  "eaeaa48d7deca27f" },
	{ "SHA256", KEY_16, 16, 64, "", "",
	  "18be78bce0cab6fd38a9041eea8ab0ffc4cf17e3c00b661d3927f5f79069f41a"
	  "210fedc40b25648c" },
	{ "SHA512", KEY_16, 16, 64, "", "",
	  "18fec8139ccb406e0f140d7e2bcc41e1b899bc1b121574cc31d1c78ed2ca1cdf"
	  "324665b8dce21095" },
	{ "SHA1", KEY_32, 16, 64, "", "",
	  "180880e85a24207a7b72cefde26306ed09d7d76e58104b751d005a3ffd72dd61"
	  "51f0d9c8ccf163f7" },
	{ "SHA1", KEY_32, 32, 64, "", "",
	  "28fae780c70a82d1256c8303a1261ac6a98cf557b4e173967a62f3c149517ba5"
	  "b2431da93b3c6e90f508b34dc14bfda59bab05681c6ad3fa" },
	{ "SHA1", KEY_32, 32, 128, "", "",
	  "28fae780c70a82d1256c8303a1261ac6a98cf557b4e173967a62f3c149517ba5"
	  "b2431da93b3c6e90f508b34dc14bfda59bab05681c6ad3fa" },
	{ "SHA1", KEY_32, 32, 120,
	  "BLOCK 1.BLOCK 2.BLOCK 3.BLOCK 4.BLOCK 5.BLOCK 6.BLOCK 7.BLOCK 8.",
	  "00010203",
	  "28782994617714a80fa085e15051a16854522330d6d0f26c049b2192f09cdd98"
	  "b2eb90c753bfff277a29e54fa4afb15d648c28477eb07f012535c767f5fdce24"
	  "ffffae318480c1d37357d6d3c511159318afa09ef38aa3f5456fd7817c5c02dd"
	  "6e1a7fef174c8bd24e38b5982ac105497c0101ac5581fe5b" },
};

struct vector_bytes {
	uint8_t key_bytes[32];
	uint8_t aad[8];
	struct streams_key key;
	uint8_t stream[128];
	size_t len;
};

/* Turns the header of a short salt into ours, with zeros behind the salt. */
static void read_vector(const struct vector *v, struct vector_bytes *b)
{
	const size_t salt = v->derived_len;
	uint8_t bytes[128] = { 0 };
	size_t len = unhex(v->stream, bytes, sizeof(bytes));

	memset(b, 0, sizeof(*b));
	b->key = (struct streams_key){
		.hash = v->hash,
		.key = b->key_bytes,
		.key_len = unhex(v->key, b->key_bytes, 32),
		.derived_len = v->derived_len,
		.aad = b->aad,
		.aad_len = *v->aad ? unhex(v->aad, b->aad, 8) : 0,
	};
	assert_int_equal(bytes[0], 1 + salt + BOX_STREAM_PREFIX_BYTES);
	b->stream[0] = HEADER;
	memcpy(b->stream + 1, bytes + 1, salt);
	memcpy(b->stream + 1 + SALT, bytes + 1 + salt, len - 1 - salt);
	b->len = len + SALT - salt;
}

static void tinks_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		const size_t plain_len = strlen(v->plain);
		struct vector_bytes b;
		uint8_t out[128] = { 0 };
		uint8_t *sealed = NULL;
		size_t len = 0;

		read_vector(v, &b);
		assert_int_equal(streams_open(&b.key, v->chunk_bytes, plain_len,
					      b.stream, b.len, out, &len),
				 BOX_OK);
		assert_int_equal(len, plain_len);
		assert_memory_equal(out, v->plain, len);
		sealed = streams_seal(&b.key, v->chunk_bytes,
				      (const uint8_t *)v->plain, plain_len,
				      b.stream + 1, &len);
		assert_int_equal(len, b.len);
		assert_memory_equal(sealed, b.stream, len);
		free(sealed);
	}
}

/*
 * Vector 0 has three chunks of 64 bytes with the header in front of the first,
 * so 24, 48 and 18 bytes of plaintext. With our header the lengths would
 * differ. But the chunks must open with the nonces that we give to three
 * chunks.
 */
static const char three_salt[] = "93b3af5e14ab378d065addfc8484da64";
static const char three_prefix[] = "2c0862877baea8";
static const char three_plain[] =
	"This is a fairly long plaintext. It is of the exact length to create "
	"three output blocks. ";
static const char *const three_chunks[] = {
	"db92d9c77406a406168478821c4298eab3e6d531277f4c1a051714faebcaefcb"
	"ca7b7be05e9445ea",
	"a0bb2904153398a25084dd80ae0edcd1c3079fcea2cd3770630ee36f7539207b"
	"8ec9d754956d486b71cdf989f0ed6fba6779b63558be0a66e668df14e1603cd2",
	"af8944844078345286d0b292e772e7190775c51a0f83e40c0b75821027e7e538e111",
};

struct three {
	struct streams_key key;
	size_t index;
	uint8_t plain[128];
	size_t len;
};

static bool three_derive(void *ctx, const uint8_t salt[SALT])
{
	struct three *three = ctx;

	return streams_ops.derive(&three->key, salt);
}

/* Our chunk provides the nonce, which then opens the vector's chunk. */
static bool three_crypt(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
			const uint8_t *in, size_t len, uint8_t *out)
{
	struct three *three = ctx;
	uint8_t chunk[64] = { 0 };
	size_t n = unhex(three_chunks[three->index++], chunk, 64) - TAG;
	bool good = streams_crypt(&three->key, nonce, chunk, n,
				  three->plain + three->len);

	(void)in;
	memset(out, 0, len);
	three->len += n;
	return good;
}

static const struct box_stream_ops three_ops = {
	.derive = three_derive,
	.crypt = three_crypt,
};

static void tinks_nonces(void **state)
{
	uint8_t key[16] = { 0 };
	uint8_t stream[64] = { HEADER };
	uint8_t out[64] = { 0 };
	struct three three = { .key = {
				       .hash = "SHA1",
				       .key = key,
				       .key_len = unhex(KEY_16, key, 16),
				       .derived_len = 16,
				       .aad = (const uint8_t *)"aad",
				       .aad_len = 3,
			       } };
	struct box_stream s;

	(void)state;
	unhex(three_salt, stream + 1, 16);
	unhex(three_prefix, stream + 1 + SALT, BOX_STREAM_PREFIX_BYTES);
	box_stream_open_begin(&s, &three_ops, &three, 64, 8 + 48 + 1);
	while (box_stream_next_sealed(&s))
		assert_int_equal(
			box_stream_open_chunk(&s, stream,
					      box_stream_next_sealed(&s), out),
			BOX_OK);
	assert_int_equal(three.index, 3);
	assert_int_equal(three.len, strlen(three_plain));
	assert_memory_equal(three.plain, three_plain, three.len);
}

/* Chunks counted one by one. */
static size_t sealed_len(size_t len, size_t chunk_bytes)
{
	size_t sealed = HEADER;
	size_t room = chunk_bytes - HEADER - TAG;

	while (len > room) {
		sealed += room + TAG;
		len -= room;
		room = chunk_bytes - TAG;
	}
	return sealed + len + TAG;
}

static void assert_comes_back(size_t len, size_t chunk_bytes)
{
	struct streams_key key = some_key;
	uint8_t *plain = calloc(1, len + 1);
	uint8_t *sealed = NULL;
	uint8_t *out = NULL;
	size_t n = 0;
	size_t out_len = 0;

	for (size_t i = 0; i < len; i++)
		plain[i] = (uint8_t)(i * 7 + i / 251 + len);
	sealed = streams_seal(&key, chunk_bytes, plain, len, random_bytes, &n);
	assert_int_equal(n, sealed_len(len, chunk_bytes));
	assert_int_equal(sealed[0], HEADER);
	assert_memory_equal(sealed + 1, random_bytes, RANDOM);
	out = calloc(1, n);
	assert_int_equal(
		streams_open(&key, chunk_bytes, len, sealed, n, out, &out_len),
		BOX_OK);
	assert_int_equal(out_len, len);
	assert_memory_equal(out, plain, len);
	free(out);
	free(sealed);
	free(plain);
}

static void every_length_comes_back(void **state)
{
	const size_t chunks[] = { HEADER + TAG + 1, 58, 64, 100 };

	(void)state;
	for (size_t c = 0; c < COUNT(chunks); c++) {
		for (size_t len = 0; len <= 3 * chunks[c] + 1; len++)
			assert_comes_back(len, chunks[c]);
	}
}

static void chunks_of_64_kib_come_back(void **state)
{
	(void)state;
	assert_comes_back(0, 65536);
	assert_comes_back(1, 65536);
	for (size_t whole = 0; whole < 3; whole++) {
		assert_comes_back(65480 + whole * 65520 - 1, 65536);
		assert_comes_back(65480 + whole * 65520, 65536);
		assert_comes_back(65480 + whole * 65520 + 1, 65536);
	}
}

/* An index that needs all of its four bytes. */
#define MANY ((uint32_t)1 << 24)

static bool derive_nothing(void *ctx, const uint8_t salt[SALT])
{
	(void)ctx;
	return !memcmp(salt, random_bytes, SALT);
}

static bool nonce_is_next(void *ctx,
			  const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
			  const uint8_t *in, size_t len, uint8_t *out)
{
	uint32_t *index = ctx;
	const uint32_t i = (*index)++;
	const uint8_t want[] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16),
				 (uint8_t)(i >> 8), (uint8_t)i, i == MANY };

	(void)in;
	(void)len;
	(void)out;
	return !memcmp(nonce, random_bytes + SALT, BOX_STREAM_PREFIX_BYTES) &&
	       !memcmp(nonce + BOX_STREAM_PREFIX_BYTES, want, sizeof(want));
}

static const struct box_stream_ops counting_ops = {
	.derive = derive_nothing,
	.crypt = nonce_is_next,
};

static void nonces_tell_place_and_end(void **state)
{
	const uint8_t plain[64] = { 0 };
	uint8_t out[64] = { 0 };
	struct box_stream s;
	uint32_t index = 0;

	(void)state;
	box_stream_seal_begin(&s, &counting_ops, &index, 57,
			      1 + (uint64_t)MANY * 41, random_bytes);
	while (box_stream_next_sealed(&s)) {
		if (box_stream_seal_chunk(&s, plain, out) != BOX_OK)
			fail_msg("chunk %u", index - 1);
	}
	assert_int_equal(index, MANY + 1);
}

static void sizes_do_not_overflow(void **state)
{
	(void)state;
	/* 65,480 bytes, 65,551 times 65,520, and 296 more */
	assert_true(box_stream_sealed_size(BOX_STREAM_LENGTH_MAX, 65536) ==
		    HEADER + ((uint64_t)1 << 32) + 65553 * TAG);
	assert_true(box_stream_sealed_size(BOX_STREAM_LENGTH_MAX, 57) ==
		    HEADER + ((uint64_t)1 << 32) + 104755301 * (uint64_t)TAG);
}

static void the_length_is_bounded(void **state)
{
	const uint64_t lengths[] = { BOX_STREAM_LENGTH_MAX + 1, UINT64_MAX };
	static uint8_t in[65536] = { HEADER };
	static uint8_t out[65536];

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct streams_key key = some_key;
		struct box_stream s;

		box_stream_open_begin(&s, &streams_ops, &key, 65536,
				      lengths[i]);
		assert_int_equal(box_stream_open_chunk(&s, in, 65536, out),
				 BOX_LENGTH);
		assert_int_equal(box_stream_open_end(&s), BOX_LENGTH);
		box_stream_seal_begin(&s, &streams_ops, &key, 65536, lengths[i],
				      random_bytes);
		assert_int_equal(box_stream_seal_chunk(&s, in, out),
				 BOX_LENGTH);
		assert_int_equal(key.calls, 0);
	}
}

static void the_longest_begins(void **state)
{
	static uint8_t plain[65536];
	static uint8_t sealed[65536];
	static uint8_t out[65536];
	struct streams_key key = some_key;
	struct box_stream s;

	(void)state;
	key.seals = true;
	box_stream_seal_begin(&s, &streams_ops, &key, 65536,
			      BOX_STREAM_LENGTH_MAX, random_bytes);
	assert_int_equal(box_stream_next_sealed(&s), 65536);
	assert_int_equal(box_stream_seal_chunk(&s, plain, sealed), BOX_OK);
	key.seals = false;
	box_stream_open_begin(&s, &streams_ops, &key, 65536,
			      BOX_STREAM_LENGTH_MAX);
	assert_int_equal(box_stream_open_chunk(&s, sealed, 65536, out), BOX_OK);
	assert_int_equal(box_stream_open_end(&s), BOX_SHORT);
}

/* Four chunks of 64 bytes, and one byte too many. */
#define CHUNK  64
#define PLAIN  (8 + 3 * 48)
#define SEALED (4 * CHUNK)

static uint8_t *seal_four(void)
{
	static const uint8_t plain[PLAIN] = "some text";
	struct streams_key key = some_key;
	size_t len = 0;

	return streams_seal(&key, CHUNK, plain, PLAIN, random_bytes, &len);
}

/* The state of an opener after some good chunks. */
static void open_some(struct box_stream *s, struct streams_key *key,
		      const uint8_t *sealed, size_t chunks)
{
	uint8_t out[CHUNK] = { 0 };

	box_stream_open_begin(s, &streams_ops, key, CHUNK, PLAIN);
	for (size_t i = 0; i < chunks; i++)
		assert_int_equal(box_stream_open_chunk(s, sealed + i * CHUNK,
						       CHUNK, out),
				 BOX_OK);
}

/* Nothing is taken, called or written, not even valid input. */
static void assert_stays(struct box_stream *s, struct streams_key *key,
			 const uint8_t *chunk, enum box_error error)
{
	const size_t calls = key->calls;
	const uint8_t zeros[CHUNK] = { 0 };
	uint8_t out[CHUNK] = { 0 };

	assert_int_equal(box_stream_open_chunk(s, chunk, CHUNK, out), error);
	assert_int_equal(box_stream_open_chunk(s, chunk, 0, out), error);
	assert_int_equal(box_stream_open_end(s), error);
	assert_int_equal(key->calls, calls);
	assert_memory_equal(out, zeros, sizeof(out));
}

static void an_error_stays(void **state)
{
	uint8_t *sealed = seal_four();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *good = sealed + i * CHUNK;
		struct streams_key key = some_key;
		uint8_t bad[CHUNK] = { 0 };
		uint8_t out[CHUNK] = { 0 };
		struct box_stream s;

		memcpy(bad, good, CHUNK);
		bad[CHUNK - 1] ^= 1;
		open_some(&s, &key, sealed, i);
		assert_int_equal(box_stream_open_chunk(&s, bad, CHUNK, out),
				 BOX_TAG);
		assert_stays(&s, &key, good, BOX_TAG);
	}
	free(sealed);
}

static void the_end_must_have_been_there(void **state)
{
	uint8_t *sealed = seal_four();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct streams_key key = some_key;
		struct box_stream s;

		open_some(&s, &key, sealed, i);
		assert_int_equal(box_stream_open_end(&s), BOX_SHORT);
		assert_stays(&s, &key, sealed + i * CHUNK, BOX_SHORT);
	}
	free(sealed);
}

static void a_chunk_has_one_length(void **state)
{
	uint8_t *sealed = seal_four();

	(void)state;
	for (size_t i = 0; i <= 4; i++) {
		for (size_t len = 0; len < SEALED - i * CHUNK; len++) {
			const enum box_error error =
				len < CHUNK ? BOX_SHORT : BOX_TRAILING;
			const uint8_t *chunk = sealed + i * CHUNK;
			struct streams_key key = some_key;
			uint8_t out[CHUNK] = { 0 };
			struct box_stream s;

			if (len == CHUNK)
				continue;
			open_some(&s, &key, sealed, i);
			assert_int_equal(
				box_stream_open_chunk(&s, chunk, len, out),
				error);
			assert_stays(&s, &key, chunk, error);
		}
	}
	free(sealed);
}

static void behind_the_last_is_nothing(void **state)
{
	uint8_t *sealed = seal_four();
	struct streams_key key = some_key;
	struct box_stream s;
	uint8_t out[CHUNK] = { 0 };

	(void)state;
	open_some(&s, &key, sealed, 4);
	assert_int_equal(box_stream_next_plain(&s), 0);
	assert_int_equal(box_stream_next_sealed(&s), 0);
	assert_int_equal(box_stream_open_chunk(&s, sealed, 0, out), BOX_OK);
	assert_int_equal(box_stream_open_end(&s), BOX_OK);
	assert_int_equal(box_stream_open_chunk(&s, sealed, 1, out),
			 BOX_TRAILING);
	assert_stays(&s, &key, sealed, BOX_TRAILING);
	free(sealed);
}

/* Call 1 is for the key, the others are for the chunks. */
static void opening_callbacks_may_fail(void **state)
{
	uint8_t *sealed = seal_four();

	(void)state;
	for (size_t n = 1; n <= 5; n++) {
		struct streams_key key = some_key;
		uint8_t out[SEALED] = { 0 };
		size_t len = 0;

		key.fails_at = n;
		assert_int_equal(streams_open(&key, CHUNK, PLAIN, sealed,
					      SEALED, out, &len),
				 n == 1 ? BOX_CIPHER : BOX_TAG);
		assert_int_equal(key.calls, n);
		assert_int_equal(len, n < 3 ? 0 : 8 + (n - 3) * 48);
	}
	free(sealed);
}

static void sealing_callbacks_may_fail(void **state)
{
	const uint8_t plain[CHUNK] = { 0 };

	(void)state;
	for (size_t n = 1; n <= 5; n++) {
		struct streams_key key = some_key;
		uint8_t out[CHUNK] = { 0 };
		struct box_stream s;

		key.seals = true;
		key.fails_at = n;
		box_stream_seal_begin(&s, &streams_ops, &key, CHUNK, PLAIN,
				      random_bytes);
		for (size_t i = 2; i < n; i++)
			assert_int_equal(box_stream_seal_chunk(&s, plain, out),
					 BOX_OK);
		for (size_t i = 0; i < 6; i++)
			assert_int_equal(box_stream_seal_chunk(&s, plain, out),
					 BOX_CIPHER);
		assert_int_equal(key.calls, n);
	}
}

static void sealing_ends_with_the_length(void **state)
{
	const uint8_t plain[CHUNK] = { 0 };
	struct streams_key key = some_key;
	uint8_t out[CHUNK] = { 0 };
	struct box_stream s;

	(void)state;
	key.seals = true;
	box_stream_seal_begin(&s, &streams_ops, &key, CHUNK, PLAIN,
			      random_bytes);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(box_stream_seal_chunk(&s, plain, out), BOX_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(box_stream_seal_chunk(&s, plain, out),
				 BOX_TRAILING);
	assert_int_equal(key.calls, 1 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tinks_vectors),
		cmocka_unit_test(tinks_nonces),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(chunks_of_64_kib_come_back),
		cmocka_unit_test(nonces_tell_place_and_end),
		cmocka_unit_test(sizes_do_not_overflow),
		cmocka_unit_test(the_length_is_bounded),
		cmocka_unit_test(the_longest_begins),
		cmocka_unit_test(an_error_stays),
		cmocka_unit_test(the_end_must_have_been_there),
		cmocka_unit_test(a_chunk_has_one_length),
		cmocka_unit_test(behind_the_last_is_nothing),
		cmocka_unit_test(opening_callbacks_may_fail),
		cmocka_unit_test(sealing_callbacks_may_fail),
		cmocka_unit_test(sealing_ends_with_the_length),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
