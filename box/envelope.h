/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An envelope brings a model key from its owner to one device. doc/FORMAT.md,
 * section 2, has its bytes.
 *
 *   bound (112) || encapsulated key (32) || sealed key (32) || tag (16)
 *
 * It is HPKE (RFC 9180) in mode Auth; `bound` is its info: TA, device, owner,
 * key id and epoch.
 *
 * Freestanding; no state. Nothing that box_envelope_read() gives is
 * authenticated before the caller has checked the tag.
 */
#ifndef BOX_ENVELOPE_H
#define BOX_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "head.h"

#define BOX_ENVELOPE_BYTES	 192
#define BOX_ENVELOPE_BOUND_BYTES 112
#define BOX_ENVELOPE_MAGIC	 "ENCMOKEY" /* the first 8 bytes */
#define BOX_ENVELOPE_MAGIC_BYTES 8
#define BOX_UUID_BYTES		 16
#define BOX_X25519_BYTES	 32
#define BOX_MODEL_KEY_BYTES	 32
#define BOX_ENVELOPE_TAG_BYTES	 16

struct box_envelope {
	uint32_t epoch;		    /* from 1; only rises on a device */
	uint8_t ta[BOX_UUID_BYTES]; /* in the order of its text form */
	uint8_t key_id[BOX_KEY_ID_BYTES];
	uint8_t device[BOX_X25519_BYTES]; /* public key; so are the next two */
	uint8_t sender[BOX_X25519_BYTES];
	uint8_t encapsulated[BOX_X25519_BYTES];
	uint8_t sealed[BOX_MODEL_KEY_BYTES + BOX_ENVELOPE_TAG_BYTES];
};

/* BOX_MAGIC, BOX_VERSION, or BOX_FIELD: the epoch is 0. */
enum box_error box_envelope_read(const uint8_t bytes[BOX_ENVELOPE_BYTES],
				 struct box_envelope *envelope);

void box_envelope_write(const struct box_envelope *envelope,
			uint8_t bytes[BOX_ENVELOPE_BYTES]);

#endif
