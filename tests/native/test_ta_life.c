/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lasts on a device, where only the stand-in can provoke it: a device in
 * use by another session, another device under a load, sessions that are
 * killed, other clients, other platforms.
 */
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

#define DEVICE	 "device"
#define PATIENCE 1000 /* milliseconds */
#define LIFE	 3000 /* answers */
#define RESERVE	 1024 /* POLICY_RESERVE of ta/policy.h */

static TEEC_Context context;
static TEEC_Session session;
static uint8_t *counted; /* models[0], LIFE answers */
static uint8_t *newer;	 /* models[1], a later version */
static size_t len;
static struct standin_storage *stored;	     /* a device with the owner's key */
static uint8_t envelope[BOX_ENVELOPE_BYTES]; /* the next one */

static int setup(void **state)
{
	struct sealed_maker maker = { 0 };
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	models_make();
	maker = models_owner;
	maker.head.life_answers = LIFE;
	counted = sealed_make(&maker, models[0].network, models[0].network_len,
			      &len);
	newer = models_seal(&models[1], "test", 2);
	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, 1);
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	sealed_envelope(&models_owner, device, 2, NULL, envelope);
	TEEC_CloseSession(&session);
	stored = standin_storage_save();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	models_free();
	free(counted);
	free(newer);
	free(stored);
	return 0;
}

static int open_session(void **state)
{
	(void)state;
	standin_reset();
	standin_storage_restore(stored);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	assert_int_equal(standin_leaks(), 0);
	return 0;
}

static TEEC_Result run(TEEC_Session *of, size_t count)
{
	uint32_t answers[MODELS_IMAGES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	for (; count && res == TEEC_SUCCESS;) {
		size_t n = count < MODELS_IMAGES ? count : MODELS_IMAGES;
		size_t size = n * sizeof(*answers);

		res = ta_call(of, ENC_MNIST_CMD_RUN, models_images,
			      n * ENC_MNIST_IMAGE_BYTES, answers, &size);
		count -= n;
	}
	return res;
}

static void expect_labels(const struct model *model)
{
	uint8_t labels[MODELS_IMAGES] = { 0 };

	assert_int_equal(
		ta_infer(&session, models_images, MODELS_IMAGES, labels),
		TEEC_SUCCESS);
	assert_memory_equal(labels, model->labels, MODELS_IMAGES);
}

/* All of a load but FINALIZE. */
static void push(const uint8_t *sealed)
{
	assert_int_equal(ta_begin_sealed(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(&session, sealed + BOX_HEAD_BYTES,
				     len - BOX_HEAD_BYTES),
			 TEEC_SUCCESS);
}

/* ---- waiting ---- */

static TEEC_Result get_status(void)
{
	struct enc_status status = { 0 };

	return ta_status(&session, &status);
}

static TEEC_Result get_key(void)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	return ta_device_key(&session, device);
}

static TEEC_Result begin(void)
{
	return ta_begin_sealed(&session, counted, len);
}

static TEEC_Result provision(void)
{
	return ta_provision(&session, envelope);
}

static TEEC_Result take_answers(void)
{
	return run(&session, 1);
}

static TEEC_Result commit(void)
{
	return ta_commit(&session);
}

static TEEC_Result finalize(void)
{
	return ta_finalize(&session);
}

/* In this order each can be done. */
static const struct {
	const char *name;
	TEEC_Result (*call)(void);
	bool writes;
} commands[] = {
	{ "STATUS", get_status, false },
	{ "DEVICE_KEY", get_key, false },
	{ "BEGIN_SEALED", begin, false },
	{ "RUN", take_answers, true },
	{ "COMMIT", commit, true },
	{ "FINALIZE", finalize, true }, /* gives answers back */
	{ "PROVISION", provision, true },
};

static size_t turns; /* of waiting, until the device is free */

static void wait_for_it(uint32_t milliseconds)
{
	assert_in_range(milliseconds, 1, 100);
	if (turns && !--turns)
		standin_storage_let_go();
}

static void hold(uint32_t how, size_t release_after)
{
	turns = release_after;
	standin_on_wait(wait_for_it);
	assert_true(
		standin_storage_hold(DEVICE, TEE_DATA_FLAG_ACCESS_READ | how));
}

static size_t waited_since(size_t before)
{
	return standin_waited() - before;
}

/* First for ever, then for a while. */
static void check_waiting(size_t i)
{
	size_t before = standin_waited();
	TEEC_Result res = TEEC_ERROR_GENERIC;

	hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
	res = commands[i].call();
	standin_storage_let_go();
	if (res != TEEC_ERROR_ACCESS_CONFLICT ||
	    waited_since(before) < PATIENCE ||
	    waited_since(before) > PATIENCE + PATIENCE / 10)
		fail_msg("%s: 0x%x after %zu ms", commands[i].name, res,
			 waited_since(before));
	before = standin_waited();
	hold(TEE_DATA_FLAG_ACCESS_WRITE, 3);
	res = commands[i].call();
	if (res != TEEC_SUCCESS || !waited_since(before) ||
	    waited_since(before) >= PATIENCE)
		fail_msg("%s: 0x%x after %zu ms, though free", commands[i].name,
			 res, waited_since(before));
}

static void load_and_push(void)
{
	assert_int_equal(ta_load_sealed(&session, counted, len), TEEC_SUCCESS);
	push(newer);
}

static void a_command_waits_a_second_for_the_device(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (commands[i].call == take_answers)
			load_and_push();
		check_waiting(i);
	}
	expect_labels(&models[1]);
}

