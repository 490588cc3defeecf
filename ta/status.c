/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <string.h>

#include "box/bytes.h"
#include "device.h"
#include "owner.h"
#include "platform.h"
#include "user_ta_header_defines.h"

static uint32_t build_flags(void)
{
	uint32_t flags = owner_block.sign_key;

#ifdef ENC_MNIST_COMPAT
	flags |= ENC_MNIST_STATUS_COMPAT;
#endif
	return flags;
}

static void put_build(uint8_t *answer)
{
	box_store32(answer, build_flags() | platform_huk_flag());
	box_store32(answer + ENC_MNIST_STATUS_AT_TA_VERSION,
		    owner_block.ta_version);
	box_store32(answer + ENC_MNIST_STATUS_AT_EPOCH_FLOOR,
		    owner_block.epoch_floor);
	box_store32(answer + ENC_MNIST_STATUS_AT_VERSION_FLOOR,
		    owner_block.version_floor);
	box_store32(answer + ENC_MNIST_STATUS_AT_HEAP, TA_DATA_SIZE);
	memcpy(answer + ENC_MNIST_STATUS_AT_UUID, owner_block.uuid,
	       sizeof(owner_block.uuid));
	memcpy(answer + ENC_MNIST_STATUS_AT_OWNER, owner_block.key,
	       sizeof(owner_block.key));
}

static void put_keys(uint8_t *answer, const struct device_state *state)
{
	uint8_t *at = answer + ENC_MNIST_STATUS_AT_KEY;

	box_store32(answer + ENC_MNIST_STATUS_AT_KEYS, state->keys);
	for (uint32_t i = 0; i < state->keys; i++) {
		memcpy(at, state->key[i].id, BOX_KEY_ID_BYTES);
		box_store32(at + BOX_KEY_ID_BYTES, state->key[i].epoch);
		at += ENC_MNIST_STATUS_KEY_BYTES;
	}
}

static void put_models(uint8_t *answer, const struct device_state *state)
{
	uint8_t *at = answer + ENC_MNIST_STATUS_AT_MODEL;

	box_store32(answer + ENC_MNIST_STATUS_AT_MODELS, state->models);
	for (uint32_t i = 0; i < state->models; i++) {
		memcpy(at, state->model[i].id, BOX_MODEL_ID_BYTES);
		box_store32(at + BOX_MODEL_ID_BYTES,
			    state->model[i].security_version);
		box_store64(at + BOX_MODEL_ID_BYTES + 8,
			    state->model[i].answers);
		at += ENC_MNIST_STATUS_MODEL_BYTES;
	}
}

TEE_Result status(uint8_t answer[ENC_MNIST_STATUS_BYTES])
{
	struct device device = { 0 };
	uint32_t flags = ENC_MNIST_STATUS_DEVICE;
	TEE_Result res = TEE_ERROR_GENERIC;

	put_build(answer);
	res = device_open(&device, false);
	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		return TEE_SUCCESS;
	if (res != TEE_SUCCESS)
		return res;
	device_close(&device);
	memcpy(answer + ENC_MNIST_STATUS_AT_DEVICE, device.public_key,
	       sizeof(device.public_key));
	box_store32(answer + ENC_MNIST_STATUS_AT_EPOCH, device.state.epoch);
	put_keys(answer, &device.state);
	put_models(answer, &device.state);
	if (device.state.is_listed)
		flags |= ENC_MNIST_STATUS_LISTED;
	flags |= platform_storage_flags();
	box_store32(answer, box_load32(answer) | flags);
	return TEE_SUCCESS;
}
