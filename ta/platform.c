/* SPDX-License-Identifier: Apache-2.0 */
#include "platform.h"

#include <string.h>
#include <string_ext.h>
#include <tee_api_defines_extensions.h>

#include "box/bytes.h"
#include "crypto.h"
#include "device.h"
#include "proto/enc_mnist_ta.h"

/* OP-TEE's pseudo TA "system": its lib/libutee/include/pta_system.h. */
static const TEE_UUID system_uuid = { 0x3a2f8978,
				      0x5dc0,
				      0x11e8,
				      { 0x9c, 0x2d, 0xfa, 0x7a, 0xe0, 0x1b,
					0xbe, 0xbc } };
#define DERIVE_TA_UNIQUE_KEY 1

static uint8_t extra[] = "enc_mnist status";

/* A key that OP-TEE derives from the hardware key, this TA, and `extra`. */
static TEE_Result derived_key(uint8_t key[BOX_HMAC_BYTES])
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param params[TEE_NUM_PARAMS] = { 0 };
	uint32_t origin = 0;
	TEE_Result res = TEE_OpenTASession(&system_uuid, TEE_TIMEOUT_INFINITE,
					   0, NULL, &session, &origin);

	if (res != TEE_SUCCESS)
		return res;
	params[0].memref.buffer = extra;
	params[0].memref.size = sizeof(extra);
	params[1].memref.buffer = key;
	params[1].memref.size = BOX_HMAC_BYTES;
	res = TEE_InvokeTACommand(
		session, TEE_TIMEOUT_INFINITE, DERIVE_TA_UNIQUE_KEY,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT,
				TEE_PARAM_TYPE_MEMREF_OUTPUT,
				TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE),
		params, &origin);
	TEE_CloseTASession(session);
	return res;
}

/* What that key is with a hardware key of 0: core/kernel/huk_subkey.c. */
static bool key_of_zero(uint8_t key[BOX_HMAC_BYTES])
{
	static const uint8_t zero[BOX_HMAC_BYTES];
	TEE_UUID uuid = { 0 };
	uint8_t usage[4] = { 0 }; /* HUK_SUBKEY_UNIQUE_TA */
	const struct box_part parts[] = { { usage, sizeof(usage) },
					  { &uuid, sizeof(uuid) },
					  { extra, sizeof(extra) } };
	TEE_Result res = TEE_GetPropertyAsUUID(TEE_PROPSET_CURRENT_TA,
					       "gpd.ta.appID", &uuid);

	box_store32(usage, 3);
	return res == TEE_SUCCESS && crypto_hmac(&res, zero, parts, 3, key);
}

uint32_t platform_huk_flag(void)
{
	uint8_t key[BOX_HMAC_BYTES] = { 0 };
	uint8_t of_zero[BOX_HMAC_BYTES] = { 0 };
	uint32_t flag = 0;

	if (derived_key(key) == TEE_SUCCESS && key_of_zero(of_zero))
		flag = TEE_MemCompare(key, of_zero, sizeof(key)) ?
			       ENC_MNIST_STATUS_HUK_OTHER :
			       ENC_MNIST_STATUS_HUK_ZERO;
	memzero_explicit(key, sizeof(key));
	return flag;
}

/* GlobalPlatform's protection level for "by hardware of the TEE". */
#define HARDWARE 1000u

static bool has_rpmb(void)
{
	uint32_t level = 0;

	return TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION,
				    "gpd.tee.trustedStorage."
				    "antiRollback.protectionLevel",
				    &level) == TEE_SUCCESS &&
	       level >= HARDWARE;
}

uint32_t platform_storage_flags(void)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	/* without one, nobody answers: a call would wait for the supplicant */
	if (!has_rpmb())
		return ENC_MNIST_STATUS_IN_FILES;
	switch (TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE_RPMB, device_object, strlen(device_object),
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ,
		&object)) {
	case TEE_SUCCESS:
		TEE_CloseObject(object);
		return ENC_MNIST_STATUS_HAS_RPMB | ENC_MNIST_STATUS_IN_RPMB;
	case TEE_ERROR_ACCESS_CONFLICT:
		return ENC_MNIST_STATUS_HAS_RPMB | ENC_MNIST_STATUS_IN_RPMB;
	case TEE_ERROR_ITEM_NOT_FOUND:
		return ENC_MNIST_STATUS_HAS_RPMB | ENC_MNIST_STATUS_IN_FILES;
	default:
		return ENC_MNIST_STATUS_HAS_RPMB;
	}
}
