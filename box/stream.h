/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticated encryption of a stream, chunk by chunk: Tink's AES-GCM-HKDF
 * streaming AEAD with SHA-256 and a derived key of 256 bits
 * (developers.google.com/tink/streaming-aead/aes_gcm_hkdf_streaming).
 *
 *   header (40) || chunk 0 || chunk 1 || ...
 *   header = 40 (1) || salt (32) || nonce prefix (7)
 *   chunk  = AES-256-GCM(plaintext) || tag (16)
 *   nonce  = prefix (7) || index of the chunk (4, big endian) || is last (1)
 *
 * Each piece of `chunk_bytes` of the stream is one chunk, with the header in
 * front of chunk 0; the last may be shorter. The key of the stream is
 * HKDF-SHA256(key, salt, associated data).
 *
 * The length of the plaintext is known beforehand, and says only where chunks
 * end. Since the nonce of a chunk tells its place, and whether it is the last,
 * none authenticates but in its own place, and not the last one either if the
 * length is not the stream's.
 *
 * Freestanding and without memory of its own. Whole chunks come in and go out;
 * key and cipher are callbacks, which get the caller's `ctx`.
 */
#ifndef BOX_STREAM_H
#define BOX_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define BOX_STREAM_SALT_BYTES	32
#define BOX_STREAM_PREFIX_BYTES 7
#define BOX_STREAM_RANDOM_BYTES \
	(BOX_STREAM_SALT_BYTES + BOX_STREAM_PREFIX_BYTES)
#define BOX_STREAM_HEADER_BYTES (1 + BOX_STREAM_RANDOM_BYTES)
#define BOX_STREAM_NONCE_BYTES	12
#define BOX_STREAM_TAG_BYTES	16
#define BOX_STREAM_KEY_BYTES	32

/* Longest plaintext: the index of a chunk stays below 2^31 for any of them. */
#define BOX_STREAM_LENGTH_MAX ((uint64_t)1 << 32)

struct box_stream_ops {
	/* Derives the key of the stream. */
	bool (*derive)(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES]);
	/*
	 * Opening: `in` is ciphertext and tag, `out` gets `len` bytes, and
	 * false means that the tag is not theirs. Sealing: `in` has `len`
	 * bytes, `out` gets ciphertext and tag. `in` and `out` never overlap.
	 */
	bool (*crypt)(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
		      const uint8_t *in, size_t len, uint8_t *out);
};

/* State of either direction; private. Nothing in it is secret. */
struct box_stream {
	const struct box_stream_ops *ops;
	void *ctx;
	enum box_error error;
	size_t chunk_bytes;
	uint64_t left;	/* bytes of plaintext still to come */
	uint32_t index; /* of the next chunk */
	bool complete;
	uint8_t random[BOX_STREAM_RANDOM_BYTES]; /* salt and nonce prefix */
};

/*
 * Bytes of the stream of a plaintext of `len` bytes, up to
 * BOX_STREAM_LENGTH_MAX, with chunks of `chunk_bytes`, over
 * BOX_STREAM_HEADER_BYTES + BOX_STREAM_TAG_BYTES.
 */
uint64_t box_stream_sealed_size(uint64_t len, size_t chunk_bytes);

/*
 * What the next chunk has: bytes of plaintext, and of the stream (for chunk 0
 * with the header). Both 0 when the stream is complete.
 */
size_t box_stream_next_plain(const struct box_stream *s);
size_t box_stream_next_sealed(const struct box_stream *s);

/* Opening: `len` bytes of plaintext are to come. */
void box_stream_open_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len);

/*
 * Takes the next chunk, of box_stream_next_sealed() bytes: another `len` is
 * refused. `in` must be memory that nobody else can write. `out`: room for
 * box_stream_next_plain() bytes; zeroed where the chunk is not authentic. An
 * error stays.
 */
enum box_error box_stream_open_chunk(struct box_stream *s, const uint8_t *in,
				     size_t len, uint8_t *out);

/* BOX_OK if the last chunk has been there. */
enum box_error box_stream_open_end(struct box_stream *s);

/*
 * Sealing `len` bytes of plaintext. `random` must be fresh and random for every
 * stream: salt and nonce prefix.
 */
void box_stream_seal_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len,
			   const uint8_t random[BOX_STREAM_RANDOM_BYTES]);

/*
 * Takes the next box_stream_next_plain() bytes at `in`, and writes
 * box_stream_next_sealed() bytes to `out`. An error stays.
 */
enum box_error box_stream_seal_chunk(struct box_stream *s, const uint8_t *in,
				     uint8_t *out);

#endif
