/* SPDX-License-Identifier: Apache-2.0 */
/* X25519 by OpenSSL, for tests. */
#ifndef TEST_X25519_H
#define TEST_X25519_H

#include <openssl/evp.h>
#include <stdbool.h>

#include "testkit/test.h"

/* False: the result is 0. */
static inline bool x25519_derive(const uint8_t private_key[32],
				 const uint8_t public_key[32],
				 uint8_t shared[32])
{
	EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
						      private_key, 32);
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL,
						       public_key, 32);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(mine, NULL);
	size_t len = 32;
	bool done = false;

	assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(ctx, theirs), 1);
	done = EVP_PKEY_derive(ctx, shared, &len) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(mine);
	return done;
}

#endif
