/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

bool enc_hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
	      const struct box_part *parts, size_t count,
	      uint8_t mac[BOX_HMAC_BYTES])
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_END,
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *state = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	size_t len = 0;
	bool ok =
		state && EVP_MAC_init(state, key, BOX_HMAC_BYTES, params) == 1;

	(void)ctx;
	for (size_t i = 0; i < count && ok; i++)
		ok = EVP_MAC_update(state, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_MAC_final(state, mac, &len, BOX_HMAC_BYTES) == 1;
	EVP_MAC_CTX_free(state);
	EVP_MAC_free(hmac);
	return ok;
}

/* RFC 5869. The output is one block, so Expand is one HMAC. */
bool enc_hkdf(const uint8_t key[BOX_MODEL_KEY_BYTES],
	      const uint8_t salt[BOX_STREAM_SALT_BYTES], const void *info,
	      size_t info_len, uint8_t out[BOX_STREAM_KEY_BYTES])
{
	static const uint8_t counter = 1;
	const struct box_part extract = { key, BOX_MODEL_KEY_BYTES };
	const struct box_part expand[] = { { info, info_len },
					   { &counter, 1 } };
	uint8_t prk[BOX_HMAC_BYTES] = { 0 };
	bool ok = enc_hmac(NULL, salt, &extract, 1, prk) &&
		  enc_hmac(NULL, prk, expand, 2, out);

	OPENSSL_cleanse(prk, sizeof(prk));
	return ok;
}

bool enc_key_id(const uint8_t key[BOX_MODEL_KEY_BYTES],
		uint8_t id[BOX_KEY_ID_BYTES])
{
	static const char info[] = "enc_mnist key id";
	const uint8_t no_salt[BOX_STREAM_SALT_BYTES] = { 0 };
	uint8_t block[BOX_STREAM_KEY_BYTES] = { 0 };
	bool ok = enc_hkdf(key, no_salt, info, sizeof(info) - 1, block);

	memcpy(id, block, BOX_KEY_ID_BYTES);
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

bool enc_x25519(EVP_PKEY *own, const uint8_t peer[BOX_X25519_BYTES],
		uint8_t secret[BOX_X25519_BYTES])
{
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
						      peer, BOX_X25519_BYTES);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = BOX_X25519_BYTES;
	bool ok = other && ctx && !box_x25519_is_low_order(peer) &&
		  EVP_PKEY_derive_init(ctx) == 1 &&
		  EVP_PKEY_derive_set_peer(ctx, other) == 1 &&
		  EVP_PKEY_derive(ctx, secret, &len) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return ok;
}
