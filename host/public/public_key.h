/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys as files: PEM blocks of SubjectPublicKeyInfo (RFC 8410), as
 * `openssl pkey -pubin` reads them. Text between the blocks is skipped, but for
 * lines that begin with "fingerprint:": people compare what these say, so it
 * has to be that of the next block.
 */
#ifndef HOST_PUBLIC_PUBLIC_KEY_H
#define HOST_PUBLIC_PUBLIC_KEY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "host/base/error.h"

#define ENC_PUBLIC_KEY_BYTES 32

enum enc_public_key_type {
	ENC_ED25519,
	ENC_X25519
};

struct enc_public_key {
	enum enc_public_key_type type;
	uint8_t bytes[ENC_PUBLIC_KEY_BYTES];
};

/*
 * Reads all keys of a file ("-": standard input), in order. Fails if there is
 * none, or one of another type. The caller frees *keys.
 */
bool enc_public_keys_read(const char *path, struct enc_public_key **keys,
			  size_t *count, struct enc_error *e);

/* Appends a block. A failed write shows in ferror(f). */
void enc_public_key_write(FILE *f, const struct enc_public_key *key);

#endif