/* Who reads does not wait for others who read. */
static void only_writers_wait_for_readers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		size_t before = standin_waited();
		TEEC_Result res = TEEC_ERROR_GENERIC;

		if (commands[i].call == take_answers)
			load_and_push();
		hold(TEE_DATA_FLAG_SHARE_READ, 2);
		res = commands[i].call();
		standin_storage_let_go();
		if (res != TEEC_SUCCESS ||
		    !waited_since(before) == commands[i].writes)
			fail_msg("%s: 0x%x after %zu ms", commands[i].name, res,
				 waited_since(before));
	}
}

/* ---- FINALIZE ---- */

static void a_load_outlasts_a_device_in_use(void **state)
{
	(void)state;
	assert_int_equal(ta_load_sealed(&session, models[0].sealed, len),
			 TEEC_SUCCESS);
	push(newer);
	hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ta_finalize(&session),
				 TEEC_ERROR_ACCESS_CONFLICT);
		expect_labels(&models[0]);
	}
	standin_storage_let_go();
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	expect_labels(&models[1]);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_STATE);
}

/* It is still checked what a load may be, and what comes too much. */
static void a_load_that_waits_is_checked(void **state)
{
	const uint8_t more = 0;
	const size_t size =
		sealed_chunk_at(sealed_chunks(len) - 1) - BOX_HEAD_BYTES;

	(void)state;
	assert_int_equal(ta_load_sealed(&session, models[0].sealed, len),
			 TEEC_SUCCESS);
	push(newer);
	hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_ACCESS_CONFLICT);
	assert_int_not_equal(ta_push(&session, &more, 1), TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_STATE);
	standin_storage_let_go();
	push(newer);
	hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_ACCESS_CONFLICT);
	standin_storage_let_go();
	assert_true(standin_storage_remove(DEVICE));
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
	assert_int_equal(ta_begin_sealed(&session, newer, len), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(&session, newer + BOX_HEAD_BYTES, size),
			 TEEC_SUCCESS);
	hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
	standin_storage_let_go();
	expect_labels(&models[0]);
}

/* That of the beginning is gone. Another one may have the model's key, or not.
 */
static void a_load_ends_on_the_device_that_is_there(void **state)
{
	(void)state;
	assert_int_equal(ta_load_sealed(&session, models[0].sealed, len),
			 TEEC_SUCCESS);
	push(newer);
	assert_true(standin_storage_remove(DEVICE));
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_ITEM_NOT_FOUND);
	expect_labels(&models[0]);
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
	push(newer);
	assert_true(standin_storage_remove(DEVICE));
	assert_int_equal(ta_provision_epoch(&session, &models_owner, 1),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	expect_labels(&models[1]);
}

