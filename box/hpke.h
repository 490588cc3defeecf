/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key schedule of HPKE (RFC 9180) in mode Base, for DHKEM(X25519,
 * HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, the same for sender and recipient:
 * from the results of X25519 to the key and nonce of the only message.
 *
 * Freestanding, with HMAC-SHA256 as a callback. Secrets are in `struct
 * box_hpke` and in `dh` of its input: wipe both after use.
 */
#ifndef BOX_HPKE_H
#define BOX_HPKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "envelope.h"

#define BOX_HPKE_KEY_BYTES   16
#define BOX_HPKE_NONCE_BYTES 12
#define BOX_HMAC_BYTES	     32

struct box_part {
	const void *data;
	size_t len;
};

/*
 * HMAC-SHA256 over all parts, in their order; false: it failed. `mac` may be
 * `key`, and overlaps no part.
 */
typedef bool (*box_hmac)(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
			 const struct box_part *parts, size_t count,
			 uint8_t mac[BOX_HMAC_BYTES]);

struct box_hpke_input {
	uint8_t dh[BOX_X25519_BYTES]; /* X25519 of recipient and ephemeral key
				       */
	const uint8_t *encapsulated;  /* public keys, both */
	const uint8_t *recipient;
	const uint8_t *info;
	size_t info_len;
};

struct box_hpke {
	uint8_t key[BOX_HPKE_KEY_BYTES];
	uint8_t nonce[BOX_HPKE_NONCE_BYTES];
	/* intermediate values */
	uint8_t secret[BOX_HMAC_BYTES];
	uint8_t block[BOX_HMAC_BYTES];
	uint8_t context[1 + 2 * BOX_HMAC_BYTES];
};

bool box_hpke_base(box_hmac hmac, void *ctx, const struct box_hpke_input *in,
		   struct box_hpke *out);

/*
 * Whether a public key has low order: X25519 then gives 0 with every private
 * key. Such a key must not be used.
 */
bool box_x25519_is_low_order(const uint8_t key[BOX_X25519_BYTES]);

#endif
