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

/* Wipes and frees parameters; NULL is fine. */
void session_free_params(float *params);

#endif