/* ---- answers ---- */

static uint64_t count_of(TEEC_Session *of)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(of, &status), TEEC_SUCCESS);
	return ta_find_model(&status, "test")->answers;
}

static void kill_session(TEEC_Session *of)
{
	struct enc_status status = { 0 };

	standin_fault(1, SIZE_MAX);
	assert_int_equal(ta_status(of, &status), TEEC_ERROR_TARGET_DEAD);
	standin_fault(0, 0);
	TEEC_CloseSession(of);
}

/* Sessions of a few answers each end in either way. Returns those given. */
static size_t give_all(bool (*is_killed)(size_t i), size_t *killed)
{
	size_t given = 0;
	TEEC_Result res = TEEC_SUCCESS;

	*killed = 0;
	for (size_t i = 0; res == TEEC_SUCCESS && i < 1000; i++) {
		TEEC_Session one = { 0 };
		size_t n = 0;

		assert_int_equal(ta_open(&context, &one), TEEC_SUCCESS);
		assert_int_equal(ta_load_sealed(&one, counted, len),
				 TEEC_SUCCESS);
		for (; n < 70 && res == TEEC_SUCCESS; n += res == TEEC_SUCCESS)
			res = run(&one, 1);
		given += n;
		assert_true(count_of(&session) >= given);
		if (n && is_killed(i)) {
			kill_session(&one);
			++*killed;
		} else {
			TEEC_CloseSession(&one);
		}
	}
	assert_int_equal(res, TEEC_ERROR_ACCESS_DENIED);
	return given;
}

static bool never(size_t i)
{
	(void)i;
	return false;
}

static bool always(size_t i)
{
	(void)i;
	return true;
}

static bool seldom(size_t i)
{
	return i % 20 == 3;
}

static void a_killed_session_costs_answers_and_gives_none(void **state)
{
	bool (*const ways[])(size_t) = { never, always, seldom };

	(void)state;
	for (size_t i = 0; i < COUNT(ways); i++) {
		size_t killed = 0;
		size_t given = 0;

		standin_storage_restore(stored);
		given = give_all(ways[i], &killed);
		if (given > LIFE || given + killed * RESERVE < LIFE ||
		    (!killed && given != LIFE) ||
		    killed != (ways[i] != never) * killed)
			fail_msg("way %zu: %zu given, %zu killed", i, given,
				 killed);
	}
}

/* Where the device is in use, or gone, at the end of a session. */
static void what_cannot_be_given_back_is_lost(void **state)
{
	TEEC_Session one = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		standin_storage_restore(stored);
		assert_int_equal(ta_open(&context, &one), TEEC_SUCCESS);
		assert_int_equal(ta_load_sealed(&one, counted, len),
				 TEEC_SUCCESS);
		assert_int_equal(run(&one, 5), TEEC_SUCCESS);
		if (i)
			assert_true(standin_storage_remove(DEVICE));
		else
			hold(TEE_DATA_FLAG_ACCESS_WRITE, 0);
		TEEC_CloseSession(&one);
		standin_storage_let_go();
		assert_int_equal(count_of(&session), i ? 0 : RESERVE);
	}
}

static struct box_envelope list(const char *id)
{
	struct box_envelope claim = sealed_claim(&models_owner);

	claim.models = 1;
	memcpy(claim.model[0].id, id, strlen(id));
	claim.model[0].security_version = 1;
	return claim;
}

static void provision_as(uint32_t epoch, const struct box_envelope *claim)
{
	assert_int_equal(ta_provision_as(&session, &models_owner, epoch, claim),
			 TEEC_SUCCESS);
}

