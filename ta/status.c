/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

#include <string.h>

#include "box/bytes.h"
#include "model_key.h"
#include "owner.h"
#include "user_ta_header_defines.h"

static uint32_t build_flags(void)
{
	uint32_t flags = 0;

#ifdef ENC_MNIST_COMPAT
	flags |= ENC_MNIST_STATUS_COMPAT;
#endif
#ifdef ENC_MNIST_KNOWN_SIGN_KEY
	flags |= ENC_MNIST_STATUS_TEST_KEY;
#endif
	return flags;
}

static void put_build(uint8_t *answer)
{
	uint32_t level = 0;

	if (TEE_GetPropertyAsU32(
		    TEE_PROPSET_TEE_IMPLEMENTATION,
		    "gpd.tee.trustedStorage.antiRollback.protectionLevel",
		    &level) != TEE_SUCCESS)
		level = 0;
	box_store32(answer, build_flags());
	box_store32(answer + ENC_MNIST_STATUS_AT_ROLLBACK, level);
	box_store32(answer + ENC_MNIST_STATUS_AT_EPOCH_FLOOR,
		    ENC_MNIST_EPOCH_FLOOR);
	box_store32(answer + ENC_MNIST_STATUS_AT_VERSION_FLOOR,
		    ENC_MNIST_VERSION_FLOOR);
	box_store32(answer + ENC_MNIST_STATUS_AT_HEAP, TA_DATA_SIZE);
	memcpy(answer + ENC_MNIST_STATUS_AT_OWNER_SIGN, owner_sign_key,
	       sizeof(owner_sign_key));
	memcpy(answer + ENC_MNIST_STATUS_AT_OWNER_WRAP, owner_wrap_key,
	       sizeof(owner_wrap_key));
}

static void put_device(uint8_t *answer, const struct device *device)
{
	const struct device_state *state = &device->state;
	uint8_t *entry = answer + ENC_MNIST_STATUS_AT_ENTRIES;

	memcpy(answer + ENC_MNIST_STATUS_AT_DEVICE, device->public_key,
	       sizeof(device->public_key));
	box_store32(answer + ENC_MNIST_STATUS_AT_EPOCH, state->epoch);
	box_store32(answer + ENC_MNIST_STATUS_AT_MODELS, state->models);
	for (uint32_t i = 0; i < state->models; i++) {
		memcpy(entry, state->model[i].id, BOX_MODEL_ID_BYTES);
		box_store32(entry + BOX_MODEL_ID_BYTES,
			    state->model[i].version);
		entry += ENC_MNIST_STATUS_ENTRY_BYTES;
	}
}

TEE_Result status(uint8_t answer[ENC_MNIST_STATUS_BYTES])
{
	struct model_key_info info = { 0 };
	struct device device = { 0 };
	TEE_Result res = TEE_ERROR_GENERIC;

	put_build(answer);
	res = device_open(&device, false);
	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		return TEE_SUCCESS;
	if (res != TEE_SUCCESS)
		return res;
	put_device(answer, &device);
	answer[0] |= ENC_MNIST_STATUS_DEVICE;
	res = model_key_info(&device, &info);
	device_close(&device);
	if (res == TEE_SUCCESS) {
		answer[0] |= ENC_MNIST_STATUS_KEY;
		memcpy(answer + ENC_MNIST_STATUS_AT_KEY_ID, info.id,
		       sizeof(info.id));
		/* above the device's epoch if PROVISION was interrupted */
		if (info.epoch > device.state.epoch)
			box_store32(answer + ENC_MNIST_STATUS_AT_EPOCH,
				    info.epoch);
	}
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}
