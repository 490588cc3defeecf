/* SPDX-License-Identifier: Apache-2.0 */
/* A session and its calls: private to host/lib/tee*.c. */
#ifndef HOST_DEVICE_CALL_H
#define HOST_DEVICE_CALL_H

#include <tee_client_api.h>

#include "result.h"
#include "session.h"
#include "watch.h"

struct enc_tee {
	TEEC_Context context;
	TEEC_Session session;
	TEEC_SharedMemory shared; /* its parts: tee_shared.c */
	struct enc_tee_watch watch;
	/* of the kind of model that is being loaded */
	const struct enc_tee_hint *load_hints;
	size_t load_hint_count;
};

/* The session's shared memory, from open to close. */
TEEC_Result enc_tee_share(struct enc_tee *tee);
void enc_tee_unshare(struct enc_tee *tee);

/* Room for the labels of ENC_MNIST_BATCH_MAX images. */
uint8_t *enc_tee_labels(struct enc_tee *tee);

/*
 * Makes *param refer to memory, shared or not, for TEEC_MEM_INPUT or
 * TEEC_MEM_OUTPUT. Returns its type. The size of an output, after the call:
 * enc_tee_referred().
 */
uint32_t enc_tee_refer(const struct enc_tee *tee, uint32_t direction,
		       void *memory, size_t size, TEEC_Parameter *param);
size_t enc_tee_referred(uint32_t type, const TEEC_Parameter *param);

/*
 * A command with an input, an output behind it, or neither (NULL); *out_size:
 * room, then what the TA has written.
 */
TEEC_Result enc_tee_call(struct enc_tee *tee, uint32_t command, const void *in,
			 size_t in_size, void *out, size_t *out_size,
			 uint32_t *origin);

/* A command of a load, with words for what may be wrong. */
bool enc_tee_load_step(struct enc_tee *tee, uint32_t command, const void *in,
		       size_t in_size, struct enc_error *e);

#endif