/* A list forgets the count that began with `first`; another begins. */
static void check_counts(const struct box_envelope *first,
			 const struct box_envelope *again)
{
	const struct box_envelope another = list("other");
	TEEC_Session two[2] = { 0 };

	standin_storage_restore(stored);
	provision_as(2, first);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ta_open(&context, &two[i]), TEEC_SUCCESS);
		assert_int_equal(ta_load_sealed(&two[i], counted, len),
				 TEEC_SUCCESS);
	}
	assert_int_equal(run(&two[0], 1), TEEC_SUCCESS);
	provision_as(3, &another);
	provision_as(4, again);
	assert_int_equal(run(&two[1], 1), TEEC_SUCCESS);
	assert_int_equal(count_of(&session), RESERVE);
	TEEC_CloseSession(&two[0]);
	assert_int_equal(count_of(&session), RESERVE);
	TEEC_CloseSession(&two[1]);
	assert_int_equal(count_of(&session), 1);
}

static void what_was_counted_before_is_not_given_back(void **state)
{
	const struct box_envelope listed = list("test");
	const struct box_envelope any = sealed_claim(&models_owner);

	(void)state;
	check_counts(&listed, &listed);
	check_counts(&listed, &any);
	check_counts(&any, &listed);
	check_counts(&any, &any);
}

/* What is left of the count before is not part of the next one. */
static void a_session_goes_on_with_the_new_count(void **state)
{
	const struct box_envelope another = list("other");
	const struct box_envelope listed = list("test");
	TEEC_Session one = { 0 };

	(void)state;
	assert_int_equal(ta_open(&context, &one), TEEC_SUCCESS);
	assert_int_equal(ta_load_sealed(&one, counted, len), TEEC_SUCCESS);
	assert_int_equal(run(&one, RESERVE - 4), TEEC_SUCCESS);
	provision_as(2, &another);
	provision_as(3, &listed);
	assert_int_equal(run(&one, MODELS_IMAGES), TEEC_SUCCESS);
	TEEC_CloseSession(&one);
	assert_int_equal(count_of(&session), MODELS_IMAGES);
}

/* ---- clients ---- */

static const TEEC_UUID client = {
	0x01020304, 0x0506, 0x0708, { 9, 10, 11, 12, 13, 14, 15, 16 }
};

static TEEC_Result load_as(const uint8_t *sealed, uint32_t login,
			   const TEEC_UUID *uuid)
{
	TEEC_Session one = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	standin_client(login, uuid);
	assert_int_equal(ta_open(&context, &one), TEEC_SUCCESS);
	res = ta_load_sealed(&one, sealed, len);
	TEEC_CloseSession(&one);
	return res;
}

static void a_model_is_for_the_login_that_it_names(void **state)
{
	const uint32_t logins[] = { TEE_LOGIN_USER, TEE_LOGIN_GROUP,
				    TEE_LOGIN_APPLICATION, TEE_LOGIN_PUBLIC };
	struct sealed_maker maker = models_owner;
	size_t size = 0;

	(void)state;
	for (uint8_t i = 0; i < BOX_CLIENT_BYTES; i++)
		maker.head.client[i] = i + 1;
	for (size_t i = 0; i < 3; i++) {
		uint8_t *sealed = NULL;

		maker.head.login = logins[i];
		sealed = sealed_make(&maker, models[0].network,
				     models[0].network_len, &size);
		for (size_t k = 0; k < COUNT(logins); k++)
			assert_int_equal(load_as(sealed, logins[k], &client),
					 i == k ? TEEC_SUCCESS :
						  TEEC_ERROR_ACCESS_DENIED);
		for (size_t k = 0; k < sizeof(client); k++) {
			TEEC_UUID other = client;

			((uint8_t *)&other)[k] ^= 1;
			assert_int_equal(load_as(sealed, logins[i], &other),
					 TEEC_ERROR_ACCESS_DENIED);
		}
		assert_int_equal(load_as(models[0].sealed, logins[i], &client),
				 TEEC_SUCCESS);
		free(sealed);
	}
}

/* ---- what STATUS says of the platform ---- */

static uint32_t flags_now(void)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	return status.flags;
}

