/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the steps of scripts: private to tests/lib/script*.c. */
#ifndef TEST_SCRIPT_STEPS_H
#define TEST_SCRIPT_STEPS_H

#include <stdbool.h>
#include <tee_client_api.h>

#include "models.h"

#define SCRIPT_NO_MODEL	  -1
#define SCRIPT_SOME_MODEL -2 /* a changed container, a network of others */

/* Sealed models: those of models.h, a newer version, and small networks. */
#define SCRIPT_NETWORKS 4
#define SCRIPT_SEALED	(MODELS + 1 + SCRIPT_NETWORKS)
#define SCRIPT_NEWER	MODELS

struct script_client {
	TEEC_Session session;
	bool open;
	int model;     /* the active one, an index of models */
	int network;   /* the same, if it was sealed: an index of those */
	bool answered; /* and it has answered */
	bool sealed;   /* the load is of a sealed model */
	int pushing;   /* the model that is being sent */
	size_t at;     /* the bytes sent so far */
	bool changed;  /* some of them were wrong */
};

/* Prints the line of a step. */
void script_say(const char *what, TEEC_Result res, const uint8_t *data,
		size_t len);

/* A load is over: its data is gone. */
void script_load_ends(struct script_client *c);

void script_count_pushed(struct script_client *c, size_t len, TEEC_Result res);

/* ---- script_sealed.c ---- */

void script_sealed_setup(void);
void script_sealed_reset(void);

/* The model with the same labels as a sealed one, or SCRIPT_SOME_MODEL. */
int script_sealed_labels(int pushing);

uint32_t script_sealed_version(int pushing);

/* The bytes behind the head of the sealed model that is being loaded. */
const uint8_t *script_sealed_stream(int pushing, size_t *len);

/* FINALIZE of a sealed model, and COMMIT: assert that the result is right. */
void script_sealed_finalized(const struct script_client *c, TEEC_Result res);
void script_committed(const struct script_client *c, TEEC_Result res);

/* Steps. */
void script_begin_sealed(struct script_client *c, const uint8_t *how);
void script_push_chunk(struct script_client *c, const uint8_t *how);
void script_device_key(struct script_client *c, const uint8_t *how);
void script_provision(struct script_client *c, const uint8_t *how);
void script_status(struct script_client *c, const uint8_t *how);
void script_commit(struct script_client *c, const uint8_t *how);

/* ---- script_run.c ---- */

/* Makes small network n, and seals it as this version. */
uint8_t *script_run_seal(size_t n, uint32_t version, size_t *len);

/* To be called when models.h has its models. */
void script_run_setup(void);

/* Steps. */
void script_run_samples(struct script_client *c, const uint8_t *how);
void script_describe(struct script_client *c, const uint8_t *how);

#endif
