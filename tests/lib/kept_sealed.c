/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "networks.h"
#include "storage_files.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"

#define KEYS	 3
#define MODEL_ID "kept"

/* Key n goes with epoch n, and its id differs from that of its neighbours. */
static struct sealed_maker makers[KEYS];
static uint8_t *models[KEYS]; /* version 1 */
static size_t model_len;
static uint8_t *record;
static size_t record_len;

/* A device and the version it has seen; and its successor, if it was lost. */
static struct device {
	uint8_t key[BOX_X25519_BYTES];
	uint32_t version;
} first_device, next_device;

/* Only for kept_version, where the version changes and the epoch does not. */
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
	record = networks_small(1, &record_len);
	for (uint32_t i = 0; i < KEYS; i++) {
		sealed_owner(&makers[i]);
		sealed_set_id(&makers[i], MODEL_ID);
		models[i] =
			sealed_make(&makers[i], record, record_len, &model_len);
	}
}

static TEEC_Result provision_for(TEEC_Session *session,
				 const struct device *device, uint32_t n)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };

	sealed_envelope(maker_of(n), device->key, n, NULL, envelope);
	return ta_provision(session, envelope);
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
	assert_false(status.flags & ENC_MNIST_STATUS_KEY);
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

static TEEC_Result begin_envelope(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = TEEC_SUCCESS;

	make_models();
	res = ta_device_key(session, first_device.key);
	if (res == TEEC_SUCCESS)
		res = ta_status(session, &status);
	*n = status.epoch + 1;
	if (res == TEEC_SUCCESS)
		res = provision(session, *n);
	if (res != TEEC_SUCCESS || first_device.version)
		return res;
	first_device.version = 1;
	return ta_load_sealed(session, models[*n % KEYS], model_len);
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
	const struct device *device = &next_device;

	if (!memcmp(status->device, first_device.key, BOX_X25519_BYTES))
		device = &first_device;
	assert_memory_equal(status->device, device->key, BOX_X25519_BYTES);
	assert_int_equal(ta_seen_version(status, MODEL_ID), device->version);
	assert_int_equal(status->model_count, device->version != 0);
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
		assert_false(status->flags & ENC_MNIST_STATUS_KEY);
		assert_int_equal(status->epoch, 0);
		assert_int_equal(status->model_count, 0);
		return TEEC_ERROR_ITEM_NOT_FOUND;
	}
	if (!(status->flags & ENC_MNIST_STATUS_KEY))
		return TEEC_ERROR_ITEM_NOT_FOUND;
	assert_memory_equal(status->key_id,
			    maker_of(status->epoch)->head.key_id,
			    BOX_KEY_ID_BYTES);
	return TEEC_SUCCESS;
}

/* Models under the key of the device's epoch are accepted, no others. */
static TEEC_Result which_envelope(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*n = status.epoch;
	if (status.flags & ENC_MNIST_STATUS_DEVICE)
		check_device(&status);
	if (res == TEEC_SUCCESS)
		res = takes(session, *n);
	if (res != TEEC_SUCCESS)
		return res;
	for (uint32_t i = 1; i < KEYS; i++)
		assert_int_equal(takes(session, *n + i),
				 TEEC_ERROR_ITEM_NOT_FOUND);
	return TEEC_SUCCESS;
}

const struct kept kept_envelope = {
	.name = "envelope",
	.begin = begin_envelope,
	.command = provision,
	.which = which_envelope,
};

/* The state after an interruption: the key is stored, its epoch is not. */
static TEEC_Result prepare_epoch(TEEC_Session *session, uint32_t n)
{
	TEEC_Result res = provision(session, n);

	if (res == TEEC_SUCCESS)
		storage_undo_last();
	return res;
}

static TEEC_Result use_key(TEEC_Session *session, uint32_t n)
{
	return ta_begin_sealed(session, models[n % KEYS], model_len);
}

/* What was not stored is asked for by the envelope, which is taken again. */
static TEEC_Result which_epoch(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*n = status.epoch;
	if (res != TEEC_SUCCESS)
		return res;
	check_device(&status);
	res = provision(session, *n);
	if (res == TEEC_SUCCESS)
		--*n;
	return res == TEEC_ERROR_SECURITY ? TEEC_SUCCESS : res;
}

const struct kept kept_epoch = {
	.name = "epoch",
	.begin = begin_envelope,
	.prepare = prepare_epoch,
	.command = use_key,
	.which = which_epoch,
	.undone_by_index = true,
};

/* The whole model but its end. */
static TEEC_Result prepare_version(TEEC_Session *session, uint32_t n)
{
	struct sealed_maker maker = *maker_of(epoch);
	size_t len = 0;
	uint8_t *model = NULL;
	TEEC_Result res = TEEC_SUCCESS;

	maker.head.model_version = n;
	model = sealed_make(&maker, record, record_len, &len);
	res = ta_begin_sealed(session, model, len);
	if (res == TEEC_SUCCESS)
		res = ta_push_all(session, model + BOX_HEAD_BYTES,
				  len - BOX_HEAD_BYTES);
	free(model);
	return res;
}

static TEEC_Result finalize(TEEC_Session *session, uint32_t n)
{
	(void)n;
	return ta_finalize(session);
}

static TEEC_Result begin_version(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = begin_envelope(session, &epoch);

	if (res == TEEC_SUCCESS)
		res = ta_status(session, &status);
	*n = ta_seen_version(&status, MODEL_ID);
	return res;
}

/* The head of a version: it alone decides whether the version is too old. */
static TEEC_Result begins(TEEC_Session *session, uint32_t version)
{
	struct box_head head = { 0 };
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };

	sealed_describe(maker_of(epoch), record, record_len, &head);
	head.model_version = version;
	box_head_write(&head, bytes);
	sealed_sign(maker_of(epoch), bytes);
	return ta_begin_sealed(session, bytes, sizeof(bytes));
}

static TEEC_Result which_version(TEEC_Session *session, uint32_t *n)
{
	struct enc_status status = { 0 };
	TEEC_Result res = look(session, &status);

	*n = ta_seen_version(&status, MODEL_ID);
	if (res != TEEC_SUCCESS)
		return res;
	assert_int_equal(status.epoch, epoch);
	res = begins(session, *n);
	if (res == TEEC_SUCCESS && *n > 1)
		assert_int_equal(begins(session, *n - 1), TEEC_ERROR_SECURITY);
	return res;
}

const struct kept kept_version = {
	.name = "version",
	.begin = begin_version,
	.prepare = prepare_version,
	.command = finalize,
	.which = which_version,
	.undone_by_index = true,
};
