/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps of scripts about sealed models and keys. This file tracks what the
 * device must know by now and compares each answer with it: scripts contain no
 * answers.
 */
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "script_steps.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"

static struct {
	const uint8_t *bytes;
	size_t len;
	uint32_t version;
} sealed[SCRIPT_SEALED];

static struct sealed_maker other; /* the owner with another model key */
static struct sealed_maker stranger;
static uint8_t *strangers; /* a stranger's head; no chunks are needed */

static struct {
	bool known;
	uint8_t public_key[BOX_X25519_BYTES];
	uint32_t own; /* the epoch of this key; 0: it has none */
	uint32_t other;
	uint32_t epoch;
	bool is_listed;			   /* there is a list of models */
	bool has_test;			   /* it knows "test" */
	uint32_t version;		   /* the lowest one of "test" */
	uint8_t taken[BOX_ENVELOPE_BYTES]; /* the last accepted one */
} device;

void script_sealed_reset(void)
{
	memset(&device, 0, sizeof(device));
}

static void add(size_t i, const uint8_t *bytes, size_t len, uint32_t version)
{
	sealed[i].bytes = bytes;
	sealed[i].len = len;
	sealed[i].version = version;
}

static void add_all(void)
{
	for (size_t i = 0; i < MODELS; i++)
		add(i, models[i].sealed, models[i].sealed_len, 1);
	add(SCRIPT_NEWER, models_seal(&models[0], "test", 2),
	    models[0].sealed_len, 2);
	/* no higher version shuts them out */
	for (size_t i = 0; i < SCRIPT_NETWORKS; i++) {
		size_t len = 0;
		const uint8_t *bytes = script_run_seal(i, 2, &len);

		add(SCRIPT_NEWER + 1 + i, bytes, len, 2);
	}
}

void script_sealed_setup(void)
{
	size_t len = 0;

	add_all();
	other = models_owner;
	memset(other.key, 0x5a, sizeof(other.key));
	assert_true(enc_key_id(other.key, other.head.key_id));
	sealed_stranger(&stranger);
	memcpy(stranger.key, models_owner.key, sizeof(stranger.key));
	memcpy(stranger.head.key_id, models_owner.head.key_id,
	       BOX_KEY_ID_BYTES);
	strangers = sealed_make(&stranger, models[0].record, 300, &len);
}

int script_sealed_labels(int pushing)
{
	if (pushing > SCRIPT_NEWER)
		return SCRIPT_SOME_MODEL;
	return pushing == SCRIPT_NEWER ? 0 : pushing;
}

uint32_t script_sealed_version(int pushing)
{
	return sealed[pushing].version;
}

const uint8_t *script_sealed_stream(int pushing, size_t *len)
{
	*len = sealed[pushing].len - BOX_HEAD_BYTES;
	return sealed[pushing].bytes + BOX_HEAD_BYTES;
}

/* Whether the device has the key of a model, and may load it. */
static bool is_admitted(int model)
{
	return device.own && sealed[model].version >= device.version &&
	       (device.has_test || !device.is_listed);
}

static void expect(bool success, TEEC_Result res)
{
	if (success)
		assert_int_equal(res, TEEC_SUCCESS);
	else
		assert_int_not_equal(res, TEEC_SUCCESS);
}

/* The device may have changed since the load began. */
void script_sealed_finalized(const struct script_client *c, TEEC_Result res)
{
	const bool whole =
		!c->changed && c->at == sealed[c->pushing].len - BOX_HEAD_BYTES;

	expect(whole && is_admitted(c->pushing), res);
}

void script_committed(const struct script_client *c, TEEC_Result res)
{
	const int model = c->network;

	if (model == SCRIPT_NO_MODEL || !c->answered) {
		assert_int_equal(res, TEEC_ERROR_BAD_STATE);
		return;
	}
	expect(is_admitted(model), res);
	if (res != TEEC_SUCCESS)
		return;
	device.has_test = true;
	if (device.version < sealed[model].version)
		device.version = sealed[model].version;
}

void script_commit(struct script_client *c, const uint8_t *how)
{
	TEEC_Result res = ta_commit(&c->session);

	(void)how;
	script_committed(c, res);
	script_say("commit", res, NULL, 0);
}

