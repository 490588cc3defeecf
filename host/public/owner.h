/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public key of an owner of models, which signs models and envelopes. The
 * file has one PEM block of SubjectPublicKeyInfo, Ed25519.
 */
#ifndef HOST_PUBLIC_OWNER_H
#define HOST_PUBLIC_OWNER_H

#include <stdint.h>
#include <stdio.h>

#include "box/head.h"
#include "fingerprint.h"
#include "host/base/error.h"

struct enc_owner {
	uint8_t key[BOX_OWNER_BYTES]; /* Ed25519 */
};

/* path: "-" is standard input. */
bool enc_owner_read(const char *path, struct enc_owner *owner,
		    struct enc_error *e);

/* Appends such a block. A failed write shows in ferror(f). */
void enc_owner_write(FILE *f, const struct enc_owner *owner);

void enc_owner_fingerprint(const struct enc_owner *owner,
			   char text[ENC_FINGERPRINT_TEXT]);

#endif
