/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a sealed model: metadata, network and signature. doc/FORMAT.md,
 * section 1, has its bytes.
 *
 *   sealed model = head (248) || stream (box/stream.h)
 *
 * The first BOX_HEAD_BOUND_BYTES are the associated data of the stream, so each
 * chunk authenticates them. The owner signs the first BOX_HEAD_SIGNED_BYTES,
 * which end with the digest of the whole stream: someone who holds the model
 * key but is not the owner can neither make nor change a model.
 *
 * Freestanding; no state. The caller checks signature, digest, key and network;
 * nothing that box_head_read() gives is authenticated before that.
 */
#ifndef BOX_HEAD_H
#define BOX_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define BOX_HEAD_BYTES	      248
#define BOX_HEAD_BOUND_BYTES  152
#define BOX_HEAD_SIGNED_BYTES 184
#define BOX_HEAD_MAGIC	      "ENCMODEL" /* the first 8 bytes */
#define BOX_HEAD_MAGIC_BYTES  8
#define BOX_HEAD_LAYERS_MAX   8
#define BOX_HEAD_SIZE_MAX     65535
#define BOX_HEAD_CHUNK_BYTES  65536 /* of the stream; no other is read */
#define BOX_MODEL_ID_BYTES    32
#define BOX_KEY_ID_BYTES      16
#define BOX_OWNER_BYTES	      32 /* Ed25519 public key */
#define BOX_DIGEST_BYTES      32 /* SHA-256 */
#define BOX_SIGNATURE_BYTES   64 /* Ed25519 */
#define BOX_HEAD_FORMAT_F32   1	 /* a Burn record: record/burn.h */
#define BOX_HEAD_FORMAT_INT8  2	 /* a record of 8-bit weights: record/int8.h */

struct box_head {
	uint32_t format; /* of the plaintext: BOX_HEAD_FORMAT_... */
	uint32_t layers; /* 1 to BOX_HEAD_LAYERS_MAX, all of them dense */
	/* inputs of the first layer, outputs of each layer, then zeros */
	uint32_t sizes[BOX_HEAD_LAYERS_MAX + 1];
	uint32_t relu;	 /* bit l: layer l is followed by max(y, 0) */
	uint64_t length; /* bytes of plaintext, 1 to BOX_STREAM_LENGTH_MAX */
	uint32_t model_version; /* from 1 */
	/* 1 to 32 characters a-z 0-9 . _ -, then zeros */
	uint8_t model_id[BOX_MODEL_ID_BYTES];
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint8_t owner[BOX_OWNER_BYTES];
	uint8_t digest[BOX_DIGEST_BYTES]; /* of the stream */
	uint8_t signature[BOX_SIGNATURE_BYTES];
};

/*
 * Reads a head. BOX_MAGIC, BOX_VERSION, BOX_LENGTH; BOX_FIELD for any other
 * difference from what box_head_write() writes. After an error, `head` is
 * incomplete.
 */
enum box_error box_head_read(const uint8_t bytes[BOX_HEAD_BYTES],
			     struct box_head *head);

/* Writes a head. Readers refuse it if a field is out of range. */
void box_head_write(const struct box_head *head, uint8_t bytes[BOX_HEAD_BYTES]);

#endif
