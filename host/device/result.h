/* SPDX-License-Identifier: Apache-2.0 */
/* Words for what the TEE answers: private to host/lib/tee*.c. */
#ifndef HOST_DEVICE_RESULT_H
#define HOST_DEVICE_RESULT_H

#include <tee_client_api.h>

#include "host/base/error.h"

/* Results of the TEE that its client's header does not have. */
#define ENC_TEE_CORRUPT_OBJECT	      0xF0100001
#define ENC_TEE_STORAGE_NOT_AVAILABLE 0xF0100003
#define ENC_TEE_UNSUPPORTED_VERSION   0xF0100005
#define ENC_TEE_OVERFLOW	      0xFFFF300F
#define ENC_TEE_STORAGE_NO_SPACE      0xFFFF3041
#define ENC_TEE_MAC_INVALID	      0xFFFF3071
#define ENC_TEE_SIGNATURE_INVALID     0xFFFF3072

#define ENC_TEE_HEAP_TOO_SMALL                            \
	"the heap of the TA is too small for the model: " \
	"raise TA_DATA_SIZE in "                          \
	"ta/user_ta_header_defines.h"

struct enc_tee_hint {
	TEEC_Result res;
	const char *hint;
};

/* "cannot `doing`: result (number from its origin)". Always false. */
bool enc_tee_fail(struct enc_error *e, const char *doing, TEEC_Result res,
		  uint32_t origin);

/*
 * Adds the hint for `res`: one of `count` of the command's own, or else what
 * can be said of it for any command. Always false.
 */
bool enc_tee_advise(struct enc_error *e, TEEC_Result res,
		    const struct enc_tee_hint *hints, size_t count);

#endif
