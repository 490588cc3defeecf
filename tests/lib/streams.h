/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams (box/stream.h) for tests, with OpenSSL's HKDF and AES-GCM, of any
 * hash and size that Tink supports.
 */
#ifndef TEST_STREAMS_H
#define TEST_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/stream.h"

/* The context of the callbacks. */
struct streams_key {
	const char *hash; /* of HKDF */
	const uint8_t *key;
	size_t key_len;
	size_t derived_len; /* salt bytes that are used: 16 or 32 */
	const uint8_t *aad;
	size_t aad_len;
	bool seals;
	size_t calls;
	size_t fails_at; /* this call, counted from 1 */
	uint8_t derived[BOX_STREAM_KEY_BYTES];
};

extern const struct box_stream_ops streams_ops;

/* AES-GCM by itself: `in` and `out` as for the callback. */
bool streams_crypt(struct streams_key *key, const uint8_t *nonce,
		   const uint8_t *in, size_t len, uint8_t *out);

/* Seals all of it; the stream is to be freed. */
uint8_t *streams_seal(struct streams_key *key, size_t chunk_bytes,
		      const uint8_t *plain, size_t len, const uint8_t *random,
		      size_t *sealed_len);

/*
 * Opens any bytes as a stream of `told` bytes of plaintext, and goes on after
 * an error. It asserts that errors stay, that nothing is called after one, and
 * that a refused chunk leaves nothing behind. `out` gets the plaintext, at most
 * as many bytes as went in.
 */
enum box_error streams_open(struct streams_key *key, size_t chunk_bytes,
			    uint64_t told, const uint8_t *stream, size_t len,
			    uint8_t *out, size_t *out_len);

#endif
