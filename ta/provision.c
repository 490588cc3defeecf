/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An envelope is the owner's word, by its signature. Its key is opened by HPKE
 * (box/hpke.h) with the device's private key, which stays in trusted storage.
 *
 * The new key is stored first, in a slot that does not count. Then one
 * transaction makes it count, retires others, and stores the epoch and what may
 * be loaded. Only then are retired keys deleted; what that leaves, the next
 * envelope deletes. The device object stays open for writing meanwhile, so that
 * no other session can store anything in between.
 */
#include "provision.h"

#include <string.h>
#include <string_ext.h>

#include "box/hpke.h"
#include "crypto.h"
#include "model_key.h"
#include "owner.h"

static TEE_Result x25519(const struct device *device, const uint8_t *peer,
			 uint8_t secret[BOX_X25519_BYTES])
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };
	TEE_Result res =
		crypto_operation(TEE_ALG_X25519, TEE_MODE_DERIVE,
				 BOX_X25519_BYTES, device->object, &op);

	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, TEE_ATTR_X25519_PUBLIC_VALUE, peer,
			     BOX_X25519_BYTES);
	res = crypto_derive(op, &attr, 1, secret, BOX_X25519_BYTES);
	TEE_FreeOperation(op);
	return res;
}

/* Derives the key and nonce of the envelope. */
static TEE_Result agree(const struct device *device,
			const struct box_envelope *envelope,
			const uint8_t *bound, struct box_hpke *hpke)
{
	struct box_hpke_input in = {
		.encapsulated = envelope->encapsulated,
		.recipient = device->public_key,
		.info = bound,
		.info_len = BOX_ENVELOPE_BOUND_BYTES,
	};
	TEE_Result res = x25519(device, envelope->encapsulated, in.dh);

	if (res == TEE_SUCCESS)
		box_hpke_base(crypto_hmac, &res, &in, hpke);
	memzero_explicit(in.dh, sizeof(in.dh));
	return res;
}

/* Decrypts the model key; TEE_ERROR_MAC_INVALID if the tag is wrong. */
static TEE_Result unseal(const struct box_hpke *hpke, uint8_t *sealed,
			 uint8_t key[BOX_MODEL_KEY_BYTES])
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	size_t size = BOX_MODEL_KEY_BYTES;
	TEE_Result res = crypto_operation_raw(
		TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, TEE_TYPE_AES,
		TEE_ATTR_SECRET_VALUE, hpke->key, sizeof(hpke->key), &op);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_AEInit(op, hpke->nonce, sizeof(hpke->nonce),
			 CRYPTO_BITS(BOX_ENVELOPE_TAG_BYTES), 0, 0);
	if (res == TEE_SUCCESS)
		res = TEE_AEDecryptFinal(op, sealed, BOX_MODEL_KEY_BYTES, key,
					 &size, sealed + BOX_MODEL_KEY_BYTES,
					 BOX_ENVELOPE_TAG_BYTES);
	TEE_FreeOperation(op);
	return res;
}

static TEE_Result open_envelope(const struct device *device,
				struct box_envelope *envelope,
				const uint8_t *bound,
				uint8_t key[BOX_MODEL_KEY_BYTES])
{
	struct box_hpke hpke = { 0 };
	TEE_Result res = TEE_ERROR_MAC_INVALID;

	/* the shared secret would be 0, over which libutee panics */
	if (box_x25519_is_low_order(envelope->encapsulated))
		return res;
	res = agree(device, envelope, bound, &hpke);
	if (res == TEE_SUCCESS)
		res = unseal(&hpke, envelope->sealed, key);
	memzero_explicit(&hpke, sizeof(hpke));
	return res;
}

/* --- what the device becomes --- */

/* Removes the keys that the envelope retires, and the one that it replaces. */
static void retire(struct device_state *state,
		   const struct box_envelope *envelope)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < state->keys; i++) {
		const struct device_key key = state->key[i];

		if (key.epoch > envelope->retired &&
		    memcmp(key.id, envelope->key_id, sizeof(key.id)))
			state->key[kept++] = key;
	}
	memset(state->key + kept, 0,
	       (state->keys - kept) * sizeof(*state->key));
	state->keys = kept;
}

