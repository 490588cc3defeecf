/* SPDX-License-Identifier: Apache-2.0 */
/* Files of envelopes (doc/FORMAT.md, section 2), as a reader sees them. */
#ifndef HOST_PUBLIC_ENVELOPE_H
#define HOST_PUBLIC_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "owner.h"

struct enc_envelopes {
	struct box_envelope *all;
	size_t count;
	size_t room;
};

/* The UUID of the TA as an envelope has it. */
extern const uint8_t enc_ta_uuid[BOX_UUID_BYTES];

/* Whether it is for the TA of enc_mnist. */
bool enc_envelope_is_for_ta(const struct box_envelope *envelope);

/* Appends one; refuses what is none, or has not all of its `len` bytes. */
bool enc_envelopes_add(struct enc_envelopes *list,
		       const uint8_t bytes[BOX_ENVELOPE_BYTES], size_t len,
		       struct enc_error *e);

/* Appends all from here to the end of the file. */
bool enc_envelopes_read(int fd, struct enc_envelopes *list,
			struct enc_error *e);

void enc_envelopes_free(struct enc_envelopes *list);

/*
 * That for this TA and this device from this owner, of several the one with
 * the highest epoch; NULL if there is none, and *e says what does not fit.
 */
const struct box_envelope *
enc_envelopes_find(const struct enc_envelopes *list,
		   const uint8_t device[BOX_X25519_BYTES],
		   const struct enc_owner *owner, struct enc_error *e);

#endif
