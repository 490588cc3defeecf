/* SPDX-License-Identifier: Apache-2.0 */
/* The AES-256-CBC container, with OpenSSL's AES on both sides. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "compat/cbc.h"
#include "host/compat/cbc.h"
#include "testkit/test.h"

#define LIMIT 4096

static const uint8_t key[BOX_CBC_KEY_BYTES] = "0123456789abcdef0123456789abcde";

/* A reader that keeps what comes out. */
struct opener {
	EVP_CIPHER_CTX *cipher;
	uint8_t out[LIMIT + 64];
	size_t used;
	size_t refuse_after; /* bytes that the sink accepts */
};

static bool start(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	struct opener *o = ctx;

	return EVP_DecryptInit_ex(o->cipher, EVP_aes_256_cbc(), NULL, key,
				  iv) == 1 &&
	       EVP_CIPHER_CTX_set_padding(o->cipher, 0) == 1;
}

static bool decrypt(void *ctx, uint8_t *data, size_t len)
{
	struct opener *o = ctx;
	int done = 0;

	return EVP_DecryptUpdate(o->cipher, data, &done, data, (int)len) == 1 &&
	       done == (int)len;
}

static bool keep(void *ctx, const uint8_t *data, size_t len)
{
	struct opener *o = ctx;

	if (o->used + len > o->refuse_after)
		return false;
	memcpy(o->out + o->used, data, len);
	o->used += len;
	return true;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = decrypt,
	.sink = keep,
};

/* Opens in pieces of `piece` bytes; *pushed: the last result of a push. */
static enum box_error open_box(struct opener *o, const uint8_t *container,
			       size_t len, size_t piece, enum box_error *pushed)
{
	struct box_cbc box = { 0 };
	uint8_t *copy = malloc(len + 1);

	memcpy(copy, container, len);
	o->cipher = EVP_CIPHER_CTX_new();
	o->used = 0;
	if (!o->refuse_after)
		o->refuse_after = sizeof(o->out);
	*pushed = BOX_OK;
	box_cbc_open_begin(&box, &ops, o, LIMIT);
	for (size_t at = 0; at < len && *pushed == BOX_OK; at += piece)
		*pushed = box_cbc_open_push(
			&box, copy + at, len - at < piece ? len - at : piece);
	EVP_CIPHER_CTX_free(o->cipher);
	free(copy);
	return box_cbc_open_end(&box);
}

static void make_record(uint8_t *record, size_t len)
{
	for (size_t i = 0; i < len; i++)
		record[i] = (uint8_t)(i * 7 + len + 1);
}

static uint8_t *seal(size_t record_len, size_t *len)
{
	uint8_t record[LIMIT + 64];
	uint8_t *container = NULL;
	struct enc_error e = { 0 };

	make_record(record, record_len);
	assert_true(enc_cbc_seal(key, record, record_len, &container, len, &e));
	return container;
}

/* AES-256-CBC of any plaintext: lets a test choose the bytes inside. */
static uint8_t *encrypt(const uint8_t *plain, size_t plain_len, size_t *len)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	uint8_t *container = calloc(1, plain_len + 16);
	int done = 0;

	assert_int_equal(plain_len % 16, 0);
	EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, container);
	EVP_CIPHER_CTX_set_padding(cipher, 0);
	EVP_EncryptUpdate(cipher, container + 16, &done, plain, (int)plain_len);
	EVP_CIPHER_CTX_free(cipher);
	*len = plain_len + 16;
	return container;
}

static void every_length_in_every_split_comes_back(void **state)
{
	const size_t pieces[] = { 1, 5, 15, 16, 17, 31, 64, 4096 };

	(void)state;
	for (size_t n = 0; n <= 100; n++) {
		size_t len = 0;
		uint8_t *container = seal(n, &len);
		uint8_t record[128];

		make_record(record, n);
		assert_int_equal(len, box_cbc_sealed_size((uint32_t)n));
		assert_int_equal(len, 16 + (4 + n + 15) / 16 * 16);
		for (size_t p = 0; p < COUNT(pieces); p++) {
			struct opener o = { 0 };
			enum box_error pushed = BOX_OK;

			assert_int_equal(open_box(&o, container, len, pieces[p],
						  &pushed),
					 BOX_OK);
			assert_int_equal(o.used, n);
			assert_memory_equal(o.out, record, n);
		}
		free(container);
	}
}

