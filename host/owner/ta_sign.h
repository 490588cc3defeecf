/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAs as OP-TEE loads them from files: an ELF file behind a header that is
 * signed with RSA (doc/FORMAT.md, section 8). The bits are those of OP-TEE's
 * scripts/sign_encrypt.py.
 */
#ifndef HOST_OWNER_TA_SIGN_H
#define HOST_OWNER_TA_SIGN_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "passphrase.h"

/* The key that signs TAs. */
struct enc_ta_key {
	EVP_PKEY *key;
	bool is_public;			  /* its private half is elsewhere */
	uint8_t digest[BOX_DIGEST_BYTES]; /* of the public one, as DER */
};

/*
 * Reads an RSA key, private or public, of 2048 bits or more. As
 * enc_private_key_read(); close *key after success.
 */
bool enc_ta_key_read(const char *path, const struct enc_passphrase *passphrase,
		     struct enc_ta_key *key, struct enc_error *e);
void enc_ta_key_close(struct enc_ta_key *key);

struct enc_ta_image {
	uint8_t *bytes; /* of the file */
	size_t len;
	size_t signature_len;
};

/*
 * Puts a header before an ELF file, with the digest that is to be signed. Free
 * *image.
 */
bool enc_ta_image_make(const uint8_t *elf, size_t len,
		       const uint8_t uuid[BOX_UUID_BYTES], uint32_t ta_version,
		       const struct enc_ta_key *key, struct enc_ta_image *image,
		       struct enc_error *e);
void enc_ta_image_free(struct enc_ta_image *image);

/* Signs it with the private key. */
bool enc_ta_image_sign(struct enc_ta_image *image, const struct enc_ta_key *key,
		       struct enc_error *e);

/* Takes the signature in a file, base64, if it is this key's. */
bool enc_ta_image_stitch(struct enc_ta_image *image,
			 const struct enc_ta_key *key, const char *path,
			 struct enc_error *e);

/* Writes the digest in base64. A failed write shows in ferror(f). */
void enc_ta_image_digest(const struct enc_ta_image *image, FILE *f);

#endif
