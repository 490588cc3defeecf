/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of a stream, in a thread of its own. Hashing takes twice as long as
 * AES-GCM, so with two threads the encryption costs no extra time.
 *
 * The bytes are in slots of the hasher: the caller fills one while others wait
 * to be hashed. Only one thread may call these functions.
 */
#ifndef HOST_OWNER_HASHER_H
#define HOST_OWNER_HASHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/head.h"

#define ENC_HASHER_SLOT_BYTES BOX_HEAD_CHUNK_BYTES

struct enc_hasher;

/* NULL: out of memory or threads, or OpenSSL failed. */
struct enc_hasher *enc_hasher_start(void);

/* Returns the slot for the next bytes. Waits until one is free. */
uint8_t *enc_hasher_slot(struct enc_hasher *h);

/*
 * Hands over the first `len` bytes of that slot. The caller may still read them
 * until it asks for the next slot.
 */
void enc_hasher_push(struct enc_hasher *h, size_t len);

/* Waits for the digest. False if OpenSSL failed. */
bool enc_hasher_end(struct enc_hasher *h, uint8_t digest[BOX_DIGEST_BYTES]);

/* h may be NULL. */
void enc_hasher_free(struct enc_hasher *h);

#endif
