/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's private key, on the workstation only: a PEM block of PKCS#8,
 * Ed25519, which may be encrypted.
 */
#ifndef HOST_OWNER_SECRET_H
#define HOST_OWNER_SECRET_H

#include <openssl/types.h>

#include "host/base/error.h"
#include "host/public/owner.h"

struct enc_owner_secret {
	EVP_PKEY *key; /* Ed25519 */
	struct enc_owner owner;
};

#define ENC_PASSPHRASE_MAX 1023 /* bytes */

/* Where the passphrase of a private key comes from. */
struct enc_passphrase {
	/* `text`: 1 to ENC_PASSPHRASE_MAX bytes and a NUL */
	bool (*ask)(void *ctx, char text[ENC_PASSPHRASE_MAX + 1],
		    struct enc_error *e);
	void *ctx;
};

/*
 * Makes an owner's key. Writes the private one to a file with mode 0600, and
 * the public one to another. Fails if either exists, even as a dangling
 * symbolic link. On failure neither file is left. passphrase: NULL: the private
 * key is not encrypted.
 */
bool enc_owner_make(const char *secret_path, const char *public_path,
		    const struct enc_passphrase *passphrase,
		    struct enc_owner *owner, struct enc_error *e);

/*
 * path: "-" is standard input. passphrase: asked only if the key is encrypted;
 * NULL: such a key is refused. Refuses a file of this user that others can read
 * or write. Free *secret after success; after a failure that is harmless.
 */
bool enc_owner_secret_read(const char *path,
			   const struct enc_passphrase *passphrase,
			   struct enc_owner_secret *secret,
			   struct enc_error *e);

/* Signs with Ed25519; false: OpenSSL failed. */
bool enc_owner_sign(const struct enc_owner_secret *secret, const void *data,
		    size_t len, uint8_t signature[BOX_SIGNATURE_BYTES]);

/* Wipes and frees the key. */
void enc_owner_secret_free(struct enc_owner_secret *secret);

#endif
