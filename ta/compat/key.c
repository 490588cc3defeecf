/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <string.h>
#include <string_ext.h>

#include "ta/object.h"

static const char key_object[] = "model-key";

struct stored {
	uint32_t format;
	uint8_t key[ENC_MNIST_KEY_BYTES];
};

TEE_Result key_store(const uint8_t key[ENC_MNIST_KEY_BYTES])
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	struct stored stored = { .format = OBJECT_FORMAT };
	TEE_Result res = TEE_ERROR_GENERIC;

	memcpy(stored.key, key, sizeof(stored.key));
	/* with its data: created empty, a power cut could leave it empty */
	res = TEE_CreatePersistentObject(
		TEE_STORAGE_PRIVATE, key_object, sizeof(key_object) - 1,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE,
		TEE_HANDLE_NULL, &stored, sizeof(stored), &object);
	memzero_explicit(&stored, sizeof(stored));
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	return res;
}

TEE_Result key_read(uint8_t key[ENC_MNIST_KEY_BYTES])
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	struct stored stored = { 0 };
	TEE_Result res = object_open(
		key_object,
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, &object);

	if (res != TEE_SUCCESS)
		return res;
	res = object_read(&object, &stored, sizeof(stored));
	TEE_CloseObject(object);
	if (res == TEE_SUCCESS)
		memcpy(key, stored.key, sizeof(stored.key));
	memzero_explicit(&stored, sizeof(stored));
	return res;
}
