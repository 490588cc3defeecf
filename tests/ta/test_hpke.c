/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our HPKE against OpenSSL's, which has it from 3.2 on: on the board, in the
 * normal world, without the TA.
 */
#include <openssl/evp.h>
#include <openssl/hpke.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "host/owner/wrap.h"
#include "host/public/envelope.h"
#include "testkit/test.h"

#define ROUNDS 50
#define SEALED 440 /* where the sealed key is */

/* The owner, who signs, and a device. */
struct pair {
	struct enc_signer owner;
	EVP_PKEY *device;
	uint8_t device_public[BOX_X25519_BYTES];
};

static const uint8_t key[BOX_MODEL_KEY_BYTES] =
	"a model's key, 32 bytes of it..";
static const OSSL_HPKE_SUITE suite = {
	OSSL_HPKE_KEM_ID_X25519,
	OSSL_HPKE_KDF_ID_HKDF_SHA256,
	OSSL_HPKE_AEAD_ID_AES_GCM_128,
};

static EVP_PKEY *make_device(uint8_t public[32])
{
	EVP_PKEY *made = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t len = 32;

	assert_int_equal(EVP_PKEY_get_raw_public_key(made, public, &len), 1);
	return made;
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_true(enc_signer_of(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
				  &p->owner));
	p->device = make_device(p->device_public);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	enc_signer_close(&p->owner);
	EVP_PKEY_free(p->device);
	free(p);
	return 0;
}

static OSSL_HPKE_CTX *start(int role)
{
	OSSL_HPKE_CTX *ctx =
		OSSL_HPKE_CTX_new(OSSL_HPKE_MODE_BASE, suite, role, NULL, NULL);

	assert_non_null(ctx);
	return ctx;
}

/* OpenSSL as the device; false: not authentic. */
static bool openssl_opens(const struct pair *p, const uint8_t *envelope,
			  uint8_t *out)
{
	OSSL_HPKE_CTX *ctx = start(OSSL_HPKE_ROLE_RECEIVER);
	size_t len = BOX_MODEL_KEY_BYTES;
	bool ok = false;

	ok = OSSL_HPKE_decap(ctx, envelope + BOX_ENVELOPE_BOUND_BYTES,
			     BOX_X25519_BYTES, p->device, envelope,
			     BOX_ENVELOPE_BOUND_BYTES) == 1 &&
	     OSSL_HPKE_open(ctx, out, &len, NULL, 0, envelope + SEALED, 48) ==
		     1;
	OSSL_HPKE_CTX_free(ctx);
	return ok && len == BOX_MODEL_KEY_BYTES;
}

/* OpenSSL as the owner: the three fields behind those that are bound. */
static void openssl_seals(const struct pair *p, uint8_t *envelope)
{
	OSSL_HPKE_CTX *ctx = start(OSSL_HPKE_ROLE_SENDER);
	size_t enc_len = BOX_X25519_BYTES;
	size_t len = BOX_MODEL_KEY_BYTES + BOX_ENVELOPE_TAG_BYTES;

	assert_int_equal(
		OSSL_HPKE_encap(ctx, envelope + BOX_ENVELOPE_BOUND_BYTES,
				&enc_len, p->device_public, BOX_X25519_BYTES,
				envelope, BOX_ENVELOPE_BOUND_BYTES),
		1);
	assert_int_equal(OSSL_HPKE_seal(ctx, envelope + SEALED, &len, NULL, 0,
					key, sizeof(key)),
			 1);
	OSSL_HPKE_CTX_free(ctx);
}

static bool gcm_open(const struct box_hpke *hpke, const uint8_t *in,
		     uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[BOX_ENVELOPE_TAG_BYTES] = { 0 };
	int n = 0;
	bool ok = false;

	memcpy(tag, in + BOX_MODEL_KEY_BYTES, sizeof(tag));
	EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, hpke->key,
			   hpke->nonce);
	EVP_DecryptUpdate(ctx, out, &n, in, BOX_MODEL_KEY_BYTES);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag);
	ok = EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Our key schedule as the device. */
static bool we_open(const struct pair *p, const uint8_t *envelope, uint8_t *out)
{
	struct box_hpke_input in = {
		.encapsulated = envelope + BOX_ENVELOPE_BOUND_BYTES,
		.recipient = p->device_public,
		.info = envelope,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	struct box_hpke hpke = { 0 };

	assert_true(enc_x25519(p->device, in.encapsulated, in.dh));
	assert_true(box_hpke_base(enc_hmac, NULL, &in, &hpke));
	return gcm_open(&hpke, envelope + SEALED, out);
}

static void openssl_opens_our_envelopes(void **state)
{
	const struct pair *p = *state;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		const struct enc_wrap wrap = { .key = key,
					       .owner = &p->owner,
					       .ta = enc_ta_uuid,
					       .epoch = round };
		uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
		uint8_t opened[BOX_MODEL_KEY_BYTES] = { 0 };
		struct enc_error e = { 0 };

		assert_true(
			enc_wrap_key(&wrap, p->device_public, envelope, &e));
		assert_true(openssl_opens(p, envelope, opened));
		assert_memory_equal(opened, key, sizeof(key));
		envelope[8 * round] ^= 1; /* of what is bound */
		assert_false(openssl_opens(p, envelope, opened));
	}
}

static void we_open_those_of_openssl(void **state)
{
	const struct pair *p = *state;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		const struct enc_wrap wrap = { .key = key,
					       .owner = &p->owner,
					       .ta = enc_ta_uuid,
					       .epoch = round };
		uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
		uint8_t opened[BOX_MODEL_KEY_BYTES] = { 0 };
		struct enc_error e = { 0 };

		/* OpenSSL replaces all but the bound fields */
		assert_true(
			enc_wrap_key(&wrap, p->device_public, envelope, &e));
		openssl_seals(p, envelope);
		assert_true(we_open(p, envelope, opened));
		assert_memory_equal(opened, key, sizeof(key));
		envelope[8 * round] ^= 1; /* of what is bound */
		assert_false(we_open(p, envelope, opened));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(openssl_opens_our_envelopes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(we_open_those_of_openssl, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("hpke", tests, NULL, NULL);
}
