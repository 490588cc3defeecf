/* SPDX-License-Identifier: Apache-2.0 */
#include "model_key.h"

#include <string.h>
#include <tee_api_defines_extensions.h>

#include "crypto.h"
#include "object.h"

#define SLOTS (ENC_MNIST_KEYS_MAX + 1)

/* Metadata that is stored with a key. */
struct info {
	uint32_t format;
	struct device_key key;
};

_Static_assert(sizeof(struct info) == 4 + BOX_KEY_ID_BYTES + 8,
	       "stored as it is: no padding");
_Static_assert(SLOTS <= 10, "numbered by a digit");

struct name {
	char text[8];
};

static struct name name_of(uint32_t slot)
{
	struct name name = { "key-0" };

	name.text[4] = (char)('0' + slot);
	return name;
}

TEE_Result model_key_open(const struct device_key *key,
			  TEE_OperationHandle *derive)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	struct info info = { 0 };
	TEE_Result res = object_open(
		name_of(key->slot).text,
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, &object);

	*derive = TEE_HANDLE_NULL;
	if (res != TEE_SUCCESS)
		return res;
	res = object_read(&object, &info, sizeof(info));
	if (res == TEE_SUCCESS && memcmp(&info.key, key, sizeof(*key)))
		res = TEE_ERROR_ITEM_NOT_FOUND;
	if (res == TEE_SUCCESS)
		res = crypto_operation(TEE_ALG_HKDF_SHA256_DERIVE_KEY,
				       TEE_MODE_DERIVE, BOX_MODEL_KEY_BYTES,
				       object, derive);
	TEE_CloseObject(object);
	return res;
}

TEE_Result model_key_store(const struct device_key *key,
			   const uint8_t secret[BOX_MODEL_KEY_BYTES])
{
	const struct info info = { .format = OBJECT_FORMAT, .key = *key };
	const struct name name = name_of(key->slot);
	TEE_ObjectHandle ikm = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = crypto_object(TEE_TYPE_HKDF_IKM, TEE_ATTR_HKDF_IKM,
				       secret, BOX_MODEL_KEY_BYTES, &ikm);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_RestrictObjectUsage1(ikm, TEE_USAGE_DERIVE);
	if (res == TEE_SUCCESS)
		res = TEE_CreatePersistentObject(
			TEE_STORAGE_PRIVATE, name.text, strlen(name.text),
			TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE,
			ikm, &info, sizeof(info), &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	TEE_FreeTransientObject(ikm);
	return res;
}

static bool is_free(const struct device_state *state, uint32_t slot)
{
	for (uint32_t i = 0; i < state->keys; i++) {
		if (state->key[i].slot == slot)
			return false;
	}
	return true;
}

uint32_t model_key_free_slot(const struct device_state *state)
{
	uint32_t slot = 0;

	while (!is_free(state, slot))
		slot++;
	return slot;
}

void model_key_sweep(const struct device_state *state)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		TEE_ObjectHandle object = TEE_HANDLE_NULL;

		if (is_free(state, slot) &&
		    object_open(name_of(slot).text,
				TEE_DATA_FLAG_ACCESS_WRITE_META,
				&object) == TEE_SUCCESS)
			TEE_CloseAndDeletePersistentObject1(object);
	}
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
