/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include "owner_key.h" /* generated from OWNER_KEY: ta/ta.mk */

const uint8_t owner_key[BOX_OWNER_BYTES] = OWNER_KEY;