/* The layout of enc_mnist-rs, decrypted without any of our code. */
static void the_layout_is_the_originals(void **state)
{
	const uint8_t expected[] = { 5,	 0, 0, 0, 6, 13, 20, 27,
				     34, 0, 0, 0, 0, 0,	 0,  0 };
	size_t len = 0;
	uint8_t *container = seal(5, &len);
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	uint8_t plain[32] = { 0 };
	int done = 0;

	(void)state;
	assert_int_equal(len, 32);
	EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key, container);
	EVP_CIPHER_CTX_set_padding(cipher, 0);
	EVP_DecryptUpdate(cipher, plain, &done, container + 16, 16);
	EVP_CIPHER_CTX_free(cipher);
	assert_int_equal(done, 16);
	assert_memory_equal(plain, expected, 16);
	free(container);
}

static void each_container_has_its_own_iv(void **state)
{
	size_t len = 0;
	uint8_t *a = seal(40, &len);
	uint8_t *b = seal(40, &len);

	(void)state;
	assert_memory_not_equal(a, b, 16);
	assert_memory_not_equal(a + 16, b + 16, len - 16);
	free(a);
	free(b);
}

static void every_prefix_is_short(void **state)
{
	size_t len = 0;
	uint8_t *container = seal(77, &len);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		struct opener o = { 0 };
		enum box_error pushed = BOX_OK;

		assert_int_equal(open_box(&o, container, n, 7, &pushed),
				 BOX_SHORT);
		assert_int_equal(pushed, BOX_OK);
	}
	free(container);
}

static void a_byte_too_many_is_said_at_once(void **state)
{
	const size_t pieces[] = { 1, 16, 4096 };
	const size_t extra[] = { 1, 3, 15, 16, 17, 40 };
	size_t len = 0;
	uint8_t *sealed = seal(77, &len);
	uint8_t *container = calloc(1, len + 64);

	(void)state;
	memcpy(container, sealed, len);
	free(sealed);
	for (size_t p = 0; p < COUNT(pieces); p++) {
		for (size_t x = 0; x < COUNT(extra); x++) {
			struct opener o = { 0 };
			enum box_error pushed = BOX_OK;

			assert_int_equal(open_box(&o, container, len + extra[x],
						  pieces[p], &pushed),
					 BOX_TRAILING);
			assert_int_equal(pushed, BOX_TRAILING);
		}
	}
	free(container);
}

static void padding_must_be_zero(void **state)
{
	(void)state;
	for (size_t i = 4 + 9; i < 16; i++) {
		uint8_t plain[16] = { 9, 0, 0, 0 };
		struct opener o = { 0 };
		enum box_error pushed = BOX_OK;
		size_t len = 0;
		uint8_t *container = NULL;

		plain[i] = 0x80;
		container = encrypt(plain, sizeof(plain), &len);
		assert_int_equal(open_box(&o, container, len, 16, &pushed),
				 BOX_PADDING);
		free(container);
	}
}

/* A block too many, behind good or bad padding. */
static void splits_do_not_matter_to_what_is_refused(void **state)
{
	const size_t pieces[] = { 1, 15, 16, 17, 32, 4096 };

	(void)state;
	for (uint8_t pad = 0; pad < 2; pad++) {
		uint8_t plain[64] = { 40 };
		size_t len = 0;
		uint8_t *container = NULL;

		plain[47] = pad;
		container = encrypt(plain, sizeof(plain), &len);
		for (size_t p = 0; p < COUNT(pieces); p++) {
			struct opener o = { 0 };
			enum box_error pushed = BOX_OK;

			assert_int_equal(open_box(&o, container, len, pieces[p],
						  &pushed),
					 pad ? BOX_PADDING : BOX_TRAILING);
			assert_int_equal(o.used, 40);
		}
		free(container);
	}
}

static void the_length_is_bounded(void **state)
{
	const uint32_t lengths[] = { LIMIT + 1, 0x7fffffff, 0x80000000,
				     0xfffffffc, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		uint8_t plain[16] = { 0 };
		struct opener o = { 0 };
		enum box_error pushed = BOX_OK;
		size_t len = 0;
		uint8_t *container = NULL;

		for (size_t b = 0; b < 4; b++)
			plain[b] = (uint8_t)(lengths[i] >> 8 * b);
		container = encrypt(plain, sizeof(plain), &len);
		assert_int_equal(open_box(&o, container, len, 16, &pushed),
				 BOX_LENGTH);
		assert_int_equal(o.used, 0);
		free(container);
	}
}

static void the_sink_may_refuse(void **state)
{
	size_t len = 0;
	uint8_t *container = seal(100, &len);
	struct opener o = { .refuse_after = 50 };
	enum box_error pushed = BOX_OK;

	(void)state;
	assert_int_equal(open_box(&o, container, len, 16, &pushed), BOX_SINK);
	assert_int_equal(pushed, BOX_SINK);
	free(container);
}

