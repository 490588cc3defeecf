/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's private keys: on the owner's machine alone. The file has two PEM
 * blocks of PKCS#8 without a password, first Ed25519 and then X25519.
 */
#ifndef HOST_OWNER_SECRET_H
#define HOST_OWNER_SECRET_H

#include <openssl/types.h>

#include "host/base/error.h"
#include "host/public/owner.h"

struct enc_owner_secret {
	EVP_PKEY *sign; /* Ed25519 */
	EVP_PKEY *wrap; /* X25519 */
	struct enc_owner owner;
};

/*
 * Makes an owner: private keys in a file that only its user can read, and
 * public ones in another. Neither may exist, not even as a symbolic link to
 * nowhere. On failure there is none of the two.
 */
bool enc_owner_make(const char *secret_path, const char *public_path,
		    struct enc_owner *owner, struct enc_error *e);

/* path: "-" is standard input. To be freed; harmless after a failure. */
bool enc_owner_secret_read(const char *path, struct enc_owner_secret *secret,
			   struct enc_error *e);

/* Wipes the keys. */
void enc_owner_secret_free(struct enc_owner_secret *secret);

#endif
