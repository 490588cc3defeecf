/* SPDX-License-Identifier: Apache-2.0 */
/* Reads files of envelopes: doc/FORMAT.md, section 2. */
#ifndef HOST_PUBLIC_ENVELOPE_H
#define HOST_PUBLIC_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "status.h"

struct enc_envelopes {
	struct box_envelope *all;
	size_t count;
	size_t room;
};

/* The UUID of the TA that this build is for, as written in an envelope. */
extern const uint8_t enc_ta_uuid[BOX_UUID_BYTES];

/* Whether the owner that an envelope names has signed it. */
bool enc_envelope_is_signed(const struct box_envelope *envelope);

/* Appends an envelope. Fails if the `len` bytes are not exactly one. */
bool enc_envelopes_add(struct enc_envelopes *list,
		       const uint8_t bytes[BOX_ENVELOPE_BYTES], size_t len,
		       struct enc_error *e);

/* Appends all envelopes from the file's position to its end. */
bool enc_envelopes_read(int fd, struct enc_envelopes *list,
			struct enc_error *e);

void enc_envelopes_free(struct enc_envelopes *list);

/*
 * Finds the envelope for a device's key, TA and owner, with the owner's
 * signature; if there are several, the one with the highest epoch. NULL if
 * there is none: *e says what differs.
 */
const struct box_envelope *enc_envelopes_find(const struct enc_envelopes *list,
					      const struct enc_status *device,
					      struct enc_error *e);

#endif
