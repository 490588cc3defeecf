/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An envelope brings a model key from its owner to one device, and says what
 * the device may load from then on. doc/FORMAT.md, section 2, has its bytes.
 *
 *   bound (408) || encapsulated key (32) || sealed key (32) || tag (16)
 *   || signature (64)
 *
 * The key is sealed by HPKE (RFC 9180) in mode Base; `bound` is its info. The
 * owner signs everything before the signature, so nobody else makes envelopes,
 * not even someone who has the device's private key.
 *
 * Freestanding; no state. Nothing that box_envelope_read() gives is
 * authenticated before the caller has checked the signature.
 */
#ifndef BOX_ENVELOPE_H
#define BOX_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "head.h"

#define BOX_ENVELOPE_BYTES	  552
#define BOX_ENVELOPE_BOUND_BYTES  408
#define BOX_ENVELOPE_SIGNED_BYTES 488
#define BOX_ENVELOPE_MAGIC	  "ENCMOKEY" /* the first 8 bytes */
#define BOX_ENVELOPE_MAGIC_BYTES  8
#define BOX_ENVELOPE_MODELS_MAX	  8
#define BOX_UUID_BYTES		  16
#define BOX_X25519_BYTES	  32
#define BOX_MODEL_KEY_BYTES	  32
#define BOX_ENVELOPE_TAG_BYTES	  16

/* A model id that a device may load, and what it must not go back behind. */
struct box_envelope_model {
	uint8_t id[BOX_MODEL_ID_BYTES];
	uint32_t security_version; /* the lowest one, from 1 */
};

struct box_envelope {
	uint32_t epoch;		    /* from 1; only rises on a device */
	uint8_t ta[BOX_UUID_BYTES]; /* in the order of its text form */
	/* 0: no key, and `encapsulated` and `sealed` are 0, too */
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint8_t device[BOX_X25519_BYTES]; /* public key */
	uint8_t owner[BOX_OWNER_BYTES];	  /* Ed25519, public key */
	/* keys of envelopes up to this epoch are removed; below `epoch` */
	uint32_t retired;
	/* ids that may be loaded, in ascending order; none: any */
	uint32_t models;
	struct box_envelope_model model[BOX_ENVELOPE_MODELS_MAX];
	uint8_t encapsulated[BOX_X25519_BYTES];
	uint8_t sealed[BOX_MODEL_KEY_BYTES + BOX_ENVELOPE_TAG_BYTES];
	uint8_t signature[BOX_SIGNATURE_BYTES];
};

/*
 * Reads an envelope. BOX_MAGIC, BOX_VERSION; BOX_FIELD for any other difference
 * from what box_envelope_write() writes. After an error, `envelope` is
 * incomplete.
 */
enum box_error box_envelope_read(const uint8_t bytes[BOX_ENVELOPE_BYTES],
				 struct box_envelope *envelope);

/* Writes an envelope. Readers refuse it if a field is out of range. */
void box_envelope_write(const struct box_envelope *envelope,
			uint8_t bytes[BOX_ENVELOPE_BYTES]);

bool box_envelope_has_key(const struct box_envelope *envelope);

#endif
