/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill_sealed STEP TIMES: as kill.c, with a sealed model.
 *
 * The commands that go to trusted storage are not for here: a client that is
 * killed while OP-TEE waits for tee-supplicant can take that with it, and at
 * some calls OP-TEE itself. That is denial of service, which the normal world
 * has anyway.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/killed.h"
#include "tests/lib/models.h"

static size_t step;
static unsigned int times;
static TEEC_Context context;
static const uint8_t *sealed;
static size_t len;
static size_t chunks;

static int setup(void **state)
{
	TEEC_Session session = { 0 };

	(void)state;
	models_make();
	sealed = models[0].sealed;
	len = models[0].sealed_len;
	chunks = sealed_chunks(len);
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS)
		return -1;
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
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

static TEEC_Result push(TEEC_Session *session, size_t n)
{
	return ta_push(session, sealed + sealed_chunk_at(n),
		       sealed_chunk_size(len, n));
}

/* All pushes before the n-th. */
static TEEC_Result push_up_to(TEEC_Session *session, size_t n)
{
	TEEC_Result res = ta_begin_sealed(session, sealed, len);

	for (size_t i = 0; i < n && res == TEEC_SUCCESS; i++)
		res = push(session, i);
	return res;
}

static const struct killed loading = {
	.prepare = push_up_to,
	.call = push,
};

/* No model, and no load: a new one works. */
static void check_after(void)
{
	TEEC_Session session = { 0 };
	uint8_t labels[MODELS_IMAGES] = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, models_images, 1, labels),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(push(&session, 0), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, labels),
		TEEC_SUCCESS);
	assert_memory_equal(labels, models[0].labels, sizeof(labels));
	TEEC_CloseSession(&session);
}

/* The push to die in after the n-th; the last is always one. */
static size_t next(size_t n)
{
	if (n + 1 < chunks && n + step >= chunks)
		return chunks - 1;
	return n + step;
}

static void a_client_killed_in_a_load_leaves_nothing(void **state)
{
	const useconds_t time = killed_time(&loading, 0);
	unsigned int kills = 0;
	unsigned int inside = 0;

	(void)state;
	for (size_t n = 0; n < chunks; n = next(n)) {
		for (unsigned int t = 0; t < times; t++) {
			inside += killed_in_call(&loading, n,
						 killed_moment(time, t, times));
			kills++;
			check_after();
		}
	}
	printf("# figure: %u clients killed in the pushes of a sealed load, "
	       "%u before the push had returned\n",
	       kills, inside);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_killed_in_a_load_leaves_nothing),
	};

	if (argc != 3)
		return 2;
	step = strtoul(argv[1], NULL, 10);
	times = (unsigned int)strtoul(argv[2], NULL, 10);
	if (!step || !times)
		return 2;
	return cmocka_run_group_tests_name("kill_sealed", tests, setup,
					   teardown);
}
