/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include "owner_keys.h" /* generated from OWNER_KEY: ta/ta.mk */

const uint8_t owner_sign_key[BOX_OWNER_BYTES] = OWNER_SIGN_KEY;
const uint8_t owner_wrap_key[BOX_X25519_BYTES] = OWNER_WRAP_KEY;
