/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trusted storage with an object that is corrupt, cut, missing, old or of
 * another format, on the stand-in. A model is loaded under a key that counts
 * and from its security version on, or not at all.
 */
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>

#include "host/owner/crypto.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

/*
 * The names of the objects, and bytes of their data. The old key lies in slot
 * 0, the new one in slot 1, the next one in slot 0 again.
 */
#define DEVICE	    "device"
#define OLD_KEY	    "key-0"
#define KEY	    "key-1"
#define DEVICE_DATA 600
#define KEY_DATA    28

/* Numbers in them. */
#define AT_FORMAT 0
#define AT_KEYS	  12
#define AT_MODELS 208
#define AT_EPOCH  20 /* of a key */
#define AT_SLOT	  24

#define EPOCH 5 /* of the device; "test" is committed as 2 */

static TEEC_Context context;
static TEEC_Session session;
static struct standin_storage *young; /* epoch EPOCH - 1, version 1, old key */
static struct standin_storage *newborn; /* a device without a key yet */
static struct standin_storage *now;
static struct sealed_maker old_owner; /* the key that EPOCH retires */
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

static void make_envelope(const struct sealed_maker *maker,
			  const uint8_t *device, uint32_t epoch, uint8_t *to)
{
	struct box_envelope claim = sealed_claim(maker);

	claim.retired = epoch - 1;
	memcpy(claim.device, device, sizeof(claim.device));
	sealed_envelope(maker, device, epoch, &claim, to);
}

static void load_and_commit(const uint8_t *sealed)
{
	uint8_t label = 0;

	assert_int_equal(load(sealed), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, models_images, 1, &label),
			 TEEC_SUCCESS);
	assert_int_equal(ta_commit(&session), TEEC_SUCCESS);
}

static void make_device(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, models_key), TEEC_SUCCESS);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	newborn = standin_storage_save();
	make_envelope(&old_owner, device, EPOCH - 1, old_envelope);
	make_envelope(&models_owner, device, EPOCH, envelope);
	make_envelope(&models_owner, device, EPOCH + 1, next_envelope);
	assert_int_equal(ta_provision(&session, old_envelope), TEEC_SUCCESS);
	load_and_commit(old_model);
	young = standin_storage_save();
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	load_and_commit(model);
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

/* Expects a device of this epoch, or none, and so many keys. */
static void expect_status(bool found, uint32_t epoch, uint32_t keys)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	assert_int_equal(!(status.flags & ENC_MNIST_STATUS_DEVICE), !found);
	assert_int_equal(status.epoch, epoch);
	assert_int_equal(status.key_count, keys);
}

