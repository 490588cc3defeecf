/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of what goes by, in a thread of its own: it takes twice as long as
 * AES-GCM, so that with two threads nothing but itself is waited for.
 *
 * The bytes lie in slots of this hasher: one is filled while others wait to be
 * hashed. One thread uses it.
 */
#ifndef HOST_OWNER_HASHER_H
#define HOST_OWNER_HASHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"

#define ENC_HASHER_SLOT_BYTES BOX_HEAD_CHUNK_BYTES

struct enc_hasher;

/* NULL: out of memory or threads. */
struct enc_hasher *enc_hasher_start(void);

/* Where the next bytes go; waits until there is room. */
uint8_t *enc_hasher_slot(struct enc_hasher *h);

/* The slot holds its first `len` bytes; they may still be read. */
void enc_hasher_push(struct enc_hasher *h, size_t len);

/* Waits for the digest. False: OpenSSL failed. */
bool enc_hasher_end(struct enc_hasher *h, uint8_t digest[BOX_DIGEST_BYTES]);

/* NULL is fine. */
void enc_hasher_free(struct enc_hasher *h);

#endif
