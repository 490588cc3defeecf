/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of scripts share: private to tests/lib/script*.c. */
#ifndef TEST_SCRIPT_STEPS_H
#define TEST_SCRIPT_STEPS_H

#include <stdbool.h>
#include <tee_client_api.h>

#include "models.h"

#define SCRIPT_NO_MODEL -1
#define SCRIPT_SOME_MODEL \
	-2 /* a changed container that was taken all the same */

struct script_client {
	TEEC_Session session;
	bool open;
	int model;    /* that answers, index of models */
	bool sealed;  /* what is on its way is a sealed model, */
	int pushing;  /* whose bytes are on their way, since BEGIN */
	size_t at;    /* how many of them are there */
	bool changed; /* and some of it was not as it should be */
};

/* The line of a step. */
void script_say(const char *what, TEEC_Result res, const uint8_t *data,
		size_t len);

/* A load is over: whatever was on its way is gone. */
void script_load_ends(struct script_client *c);

void script_count_pushed(struct script_client *c, size_t len, TEEC_Result res);

/* ---- script_sealed.c ---- */

void script_sealed_setup(void);
void script_sealed_reset(void);

/* The model whose labels those of a sealed one are. */
int script_sealed_labels(int pushing);

/* The bytes behind the head of the sealed model that is on its way. */
const uint8_t *script_sealed_stream(int pushing, size_t *len);

/* FINALIZE of a sealed model: asserts that it had to be so. */
void script_sealed_finalized(const struct script_client *c, TEEC_Result res);

/* Steps. */
void script_begin_sealed(struct script_client *c, const uint8_t *how);
void script_push_chunk(struct script_client *c, const uint8_t *how);
void script_device_key(struct script_client *c, const uint8_t *how);
void script_provision(struct script_client *c, const uint8_t *how);
void script_status(struct script_client *c, const uint8_t *how);

#endif
