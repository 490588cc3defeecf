/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public keys of an owner of models. The file has two PEM blocks of
 * SubjectPublicKeyInfo, first Ed25519 and then X25519.
 */
#ifndef HOST_PUBLIC_OWNER_H
#define HOST_PUBLIC_OWNER_H

#include <stdint.h>

#include "box/envelope.h"
#include "box/head.h"
#include "fingerprint.h"
#include "host/base/error.h"

struct enc_owner {
	uint8_t sign[BOX_OWNER_BYTES];	/* Ed25519: verifies models */
	uint8_t wrap[BOX_X25519_BYTES]; /* X25519: authenticates envelopes */
};

/* path: "-" is standard input. */
bool enc_owner_read(const char *path, struct enc_owner *owner,
		    struct enc_error *e);

/* The fingerprint of both keys together, Ed25519 first. */
void enc_owner_fingerprint(const struct enc_owner *owner,
			   char text[ENC_FINGERPRINT_TEXT]);

#endif
