/* SPDX-License-Identifier: Apache-2.0 */
#include "device.h"

#include <string.h>

#include "crypto.h"
#include "object.h"
#include "owner.h"

static const char object_id[] = "device";

_Static_assert(sizeof(struct device_state) ==
		       8 + ENC_MNIST_MODELS_MAX * ENC_MNIST_STATUS_ENTRY_BYTES,
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
	res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, object_id, sizeof(object_id) - 1,
		TEE_DATA_FLAG_ACCESS_READ | how, &device->object);
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

/* Finds a model's entry, or adds one. NULL: there is no room. */
static struct device_model *find(struct device_state *state,
				 const uint8_t id[BOX_MODEL_ID_BYTES])
{
	struct device_model *model = state->model;

	for (uint32_t i = 0; i < state->models; i++, model++) {
		if (!memcmp(model->id, id, BOX_MODEL_ID_BYTES))
			return model;
	}
	if (state->models == ENC_MNIST_MODELS_MAX)
		return NULL;
	state->models++;
	memcpy(model->id, id, BOX_MODEL_ID_BYTES);
	return model;
}

TEE_Result device_raise(struct device_state *state,
			const uint8_t id[BOX_MODEL_ID_BYTES], uint32_t version,
			bool *raised)
{
	struct device_model *model = find(state, id);

	if (!model)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (version < ENC_MNIST_VERSION_FLOOR || version < model->version)
		return TEE_ERROR_SECURITY;
	*raised = version > model->version;
	model->version = version;
	return TEE_SUCCESS;
}

TEE_Result device_raise_epoch(const struct device *seen, uint32_t epoch)
{
	struct device device = { 0 };
	TEE_Result res = device_open(&device, true);

	if (res != TEE_SUCCESS)
		return res;
	if (memcmp(device.public_key, seen->public_key,
		   sizeof(device.public_key)))
		res = TEE_ERROR_ITEM_NOT_FOUND;
	if (res == TEE_SUCCESS && epoch > device.state.epoch) {
		device.state.epoch = epoch;
		res = device_write(&device);
	}
	device_close(&device);
	return res;
}

/* Without OVERWRITE: an existing device is kept, also one made meanwhile. */
static TEE_Result create(void)
{
	const struct device_state state = { 0 };
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
			TEE_STORAGE_PRIVATE, object_id, sizeof(object_id) - 1,
			TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ,
			pair, &state, sizeof(state), &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	TEE_FreeTransientObject(pair);
	return res;
}

TEE_Result device_key(uint8_t public_key[BOX_X25519_BYTES])
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
