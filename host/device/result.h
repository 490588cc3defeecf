/* SPDX-License-Identifier: Apache-2.0 */
/* Words for what the TEE answers: private to host/lib/tee*.c. */
#ifndef HOST_DEVICE_RESULT_H
#define HOST_DEVICE_RESULT_H

#include <tee_client_api.h>

#include "host/base/error.h"
#include "proto/tee_results.h"

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
