/* SPDX-License-Identifier: Apache-2.0 */
/* A session and its calls: private to host/device and host/compat/device. */
#ifndef HOST_DEVICE_CALL_H
#define HOST_DEVICE_CALL_H

#include <tee_client_api.h>

#include "box/head.h"
#include "result.h"
#include "session.h"
#include "watch.h"

struct enc_tee {
	TEEC_Context context;
	TEEC_Session session;
	TEEC_SharedMemory chunk;   /* of a model that is being loaded */
	TEEC_SharedMemory samples; /* and answers behind them */
	size_t answers_at;
	struct enc_network network; /* the model; see enc_tee_network() */
	bool is_mnist;		    /* of enc_mnist-rs */
	struct enc_tee_watch watch;
	uint64_t work; /* multiply-accumulates of the call */
	/* for the kind of model that is being loaded */
	const struct enc_tee_hint *load_hints;
	size_t load_hint_count;
	/* the sealed model that was begun last */
	bool is_sealed;
	bool has_head; /* one that this program can read */
	struct box_head head;
};

/*
 * Allocate and release the session's shared memory. enc_tee_share_samples() is
 * for the network of the session.
 */
TEEC_Result enc_tee_share(struct enc_tee *tee);
TEEC_Result enc_tee_share_samples(struct enc_tee *tee);
void enc_tee_unshare(struct enc_tee *tee);

/*
 * Set parameter `i` of an operation. direction: TEEC_MEM_INPUT or
 * TEEC_MEM_OUTPUT. enc_tee_refer() passes a part of memory that the session
 * shares. enc_tee_lend() shares other memory for this one call, which costs
 * more than copying an image.
 */
void enc_tee_refer(TEEC_SharedMemory *memory, TEEC_Operation *op, size_t i,
		   uint32_t direction, size_t at, size_t size);
void enc_tee_lend(TEEC_Operation *op, size_t i, uint32_t direction,
		  const void *memory, size_t size);

/* Invokes a command whose parameters have been set. */
TEEC_Result enc_tee_invoke(struct enc_tee *tee, uint32_t command,
			   TEEC_Operation *op, uint32_t *origin);

/*
 * Once a command has failed with `res`, and *e says so: finds out whether that
 * is about the sealed model, the envelope, or the device. True: the model is
 * known to be of the TA's owner.
 */
bool enc_tee_judge_model(struct enc_tee *tee, TEEC_Result res,
			 struct enc_error *e);
void enc_tee_judge_envelope(struct enc_tee *tee, TEEC_Result res,
			    const uint8_t *bytes, struct enc_error *e);

/* Invokes a command of a load. On failure *e has the hint for it. */
bool enc_tee_load_step(struct enc_tee *tee, uint32_t command,
		       TEEC_Operation *op, struct enc_error *e);

#endif
