/* SPDX-License-Identifier: Apache-2.0 */
/* Files of envelopes (doc/FORMAT.md, section 2), as a reader sees them. */
#ifndef HOST_LIB_ENVELOPE_H
#define HOST_LIB_ENVELOPE_H

#include <stdint.h>

#include "box/envelope.h"
#include "error.h"

/* The UUID of the TA as an envelope has it. */
void enc_ta_uuid(uint8_t uuid[BOX_UUID_BYTES]);

#endif
