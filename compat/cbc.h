/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container of enc_mnist-rs: AES-256-CBC over a length and a record.
 *
 *   IV (16) || AES-256-CBC( length (4, little-endian) || record || zeros )
 *
 * Zeros, 0 to 15, fill the last block. Nothing in it is authenticated: a reader
 * notices a change only if the record is no longer well formed (doc/FORMAT.md,
 * section 5).
 *
 * Freestanding and without memory of its own. Bytes come in pieces of any size
 * and go on as soon as they are whole blocks. Cipher and sink are callbacks,
 * which get the caller's `ctx`.
 */
#ifndef COMPAT_CBC_H
#define COMPAT_CBC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box/error.h"

#define BOX_CBC_BLOCK_BYTES  16
#define BOX_CBC_LENGTH_BYTES 4
#define BOX_CBC_NAME	     "AES-256-CBC"
#define BOX_CBC_KEY_BYTES    32

struct box_cbc_ops {
	/* Sets the IV; the callback has the key. */
	bool (*start)(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES]);
	/* De- or encrypts whole blocks in place. */
	bool (*crypt)(void *ctx, uint8_t *data, size_t len);
	/* Takes the next bytes of the output: record, or container. */
	bool (*sink)(void *ctx, const uint8_t *data, size_t len);
};

/* State of either direction; private. Holds plaintext: wipe it after use. */
struct box_cbc {
	const struct box_cbc_ops *ops;
	void *ctx;
	enum box_error error;
	uint32_t step;
	size_t limit;  /* bytes of the longest accepted record */
	uint64_t left; /* opening: bytes of padded plaintext to come */
	size_t record; /* bytes of the record to come */
	size_t have;   /* bytes gathered in `block` */
	uint8_t block[BOX_CBC_BLOCK_BYTES];
};

/* Starts to open a container. A record over `limit` bytes is refused. */
void box_cbc_open_begin(struct box_cbc *box, const struct box_cbc_ops *ops,
			void *ctx, size_t limit);

/*
 * Opens the next piece. `data` is decrypted in place: it must be memory that
 * nobody else can write, and it holds plaintext afterwards. After an error each
 * further call gives the same error.
 */
enum box_error box_cbc_open_push(struct box_cbc *box, uint8_t *data,
				 size_t len);

/* BOX_OK if the container is complete. */
enum box_error box_cbc_open_end(struct box_cbc *box);

/* Bytes of the container for a record of `len` bytes, len up to 2^32 - 1. */
uint64_t box_cbc_sealed_size(uint32_t len);

/*
 * Starts to seal a record of exactly `len` bytes. `iv` must be fresh and random
 * for every container.
 */
enum box_error box_cbc_seal_begin(struct box_cbc *box,
				  const struct box_cbc_ops *ops, void *ctx,
				  const uint8_t iv[BOX_CBC_BLOCK_BYTES],
				  uint32_t len);

/*
 * Seals the next piece, which is encrypted in place. After an error each
 * further call gives the same error.
 */
enum box_error box_cbc_seal_push(struct box_cbc *box, uint8_t *data,
				 size_t len);

/* Pads and writes the last block; BOX_SHORT if record bytes are missing. */
enum box_error box_cbc_seal_end(struct box_cbc *box);

#endif
