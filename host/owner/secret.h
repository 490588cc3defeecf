/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys as files, on the workstation only: a PEM block of PKCS#8, which
 * may be encrypted. The owner's is one of Ed25519.
 */
#ifndef HOST_OWNER_SECRET_H
#define HOST_OWNER_SECRET_H

#include <openssl/types.h>

#include "host/base/error.h"
#include "host/public/owner.h"
#include "passphrase.h"
#include "signer.h"

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
 * Reads the private key of a file, of whatever type, for the caller to free.
 * NULL: the file has none, or several. path: "-" is standard input. passphrase:
 * asked only if the key is encrypted; NULL: such a key is refused. Refuses a
 * file of this user that others can read or write.
 */
bool enc_private_key_read(const char *path,
			  const struct enc_passphrase *passphrase,
			  EVP_PKEY **key, struct enc_error *e);

/*
 * The same for an owner's. Close *signer after success; after a failure that is
 * harmless.
 */
bool enc_owner_secret_read(const char *path,
			   const struct enc_passphrase *passphrase,
			   struct enc_signer *signer, struct enc_error *e);

#endif
