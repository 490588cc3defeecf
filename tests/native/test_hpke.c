/* SPDX-License-Identifier: Apache-2.0 */
/* HPKE's key schedule, against RFC 9180. */
#include <openssl/evp.h>
#include <string.h>

#include "box/hpke.h"
#include "tests/lib/unhex.h"
#include "tests/lib/x25519.h"

/*
 * RFC 9180, A.1.3: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM in mode
 * Auth, and the first of its encryptions.
 */
static const char info[] = "4f6465206f6e2061204772656369616e2055726e";
static const char enc[] =
	"23fb952571a14a25e3d678140cd0e5eb47a0961bb18afcf85896e5453c312e76";
static const char sk_e[] =
	"ff4442ef24fbc3c1ff86375b0be1e77e88a0de1e79b30896d73411c5ff4c3518";
static const char pk_r[] =
	"1632d5c2f71c2b38d0a8fcc359355200caa8b1ffdf28618080466c909cb69b2e";
static const char sk_r[] =
	"fdea67cf831f1ca98d8e27b1f6abeb5b7745e9d35348b80fa407ff6958f9137e";
static const char pk_s[] =
	"8b0c70873dc5aecb7f9ee4e62406a397b350e57012be45cf53b7105ae731790b";
static const char sk_s[] =
	"dc4a146313cce60a278a5323d321f051c5707e9c45ba21a3479fecdf76fc69dd";
static const char secret[] =
	"56c62333d9d9f7767f5b083fdfce0aa7e57e301b74029bb0cffa7331385f1dda";
static const char context[] =
	"02725611c9d98c07c03f60095cd32d400d8347d45ed67097bbad50fc56da742d07"
	"cb6cffde367bb0565ba28bb02c90744a20f5ef37f30523526106f637abb05449";
static const char key[] = "b062cb2c4dd4bca0ad7c7a12bbc341e6";
static const char base_nonce[] = "a1bc314c1942ade7051ffed0";
static const char aad[] = "436f756e742d30";
static const char plaintext[] =
	"4265617574792069732074727574682c20747275746820626561757479";
static const char ciphertext[] =
	"5fd92cc9d46dbf8943e72a07e42f363ed5f721212cd90bcfd072bfd9f44e06b8"
	"0fd17824947496e21b680c141b";

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
	uint8_t sender[32];
	uint8_t info[64];
	struct box_hpke_input in;
};

static void make_input(struct input *i, bool sends)
{
	uint8_t private_key[32] = { 0 };

	unhex(enc, i->encapsulated, 32);
	unhex(pk_r, i->recipient, 32);
	unhex(pk_s, i->sender, 32);
	i->in = (struct box_hpke_input){
		.encapsulated = i->encapsulated,
		.recipient = i->recipient,
		.sender = i->sender,
		.info = i->info,
		.info_len = unhex(info, i->info, sizeof(i->info)),
	};
	unhex(sends ? sk_e : sk_r, private_key, 32);
	assert_true(x25519_derive(
		private_key, sends ? i->recipient : i->encapsulated, i->in.dh));
	unhex(sends ? sk_s : sk_r, private_key, 32);
	assert_true(x25519_derive(private_key, sends ? i->recipient : i->sender,
				  i->in.dh + 32));
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
		assert_true(box_hpke_auth(hmac_sha256, &hmac, &input.in, &out));
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
	assert_true(box_hpke_auth(hmac_sha256, &hmac, &input.in, &out));
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
	assert_true(box_hpke_auth(hmac_sha256, &hmac, &input.in, &out));
	assert_int_equal(hmac.calls, 2 + 5); /* of the KEM, of the schedule */
	for (size_t n = 1; n <= 2 + 5; n++) {
		hmac = (struct hmac){ .fails_at = n };
		assert_false(
			box_hpke_auth(hmac_sha256, &hmac, &input.in, &out));
		assert_int_equal(hmac.calls, n);
	}
}

/* The key and the nonce both differ from the RFC's. */
static void assert_other(const struct input *input)
{
	struct hmac hmac = { 0 };
	struct box_hpke out;
	uint8_t bytes[16] = { 0 };

	assert_true(box_hpke_auth(hmac_sha256, &hmac, &input->in, &out));
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
	assert_each_bit_counts(&input, input.sender, 32);
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
