/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA-256, computed by OpenSSL: private to the stand-in. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define SI_SHA256_BYTES 32

void si_hmac(const uint8_t *key, size_t key_size, const uint8_t *data,
	     size_t size, uint8_t mac[SI_SHA256_BYTES]);

#endif
