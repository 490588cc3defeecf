/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of libencmnist-owner: private to lib/owner. */
#ifndef LIB_OWNER_OWNER_H
#define LIB_OWNER_OWNER_H

#include "host/base/hex.h"
#include "host/owner/signer.h"
#include "host/public/fingerprint.h"
#include "lib/encmnist-owner.h"

struct encmnist_network {
	uint8_t *record; /* record/net.h: what is sealed */
	size_t len;
	uint64_t macs;
	uint64_t weights; /* bytes */
	size_t nodes;
	size_t classes; /* values of the only output; 0: there are several */
};

struct encmnist_owner {
	struct enc_signer signer;
	char fingerprint[ENC_FINGERPRINT_TEXT];
};

/* On the heap for secrets, if the program has one of OpenSSL. */
struct encmnist_model_key {
	uint8_t bytes[ENC_KEY_BYTES];
	char id[2 * BOX_KEY_ID_BYTES + 1];
};

#endif