static void expect_no_model(void)
{
	assert_int_equal(load(old_model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(first), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(model), TEEC_ERROR_ITEM_NOT_FOUND);
}

/* ---- missing, corrupt, cut ---- */

/* Without the state of the device, no key counts, and no envelope opens. */
static void expect_a_new_device(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	expect_status(false, 0, 0);
	expect_no_model();
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	expect_status(true, 0, 0);
	expect_no_model();
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision(&session, next_envelope),
			 TEEC_ERROR_ITEM_NOT_FOUND);
	assert_true(standin_storage_has(KEY));
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
	assert_false(standin_storage_has(KEY));
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

/* A device that was wiped begins where the owner's envelope says. */
static void a_new_device_does_not_go_back_behind_its_list(void **state)
{
	struct box_envelope claim = sealed_claim(&models_owner);

	(void)state;
	assert_true(standin_storage_remove(DEVICE));
	claim.models = 1;
	memcpy(claim.model[0].id, "test", 4);
	claim.model[0].security_version = 2;
	assert_int_equal(ta_provision_as(&session, &models_owner, 1, &claim),
			 TEEC_SUCCESS);
	expect_status(true, 1, 1);
	assert_int_equal(load(first), TEEC_ERROR_SECURITY);
	assert_int_equal(load(model), TEEC_SUCCESS);
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

/* A key that is listed is not there. */
static void expect_no_model_of_the_key(void)
{
	assert_int_equal(load(old_model), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(load(first), TEEC_ERROR_SECURITY);
	assert_int_equal(load(model), TEEC_ERROR_ITEM_NOT_FOUND);
}

/* Its epoch still counts, and can be raised. */
static void expect_a_lost_key(void)
{
	expect_status(true, EPOCH, 1);
	expect_no_model_of_the_key();
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_ERROR_SECURITY);
	expect_no_model_of_the_key();
	assert_int_equal(ta_provision(&session, next_envelope), TEEC_SUCCESS);
	expect_status(true, EPOCH + 1, 1);
	assert_int_equal(load(first), TEEC_ERROR_SECURITY);
	assert_int_equal(load(model), TEEC_SUCCESS);
}

static void without_a_key_its_epoch_counts(void **state)
{
	(void)state;
	assert_true(standin_storage_remove(KEY));
	expect_a_lost_key();
	load_the_usual();
}

static void a_corrupt_key_is_said_and_is_none(void **state)
{
	(void)state;
	assert_true(standin_storage_corrupt(KEY));
	assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
	expect_a_lost_key();
	load_the_usual();
}

/* And it keeps nobody from the next envelope, which retires it. */
static void a_cut_key_is_none(void **state)
{
	(void)state;
	for (size_t size = 0; size < KEY_DATA; size++) {
		standin_storage_restore(now);
		assert_true(standin_storage_cut(KEY, size));
		assert_int_equal(load(model), ENC_TEE_CORRUPT_OBJECT);
		assert_int_equal(ta_provision(&session, next_envelope),
				 TEEC_SUCCESS);
		assert_false(standin_storage_has(KEY));
	}
	load_the_usual();
}

/* ---- numbers that another TA, or nobody, has stored ---- */

struct number {
	const char *id;
	size_t at;
	uint32_t value;
};

static void open_as_ta(const char *id, uint32_t access,
		       TEE_ObjectHandle *object)
{
	assert_int_equal(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, id,
						  strlen(id), access, object),
			 TEE_SUCCESS);
}

static void put_number(void *of)
{
	const struct number *number = of;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	open_as_ta(number->id, TEE_DATA_FLAG_ACCESS_WRITE, &object);
	assert_int_equal(TEE_SeekObjectData(object, (intmax_t)number->at,
					    TEE_DATA_SEEK_SET),
			 TEE_SUCCESS);
	assert_int_equal(TEE_WriteObjectData(object, &number->value,
					     sizeof(number->value)),
			 TEE_SUCCESS);
	TEE_CloseObject(object);
}

static void put(const char *id, size_t at, uint32_t value)
{
	struct number number = { id, at, value };

	assert_true(standin_run(put_number, &number, NULL, 0));
}

/* All that reads the device gives this. */
static void expect_no_device(TEEC_Result expected)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	struct enc_status status = { 0 };

	assert_int_equal(load(model), expected);
	assert_int_equal(ta_provision(&session, next_envelope), expected);
	assert_int_equal(ta_device_key(&session, device), expected);
	assert_int_equal(ta_status(&session, &status), expected);
}

/* A newer TA has stored it: nothing of it is lost. */
static void another_format_is_said_and_kept(void **state)
{
	const uint32_t formats[] = { 0, 2, 0x01000000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		put(DEVICE, AT_FORMAT, formats[i]);
		expect_no_device(ENC_TEE_UNSUPPORTED_VERSION);
		put(DEVICE, AT_FORMAT, 1);
		put(KEY, AT_FORMAT, formats[i]);
		assert_int_equal(load(model), ENC_TEE_UNSUPPORTED_VERSION);
		put(KEY, AT_FORMAT, 1);
		assert_int_equal(load(model), TEEC_SUCCESS);
	}
	load_the_usual();
}

