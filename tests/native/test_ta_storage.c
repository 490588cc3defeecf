/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trusted storage with an object that is corrupt, cut, missing or old, on the
 * stand-in. A model is loaded under the current key and from its version on, or
 * not at all.
 */
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

/* The names of the objects, and bytes of their data. */
#define DEVICE	    "device"
#define SEALED_KEY  "sealed-key"
#define DEVICE_DATA 296
#define KEY_DATA    52

#define EPOCH 5 /* of the device; the version of "test" is 2 */

static TEEC_Context context;
static TEEC_Session session;
static struct standin_storage *young; /* epoch EPOCH - 1, version 1, old key */
static struct standin_storage *newborn; /* a device without a key yet */
static struct standin_storage *now;
static struct sealed_maker old_owner; /* the previous key */
static uint8_t old_envelope[BOX_ENVELOPE_BYTES];
static uint8_t envelope[BOX_ENVELOPE_BYTES];
static uint8_t next_envelope[BOX_ENVELOPE_BYTES];
static uint8_t *old_model; /* under the old key */
static uint8_t *model;	   /* under the new one, version 2 */
static uint8_t *first;	   /* under the new one, version 1 */
static size_t len;

static TEEC_Result load(const uint8_t *sealed)
{
	return ta_load_sealed(&session, sealed, len);
}

static void make_device(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, models_key), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	newborn = standin_storage_save();
	sealed_envelope(&old_owner, device, EPOCH - 1, NULL, old_envelope);
	sealed_envelope(&models_owner, device, EPOCH, NULL, envelope);
	sealed_envelope(&models_owner, device, EPOCH + 1, NULL, next_envelope);
	assert_int_equal(ta_provision(&session, old_envelope), TEEC_SUCCESS);
	assert_int_equal(load(old_model), TEEC_SUCCESS);
	young = standin_storage_save();
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	assert_int_equal(load(model), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	now = standin_storage_save();
}

static int setup(void **state)
{
	(void)state;
	models_make();
	len = models[0].sealed_len;
	old_owner = models_owner;
	memset(old_owner.key, 0x33, sizeof(old_owner.key));
	assert_true(enc_key_id(old_owner.key, old_owner.head.key_id));
	old_model = sealed_make(&old_owner, models[0].network,
				models[0].network_len, &len);
	model = models_seal(&models[1], "test", 2);
	first = models_seal(&models[1], "test", 1);
	make_device();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	models_free();
	free(old_model);
	free(model);
	free(first);
	free(newborn);
	free(young);
	free(now);
	return 0;
}

/* The model that is active when a test begins and when it ends. */
static void load_the_usual(void)
{
	assert_int_equal(
		ta_load(&session, models[0].container, models[0].container_len),
		TEEC_SUCCESS);
}

static int open_session(void **state)
{
	(void)state;
	standin_reset();
	standin_storage_restore(now);
	if (ta_open(&context, &session) != TEEC_SUCCESS)
		return -1;
	load_the_usual();
	return 0;
}

/* Whatever happened to storage, the loaded model answers. */
static int close_session(void **state)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	(void)state;
	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, answer),
		TEEC_SUCCESS);
	assert_memory_equal(answer, models[0].labels, MODELS_IMAGES);
	TEEC_CloseSession(&session);
	return standin_leaks() ? -1 : 0;
}

/* Expects these of the flags DEVICE and KEY, and this epoch. */
static void expect_status(uint32_t flags, uint32_t epoch)
{
	const uint32_t both = ENC_MNIST_STATUS_DEVICE | ENC_MNIST_STATUS_KEY;
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	assert_int_equal(status.flags & both, flags);
	assert_int_equal(status.epoch, epoch);
}

static void expect_no_model(void)
{
	assert_int_equal(load(old_model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(first), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(model), TEEC_ERROR_ITEM_NOT_FOUND);
}

/* ---- missing, corrupt, cut ---- */

/*
 * Without the epoch and the versions that must not go back, no key counts, and
 * no earlier envelope opens.
 */
static void expect_a_new_device(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	expect_status(0, 0);
	expect_no_model();
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	expect_status(ENC_MNIST_STATUS_DEVICE, 0);
	expect_no_model();
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision(&session, next_envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
	assert_int_equal(load(first), TEEC_SUCCESS);
}

static void without_its_object_a_device_is_a_new_one(void **state)
{
	(void)state;
	assert_true(standin_storage_remove(DEVICE));
	expect_a_new_device();
	load_the_usual();
}

static void a_corrupt_device_is_said_and_is_a_new_one(void **state)
{
	(void)state;
	assert_true(standin_storage_corrupt(DEVICE));
	assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
	expect_a_new_device();
	load_the_usual();
}

/* It is not read as if it were padded with zeros. */
static void a_cut_device_is_none(void **state)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	for (size_t size = 0; size < DEVICE_DATA; size += 37) {
		standin_storage_restore(now);
		assert_true(standin_storage_cut(DEVICE, size));
		assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_provision(&session, next_envelope),
				 ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_device_key(&session, device),
				 ENC_TEE_CORRUPT_OBJECT);
	}
}

