/* SPDX-License-Identifier: Apache-2.0 */
#include "twofold.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/test.h"

#define BLOCK 16

/* In the record of formula.h, moved by a byte and behind its length. */
#define VERSION_AT    104 /* length of Burn's version; the text follows */
#define RECORD_BYTES  (FORMULA_RECORD_BYTES + 1)
#define PLAIN_BYTES   (TWOFOLD_BYTES - BLOCK)
#define FIRST_PAIR_AT (TWOFOLD_PAIRS_AT - BLOCK)

/* One that is being made. */
struct work {
	struct twofold *t;
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
	uint8_t plain[PLAIN_BYTES];
};

/* AES, a block at a time. */
static EVP_CIPHER_CTX *aes(const uint8_t *key, bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	assert_non_null(ctx);
	assert_int_equal(EVP_CipherInit_ex(ctx, EVP_aes_256_ecb(), NULL, key,
					   NULL, encrypt),
			 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	return ctx;
}

static void aes_block(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out)
{
	int len = 0;

	assert_int_equal(EVP_CipherUpdate(ctx, out, &len, in, BLOCK), 1);
	assert_int_equal(len, BLOCK);
}

static void xor_block(uint8_t *to, const uint8_t *with)
{
	for (size_t i = 0; i < BLOCK; i++)
		to[i] ^= with[i];
}

static void encrypt(struct work *w, size_t at)
{
	uint8_t block[BLOCK] = { 0 };

	memcpy(block, w->plain + at, BLOCK);
	xor_block(block, w->t->sealed + at); /* the previous block, or the IV */
	aes_block(w->encrypt, block, w->t->sealed + BLOCK + at);
}

/* All blocks from there on at once: block by block takes the board seconds. */
static void encrypt_rest(struct work *w, const uint8_t *key, size_t at)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *sealed = w->t->sealed + at; /* the previous block */
	int len = 0;

	assert_non_null(ctx);
	assert_int_equal(
		EVP_EncryptInit_ex(ctx, EVP_aes_256_cbc(), NULL, key, sealed),
		1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_EncryptUpdate(ctx, sealed + BLOCK, &len,
					   w->plain + at,
					   (int)(PLAIN_BYTES - at)),
			 1);
	assert_int_equal(len, PLAIN_BYTES - at);
	EVP_CIPHER_CTX_free(ctx);
}

/* The three floats that lie whole in this block of plaintext are finite. */
static bool floats_are_finite(const uint8_t *plain)
{
	for (size_t i = 1; i < 13; i += 4) {
		if ((plain[i + 3] & 0x7f) == 0x7f && plain[i + 2] & 0x80)
			return false;
	}
	return true;
}

/* Would B be good, too, if the last byte of the float were `last` under A? */
static bool try_last(struct work *w, size_t at, uint8_t last, uint8_t *other)
{
	const uint8_t *a = w->t->sealed + BLOCK + at;
	uint8_t block[BLOCK] = { 0 };

	if ((last & 0x7f) == 0x7f)
		return false;
	*other = a[0] ^ last ^ 0x7f;
	memcpy(block, a, BLOCK);
	block[0] = *other;
	aes_block(w->decrypt, block, block);
	xor_block(block, w->t->sealed + at);
	return floats_are_finite(block) && !(block[15] & 0x80);
}

static void make_pair(struct work *w, size_t at, uint8_t *other)
{
	unsigned int last = 0;

	w->plain[at + 15] |= 0x80;
	encrypt(w, at);
	while (!try_last(w, at, (uint8_t)last, other))
		assert_true(++last < 256);
	w->plain[at + BLOCK] = (uint8_t)last;
	/* what the next pair begins with shall be finite whatever it is */
	w->plain[at + BLOCK + 15] &= 0x7f;
	encrypt(w, at + BLOCK);
}

static void make_plain(struct work *w)
{
	uint8_t *record = formula_record(1);
	const size_t moved = VERSION_AT + 7;

	w->plain[0] = (uint8_t)RECORD_BYTES;
	w->plain[1] = (uint8_t)(RECORD_BYTES >> 8);
	w->plain[2] = (uint8_t)(RECORD_BYTES >> 16);
	memcpy(w->plain + 4, record, moved);
	assert_int_equal(w->plain[4 + VERSION_AT], 6);
	w->plain[4 + VERSION_AT] = 7;
	w->plain[4 + moved] = '0';
	memcpy(w->plain + 5 + moved, record + moved,
	       FORMULA_RECORD_BYTES - moved);
	w->plain[FIRST_PAIR_AT - 1] &= 0x7f;
	free(record);
}

struct twofold *twofold_make(const uint8_t key[ENC_MNIST_KEY_BYTES],
			     size_t pairs)
{
	struct twofold *t = calloc(1, sizeof(*t));
	struct work *w = calloc(1, sizeof(*w));
	size_t at = 0;

	assert_non_null(t);
	assert_non_null(w);
	w->t = t;
	w->encrypt = aes(key, true);
	w->decrypt = aes(key, false);
	t->pairs = pairs < TWOFOLD_PAIRS ? pairs : TWOFOLD_PAIRS;
	make_plain(w);
	for (; at < FIRST_PAIR_AT; at += BLOCK)
		encrypt(w, at);
	for (size_t i = 0; i < t->pairs; i++, at += TWOFOLD_PAIR_BYTES)
		make_pair(w, at, &t->other[i]);
	encrypt_rest(w, key, at);
	EVP_CIPHER_CTX_free(w->encrypt);
	EVP_CIPHER_CTX_free(w->decrypt);
	free(w);
	return t;
}
