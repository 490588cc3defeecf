/* SPDX-License-Identifier: Apache-2.0 */
#include "model_key.h"

#include <string.h>
#include <tee_api_defines_extensions.h>

#include "crypto.h"
#include "object.h"

static const char object_id[] = "sealed-key";

_Static_assert(sizeof(struct model_key_info) ==
		       4 + BOX_KEY_ID_BYTES + BOX_X25519_BYTES,
	       "stored as it is: no padding");

static TEE_Result read_info(TEE_ObjectHandle *key, const struct device *device,
			    struct model_key_info *info)
{
	TEE_Result res = object_read(key, info, sizeof(*info));

	if (res == TEE_SUCCESS &&
	    memcmp(info->device, device->public_key, sizeof(info->device)))
		res = TEE_ERROR_ITEM_NOT_FOUND;
	return res;
}

/* The caller closes *key; TEE_HANDLE_NULL on error. */
static TEE_Result open(const struct device *device, TEE_ObjectHandle *key,
		       struct model_key_info *info)
{
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, object_id, sizeof(object_id) - 1,
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, key);

	if (res != TEE_SUCCESS)
		return res;
	res = read_info(key, device, info);
	if (res != TEE_SUCCESS) {
		TEE_CloseObject(*key);
		*key = TEE_HANDLE_NULL;
		/* a key that does not count has no epoch either */
		memset(info, 0, sizeof(*info));
	}
	return res;
}

TEE_Result model_key_open(const struct device *device,
			  TEE_OperationHandle *derive,
			  struct model_key_info *info)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Result res = open(device, &key, info);

	*derive = TEE_HANDLE_NULL;
	if (res != TEE_SUCCESS)
		return res;
	res = crypto_operation(TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_MODE_DERIVE,
			       BOX_MODEL_KEY_BYTES, key, derive);
	TEE_CloseObject(key);
	return res;
}

TEE_Result model_key_info(const struct device *device,
			  struct model_key_info *info)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Result res = open(device, &key, info);

	TEE_CloseObject(key);
	return res;
}

TEE_Result model_key_store(const uint8_t key[BOX_MODEL_KEY_BYTES],
			   const struct model_key_info *info)
{
	TEE_ObjectHandle secret = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = crypto_object(TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM,
				       key, BOX_MODEL_KEY_BYTES, &secret);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_RestrictObjectUsage1(secret, TEE_USAGE_DERIVE);
	if (res == TEE_SUCCESS)
		res = TEE_CreatePersistentObject(
			TEE_STORAGE_PRIVATE, object_id, sizeof(object_id) - 1,
			TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE,
			secret, info, sizeof(*info), &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	TEE_FreeTransientObject(secret);
	return res;
}

TEE_Result model_key_derive(TEE_OperationHandle derive,
			    const uint8_t salt[BOX_STREAM_SALT_BYTES],
			    const uint8_t *bound, size_t size,
			    uint8_t key[BOX_STREAM_KEY_BYTES])
{
	TEE_Attribute params[3] = { 0 };

	TEE_InitRefAttribute(&params[0], __OPTEE_TEE_ATTR_HKDF_SALT, salt,
			     BOX_STREAM_SALT_BYTES);
	TEE_InitRefAttribute(&params[1], __OPTEE_ATTR_HKDF_INFO, bound, size);
	TEE_InitValueAttribute(&params[2], TEE_ATTR_HKDF_OKM_LENGTH,
			       BOX_STREAM_KEY_BYTES, 0);
	return crypto_derive(derive, params, 3, key, BOX_STREAM_KEY_BYTES);
}
