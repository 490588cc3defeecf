/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream of a sealed model (doc/FORMAT.md): box/stream.h with OpenSSL's
 * AES, and its digest. In constant memory: a chunk in, a chunk out.
 */
#ifndef HOST_OWNER_STREAM_SEAL_H
#define HOST_OWNER_STREAM_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "box/head.h"
#include "box/stream.h"
#include "host/base/error.h"

struct enc_stream_seal {
	const uint8_t *key;   /* of the model, BOX_STREAM_KEY_BYTES */
	const uint8_t *bound; /* associated data, BOX_HEAD_BOUND_BYTES */
	uint64_t len;	      /* bytes of plaintext, from 1 */
	void *ctx;
	/* Fills `data` with the next `n` bytes of plaintext. */
	bool (*source)(void *ctx, uint8_t *data, size_t n, struct enc_error *e);
	/* Takes the next `n` bytes of the stream. */
	bool (*sink)(void *ctx, const uint8_t *data, size_t n,
		     struct enc_error *e);
};

/* Under a fresh salt and nonce prefix. The plaintext is wiped behind it. */
bool enc_stream_seal(const struct enc_stream_seal *seal,
		     uint8_t digest[BOX_DIGEST_BYTES], struct enc_error *e);

#endif