/* A head: mostly good, sometimes changed or a stranger's. */
void script_begin_sealed(struct script_client *c, const uint8_t *how)
{
	const int model = how[0] % SCRIPT_SEALED;
	const bool good = how[1] < 192;
	uint8_t head[BOX_HEAD_BYTES] = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	memcpy(head, how[1] >= 240 ? strangers : sealed[model].bytes,
	       sizeof(head));
	if (!good && how[1] < 240)
		head[how[2] % sizeof(head)] ^= how[3] ? how[3] : 1;
	res = ta_begin_sealed(&c->session, head, sizeof(head));
	script_load_ends(c);
	expect(good && is_admitted(model), res);
	if (res == TEEC_SUCCESS) {
		c->pushing = model;
		c->sealed = true;
	}
	script_say("sealed", res, NULL, 0);
}

/* The chunk that is sent as the next one; `of` is its model. */
static const uint8_t *choose_chunk(const struct script_client *c,
				   const uint8_t *how, const uint8_t **of,
				   size_t *size)
{
	int model = c->sealed ? c->pushing : 0;
	size_t chunk = c->sealed ? c->at / BOX_HEAD_CHUNK_BYTES : 0;
	size_t len = 0;

	if (how[0] >= 240)
		model = (model + 1) % SCRIPT_SEALED;
	*of = sealed[model].bytes;
	len = sealed[model].len;
	if (how[0] >= 224 && how[0] < 240)
		chunk += 1 + how[1] % 3;
	chunk %= sealed_chunks(len);
	*size = sealed_chunk_size(len, chunk);
	return *of + sealed_chunk_at(chunk);
}

/*
 * The next chunk is accepted, and no other. One exception: the first chunk of a
 * model whose head differs only in digest and signature; FINALIZE refuses it.
 */
static void check_chunk(const struct script_client *c, bool right,
			const uint8_t *of, TEEC_Result res)
{
	if (!c->sealed || c->changed)
		return;
	if (right)
		assert_int_equal(res, TEEC_SUCCESS);
	else if (res == TEEC_SUCCESS)
		assert_true(!c->at && of != sealed[c->pushing].bytes &&
			    !memcmp(of, sealed[c->pushing].bytes,
				    BOX_HEAD_BOUND_BYTES));
}

/* A chunk: mostly the next one, sometimes a changed or different one. */
void script_push_chunk(struct script_client *c, const uint8_t *how)
{
	static uint8_t piece[BOX_HEAD_CHUNK_BYTES];
	const uint8_t *of = NULL;
	size_t size = 0;
	size_t left = 0;
	const uint8_t *from = choose_chunk(c, how, &of, &size);
	bool right = false;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	memcpy(piece, from, size);
	if (how[0] >= 192 && how[0] < 224)
		piece[((size_t)how[1] << 8 | how[2]) % size] ^=
			how[3] ? how[3] : 1;
	if (c->sealed) {
		from = script_sealed_stream(c->pushing, &left) + c->at;
		right = size <= left - c->at && !memcmp(piece, from, size);
	}
	res = ta_push(&c->session, piece, size);
	check_chunk(c, right, of, res);
	c->changed |= !right;
	script_count_pushed(c, size, res);
	script_say("chunk", res, NULL, 0);
}

/* ---- keys ---- */

void script_device_key(struct script_client *c, const uint8_t *how)
{
	uint8_t key[2 * BOX_X25519_BYTES] = { 0 };
	size_t size = how[0] < 192 ? BOX_X25519_BYTES : how[1] % sizeof(key);
	const bool fits = size >= BOX_X25519_BYTES;
	TEEC_Result res =
		ta_ask(&c->session, ENC_MNIST_CMD_DEVICE_KEY, key, &size);

	assert_int_equal(res, fits ? TEEC_SUCCESS : TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, BOX_X25519_BYTES);
	if (fits && device.known)
		assert_memory_equal(key, device.public_key, BOX_X25519_BYTES);
	if (fits) {
		memcpy(device.public_key, key, BOX_X25519_BYTES);
		device.known = true;
	}
	script_say("device", res, NULL, 0);
}

/* What a good envelope says: sometimes no key, often another list. */
static void choose_claim(const uint8_t *how, uint32_t epoch,
			 struct box_envelope *claim)
{
	if (how[3] >= 224)
		memset(claim->key_id, 0, sizeof(claim->key_id));
	if (how[2] & 1)
		claim->retired = how[2] & 2 ? epoch - 1 : device.epoch / 2;
	if (how[2] & 4) {
		claim->models = 1;
		memcpy(claim->model[0].id, how[2] & 8 ? "tes" : "test", 4);
		claim->model[0].security_version = 1 + (how[2] >> 4 & 1);
	}
}

