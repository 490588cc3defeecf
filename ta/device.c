/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <string.h>

#include "crypto.h"
#include "object.h"
#include "owner.h"

const char device_object[] = "device";

_Static_assert(sizeof(struct device_state) ==
		       24 + ENC_MNIST_KEYS_MAX * (BOX_KEY_ID_BYTES + 8) +
			       ENC_MNIST_MODELS_MAX *
				       ENC_MNIST_STATUS_MODEL_BYTES,
	       "stored as it is: no padding");

static TEE_Result read(struct device *device)
{
	size_t size = sizeof(device->public_key);
	TEE_Result res = TEE_GetObjectBufferAttribute(
		device->object, TEE_ATTR_X25519_PUBLIC_VALUE,
		device->public_key, &size);

	if (res != TEE_SUCCESS)
		return res;
	res = object_read(&device->object, &device->state,
			  sizeof(device->state));
	if (res == TEE_SUCCESS && (size != sizeof(device->public_key) ||
				   device->state.keys > ENC_MNIST_KEYS_MAX ||
				   device->state.models > ENC_MNIST_MODELS_MAX))
		res = TEE_ERROR_CORRUPT_OBJECT;
	return res;
}

TEE_Result device_open(struct device *device, bool write)
{
	const uint32_t how =
		write ? TEE_DATA_FLAG_ACCESS_WRITE : TEE_DATA_FLAG_SHARE_READ;
	TEE_Result res = TEE_ERROR_GENERIC;

	memset(device, 0, sizeof(*device));
	res = object_open(device_object, TEE_DATA_FLAG_ACCESS_READ | how,
			  &device->object);
	if (res != TEE_SUCCESS)
		return res;
	res = read(device);
	if (res != TEE_SUCCESS)
		device_close(device);
	return res;
}

void device_close(struct device *device)
{
	TEE_CloseObject(device->object);
	device->object = TEE_HANDLE_NULL;
}

TEE_Result device_write(struct device *device)
{
	return object_write(&device->object, &device->state,
			    sizeof(device->state));
}

const struct device_key *device_find_key(const struct device_state *state,
					 const uint8_t id[BOX_KEY_ID_BYTES])
{
	for (uint32_t i = 0; i < state->keys; i++) {
		if (!memcmp(state->key[i].id, id, BOX_KEY_ID_BYTES))
			return &state->key[i];
	}
	return NULL;
}

struct device_model *device_find_model(struct device_state *state,
				       const uint8_t id[BOX_MODEL_ID_BYTES])
{
	for (uint32_t i = 0; i < state->models; i++) {
		if (!memcmp(state->model[i].id, id, BOX_MODEL_ID_BYTES))
			return &state->model[i];
	}
	return NULL;
}

struct device_model *device_add_model(struct device_state *state,
				      const uint8_t id[BOX_MODEL_ID_BYTES])
{
	struct device_model *model = device_find_model(state, id);

	if (model || state->is_listed || state->models == ENC_MNIST_MODELS_MAX)
		return model;
	model = &state->model[state->models++];
	memset(model, 0, sizeof(*model));
	memcpy(model->id, id, sizeof(model->id));
	model->since = state->epoch;
	return model;
}

TEE_Result device_admits(struct device_state *state,
			 const struct box_head *head,
			 const struct device_key **key)
{
	const struct device_model *model =
		device_find_model(state, head->model_id);

	*key = device_find_key(state, head->key_id);
	if (!*key)
		return TEE_ERROR_ITEM_NOT_FOUND;
	if ((*key)->epoch < owner_block.epoch_floor ||
	    head->security_version < owner_block.version_floor ||
	    (model ? head->security_version < model->security_version :
		     state->is_listed))
		return TEE_ERROR_SECURITY;
	return TEE_SUCCESS;
}

/* Without OVERWRITE: an existing device is kept, also one made meanwhile. */
static TEE_Result create(void)
{
	const struct device_state state = { .format = OBJECT_FORMAT };
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_AllocateTransientObject(
		TEE_TYPE_X25519_KEYPAIR, CRYPTO_BITS(BOX_X25519_BYTES), &pair);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_GenerateKey(pair, CRYPTO_BITS(BOX_X25519_BYTES), NULL, 0);
	if (res == TEE_SUCCESS)
		res = TEE_RestrictObjectUsage1(pair, TEE_USAGE_DERIVE);
	if (res == TEE_SUCCESS)
		res = TEE_CreatePersistentObject(
			TEE_STORAGE_PRIVATE, device_object,
			sizeof(device_object) - 1,
			TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ,
			pair, &state, sizeof(state), &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	TEE_FreeTransientObject(pair);
	return res;
}

TEE_Result device_public_key(uint8_t public_key[BOX_X25519_BYTES])
{
	struct device device = { 0 };
	TEE_Result res = device_open(&device, false);

	if (res == TEE_ERROR_ITEM_NOT_FOUND) {
		res = create();
		if (res == TEE_SUCCESS)
			res = device_open(&device, false);
	}
	if (res != TEE_SUCCESS)
		return res;
	memcpy(public_key, device.public_key, BOX_X25519_BYTES);
	device_close(&device);
	return TEE_SUCCESS;
}
