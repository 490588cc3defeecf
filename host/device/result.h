/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the TEE's results: private to host/device and host/compat. */
#ifndef HOST_DEVICE_RESULT_H
#define HOST_DEVICE_RESULT_H

#include <tee_client_api.h>

#include "host/base/error.h"
#include "proto/tee_results.h"

#define ENC_TEE_HEAP_TOO_SMALL                            \
	"the heap of the TA is too small for the model: " \
	"build the TA with a higher TA_DATA_SIZE"

#define ENC_TEE_CHECK_STORAGE                                               \
	"check that tee-supplicant may write to its storage, and that the " \
	"file system there is not read-only and has room"

struct enc_tee_hint {
	TEEC_Result res;
	const char *hint;
};

/*
 * "cannot `doing`: result (number from its origin)", of the kind that the
 * result has by itself. Always returns false.
 */
bool enc_tee_fail(struct enc_error *e, const char *doing, TEEC_Result res,
		  uint32_t origin);

/*
 * Adds the hint for `res`: from the command's own `count` hints, or else a
 * general one. Always returns false.
 */
bool enc_tee_advise(struct enc_error *e, TEEC_Result res,
		    const struct enc_tee_hint *hints, size_t count);

#endif
