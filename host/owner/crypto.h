/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptography of sealed models and envelopes (doc/FORMAT.md), with OpenSSL.
 *
 * Every function returns false if OpenSSL fails: if memory runs out, or its
 * configuration forbids an algorithm.
 */
#ifndef HOST_OWNER_CRYPTO_H
#define HOST_OWNER_CRYPTO_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"
#include "box/hpke.h"
#include "box/stream.h"

/* HMAC-SHA256 as a box_hmac. ctx is not used. */
bool enc_hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
	      const struct box_part *parts, size_t count,
	      uint8_t mac[BOX_HMAC_BYTES]);

/* HKDF-SHA256 of a model key. */
bool enc_hkdf(const uint8_t key[BOX_MODEL_KEY_BYTES],
	      const uint8_t salt[BOX_STREAM_SALT_BYTES], const void *info,
	      size_t info_len, uint8_t out[BOX_STREAM_KEY_BYTES]);

/* Derives the id of a model key. */
bool enc_key_id(const uint8_t key[BOX_MODEL_KEY_BYTES],
		uint8_t id[BOX_KEY_ID_BYTES]);

/* own: a private key. False also if `peer` is of low order. */
bool enc_x25519(EVP_PKEY *own, const uint8_t peer[BOX_X25519_BYTES],
		uint8_t secret[BOX_X25519_BYTES]);

#endif
