/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sealed models and envelopes are made of (doc/FORMAT.md), by OpenSSL.
 *
 * Everything answers false if OpenSSL fails, which it does for lack of memory
 * or where its configuration forbids an algorithm.
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

/* A box_hmac; ctx is not used. */
bool enc_hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
	      const struct box_part *parts, size_t count,
	      uint8_t mac[BOX_HMAC_BYTES]);

/* HKDF-SHA256 of a model key, to as many bytes. */
bool enc_hkdf(const uint8_t key[BOX_MODEL_KEY_BYTES],
	      const uint8_t salt[BOX_STREAM_SALT_BYTES], const void *info,
	      size_t info_len, uint8_t out[BOX_STREAM_KEY_BYTES]);

/* The id of a model key. */
bool enc_key_id(const uint8_t key[BOX_MODEL_KEY_BYTES],
		uint8_t id[BOX_KEY_ID_BYTES]);

/* `own`: a private key. Also false for a public one of low order. */
bool enc_x25519(EVP_PKEY *own, const uint8_t peer[BOX_X25519_BYTES],
		uint8_t secret[BOX_X25519_BYTES]);

bool enc_ed25519_sign(EVP_PKEY *own, const void *data, size_t len,
		      uint8_t signature[BOX_SIGNATURE_BYTES]);

#endif