/* Not that of the envelope that the device has accepted, or of another slot. */
static void a_key_that_says_something_else_is_none(void **state)
{
	const struct number numbers[] = {
		{ KEY, AT_EPOCH, EPOCH - 1 },
		{ KEY, AT_EPOCH, EPOCH + 1 },
		{ KEY, AT_SLOT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		standin_storage_restore(now);
		put(numbers[i].id, numbers[i].at, numbers[i].value);
		assert_int_equal(load(model), TEEC_ERROR_ITEM_NOT_FOUND);
	}
	load_the_usual();
}

/* Also one that is longer or shorter. */
static void another_format_has_another_length(void **state)
{
	(void)state;
	put(DEVICE, AT_FORMAT, 2);
	put(DEVICE, DEVICE_DATA, 0);
	put(KEY, AT_FORMAT, 2);
	expect_no_device(ENC_TEE_UNSUPPORTED_VERSION);
	assert_true(standin_storage_cut(DEVICE, sizeof(uint32_t)));
	expect_no_device(ENC_TEE_UNSUPPORTED_VERSION);
	put(DEVICE, AT_FORMAT, 1);
	expect_no_device(ENC_TEE_CORRUPT_OBJECT);
}

static void more_than_there_can_be_is_corrupt(void **state)
{
	const struct number numbers[] = {
		{ DEVICE, AT_KEYS, ENC_MNIST_KEYS_MAX + 1 },
		{ DEVICE, AT_KEYS, UINT32_MAX },
		{ DEVICE, AT_MODELS, ENC_MNIST_MODELS_MAX + 1 },
		{ DEVICE, AT_MODELS, UINT32_MAX },
		{ DEVICE, DEVICE_DATA, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		standin_storage_restore(now);
		put(numbers[i].id, numbers[i].at, numbers[i].value);
		expect_no_device(ENC_TEE_CORRUPT_OBJECT);
	}
}

static void check_usage(void *of)
{
	const char *const ids[] = { DEVICE, KEY };
	TEE_ObjectInfo info = { 0 };

	(void)of;
	for (size_t i = 0; i < COUNT(ids); i++) {
		TEE_ObjectHandle object = TEE_HANDLE_NULL;

		open_as_ta(ids[i], TEE_DATA_FLAG_ACCESS_READ, &object);
		assert_int_equal(TEE_GetObjectInfo1(object, &info),
				 TEE_SUCCESS);
		assert_int_equal(info.objectUsage, TEE_USAGE_DERIVE);
		TEE_CloseObject(object);
	}
}

/* OP-TEE does not give them to the TA. */
static void stored_keys_are_to_derive_with(void **state)
{
	(void)state;
	assert_true(standin_run(check_usage, NULL, NULL, 0));
}

/* ---- put back ---- */

/* Power was cut when the key of an envelope was stored, and no more. */
static void a_key_ahead_of_its_device_does_not_count(void **state)
{
	(void)state;
	assert_true(standin_storage_restore_one(newborn, DEVICE));
	expect_status(true, 0, 0);
	expect_no_model();
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	expect_status(true, EPOCH, 1);
	assert_int_equal(load(model), TEEC_SUCCESS);
	assert_false(standin_storage_has(KEY));
	load_the_usual();
}

/* Any envelope deletes it, also one that brings no key. */
static void a_slot_that_does_not_count_is_swept(void **state)
{
	struct box_envelope claim = sealed_claim(&models_owner);

	(void)state;
	assert_true(standin_storage_restore_one(young, OLD_KEY));
	assert_int_equal(load(old_model), TEEC_ERROR_ITEM_NOT_FOUND);
	memset(claim.key_id, 0, sizeof(claim.key_id));
	assert_int_equal(
		ta_provision_as(&session, &models_owner, EPOCH + 1, &claim),
		TEEC_SUCCESS);
	assert_false(standin_storage_has(OLD_KEY));
	assert_true(standin_storage_has(KEY));
	assert_int_equal(load(model), TEEC_SUCCESS);
	load_the_usual();
}

static void add_key(uint8_t number, uint32_t epoch, uint32_t retired)
{
	struct sealed_maker maker = models_owner;
	struct box_envelope claim = { 0 };

	memset(maker.key, number, sizeof(maker.key));
	assert_true(enc_key_id(maker.key, maker.head.key_id));
	claim = sealed_claim(&maker);
	claim.retired = retired;
	assert_int_equal(ta_provision_as(&session, &maker, epoch, &claim),
			 TEEC_SUCCESS);
}

static size_t count_keys(void)
{
	char id[] = "key-0";
	size_t count = 0;

	for (; id[4] <= '9'; id[4]++)
		count += standin_storage_has(id);
	return count;
}

/* There is one slot more than keys: each of them is used, and swept. */
static void every_slot_is_swept(void **state)
{
	const uint8_t most = ENC_MNIST_KEYS_MAX;

	(void)state;
	standin_storage_restore(newborn);
	for (uint8_t n = 1; n <= most; n++)
		add_key(n, n, 0);
	assert_int_equal(count_keys(), most);
	add_key(most + 1, most + 1, 1);
	assert_int_equal(count_keys(), most);
	assert_true(standin_storage_has("key-8"));
	add_key(1, most + 2, most + 1);
	assert_int_equal(count_keys(), 1);
	expect_status(true, most + 2, 1);
	load_the_usual();
}

/* The state that names it was put back: its object was deleted. */
static void a_retired_key_does_not_come_back_with_the_device(void **state)
{
	(void)state;
	assert_true(standin_storage_restore_one(young, DEVICE));
	expect_status(true, EPOCH - 1, 1);
	expect_no_model();
	assert_int_equal(ta_provision(&session, old_envelope),
			 TEEC_ERROR_SECURITY);
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	assert_int_equal(load(model), TEEC_SUCCESS);
	load_the_usual();
}

/* Its slot is in use again, by another key. */
static void a_retired_key_does_not_come_back_in_its_slot(void **state)
{
	(void)state;
	assert_int_equal(ta_provision(&session, next_envelope), TEEC_SUCCESS);
	assert_int_equal(load(model), TEEC_SUCCESS);
	assert_true(standin_storage_restore_one(young, OLD_KEY));
	expect_status(true, EPOCH + 1, 1);
	expect_no_model_of_the_key();
	load_the_usual();
}

/* Only RPMB would prevent this: doc/SECURITY.md. */
static void all_of_storage_goes_back(void **state)
{
	(void)state;
	standin_storage_restore(young);
	expect_status(true, EPOCH - 1, 1);
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

static void a_compat_key_of_another_format_is_said(void **state)
{
	(void)state;
	put("model-key", AT_FORMAT, 2);
	assert_int_equal(ta_begin(&session), ENC_TEE_UNSUPPORTED_VERSION);
	put("model-key", AT_FORMAT, 1);
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
		TEST(a_new_device_does_not_go_back_behind_its_list),
		TEST(a_cut_device_is_none),
		TEST(without_a_key_its_epoch_counts),
		TEST(a_corrupt_key_is_said_and_is_none),
		TEST(a_cut_key_is_none),
		TEST(another_format_is_said_and_kept),
		TEST(a_key_that_says_something_else_is_none),
		TEST(another_format_has_another_length),
		TEST(more_than_there_can_be_is_corrupt),
		TEST(stored_keys_are_to_derive_with),
		TEST(a_key_ahead_of_its_device_does_not_count),
		TEST(a_slot_that_does_not_count_is_swept),
		TEST(every_slot_is_swept),
		TEST(a_retired_key_does_not_come_back_with_the_device),
		TEST(a_retired_key_does_not_come_back_in_its_slot),
		TEST(all_of_storage_goes_back),
		TEST(a_corrupt_compat_key_can_be_replaced),
		TEST(a_compat_key_of_another_format_is_said),
		TEST(a_compat_key_of_another_length_is_none),
	};

	return cmocka_run_group_tests_name("storage", tests, setup, teardown);
}
