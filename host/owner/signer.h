/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's private key, for whoever signs with it. It lies in a PEM file
 * (secret.h) or in a token (host/token/token.h).
 */
#ifndef HOST_OWNER_SIGNER_H
#define HOST_OWNER_SIGNER_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"
#include "host/base/error.h"
#include "host/public/owner.h"

struct enc_signer {
	struct enc_owner owner; /* the public key */
	void *key;
	bool (*sign)(void *key, const void *data, size_t len,
		     uint8_t signature[BOX_SIGNATURE_BYTES],
		     struct enc_error *e);
	void (*close)(void *key);
};

/* Signs with Ed25519. */
bool enc_signer_sign(const struct enc_signer *signer, const void *data,
		     size_t len, uint8_t signature[BOX_SIGNATURE_BYTES],
		     struct enc_error *e);

/* Signs with `key`, and frees it. False: it is not one of Ed25519. */
bool enc_signer_of(EVP_PKEY *key, struct enc_signer *signer);

/*
 * Writes the public key to a new file, after a signature that shows that the
 * private key is there.
 */
bool enc_signer_publish(const struct enc_signer *signer, const char *path,
			struct enc_error *e);

/* Wipes and frees the key. A signer of zeros has none. */
void enc_signer_close(struct enc_signer *signer);

#endif
