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
 * Each `chunk_bytes` of the stream are one chunk; chunk 0 includes the header,
 * and the last chunk may be shorter. The key of the stream is HKDF-SHA256(key,
 * salt, associated data).
 *
 * The reader knows the length of the plaintext beforehand and uses it only to
 * tell where chunks end. The nonce of a chunk holds its position and whether it
 * is the last one. So a chunk authenticates only at its own position, and with
 * a wrong length the last chunk does not authenticate.
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

/*
 * Longest plaintext. The index of a chunk stays below 2^31 with chunks of any
 * size.
 */
#define BOX_STREAM_LENGTH_MAX ((uint64_t)1 << 32)

struct box_stream_ops {
	/* Derives the key of the stream. */
	bool (*derive)(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES]);
	/*
	 * Opening: `in` is ciphertext and tag, `out` gets `len` bytes; false:
	 * the tag is wrong. It reads each byte of `in` once. Sealing: `in` has
	 * `len` bytes, `out` gets ciphertext and tag. `in` and `out` never
	 * overlap.
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
 * Bytes of the stream for a plaintext of `len` bytes, up to
 * BOX_STREAM_LENGTH_MAX. chunk_bytes: above BOX_STREAM_HEADER_BYTES +
 * BOX_STREAM_TAG_BYTES.
 */
uint64_t box_stream_sealed_size(uint64_t len, size_t chunk_bytes);

/*
 * Size of the next chunk: bytes of plaintext, and bytes of the stream (chunk 0
 * with the header). Both 0 when the stream is complete.
 */
size_t box_stream_next_plain(const struct box_stream *s);
size_t box_stream_next_sealed(const struct box_stream *s);

/* Starts to open a stream of `len` bytes of plaintext. */
void box_stream_open_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len);

/*
 * Opens the next chunk. `len` must be box_stream_next_sealed(); another one is
 * refused. Each byte of `in` is read once, here or by ops.crypt, so others may
 * write there meanwhile. `out` has room for box_stream_next_plain() bytes, and
 * is zeroed if the tag is wrong. After an error each further call gives the
 * same error.
 */
enum box_error box_stream_open_chunk(struct box_stream *s, const uint8_t *in,
				     size_t len, uint8_t *out);

/* BOX_OK if the last chunk has been opened. */
enum box_error box_stream_open_end(struct box_stream *s);

/*
 * Starts to seal `len` bytes of plaintext. `random`, salt and nonce prefix,
 * must be fresh and random for every stream.
 */
void box_stream_seal_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len,
			   const uint8_t random[BOX_STREAM_RANDOM_BYTES]);

/*
 * Seals the next box_stream_next_plain() bytes at `in`, and writes
 * box_stream_next_sealed() bytes to `out`. After an error each further call
 * gives the same error.
 */
enum box_error box_stream_seal_chunk(struct box_stream *s, const uint8_t *in,
				     uint8_t *out);

#endif
