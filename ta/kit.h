/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OP-TEE's TA development kit: from 3.21 on it has version 1.3 of the TEE
 * Internal Core API, in which lengths are a size_t.
 */
#ifndef TA_KIT_H
#define TA_KIT_H

#include <tee_internal_api.h>

#ifndef TEE_ERROR_UNSUPPORTED_VERSION
#error "this TA development kit is older than OP-TEE 3.21, which the TA needs"
#endif

#endif
