/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the stream of a sealed model (doc/FORMAT.md) and its digest:
 * box/stream.h with OpenSSL's AES. In constant memory: a chunk in, a chunk out.
 */
#ifndef HOST_OWNER_STREAM_SEAL_H
#define HOST_OWNER_STREAM_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "box/head.h"
#include "box/stream.h"
#include "host/base/error.h"

struct enc_stream_seal {
	const uint8_t *key;   /* model key, BOX_MODEL_KEY_BYTES */
	const uint8_t *bound; /* associated data, BOX_HEAD_BOUND_BYTES */
	uint64_t len;	      /* bytes of plaintext, at least 1 */
	void *ctx;
	/* Fills `data` with the next `n` bytes of plaintext. */
	bool (*source)(void *ctx, uint8_t *data, size_t n, struct enc_error *e);
	/* Takes the next `n` bytes of the stream. */
	bool (*sink)(void *ctx, const uint8_t *data, size_t n,
		     struct enc_error *e);
};

/* Uses a fresh salt and nonce prefix, and wipes its copy of the plaintext. */
bool enc_stream_seal(const struct enc_stream_seal *seal,
		     uint8_t digest[BOX_DIGEST_BYTES], struct enc_error *e);

#endif
