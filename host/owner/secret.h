/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's private keys, on the workstation only. The file has two PEM
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
 * Makes an owner's keys. Writes the private ones to a file with mode 0600, and
 * the public ones to another. Fails if either exists, even as a dangling
 * symbolic link. On failure neither file is left.
 */
bool enc_owner_make(const char *secret_path, const char *public_path,
		    struct enc_owner *owner, struct enc_error *e);

/*
 * path: "-" is standard input. Free *secret after success; after a failure that
 * is harmless.
 */
bool enc_owner_secret_read(const char *path, struct enc_owner_secret *secret,
			   struct enc_error *e);

/* Wipes and frees the keys. */
void enc_owner_secret_free(struct enc_owner_secret *secret);

#endif
