/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a panic of the TA in the middle of a command about sealed models leaves
 * behind: as panic.c, with the same TA. Begins with empty trusted storage, and
 * the tests are in an order.
 */
#include <stdlib.h>
#include <string.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/models.h"

#define CMD_PANIC_IN_NEXT 99 /* of tests/mutants/panic.patch */

static TEEC_Context context;
static TEEC_Session other; /* has a model all the time */
static TEEC_Session dead;
static uint8_t device[BOX_X25519_BYTES];
static uint32_t epoch;

static void check_labels(TEEC_Session *session, const struct model *model)
{
	uint8_t labels[MODELS_IMAGES] = { 0 };

	assert_int_equal(
		ta_infer(session, models_images, MODELS_IMAGES, labels),
		TEEC_SUCCESS);
	assert_memory_equal(labels, model->labels, MODELS_IMAGES);
}

static int setup(void **state)
{
	(void)state;
	models_make();
	return TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS &&
			       ta_open(&context, &other) == TEEC_SUCCESS ?
		       0 :
		       -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&other);
	TEEC_FinalizeContext(&context);
	models_free();
	return 0;
}

static int open_dead(void **state)
{
	(void)state;
	return ta_open(&context, &dead) == TEEC_SUCCESS ? 0 : -1;
}

static int close_dead(void **state)
{
	(void)state;
	TEEC_CloseSession(&dead);
	return 0;
}

/* The next command, whichever it is, does not come back. */
static void arm(void)
{
	assert_int_equal(ta_send(&dead, CMD_PANIC_IN_NEXT, NULL, 0),
			 TEEC_SUCCESS);
}

/* A session is gone. Another answers on, and in a new one all is as it was. */
static void check_after(TEEC_Result res)
{
	uint8_t label = 0;
	uint8_t key[BOX_X25519_BYTES] = { 0 };
	struct enc_status status = { 0 };
	TEEC_Session fresh = { 0 };

	assert_int_equal(res, TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_finalize(&dead), TEEC_ERROR_TARGET_DEAD);
	check_labels(&other, &models[0]);
	assert_int_equal(ta_open(&context, &fresh), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&fresh, models_images, 1, &label),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_device_key(&fresh, key), TEEC_SUCCESS);
	assert_memory_equal(key, device, sizeof(device));
	assert_int_equal(ta_status(&fresh, &status), TEEC_SUCCESS);
	assert_int_equal(status.epoch, epoch);
	assert_int_equal(
		ta_load_sealed(&fresh, models[1].sealed, models[1].sealed_len),
		TEEC_SUCCESS);
	check_labels(&fresh, &models[1]);
	TEEC_CloseSession(&fresh);
}

/* Asks for an answer, of which not a byte comes. */
static TEEC_Result ask(uint32_t command, size_t size)
{
	uint8_t out[ENC_MNIST_STATUS_BYTES] = { 0 };
	uint8_t untouched[ENC_MNIST_STATUS_BYTES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	arm();
	res = ta_ask(&dead, command, out, &size);
	assert_memory_equal(out, untouched, sizeof(out));
	return res;
}

/* Once it is stored, it is the device's key. */
static void in_the_first_device_key(void **state)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };

	(void)state;
	assert_int_equal(ask(ENC_MNIST_CMD_DEVICE_KEY, sizeof(key)),
			 TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_device_key(&other, device), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&other, key), TEEC_SUCCESS);
	assert_memory_equal(key, device, sizeof(device));

	epoch = 1;
	assert_int_equal(ta_provision_epoch(&other, &models_owner, epoch),
			 TEEC_SUCCESS);
	assert_int_equal(
		ta_load_sealed(&other, models[0].sealed, models[0].sealed_len),
		TEEC_SUCCESS);
}

static void in_device_key(void **state)
{
	(void)state;
	check_after(ask(ENC_MNIST_CMD_DEVICE_KEY, BOX_X25519_BYTES));
}

static void in_status(void **state)
{
	(void)state;
	check_after(ask(ENC_MNIST_CMD_STATUS, ENC_MNIST_STATUS_BYTES));
}

/* The key is stored, its epoch is not: the same envelope is taken again. */
static void in_provision(void **state)
{
	struct sealed_maker next = models_owner;
	uint8_t envelope[2][BOX_ENVELOPE_BYTES] = { 0 };
	struct enc_status status = { 0 };

	(void)state;
	memset(next.key, 0x5a, sizeof(next.key));
	next.head.key_id[0] ^= 1;
	sealed_envelope(&models_owner, device, epoch, NULL, envelope[0]);
	sealed_envelope(&next, device, epoch + 1, NULL, envelope[1]);
	arm();
	assert_int_equal(ta_provision(&dead, envelope[1]),
			 TEEC_ERROR_TARGET_DEAD);
	check_labels(&other, &models[0]);
	assert_int_equal(ta_status(&other, &status), TEEC_SUCCESS);
	assert_int_equal(status.epoch, epoch + 1);
	assert_memory_equal(status.key_id, next.head.key_id, BOX_KEY_ID_BYTES);
	assert_int_equal(ta_provision(&other, envelope[0]),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&other, envelope[1]), TEEC_SUCCESS);
	epoch += 2;
	assert_int_equal(ta_provision_epoch(&other, &models_owner, epoch),
			 TEEC_SUCCESS);
}

static void in_begin_sealed(void **state)
{
	(void)state;
	arm();
	check_after(
		ta_begin_sealed(&dead, models[0].sealed, models[0].sealed_len));
}

static void push_up_to(const uint8_t *sealed, size_t chunks)
{
	assert_int_equal(ta_begin_sealed(&dead, sealed, models[0].sealed_len),
			 TEEC_SUCCESS);
	for (size_t i = 0; i < chunks; i++)
		assert_int_equal(
			ta_push(&dead, sealed + sealed_chunk_at(i),
				sealed_chunk_size(models[0].sealed_len, i)),
			TEEC_SUCCESS);
}

static void in_push(void **state)
{
	(void)state;
	push_up_to(models[0].sealed, 2);
	arm();
	check_after(ta_push(&dead, models[0].sealed + sealed_chunk_at(2),
			    BOX_HEAD_CHUNK_BYTES));
}

static void in_finalize(void **state)
{
	(void)state;
	push_up_to(models[0].sealed, sealed_chunks(models[0].sealed_len));
	arm();
	check_after(ta_finalize(&dead));
}

/* The version is stored before the model answers: it only loads again. */
static void in_finalize_of_a_new_version(void **state)
{
	uint8_t *newer = models_seal(&models[0], "newer", 2);
	uint8_t *older = models_seal(&models[0], "newer", 1);
	const size_t len = models[0].sealed_len;
	struct enc_status status = { 0 };

	(void)state;
	push_up_to(newer, sealed_chunks(len));
	arm();
	check_after(ta_finalize(&dead));
	assert_int_equal(ta_status(&other, &status), TEEC_SUCCESS);
	assert_int_equal(ta_seen_version(&status, "newer"), 2);
	assert_int_equal(ta_begin_sealed(&other, older, len),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_load_sealed(&other, newer, len), TEEC_SUCCESS);
	check_labels(&other, &models[0]);
	free(newer);
	free(older);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_dead, close_dead)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(in_the_first_device_key),
		TEST(in_device_key),
		TEST(in_status),
		TEST(in_provision),
		TEST(in_begin_sealed),
		TEST(in_push),
		TEST(in_finalize),
		TEST(in_finalize_of_a_new_version),
	};

	return cmocka_run_group_tests_name("panic_sealed", tests, setup,
					   teardown);
}
