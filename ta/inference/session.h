/* SPDX-License-Identifier: Apache-2.0 */
/* What one session of the TA owns. */
#ifndef SESSION_H
#define SESSION_H

#include <tee_internal_api.h>

#include "box/cbc.h"
#include "nn/record.h"

/* A model on its way in; idle while `params` is NULL. */
struct load {
	float *params; /* as far as they have come */
	TEE_OperationHandle cipher;
	struct box_cbc box;
	struct nn_record record;
};

struct session {
	float *params; /* of the model that answers; NULL: none yet */
	struct load load;
	void *work; /* for one command at a time; wiped when it returns */
	size_t work_size;
};

typedef enum box_error (*box_push)(struct box_cbc *box, uint8_t *data,
				   size_t len);

/*
 * Copies `size` bytes of shared memory, once, to session.work, piece by piece,
 * and pushes them from there; wipes what that has left.
 */
enum box_error session_push(struct session *s, struct box_cbc *box,
			    box_push push, const void *in, size_t size);

/* Wipes and frees parameters; NULL is fine. */
void session_free_params(float *params);

#endif
