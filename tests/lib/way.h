/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways of loading a model into the TA, as data, for attacks that try
 * both:
 *
 *   compat  a container of enc_mnist-rs, under the key that STORE_KEY stored
 *   sealed  an owner's sealed model, under the key that came in an envelope
 */
#ifndef TEST_WAY_H
#define TEST_WAY_H

#include "models.h"
#include "testkit/client.h"
#include "testkit/test.h"

struct way {
	const char *name;
	uint32_t begin; /* the command that begins a load */
	size_t head;	/* bytes of the model that it takes */
	size_t piece;	/* bytes of a push, except the last */
	/* Gives the TA the key for the models in models.h. */
	TEEC_Result (*give_key)(TEEC_Session *session);
};

extern const struct way way_compat;
extern const struct way way_sealed;

/* The way of this name; any other name ends the program. */
const struct way *way_named(const char *name);

/* Runs tests, with the way's name before theirs; to be called at most once. */
#define way_run_tests(way, group, tests, setup, teardown) \
	(way_name_tests(way, tests, COUNT(tests)),        \
	 cmocka_run_group_tests_name(group, tests, setup, teardown))
void way_name_tests(const struct way *way, struct CMUnitTest *tests,
		    size_t count);

/* A model as it is loaded; the caller keeps the bytes. */
struct way_model {
	const struct way *way;
	const uint8_t *bytes;
	size_t len;
};

/* One of models.h. */
struct way_model way_model(const struct way *way, const struct model *model);

/* The number of pushes in a load. */
size_t way_pushes(const struct way_model *model);

TEEC_Result way_begin(const struct way_model *model, TEEC_Session *session);

/* Only the n-th push. */
TEEC_Result way_push(const struct way_model *model, TEEC_Session *session,
		     size_t n);

/* The beginning of a load and its first n pushes. */
TEEC_Result way_push_first(const struct way_model *model, TEEC_Session *session,
			   size_t n);

/* A whole load. */
TEEC_Result way_load(const struct way_model *model, TEEC_Session *session);

#endif
