/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "networks.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"

#define KEYS	 3
#define MODEL_ID "kept"

/*
 * Key n goes with epoch n, and its id differs from those of its neighbours.
 * Each envelope retires all keys but the one before its own.
 */
static struct sealed_maker makers[KEYS];
static uint8_t *models[KEYS]; /* of security version 1 */
static size_t model_len;
static uint8_t *record;
static size_t record_len;

/* A device and the version it has committed; and its successor, if lost. */
static struct known_device {
	uint8_t key[BOX_X25519_BYTES];
	uint32_t version;
} first_device, next_device;

/* For kept_commit and kept_answers, where no envelope comes. */
static uint32_t epoch;

static struct sealed_maker *maker_of(uint32_t n)
{
	return &makers[n % KEYS];
}

/* A small network: a load takes the board little time. */
static void make_models(void)
{
	if (record)
		return;
	record = networks_tiny(&record_len);
	for (uint32_t i = 0; i < KEYS; i++) {
		sealed_owner(&makers[i]);
		sealed_set_id(&makers[i], MODEL_ID);
		makers[i].head.policy = BOX_RAW;
		models[i] =
			sealed_make(&makers[i], record, record_len, &model_len);
	}
}

/* n samples of the network of a session. */
static TEEC_Result run(TEEC_Session *session, size_t n)
{
	uint8_t *samples = calloc(n, 3);
	uint8_t *answers = calloc(n, sizeof(float));
	size_t size = n * sizeof(float);
	TEEC_Result res = TEEC_ERROR_OUT_OF_MEMORY;

	if (samples && answers)
		res = ta_call(session, ENC_MNIST_CMD_RUN, samples, 3 * n,
			      answers, &size);
	free(samples);
	free(answers);
	return res;
}

static TEEC_Result provision_for(TEEC_Session *session,
				 const struct known_device *device, uint32_t n)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope claim = sealed_claim(maker_of(n));

	memcpy(claim.device, device->key, sizeof(claim.device));
	claim.retired = n > 2 ? n - 2 : 0;
	sealed_envelope(maker_of(n), device->key, n, &claim, bytes);
	return ta_provision(session, bytes);
}

/* Data of the previous device, above all a model key, is not the new one's. */
static TEEC_Result meet_next_device(TEEC_Session *session)
{
	struct enc_status status = { 0 };
	uint8_t before[BOX_X25519_BYTES] = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	memcpy(before, next_device.key, sizeof(before));
	res = ta_device_key(session, next_device.key);
	if (res == TEEC_SUCCESS)
		res = ta_status(session, &status);
	if (res != TEEC_SUCCESS ||
	    !memcmp(before, next_device.key, sizeof(before)))
		return res;
	assert_int_equal(status.key_count, 0);
	assert_int_equal(status.epoch, 0);
	assert_int_equal(status.model_count, 0);
	return TEEC_SUCCESS;
}

/* A lost device becomes another one when it is asked for its key. */
static TEEC_Result provision(TEEC_Session *session, uint32_t n)
{
	TEEC_Result res = provision_for(session, &first_device, n);

	if (res != TEEC_ERROR_ITEM_NOT_FOUND)
		return res;
	res = meet_next_device(session);
	return res == TEEC_SUCCESS ? provision_for(session, &next_device, n) :
				     res;
}

/* Loads a model and lets it answer. */
static TEEC_Result load(TEEC_Session *session, const uint8_t *model, size_t len)
{
	TEEC_Result res = ta_load_sealed(session, model, len);

	return res == TEEC_SUCCESS ? run(session, 1) : res;
}

/* From here on, the device has two keys. */
static TEEC_Result begin_envelope(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	make_models();
	res = ta_device_key(session, first_device.key);
	if (res == TEEC_SUCCESS)
		res = ta_status(session, &status);
	*n = status.epoch + 2;
	if (res == TEEC_SUCCESS)
		res = provision(session, *n - 1);
	if (res == TEEC_SUCCESS)
		res = provision(session, *n);
	if (res != TEEC_SUCCESS || first_device.version)
		return res;
	first_device.version = 1;
	res = load(session, models[*n % KEYS], model_len);
	return res == TEEC_SUCCESS ? ta_commit(session) : res;
}

