/* SPDX-License-Identifier: Apache-2.0 */
/* A session and its calls: private to host/lib/tee*.c. */
#ifndef HOST_LIB_TEE_CALL_H
#define HOST_LIB_TEE_CALL_H

#include <tee_client_api.h>

#include "tee.h"
#include "tee_watch.h"

struct enc_tee {
	TEEC_Context context;
	TEEC_Session session;
	struct enc_tee_watch watch;
	bool sealed; /* what is being loaded */
};

/*
 * A command with an input, an output behind it, or neither (NULL); *out_size:
 * room, then what the TA has written.
 */
TEEC_Result enc_tee_call(struct enc_tee *tee, uint32_t command, const void *in,
			 size_t in_size, void *out, size_t *out_size,
			 uint32_t *origin);

#endif
