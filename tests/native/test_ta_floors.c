/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another owner's block in place of the TA's: floors, on a device that has seen
 * less, and no owner at all.
 */
#include <stdlib.h>

#include "owner_key.h"
#include "proto/owner_block.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

#define EPOCH	3 /* of the device */
#define VERSION 5 /* of the model */

/* The TA has it as a constant; the linker takes this one. */
struct owner_block owner_block = {
	.uuid = ENC_MNIST_TA_UUID_OCTETS,
	.key = OWNER_KEY,
};

static TEEC_Context context;
static TEEC_Session session;
static uint8_t *model;

static int setup(void **state)
{
	(void)state;
	models_make();
	model = models_seal(&models[0], "test", VERSION);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(model);
	models_free();
	return 0;
}

/* The device as another TA has left it, which had no floors. */
static int open_session(void **state)
{
	(void)state;
	standin_reset();
	owner_block.is_owned = 1;
	owner_block.epoch_floor = 1;
	owner_block.version_floor = 1;
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, EPOCH);
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	return standin_leaks() ? -1 : 0;
}

static TEEC_Result load(void)
{
	return ta_load_sealed(&session, model, models[0].sealed_len);
}

static TEEC_Result provision_as(uint32_t epoch)
{
	return ta_provision_epoch(&session, &models_owner, epoch);
}

/* Those that come, and the one that is stored. */
static void keys_below_the_floor_are_refused(void **state)
{
	(void)state;
	assert_int_equal(load(), TEEC_SUCCESS);
	owner_block.epoch_floor = EPOCH;
	assert_int_equal(load(), TEEC_SUCCESS);
	owner_block.epoch_floor = EPOCH + 2;
	assert_int_equal(load(), TEEC_ERROR_SECURITY);
	assert_int_equal(provision_as(EPOCH + 1), TEEC_ERROR_SECURITY);
	assert_int_equal(provision_as(EPOCH + 2), TEEC_SUCCESS);
	assert_int_equal(load(), TEEC_SUCCESS);
	owner_block.epoch_floor = UINT32_MAX;
	assert_int_equal(provision_as(UINT32_MAX - 1), TEEC_ERROR_SECURITY);
	assert_int_equal(provision_as(UINT32_MAX), TEEC_SUCCESS);
	assert_int_equal(load(), TEEC_SUCCESS);
}

static void models_below_the_floor_are_refused(void **state)
{
	(void)state;
	owner_block.version_floor = VERSION;
	assert_int_equal(load(), TEEC_SUCCESS);
	owner_block.version_floor = VERSION + 1;
	assert_int_equal(load(), TEEC_ERROR_SECURITY);
	owner_block.version_floor = UINT32_MAX;
	assert_int_equal(load(), TEEC_ERROR_SECURITY);
}

/* What has answered under another TA is not committed under this one. */
static void what_is_below_the_floor_is_not_committed(void **state)
{
	uint8_t label = 0;

	(void)state;
	assert_int_equal(load(), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, models_images, 1, &label),
			 TEEC_SUCCESS);
	owner_block.version_floor = VERSION + 1;
	assert_int_equal(ta_commit(&session), TEEC_ERROR_SECURITY);
	owner_block.version_floor = VERSION;
	owner_block.epoch_floor = EPOCH + 1;
	assert_int_equal(ta_commit(&session), TEEC_ERROR_SECURITY);
	assert_int_equal(ta_lowest_version(&session, "test"), 0);
}

static void status_tells_the_floors(void **state)
{
	struct enc_status told = { 0 };

	(void)state;
	owner_block.epoch_floor = 0x01020304;
	owner_block.version_floor = 0x05060708;
	assert_int_equal(ta_status(&session, &told), TEEC_SUCCESS);
	assert_int_equal(told.epoch_floor, owner_block.epoch_floor);
	assert_int_equal(told.version_floor, owner_block.version_floor);
}

/* The key in the block is no owner's then, and anybody may know its private
 * one. */
static void without_an_owner_no_session_opens(void **state)
{
	TEEC_Session another = { 0 };
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	uint32_t origin = 0;

	(void)state;
	owner_block.is_owned = 0;
	assert_int_equal(TEEC_OpenSession(&context, &another, &uuid,
					  TEEC_LOGIN_PUBLIC, NULL, NULL,
					  &origin),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(origin, TEEC_ORIGIN_TRUSTED_APP);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_session, close_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_below_the_floor_are_refused),
		TEST(models_below_the_floor_are_refused),
		TEST(what_is_below_the_floor_is_not_committed),
		TEST(status_tells_the_floors),
		TEST(without_an_owner_no_session_opens),
	};

	return cmocka_run_group_tests_name("floors", tests, setup, teardown);
}