/* Callbacks that work for a given number of calls, then fail. */
static bool start_or_refuse(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	size_t *calls = ctx;

	(void)iv;
	return (*calls)-- > 0;
}

static bool crypt_or_refuse(void *ctx, uint8_t *data, size_t len)
{
	(void)len;
	return start_or_refuse(ctx, data);
}

static bool sink_or_refuse(void *ctx, const uint8_t *data, size_t len)
{
	(void)len;
	return start_or_refuse(ctx, data);
}

static const struct box_cbc_ops refusing = {
	.start = start_or_refuse,
	.crypt = crypt_or_refuse,
	.sink = sink_or_refuse,
};

/* A container of 44 zeros, made without encryption. */
static enum box_error open_zeros(size_t calls)
{
	uint8_t container[64] = { [16] = 44 };
	struct box_cbc box = { 0 };

	box_cbc_open_begin(&box, &refusing, &calls, LIMIT);
	for (size_t i = 0; i < sizeof(container); i += 16)
		box_cbc_open_push(&box, container + i, 16);
	return box_cbc_open_end(&box);
}

static enum box_error seal_zeros(size_t calls)
{
	uint8_t record[44] = { 0 };
	const uint8_t iv[16] = { 0 };
	struct box_cbc box = { 0 };

	box_cbc_seal_begin(&box, &refusing, &calls, iv, sizeof(record));
	box_cbc_seal_push(&box, record, sizeof(record));
	return box_cbc_seal_end(&box);
}

static void each_callback_may_refuse(void **state)
{
	/* opening: start, then crypt and sink for each of three blocks */
	const enum box_error open[] = { BOX_CIPHER, BOX_CIPHER, BOX_SINK,
					BOX_CIPHER, BOX_SINK,	BOX_CIPHER,
					BOX_SINK,   BOX_OK };
	/* sealing: start, the IV, the first block, and two more in one go */
	const enum box_error seal[] = { BOX_CIPHER, BOX_SINK,	BOX_CIPHER,
					BOX_SINK,   BOX_CIPHER, BOX_SINK,
					BOX_OK };

	(void)state;
	for (size_t i = 0; i < COUNT(open); i++)
		assert_int_equal(open_zeros(i), open[i]);
	for (size_t i = 0; i < COUNT(seal); i++)
		assert_int_equal(seal_zeros(i), seal[i]);
}

/* Sealing takes exactly the number of bytes it was told. */
static void sealing_wants_the_length_it_was_told(void **state)
{
	struct opener o = { .refuse_after = sizeof(o.out) };
	const uint8_t iv[16] = { 0 };
	uint8_t data[16] = { 0 };
	struct box_cbc box = { 0 };

	(void)state;
	o.cipher = EVP_CIPHER_CTX_new();
	assert_int_equal(box_cbc_seal_begin(&box, &ops, &o, iv, 10), BOX_OK);
	assert_int_equal(box_cbc_seal_push(&box, data, 9), BOX_OK);
	assert_int_equal(box_cbc_seal_end(&box), BOX_SHORT);
	assert_int_equal(box_cbc_seal_begin(&box, &ops, &o, iv, 10), BOX_OK);
	assert_int_equal(box_cbc_seal_push(&box, data, 11), BOX_TRAILING);
	EVP_CIPHER_CTX_free(o.cipher);
}

static void sizes_do_not_overflow(void **state)
{
	(void)state;
	assert_true(box_cbc_sealed_size(UINT32_MAX) == 0x100000020);
	assert_true(box_cbc_sealed_size(0) == 32);
	assert_true(box_cbc_sealed_size(12) == 32);
	assert_true(box_cbc_sealed_size(13) == 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_in_every_split_comes_back),
		cmocka_unit_test(the_layout_is_the_originals),
		cmocka_unit_test(each_container_has_its_own_iv),
		cmocka_unit_test(every_prefix_is_short),
		cmocka_unit_test(a_byte_too_many_is_said_at_once),
		cmocka_unit_test(padding_must_be_zero),
		cmocka_unit_test(splits_do_not_matter_to_what_is_refused),
		cmocka_unit_test(the_length_is_bounded),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(each_callback_may_refuse),
		cmocka_unit_test(sealing_wants_the_length_it_was_told),
		cmocka_unit_test(sizes_do_not_overflow),
	};

	return cmocka_run_group_tests_name("box", tests, NULL, NULL);
}
