/* SPDX-License-Identifier: Apache-2.0 */
#include "x25519.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "testkit/secret.h"

static void require(bool holds)
{
	if (!holds)
		abort(); /* OpenSSL has no reason to fail */
}

void si_x25519_generate(uint8_t private_key[SI_X25519_BYTES],
			uint8_t public_key[SI_X25519_BYTES])
{
	size_t size = SI_X25519_BYTES;
	EVP_PKEY *pair = NULL;

	secret_library(true);
	require(RAND_bytes(private_key, SI_X25519_BYTES) == 1);
	pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key,
					    SI_X25519_BYTES);
	require(pair && EVP_PKEY_get_raw_public_key(pair, public_key, &size));
	EVP_PKEY_free(pair);
	secret_library(false);
	secret_reveal(private_key, SI_X25519_BYTES);
	secret_reveal(public_key, SI_X25519_BYTES);
}

bool si_x25519_agree(const uint8_t private_key[SI_X25519_BYTES],
		     const uint8_t peer[SI_X25519_BYTES],
		     uint8_t secret[SI_X25519_BYTES])
{
	size_t size = SI_X25519_BYTES;
	EVP_PKEY *own = NULL;
	EVP_PKEY *other = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	bool agreed = false;

	secret_library(true);
	own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key,
					   SI_X25519_BYTES);
	other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer,
					    SI_X25519_BYTES);
	ctx = EVP_PKEY_CTX_new(own, NULL);
	require(ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		EVP_PKEY_derive_set_peer(ctx, other) == 1);
	agreed = EVP_PKEY_derive(ctx, secret, &size) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	EVP_PKEY_free(own);
	secret_library(false);
	secret_reveal(secret, SI_X25519_BYTES);
	return agreed;
}