/* Its epoch still counts, and can be raised. */
static void expect_an_epoch_but_no_key(void)
{
	expect_status(ENC_MNIST_STATUS_DEVICE, EPOCH);
	expect_no_model();
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
	expect_no_model();
	assert_int_equal(ta_provision(&session, next_envelope), TEEC_SUCCESS);
	assert_int_equal(load(first), TEEC_ERROR_SECURITY);
	assert_int_equal(load(model), TEEC_SUCCESS);
}

static void without_a_key_its_epoch_counts(void **state)
{
	(void)state;
	assert_true(standin_storage_remove(SEALED_KEY));
	expect_an_epoch_but_no_key();
	load_the_usual();
}

static void a_corrupt_key_is_said_and_is_none(void **state)
{
	(void)state;
	assert_true(standin_storage_corrupt(SEALED_KEY));
	assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
	expect_an_epoch_but_no_key();
	load_the_usual();
}

static void a_cut_key_is_none(void **state)
{
	(void)state;
	for (size_t size = 0; size < KEY_DATA; size++) {
		standin_storage_restore(now);
		assert_true(standin_storage_cut(SEALED_KEY, size));
		assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_provision(&session, next_envelope),
				 ENC_TEE_CORRUPT_OBJECT);
	}
}

/* ---- put back ---- */

/* Power was cut after the key of an envelope was stored: this is no loss. */
static void a_key_ahead_of_its_device_counts(void **state)
{
	(void)state;
	assert_true(standin_storage_restore_one(newborn, DEVICE));
	expect_status(ENC_MNIST_STATUS_DEVICE | ENC_MNIST_STATUS_KEY, EPOCH);
	assert_int_equal(load(old_model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	expect_status(ENC_MNIST_STATUS_DEVICE | ENC_MNIST_STATUS_KEY, EPOCH);
	load_the_usual();
}

/* From its first use on, the key's epoch counts even without the key. */
static void a_key_that_is_used_has_its_epoch_stored(void **state)
{
	(void)state;
	assert_true(standin_storage_restore_one(newborn, DEVICE));
	assert_int_equal(load(model), TEEC_SUCCESS);
	assert_true(standin_storage_remove(SEALED_KEY));
	expect_status(ENC_MNIST_STATUS_DEVICE, EPOCH);
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, next_envelope), TEEC_SUCCESS);
	load_the_usual();
}

/* Versions do not go back with the key, and no earlier envelope is accepted. */
static void a_key_of_before_does_not_take_its_device_along(void **state)
{
	(void)state;
	assert_true(standin_storage_restore_one(young, SEALED_KEY));
	expect_status(ENC_MNIST_STATUS_DEVICE | ENC_MNIST_STATUS_KEY, EPOCH);
	assert_int_equal(load(old_model), TEEC_ERROR_SECURITY);
	assert_int_equal(load(model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, next_envelope), TEEC_SUCCESS);
}

/* Only RPMB would prevent this: doc/SECURITY.md. */
static void all_of_storage_goes_back(void **state)
{
	(void)state;
	standin_storage_restore(young);
	expect_status(ENC_MNIST_STATUS_DEVICE | ENC_MNIST_STATUS_KEY,
		      EPOCH - 1);
	assert_int_equal(load(old_model), TEEC_SUCCESS);
	load_the_usual();
}

/* ---- the key of enc_mnist-rs ---- */

static void a_corrupt_compat_key_can_be_replaced(void **state)
{
	(void)state;
	assert_true(standin_storage_corrupt("model-key"));
	assert_int_equal(ta_begin(&session), ENC_TEE_CORRUPT_OBJECT);
	assert_int_equal(ta_begin(&session), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_store_key(&session, models_key), TEEC_SUCCESS);
	assert_int_equal(
		ta_load(&session, models[1].container, models[1].container_len),
		TEEC_SUCCESS);
	load_the_usual();
}

static void a_compat_key_of_another_length_is_none(void **state)
{
	uint8_t out[128] = { 0 };
	size_t size = sizeof(out);

	(void)state;
	assert_true(standin_storage_cut("model-key", ENC_MNIST_KEY_BYTES - 1));
	assert_int_equal(ta_begin(&session), ENC_TEE_CORRUPT_OBJECT);
	assert_int_equal(ta_call(&session, ENC_MNIST_CMD_ENCRYPT, models_images,
				 40, out, &size),
			 ENC_TEE_CORRUPT_OBJECT);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_session, close_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_its_object_a_device_is_a_new_one),
		TEST(a_corrupt_device_is_said_and_is_a_new_one),
		TEST(a_cut_device_is_none),
		TEST(without_a_key_its_epoch_counts),
		TEST(a_corrupt_key_is_said_and_is_none),
		TEST(a_cut_key_is_none),
		TEST(a_key_ahead_of_its_device_counts),
		TEST(a_key_that_is_used_has_its_epoch_stored),
		TEST(a_key_of_before_does_not_take_its_device_along),
		TEST(all_of_storage_goes_back),
		TEST(a_corrupt_compat_key_can_be_replaced),
		TEST(a_compat_key_of_another_length_is_none),
	};

	return cmocka_run_group_tests_name("storage", tests, setup, teardown);
}
