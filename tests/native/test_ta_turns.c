/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions that change one device at the same time. Before each call of one
 * command to the TEE Internal Core API, another session has a turn with another
 * command. Whatever comes of it has to be what comes of one of them after the
 * other, in either order; or one of them is told to try again, and then is the
 * later one.
 *
 * Where a sanitizer makes it slow, it has a turn before some of the calls only,
 * unless SOAK is set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/models.h"
#include "tests/lib/networks.h"
#include "tests/standin/standin.h"

static size_t each = 1; /* call before which it has a turn */
static TEEC_Context context;
static TEEC_Session sessions[2];
static struct standin_storage *stored;	/* a device with the owner's key */
static struct standin_storage *newborn; /* without a device key */
static uint8_t *counted[2];		/* models of two versions */
static size_t len;
static uint8_t envelopes[3][BOX_ENVELOPE_BYTES];

/* ---- commands ---- */

static TEEC_Result do_status(TEEC_Session *s)
{
	struct enc_status status = { 0 };

	return ta_status(s, &status);
}

static TEEC_Result do_device_key(TEEC_Session *s)
{
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	return ta_device_key(s, device);
}

static TEEC_Result do_add_key(TEEC_Session *s)
{
	return ta_provision(s, envelopes[0]);
}

static TEEC_Result do_retire(TEEC_Session *s)
{
	return ta_provision(s, envelopes[1]);
}

static TEEC_Result do_list(TEEC_Session *s)
{
	return ta_provision(s, envelopes[2]);
}

static TEEC_Result do_begin(TEEC_Session *s)
{
	return ta_begin_sealed(s, counted[0], len);
}

static TEEC_Result do_run(TEEC_Session *s)
{
	uint32_t answer = 0;
	size_t size = sizeof(answer);

	return ta_call(s, ENC_MNIST_CMD_RUN, models_images,
		       ENC_MNIST_IMAGE_BYTES, &answer, &size);
}

static TEEC_Result do_commit(TEEC_Session *s)
{
	return ta_commit(s);
}

static TEEC_Result do_finalize(TEEC_Session *s)
{
	return ta_finalize(s);
}

static const struct command {
	const char *name;
	TEEC_Result (*call)(TEEC_Session *s);
	bool pushed;   /* a load is ready to end */
	bool answered; /* the model has */
} commands[] = {
	{ "status", do_status, false, false },
	{ "device key", do_device_key, false, false },
	{ "add key", do_add_key, false, false },
	{ "retire", do_retire, false, false },
	{ "list", do_list, false, false },
	{ "begin", do_begin, false, false },
	{ "run", do_run, false, false },
	{ "commit", do_commit, false, true },
	{ "finalize", do_finalize, true, false },
};

/* ---- setup ---- */

static void make_envelope(size_t i, const uint8_t *device,
			  const struct sealed_maker *maker,
			  struct box_envelope claim)
{
	memcpy(claim.device, device, sizeof(claim.device));
	sealed_envelope(maker, device, 2 + (uint32_t)i, &claim, envelopes[i]);
}

static void make_envelopes(const uint8_t *device)
{
	struct sealed_maker other = models_owner;
	struct box_envelope claim = { 0 };

	memset(other.key, 0x5a, sizeof(other.key));
	assert_true(enc_key_id(other.key, other.head.key_id));
	make_envelope(0, device, &other, sealed_claim(&other));
	claim = sealed_claim(&other);
	claim.retired = 1;
	make_envelope(1, device, &other, claim);
	claim = sealed_claim(&models_owner);
	memset(claim.key_id, 0, sizeof(claim.key_id));
	claim.models = 1;
	memcpy(claim.model[0].id, "test", 4);
	claim.model[0].security_version = 2;
	make_envelope(2, device, &models_owner, claim);
}

static int setup(void **state)
{
	struct sealed_maker maker = { 0 };
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	models_make();
	maker = models_owner;
	maker.head.life_answers = 1500;
	for (uint32_t i = 0; i < 2; i++) {
		size_t record_len = 0;
		uint8_t *record = networks_small(1 + i, &record_len);

		maker.head.security_version = 1 + i;

		counted[i] = sealed_make(&maker, record, record_len, &len);
		free(record);
	}
	standin_reset();
	newborn = standin_storage_save();
	assert_int_equal(ta_open(&context, &sessions[0]), TEEC_SUCCESS);
	models_store_keys(&sessions[0], 1);
	assert_int_equal(ta_device_key(&sessions[0], device), TEEC_SUCCESS);
	make_envelopes(device);
	TEEC_CloseSession(&sessions[0]);
	stored = standin_storage_save();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	models_free();
	free(counted[0]);
	free(counted[1]);
	free(stored);
	free(newborn);
	return 0;
}

/* ---- one pair of commands ---- */

struct pair {
	const struct command *command[2];
	bool swapped; /* session 0 has the later version */
	TEEC_Result res[2];
	uint8_t state[ENC_MNIST_STATUS_BYTES];
};

static void push(TEEC_Session *s)
{
	assert_int_equal(ta_begin_sealed(s, counted[0], len), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(s, counted[0] + BOX_HEAD_BYTES,
				     len - BOX_HEAD_BYTES),
			 TEEC_SUCCESS);
}