/* Whether the head and chunk 0 of a model under key n are accepted. */
static TEEC_Result takes(TEEC_Session *session, uint32_t n)
{
	const uint8_t *model = models[n % KEYS];
	TEEC_Result res = ta_begin_sealed(session, model, model_len);

	if (res == TEEC_SUCCESS)
		res = ta_push(session, model + sealed_chunk_at(0),
			      sealed_chunk_size(model_len, 0));
	return res;
}

static void check_device(const struct enc_status *status)
{
	const struct known_device *device = &next_device;

	if (!memcmp(status->device, first_device.key, BOX_X25519_BYTES))
		device = &first_device;
	assert_memory_equal(status->device, device->key, BOX_X25519_BYTES);
	assert_int_equal(ta_find_model(status, MODEL_ID)->security_version,
			 device->version);
	assert_int_equal(status->model_count, device->version != 0);
}

/* The last envelope's key, and maybe the one before; in any order. */
static void check_keys(const struct enc_status *status)
{
	bool has_last = false;

	assert_in_range(status->key_count, 1, 2);
	for (uint32_t i = 0; i < status->key_count; i++) {
		const struct enc_status_key *key = &status->keys[i];

		assert_in_range(key->epoch, status->epoch - 1, status->epoch);
		assert_memory_equal(key->id, maker_of(key->epoch)->head.key_id,
				    BOX_KEY_ID_BYTES);
		has_last |= key->epoch == status->epoch;
	}
	assert_true(has_last);
}

/*
 * The state that the device reports; no part of it may be from another time.
 * ITEM_NOT_FOUND if there is no key.
 */
static TEEC_Result look(TEEC_Session *session, struct enc_status *status)
{
	TEEC_Result res = ta_status(session, status);

	if (res != TEEC_SUCCESS)
		return res;
	if (!(status->flags & ENC_MNIST_STATUS_DEVICE)) {
		assert_int_equal(status->key_count, 0);
		assert_int_equal(status->epoch, 0);
		assert_int_equal(status->model_count, 0);
	}
	if (!status->key_count)
		return TEEC_ERROR_ITEM_NOT_FOUND;
	check_keys(status);
	return TEEC_SUCCESS;
}

/* Whether the device still has all the keys that it reports. */
static TEEC_Result takes_all(TEEC_Session *session,
			     const struct enc_status *status)
{
	TEEC_Result res = TEEC_SUCCESS;

	for (uint32_t i = 0; i < status->key_count && res == TEEC_SUCCESS; i++)
		res = takes(session, status->keys[i].epoch);
	return res;
}

static bool has_key(const struct enc_status *status, uint32_t n)
{
	bool has = false;

	for (uint32_t i = 0; i < status->key_count; i++)
		has |= status->keys[i].epoch % KEYS == n % KEYS;
	return has;
}

/* Models under the keys of the device are accepted, no others. */
static TEEC_Result which_envelope(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*n = status.epoch;
	if (status.flags & ENC_MNIST_STATUS_DEVICE)
		check_device(&status);
	if (res == TEEC_SUCCESS)
		res = takes_all(session, &status);
	for (uint32_t i = 0; i < KEYS && res == TEEC_SUCCESS; i++) {
		if (!has_key(&status, i))
			assert_int_equal(takes(session, i),
					 TEEC_ERROR_ITEM_NOT_FOUND);
	}
	return res;
}

const struct kept kept_envelope = {
	.name = "envelope",
	.begin = begin_envelope,
	.command = provision,
	.which = which_envelope,
};

/* Loads version n, without a limit of answers or with one, and lets it answer.
 */
