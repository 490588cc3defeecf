/* SPDX-License-Identifier: Apache-2.0 */
/* X25519, computed by OpenSSL: private to the stand-in. */
#ifndef X25519_H
#define X25519_H

#include <stdbool.h>
#include <stdint.h>

#define SI_X25519_BYTES 32

void si_x25519_generate(uint8_t private_key[SI_X25519_BYTES],
			uint8_t public_key[SI_X25519_BYTES]);

/* False: the secret would be zero, because the peer's key has low order. */
bool si_x25519_agree(const uint8_t private_key[SI_X25519_BYTES],
		     const uint8_t peer[SI_X25519_BYTES],
		     uint8_t secret[SI_X25519_BYTES]);

#endif
