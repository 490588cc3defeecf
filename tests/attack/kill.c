/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill WAY STEP TIMES: kills a client (SIGKILL) in every STEP-th push of a load
 * and in the last, TIMES times at different moments. Afterwards a new session
 * has no model, a load in it works, and it answers as before.
 *
 * Commands that use trusted storage are left out: killing a client while OP-TEE
 * waits for tee-supplicant can take tee-supplicant with it, and at some calls
 * OP-TEE itself. That is denial of service, which the normal world can cause
 * anyway.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/killed.h"
#include "tests/lib/way.h"

static struct way_model model;
static size_t step;
static unsigned int times;
static TEEC_Context context;

static int setup(void **state)
{
	TEEC_Session session = { 0 };

	(void)state;
	models_make();
	model = way_model(model.way, &models[0]);
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS ||
	    model.way->give_key(&session) != TEEC_SUCCESS)
		return -1;
	TEEC_CloseSession(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_FinalizeContext(&context);
	models_free();
	return 0;
}

/* All pushes before the n-th. */
static TEEC_Result push_first(TEEC_Session *session, size_t n)
{
	return way_push_first(&model, session, n);
}

static TEEC_Result push(TEEC_Session *session, size_t n)
{
	return way_push(&model, session, n);
}

static const struct killed loading = {
	.prepare = push_first,
	.call = push,
};

/* No model and no load: a new load works. */
static void check_after(void)
{
	TEEC_Session session = { 0 };
	uint8_t labels[MODELS_IMAGES] = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, models_images, 1, labels),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(push(&session, 0), TEEC_ERROR_BAD_STATE);
	assert_int_equal(way_load(&model, &session), TEEC_SUCCESS);
	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, labels),
		TEEC_SUCCESS);
	assert_memory_equal(labels, models[0].labels, sizeof(labels));
	TEEC_CloseSession(&session);
}

/* The next push to die in after the n-th; the last push is always one. */
static size_t next(size_t n)
{
	const size_t pushes = way_pushes(&model);

	if (n + 1 < pushes && n + step >= pushes)
		return pushes - 1;
	return n + step;
}

/* A session takes a third of OP-TEE's memory, so a leak would show. */
static void a_killed_client_leaves_nothing(void **state)
{
	const useconds_t time = killed_time(&loading, 0);
	unsigned int kills = 0;
	unsigned int inside = 0;

	(void)state;
	for (size_t n = 0; n < way_pushes(&model); n = next(n)) {
		for (unsigned int t = 0; t < times; t++) {
			inside += killed_in_call(&loading, n,
						 killed_moment(time, t, times));
			kills++;
			check_after();
		}
	}
	printf("# figure: %s: %u clients killed in the pushes of a load, %u "
	       "before the push had returned\n",
	       model.way->name, kills, inside);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_client_leaves_nothing),
	};

	if (argc != 4)
		return 2;
	model.way = way_named(argv[1]);
	step = strtoul(argv[2], NULL, 10);
	times = (unsigned int)strtoul(argv[3], NULL, 10);
	if (!step || !times)
		return 2;
	return way_run_tests(model.way, "kill", tests, setup, teardown);
}