static TEEC_Result load_as(TEEC_Session *session, const char *id,
			   uint32_t version, uint64_t life_answers)
{
	struct sealed_maker maker = *maker_of(epoch);
	size_t len = 0;
	uint8_t *model = NULL;
	TEEC_Result res = TEEC_SUCCESS;

	sealed_set_id(&maker, id);
	maker.head.security_version = version;
	maker.head.life_answers = life_answers;
	model = sealed_make(&maker, record, record_len, &len);
	res = ta_load_sealed(session, model, len);
	free(model);
	return res;
}

static TEEC_Result prepare_commit(TEEC_Session *session, uint32_t n)
{
	TEEC_Result res = load_as(session, MODEL_ID, n, 0);

	return res == TEEC_SUCCESS ? run(session, 1) : res;
}

static TEEC_Result commit(TEEC_Session *session, uint32_t n)
{
	(void)n;
	return ta_commit(session);
}

static TEEC_Result begin_commit(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = begin_envelope(session, &epoch);

	if (res == TEEC_SUCCESS)
		res = ta_status(session, &status);
	*n = ta_find_model(&status, MODEL_ID)->security_version;
	return res;
}

/* The head of a version: it alone decides whether the version is too old. */
static TEEC_Result begins(TEEC_Session *session, uint32_t version)
{
	struct box_head head = { 0 };
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };

	sealed_describe(maker_of(epoch), record, record_len, &head);
	head.security_version = version;
	box_head_write(&head, bytes);
	sealed_sign(maker_of(epoch), bytes);
	return ta_begin_sealed(session, bytes, sizeof(bytes));
}

static TEEC_Result which_commit(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*n = ta_find_model(&status, MODEL_ID)->security_version;
	if (res != TEEC_SUCCESS)
		return res;
	assert_int_equal(status.epoch, epoch);
	res = begins(session, *n);
	if (res == TEEC_SUCCESS && *n > 1)
		assert_int_equal(begins(session, *n - 1), TEEC_ERROR_SECURITY);
	return res;
}

const struct kept kept_commit = {
	.name = "commit",
	.begin = begin_commit,
	.prepare = prepare_commit,
	.command = commit,
	.which = which_commit,
	.undone_by_index = true,
};

/* --- answers that are counted --- */

#define COUNTED_ID "counted"

/*
 * A state's answers: a RUN of so many reserves no more than it gives
 * (ta/policy.h), so that nothing is given back later.
 */
#define STATE_ANSWERS 1024u
#define LIFE_ANSWERS  (1u << 30)

static uint64_t given; /* before the command */

static TEEC_Result counted(TEEC_Session *session, uint64_t *answers)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*answers = ta_find_model(&status, COUNTED_ID)->answers;
	return res;
}

static TEEC_Result prepare_answers(TEEC_Session *session, uint32_t n)
{
	TEEC_Result res = counted(session, &given);

	(void)n;
	return res == TEEC_SUCCESS ?
		       load_as(session, COUNTED_ID, 1, LIFE_ANSWERS) :
		       res;
}

static TEEC_Result answer(TEEC_Session *session, uint32_t n)
{
	return run(session, (size_t)((uint64_t)n * STATE_ANSWERS - given));
}

static TEEC_Result which_answers(TEEC_Session *session, uint32_t *n)
{
	uint64_t answers = 0;
	TEEC_Result res = counted(session, &answers);

	assert_int_equal(answers % STATE_ANSWERS, 0);
	*n = (uint32_t)(answers / STATE_ANSWERS);
	return res;
}

static TEEC_Result begin_answers(TEEC_Session *session, uint32_t *n)
{
	uint32_t now = 0;
	TEEC_Result res = begin_envelope(session, &epoch);

	if (res == TEEC_SUCCESS)
		res = which_answers(session, &now);
	*n = now + 1;
	if (res == TEEC_SUCCESS)
		res = prepare_answers(session, *n);
	return res == TEEC_SUCCESS ? answer(session, *n) : res;
}

const struct kept kept_answers = {
	.name = "answers",
	.begin = begin_answers,
	.prepare = prepare_answers,
	.command = answer,
	.which = which_answers,
	.undone_by_index = true,
};
