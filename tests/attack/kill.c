/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill STEP TIMES: kills a client (SIGKILL) in each STEP-th push of a load and
 * in the last, TIMES times at different moments of it. Afterwards a new session
 * has no model, a load in it works, and it answers as before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/killed.h"

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static size_t step;
static unsigned int times;
static TEEC_Context context;
static uint8_t *container;
static size_t container_len;
static size_t pushes;
static uint8_t images[FORMULA_IMAGES][ENC_MNIST_IMAGE_BYTES];
static uint8_t expected[FORMULA_IMAGES];

static int setup(void **state)
{
	TEEC_Session session = { 0 };
	uint8_t *record = formula_record(1);

	(void)state;
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS)
		return -1;
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	free(record);
	pushes = (container_len + TA_PIECE_BYTES - 1) / TA_PIECE_BYTES;
	for (size_t i = 0; i < FORMULA_IMAGES; i++)
		formula_image(i, images[i]);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, FORMULA_IMAGES, expected),
			 TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_FinalizeContext(&context);
	free(container);
	return 0;
}

/* All pushes before the n-th, and that one. */
static TEEC_Result push_up_to(TEEC_Session *session, size_t n)
{
	TEEC_Result res = ta_begin(session);

	return res == TEEC_SUCCESS ?
		       ta_push_all(session, container, n * TA_PIECE_BYTES) :
		       res;
}

static TEEC_Result push(TEEC_Session *session, size_t n)
{
	const size_t at = n * TA_PIECE_BYTES;
	const size_t left = container_len - at;

	return ta_push(session, container + at,
		       left < TA_PIECE_BYTES ? left : TA_PIECE_BYTES);
}

static const struct killed loading = {
	.prepare = push_up_to,
	.call = push,
};

static void check_after(void)
{
	TEEC_Session session = { 0 };
	uint8_t labels[FORMULA_IMAGES] = { 0 };

	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, 1, labels),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_push(&session, container, 16),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, FORMULA_IMAGES, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, expected, sizeof(labels));
	TEEC_CloseSession(&session);
}

/* The push to die in after the n-th. */
static size_t next(size_t n)
{
	if (n + 1 < pushes && n + step >= pushes)
		return pushes - 1;
	return n + step;
}

/* What a session takes is a third of what OP-TEE has: a leak would show. */
static void a_killed_client_leaves_nothing(void **state)
{
	const useconds_t time = killed_time(&loading, 0);
	unsigned int kills = 0;
	unsigned int inside = 0;

	(void)state;
	for (size_t n = 0; n < pushes; n = next(n)) {
		for (unsigned int t = 0; t < times; t++) {
			inside += killed_in_call(&loading, n,
						 killed_moment(time, t, times));
			kills++;
			check_after();
		}
	}
	printf("# figure: %u clients killed in the pushes of a load, %u before "
	       "the push had returned\n",
	       kills, inside);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_client_leaves_nothing),
	};

	if (argc != 3)
		return 2;
	step = strtoul(argv[1], NULL, 10);
	times = (unsigned int)strtoul(argv[2], NULL, 10);
	if (!step || !times)
		return 2;
	return cmocka_run_group_tests_name("kill", tests, setup, teardown);
}