static void prepare(const struct pair *pair)
{
	standin_reset();
	standin_storage_restore(stored);
	for (size_t i = 0; i < 2; i++) {
		const struct command *command = pair->command[i];
		TEEC_Session *s = &sessions[i];

		assert_int_equal(ta_open(&context, s), TEEC_SUCCESS);
		assert_int_equal(
			ta_load_sealed(s, counted[i ^ pair->swapped], len),
			TEEC_SUCCESS);
		if (command->answered)
			assert_int_equal(do_run(s), TEEC_SUCCESS);
		if (command->pushed)
			push(s);
	}
}

static void do_one(struct pair *pair, size_t i)
{
	pair->res[i] = pair->command[i]->call(&sessions[i]);
}

/* What lasts; then the sessions end. */
static void finish(struct pair *pair)
{
	size_t size = sizeof(pair->state);

	assert_int_equal(
		ta_ask(&sessions[0], ENC_MNIST_CMD_STATUS, pair->state, &size),
		TEEC_SUCCESS);
	TEEC_CloseSession(&sessions[0]);
	TEEC_CloseSession(&sessions[1]);
	assert_int_equal(standin_leaks(), 0);
}

static bool same(const struct pair *a, const struct pair *b)
{
	return !memcmp(a->res, b->res, sizeof(a->res)) &&
	       !memcmp(a->state, b->state, sizeof(a->state));
}

/* One after the other: 0, 1 or 1, 0. */
static void in_order(struct pair *pair, size_t first)
{
	prepare(pair);
	do_one(pair, first);
	do_one(pair, !first);
	finish(pair);
}

static struct pair *now;
static size_t calls; /* of command 0, until command 1 has its turn */

static void take_turn(void)
{
	if (calls && !--calls)
		do_one(now, 1);
}

static void no_wait(uint32_t milliseconds)
{
	(void)milliseconds;
}

/* False: command 0 makes fewer calls than that. */
static bool interleave(struct pair *pair, size_t call)
{
	prepare(pair);
	standin_on_wait(no_wait);
	now = pair;
	calls = call;
	standin_on_call(take_turn);
	do_one(pair, 0);
	standin_on_call(NULL);
	if (calls) {
		finish(pair);
		return false;
	}
	for (size_t i = 0; i < 2; i++) {
		if (pair->res[i] == TEEC_ERROR_ACCESS_CONFLICT)
			do_one(pair, i);
	}
	finish(pair);
	return true;
}

static size_t check_pair(size_t a, size_t b, bool swapped)
{
	struct pair pair = { .command = { &commands[a], &commands[b] },
			     .swapped = swapped };
	struct pair orders[2] = { pair, pair };
	size_t call = 1;
	size_t turns = 0;

	for (size_t i = 0; i < 2; i++)
		in_order(&orders[i], i);
	for (; interleave(&pair, call); call += each, turns++) {
		if (!same(&pair, &orders[0]) && !same(&pair, &orders[1]))
			fail_msg("%s during %s, before call %zu: 0x%x, 0x%x",
				 commands[b].name, commands[a].name, call,
				 pair.res[1], pair.res[0]);
	}
	return turns;
}

static void commands_are_as_if_one_came_after_the_other(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t a = 0; a < COUNT(commands); a++) {
		for (size_t b = 0; b < COUNT(commands); b++)
			count += check_pair(a, b, false) +
				 check_pair(a, b, true);
	}
	printf("# figure: %zu turns of another session\n", count);
}

/* ---- the first device key ---- */

static uint8_t keys[2][BOX_X25519_BYTES];
static TEEC_Result results[2];

static void make_key_in_turn(void)
{
	if (calls && !--calls)
		results[1] = ta_device_key(&sessions[1], keys[1]);
}

/* Two sessions that make it at the same time get the same one. */
static void there_is_one_device_key(void **state)
{
	size_t conflicts = 0;
	size_t call = 1;

	(void)state;
	for (;; call++) {
		standin_reset();
		standin_storage_restore(newborn);
		for (size_t i = 0; i < 2; i++)
			assert_int_equal(ta_open(&context, &sessions[i]),
					 TEEC_SUCCESS);
		calls = call;
		standin_on_call(make_key_in_turn);
		results[0] = ta_device_key(&sessions[0], keys[0]);
		standin_on_call(NULL);
		for (size_t i = 0; i < 2; i++) {
			if (results[i] == TEEC_ERROR_ACCESS_CONFLICT) {
				conflicts++;
				results[i] =
					ta_device_key(&sessions[i], keys[i]);
			}
			assert_int_equal(results[i], TEEC_SUCCESS);
			TEEC_CloseSession(&sessions[i]);
		}
		if (calls)
			break;
		assert_memory_equal(keys[0], keys[1], sizeof(keys[0]));
	}
	assert_true(call > 5 && conflicts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_as_if_one_came_after_the_other),
		cmocka_unit_test(there_is_one_device_key),
	};

#ifdef MEMORY_IS_SHADOWED
	each = getenv("SOAK") ? 1 : 6;
#endif
	return cmocka_run_group_tests_name("turns", tests, setup, teardown);
}