static void status_tells_whether_the_hardware_key_is_zero(void **state)
{
	const uint32_t both =
		ENC_MNIST_STATUS_HUK_ZERO | ENC_MNIST_STATUS_HUK_OTHER;
	uint8_t key[STANDIN_HARDWARE_KEY_BYTES] = { 0 };

	(void)state;
	assert_int_equal(flags_now() & both, ENC_MNIST_STATUS_HUK_ZERO);
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] = 1;
		standin_hardware_key(key);
		assert_int_equal(flags_now() & both,
				 ENC_MNIST_STATUS_HUK_OTHER);
		key[i] = 0;
	}
	standin_hardware_key(key);
	assert_int_equal(flags_now() & both, ENC_MNIST_STATUS_HUK_ZERO);
	standin_hardware_key(NULL); /* OP-TEE does not tell */
	assert_int_equal(flags_now() & both, 0);
	/* also where there is no device yet */
	assert_true(standin_storage_remove(DEVICE));
	assert_int_equal(flags_now() & both, 0);
	standin_hardware_key(key);
	assert_int_equal(flags_now() & both, ENC_MNIST_STATUS_HUK_ZERO);
}

static void status_tells_where_the_device_lies(void **state)
{
	const uint32_t all = ENC_MNIST_STATUS_HAS_RPMB |
			     ENC_MNIST_STATUS_IN_RPMB |
			     ENC_MNIST_STATUS_IN_FILES;
	const struct {
		enum standin_storage_place place;
		uint32_t flags;
	} cases[] = {
		{ STANDIN_FILES, ENC_MNIST_STATUS_IN_FILES },
		{ STANDIN_FILES_BESIDE_RPMB,
		  ENC_MNIST_STATUS_HAS_RPMB | ENC_MNIST_STATUS_IN_FILES },
		{ STANDIN_RPMB,
		  ENC_MNIST_STATUS_HAS_RPMB | ENC_MNIST_STATUS_IN_RPMB },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		standin_storage_place(cases[i].place);
		assert_int_equal(flags_now() & all, cases[i].flags);
	}
	/* of a device that is not there, it says nothing */
	assert_true(standin_storage_remove(DEVICE));
	assert_int_equal(flags_now() & all, 0);
}

static size_t calls; /* until another session holds the device */

static void hold_in_time(void)
{
	if (calls > 1)
		calls--;
	else if (calls &&
		 standin_storage_hold(DEVICE, TEE_DATA_FLAG_ACCESS_WRITE))
		calls = 0;
}

/* Whoever changes it meanwhile, it does not lie somewhere else. */
static void a_device_in_use_lies_where_it_lies(void **state)
{
	size_t call = 0;

	(void)state;
	standin_on_wait(wait_for_it);
	for (calls = 0; !calls;) {
		uint32_t flags = 0;

		calls = ++call;
		turns = 1;
		standin_on_call(hold_in_time);
		flags = flags_now();
		standin_on_call(NULL);
		standin_storage_let_go();
		if (!(flags & ENC_MNIST_STATUS_IN_FILES))
			fail_msg("in use from call %zu on: 0x%x", call, flags);
	}
	assert_true(call > 10);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_session, close_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_waits_a_second_for_the_device),
		TEST(only_writers_wait_for_readers),
		TEST(a_load_outlasts_a_device_in_use),
		TEST(a_load_that_waits_is_checked),
		TEST(a_load_ends_on_the_device_that_is_there),
		TEST(a_killed_session_costs_answers_and_gives_none),
		TEST(what_cannot_be_given_back_is_lost),
		TEST(what_was_counted_before_is_not_given_back),
		TEST(a_session_goes_on_with_the_new_count),
		TEST(a_model_is_for_the_login_that_it_names),
		TEST(status_tells_whether_the_hardware_key_is_zero),
		TEST(status_tells_where_the_device_lies),
		TEST(a_device_in_use_lies_where_it_lies),
	};

	return cmocka_run_group_tests_name("life on the stand-in", tests, setup,
					   teardown);
}