/* The envelope of a step, and whether it is good. */
static bool choose_envelope(const uint8_t *how, struct box_envelope *read,
			    uint8_t envelope[BOX_ENVELOPE_BYTES])
{
	static const uint8_t nobody[BOX_X25519_BYTES] = { 9 };
	const uint8_t *to = device.known ? device.public_key : nobody;
	const bool lower = how[0] >= 160 && how[0] < 192;
	const bool replayed = how[0] >= 192 && how[0] < 208;
	const bool changed = how[0] >= 208 && how[0] < 240;
	const struct sealed_maker *maker = how[0] >= 240 ? &stranger :
					   how[1] >= 192 ? &other :
							   &models_owner;
	uint32_t epoch = device.epoch + 1 + (how[1] & 3u);
	struct box_envelope claim = sealed_claim(maker);

	if (lower)
		epoch = device.epoch - how[2] % (device.epoch + 1);
	else
		choose_claim(how, epoch, &claim);
	memcpy(claim.device, to, sizeof(claim.device));
	sealed_envelope(maker, to, epoch, &claim, envelope);
	if (replayed)
		memcpy(envelope, device.taken, BOX_ENVELOPE_BYTES);
	if (changed)
		envelope[how[2] % BOX_ENVELOPE_BYTES] ^= how[3] ? how[3] : 1;
	return device.known && how[0] < 160 &&
	       box_envelope_read(envelope, read) == BOX_OK;
}

/* The device after an envelope. */
static void take_envelope(const struct box_envelope *envelope)
{
	const uint8_t *id = envelope->key_id;

	device.epoch = envelope->epoch;
	if (device.own <= envelope->retired)
		device.own = 0;
	if (device.other <= envelope->retired)
		device.other = 0;
	if (!memcmp(id, models_owner.head.key_id, BOX_KEY_ID_BYTES))
		device.own = envelope->epoch;
	if (!memcmp(id, other.head.key_id, BOX_KEY_ID_BYTES))
		device.other = envelope->epoch;
	device.is_listed = envelope->models;
	if (!envelope->models)
		return;
	device.has_test = envelope->model[0].id[3];
	if (!device.has_test)
		device.version = 0;
	else if (device.version < envelope->model[0].security_version)
		device.version = envelope->model[0].security_version;
}

void script_provision(struct script_client *c, const uint8_t *how)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope read = { 0 };
	const bool good = choose_envelope(how, &read, envelope);
	TEEC_Result res = ta_provision(&c->session, envelope);

	expect(good, res);
	if (res == TEEC_SUCCESS) {
		take_envelope(&read);
		memcpy(device.taken, envelope, sizeof(envelope));
	}
	script_say("envelope", res, NULL, 0);
}

static void check_key(const struct enc_status *status,
		      const struct sealed_maker *maker, uint32_t epoch)
{
	assert_int_equal(ta_has_key(status, maker->head.key_id), epoch != 0);
	for (uint32_t i = 0; i < status->key_count; i++) {
		if (!memcmp(status->keys[i].id, maker->head.key_id,
			    BOX_KEY_ID_BYTES))
			assert_int_equal(status->keys[i].epoch, epoch);
	}
}

void script_status(struct script_client *c, const uint8_t *how)
{
	struct enc_status status = { 0 };
	TEEC_Result res = ta_status(&c->session, &status);

	(void)how;
	assert_int_equal(res, TEEC_SUCCESS);
	assert_int_equal(!(status.flags & ENC_MNIST_STATUS_DEVICE),
			 !device.known);
	assert_int_equal(!(status.flags & ENC_MNIST_STATUS_LISTED),
			 !device.is_listed);
	assert_int_equal(status.epoch, device.epoch);
	assert_int_equal(status.key_count, !!device.own + !!device.other);
	check_key(&status, &models_owner, device.own);
	check_key(&status, &other, device.other);
	assert_int_equal(ta_find_model(&status, "test")->security_version,
			 device.version);
	if (device.known)
		assert_memory_equal(status.device, device.public_key,
				    BOX_X25519_BYTES);
	script_say("status", res, (const uint8_t *)&status.epoch,
		   sizeof(status.epoch));
}
