/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill WAY STEP TIMES: kills a client (SIGKILL) in every STEP-th push of a load
 * and in the last, TIMES times at different moments. Afterwards a new session
 * has no model, a load in it works, and it answers as before. WAY `sealed` also
 * kills clients while a model answers whose answers are counted.
 *
 * Other commands that use trusted storage are left out: killing a client while
 * OP-TEE waits for tee-supplicant can take tee-supplicant with it, and at some
 * calls OP-TEE itself. That is denial of service, which the normal world can
 * cause anyway.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testkit/sealed_client.h"
#include "tests/lib/killed.h"
#include "tests/lib/way.h"

#define RESERVE 1024u /* POLICY_RESERVE of ta/policy.h */

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

/* ---- a model whose answers are counted ---- */

static struct way_model counted;

static TEEC_Result answer(TEEC_Session *session, size_t n)
{
	uint8_t label = 0;

	(void)n;
	return ta_infer(session, models_images, 1, &label);
}

/* The first answer reserves those that the next ones take. */
static TEEC_Result load_counted(TEEC_Session *session, size_t n)
{
	TEEC_Result res = way_load(&counted, session);

	return res == TEEC_SUCCESS ? answer(session, n) : res;
}

static const struct killed answering = {
	.prepare = load_counted,
	.call = answer,
};

static void make_counted(void)
{
	struct sealed_maker maker = models_owner;

	sealed_set_id(&maker, "counted");
	maker.head.life_answers = 1u << 30;
	counted.way = &way_sealed;
	counted.bytes = sealed_make(&maker, models[0].network,
				    models[0].network_len, &counted.len);
}

static uint64_t answers_so_far(void)
{
	TEEC_Session session = { 0 };
	struct enc_status status = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	return ta_find_model(&status, "counted")->answers;
}

/* What it had reserved may be lost; what it was given counts. */
static void a_killed_client_is_given_no_answer_twice(void **state)
{
	const unsigned int kills = 2 * times;
	uint64_t least = 0;
	useconds_t time = 0;

	(void)state;
	make_counted();
	time = killed_time(&answering, 0);
	least = answers_so_far();
	assert_int_equal(least, 2);
	for (unsigned int t = 0; t < kills; t++) {
		least++;
		if (!killed_in_call(&answering, 0,
				    killed_moment(time, t, times)))
			least++;
		assert_true(answers_so_far() >= least);
		check_after();
	}
	printf("# figure: %u clients killed while a counted model answers: "
	       "%llu answers given, %llu counted\n",
	       kills, (unsigned long long)least,
	       (unsigned long long)answers_so_far());
	assert_true(answers_so_far() <= least + (uint64_t)kills * RESERVE);
	free((void *)(uintptr_t)counted.bytes);
}

int main(int argc, char **argv)
{
	struct CMUnitTest compat[] = {
		cmocka_unit_test(a_killed_client_leaves_nothing),
	};
	struct CMUnitTest sealed[] = {
		cmocka_unit_test(a_killed_client_leaves_nothing),
		cmocka_unit_test(a_killed_client_is_given_no_answer_twice),
	};

	if (argc != 4)
		return 2;
	model.way = way_named(argv[1]);
	step = strtoul(argv[2], NULL, 10);
	times = (unsigned int)strtoul(argv[3], NULL, 10);
	if (!step || !times)
		return 2;
	return model.way == &way_compat ?
		       way_run_tests(model.way, "kill", compat, setup,
				     teardown) :
		       way_run_tests(model.way, "kill", sealed, setup,
				     teardown);
}