/*
 * Allows the models that the envelope names, and no other. Of those that the
 * device knows, nothing goes back.
 */
static void list_models(struct device_state *state,
			const struct box_envelope *envelope)
{
	struct device_model model[ENC_MNIST_MODELS_MAX] = { 0 };

	for (uint32_t i = 0; i < envelope->models; i++) {
		const struct box_envelope_model *named = &envelope->model[i];
		const struct device_model *known =
			device_find_model(state, named->id);

		model[i].since = envelope->epoch;
		if (known)
			model[i] = *known;
		memcpy(model[i].id, named->id, sizeof(named->id));
		if (model[i].security_version < named->security_version)
			model[i].security_version = named->security_version;
	}
	memcpy(state->model, model, sizeof(model));
	state->models = envelope->models;
}

/* Stores the envelope's key where it does not count yet, and lists it. */
static TEE_Result add_key(const struct device *device,
			  struct box_envelope *envelope, const uint8_t *bound,
			  struct device_state *state)
{
	struct device_key *key = &state->key[state->keys];
	uint8_t secret[BOX_MODEL_KEY_BYTES] = { 0 };
	TEE_Result res = TEE_ERROR_STORAGE_NO_SPACE;

	if (state->keys == ENC_MNIST_KEYS_MAX)
		return res;
	res = open_envelope(device, envelope, bound, secret);
	if (res == TEE_SUCCESS) {
		memcpy(key->id, envelope->key_id, sizeof(key->id));
		key->epoch = envelope->epoch;
		key->slot = model_key_free_slot(&device->state);
		state->keys++;
		res = model_key_store(key, secret);
	}
	memzero_explicit(secret, sizeof(secret));
	return res;
}

static TEE_Result take(struct device *device, struct box_envelope *envelope,
		       const uint8_t *bound)
{
	struct device_state state = device->state;
	TEE_Result res = TEE_SUCCESS;

	if (memcmp(envelope->device, device->public_key, BOX_X25519_BYTES))
		return TEE_ERROR_ITEM_NOT_FOUND;
	if (envelope->epoch < owner_block.epoch_floor ||
	    envelope->epoch <= state.epoch)
		return TEE_ERROR_SECURITY;
	retire(&state, envelope);
	if (box_envelope_has_key(envelope))
		res = add_key(device, envelope, bound, &state);
	if (res != TEE_SUCCESS)
		return res;
	state.epoch = envelope->epoch;
	state.is_listed = envelope->models > 0;
	if (state.is_listed)
		list_models(&state, envelope);
	device->state = state;
	res = device_write(device);
	if (res == TEE_SUCCESS)
		model_key_sweep(&device->state);
	return res;
}

static TEE_Result check(const struct box_envelope *envelope,
			const uint8_t *bytes)
{
	TEE_Result res = TEE_ERROR_ACCESS_DENIED;

	if (memcmp(envelope->owner, owner_block.key, sizeof(owner_block.key)))
		return res;
	res = crypto_verify(owner_block.key, bytes, BOX_ENVELOPE_SIGNED_BYTES,
			    envelope->signature);
	if (res == TEE_SUCCESS &&
	    memcmp(envelope->ta, owner_block.uuid, BOX_UUID_BYTES))
		res = TEE_ERROR_ITEM_NOT_FOUND;
	return res;
}

TEE_Result provision(const void *envelope, size_t size)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope read = { 0 };
	struct device device = { 0 };
	enum box_error error = BOX_OK;
	TEE_Result res = TEE_ERROR_GENERIC;

	if (size != sizeof(bytes))
		return TEE_ERROR_BAD_PARAMETERS;
	memcpy(bytes, envelope, sizeof(bytes));
	error = box_envelope_read(bytes, &read);
	if (error == BOX_VERSION)
		return TEE_ERROR_UNSUPPORTED_VERSION;
	if (error != BOX_OK)
		return TEE_ERROR_BAD_FORMAT;
	res = check(&read, bytes);
	if (res == TEE_SUCCESS)
		res = device_open(&device, true);
	if (res != TEE_SUCCESS)
		return res;
	res = take(&device, &read, bytes);
	device_close(&device);
	return res;
}
