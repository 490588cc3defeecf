/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a TA that was built without an owner that of one: fills its block
 * (proto/owner_block.h), so that it has the bits of a build for that owner.
 */
#ifndef HOST_OWNER_TA_OWN_H
#define HOST_OWNER_TA_OWN_H

#include <stddef.h>

#include "box/envelope.h"
#include "host/base/error.h"
#include "host/public/owner.h"
#include "ta_sign.h"

struct enc_ta_owner {
	struct enc_owner owner;
	const uint8_t *uuid; /* BOX_UUID_BYTES */
	uint32_t ta_version;
	uint32_t version_floor;
	uint32_t epoch_floor;
	const struct enc_ta_key *sign_key;
};

/*
 * elf: the ELF file of the TA, which is changed. *is_shared: others have the
 * key that signs it, and the TA will say so.
 */
bool enc_ta_own(const struct enc_ta_owner *as, uint8_t *elf, size_t len,
		bool *is_shared, struct enc_error *e);

#endif
