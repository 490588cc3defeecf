/* SPDX-License-Identifier: Apache-2.0 */
/* HPKE's key schedule, against RFC 9180. */
#include <openssl/evp.h>
#include <string.h>

#include "box/hpke.h"
#include "tests/lib/unhex.h"
#include "tests/lib/x25519.h"

/*
 * RFC 9180, A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM in mode
 * Base, and the first of its encryptions.
 */
static const char info[] = "4f6465206f6e2061204772656369616e2055726e";
static const char enc[] =
	"37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
static const char sk_e[] =
	"52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
static const char pk_r[] =
	"3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
static const char sk_r[] =
	"4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
static const char secret[] =
	"12fff91991e93b48de37e7daddb52981084bd8aa64289c3788471d9a9712f397";
static const char context[] =
	"00725611c9d98c07c03f60095cd32d400d8347d45ed67097bbad50fc56da742d07"
	"cb6cffde367bb0565ba28bb02c90744a20f5ef37f30523526106f637abb05449";
static const char key[] = "4531685d41d65f03dc48f6b8302c05b0";
static const char base_nonce[] = "56d890e5accaaf011cff4b7d";
static const char aad[] = "436f756e742d30";
static const char plaintext[] =
	"4265617574792069732074727574682c20747275746820626561757479";
static const char ciphertext[] =
	"f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
	"6d8770ac83d07bea87e13c512a";

/* HMAC-SHA256 that fails at one of its calls, counted from 1. */
struct hmac {
	size_t calls;
	size_t fails_at;
};

static bool hmac_sha256(void *ctx, const uint8_t hmac_key[BOX_HMAC_BYTES],
			const struct box_part *parts, size_t count,
			uint8_t mac[BOX_HMAC_BYTES])
{
	struct hmac *hmac = ctx;
	EVP_PKEY *pkey = NULL;
	EVP_MD_CTX *md = NULL;
	size_t len = BOX_HMAC_BYTES;

	if (++hmac->calls == hmac->fails_at)
		return false;
	pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, hmac_key,
					    BOX_HMAC_BYTES);
	md = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, pkey),
			 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(
			EVP_DigestSignUpdate(md, parts[i].data, parts[i].len),
			1);
	assert_int_equal(EVP_DigestSignFinal(md, mac, &len), 1);
	assert_int_equal(len, BOX_HMAC_BYTES);
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(pkey);
	return true;
}

/* The inputs of the RFC's sender, or of its recipient. */
struct input {
	uint8_t encapsulated[32];
	uint8_t recipient[32];
	uint8_t info[64];
	struct box_hpke_input in;
};

static void make_input(struct input *i, bool sends)
{
	uint8_t private_key[32] = { 0 };

	unhex(enc, i->encapsulated, 32);
	unhex(pk_r, i->recipient, 32);
	i->in = (struct box_hpke_input){
		.encapsulated = i->encapsulated,
		.recipient = i->recipient,
		.info = i->info,
		.info_len = unhex(info, i->info, sizeof(i->info)),
	};
	unhex(sends ? sk_e : sk_r, private_key, 32);
	assert_true(x25519_derive(
		private_key, sends ? i->recipient : i->encapsulated, i->in.dh));
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *text)
{
	uint8_t want[128] = { 0 };

	assert_int_equal(unhex(text, want, sizeof(want)), len);
	assert_memory_equal(bytes, want, len);
}

static void the_schedule_is_the_rfcs(void **state)
{
	(void)state;
	for (int sends = 0; sends < 2; sends++) {
		struct hmac hmac = { 0 };
		struct input input;
		struct box_hpke out;

		make_input(&input, sends);
		memset(&out, 0xa5, sizeof(out));
		assert_true(box_hpke_base(hmac_sha256, &hmac, &input.in, &out));
		assert_hex(out.context, 1 + 2 * BOX_HMAC_BYTES, context);
		assert_hex(out.secret, sizeof(out.secret), secret);
		assert_hex(out.key, sizeof(out.key), key);
		assert_hex(out.nonce, sizeof(out.nonce), base_nonce);
	}
}

static void the_first_message_is_the_rfcs(void **state)
{
	uint8_t text[64] = { 0 };
	uint8_t sealed[64] = { 0 };
	uint8_t bound[16] = { 0 };
	struct hmac hmac = { 0 };
	struct input input;
	struct box_hpke out;
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	int len = (int)unhex(plaintext, text, sizeof(text));
	int n = 0;

	(void)state;
	make_input(&input, false);
	assert_true(box_hpke_base(hmac_sha256, &hmac, &input.in, &out));
	EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, out.key, out.nonce);
	EVP_EncryptUpdate(gcm, NULL, &n, bound,
			  (int)unhex(aad, bound, sizeof(bound)));
	EVP_EncryptUpdate(gcm, sealed, &n, text, len);
	EVP_EncryptFinal_ex(gcm, sealed + len, &n);
	EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, 16, sealed + len);
	EVP_CIPHER_CTX_free(gcm);
	assert_hex(sealed, (size_t)len + 16, ciphertext);
}

static void every_hmac_may_fail(void **state)
{
	struct hmac hmac = { 0 };
	struct input input;
	struct box_hpke out;

	(void)state;
	make_input(&input, false);
	assert_true(box_hpke_base(hmac_sha256, &hmac, &input.in, &out));
	assert_int_equal(hmac.calls, 2 + 5); /* of the KEM, of the schedule */
	for (size_t n = 1; n <= 2 + 5; n++) {
		hmac = (struct hmac){ .fails_at = n };
		assert_false(
			box_hpke_base(hmac_sha256, &hmac, &input.in, &out));
		assert_int_equal(hmac.calls, n);
	}
}

/* The key and the nonce both differ from the RFC's. */
static void assert_other(const struct input *input)
{
	struct hmac hmac = { 0 };
	struct box_hpke out;
	uint8_t bytes[16] = { 0 };

	assert_true(box_hpke_base(hmac_sha256, &hmac, &input->in, &out));
	unhex(key, bytes, sizeof(bytes));
	assert_memory_not_equal(out.key, bytes, sizeof(out.key));
	unhex(base_nonce, bytes, sizeof(bytes));
	assert_memory_not_equal(out.nonce, bytes, sizeof(out.nonce));
}

static void assert_each_bit_counts(const struct input *input, uint8_t *bytes,
				   size_t len)
{
	for (size_t bit = 0; bit < 8 * len; bit++) {
		const uint8_t mask = (uint8_t)(1 << bit % 8);

		bytes[bit / 8] ^= mask;
		assert_other(input);
		bytes[bit / 8] ^= mask;
	}
}

static void every_bit_of_the_input_counts(void **state)
{
	struct input input;

	(void)state;
	make_input(&input, false);
	assert_each_bit_counts(&input, input.in.dh, sizeof(input.in.dh));
	assert_each_bit_counts(&input, input.encapsulated, 32);
	assert_each_bit_counts(&input, input.recipient, 32);
	assert_each_bit_counts(&input, input.info, input.in.info_len);
	input.in.info_len--;
	assert_other(&input);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schedule_is_the_rfcs),
		cmocka_unit_test(the_first_message_is_the_rfcs),
		cmocka_unit_test(every_hmac_may_fail),
		cmocka_unit_test(every_bit_of_the_input_counts),
	};

	return cmocka_run_group_tests_name("hpke", tests, NULL, NULL);
}
