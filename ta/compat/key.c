/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include "ta/object.h"

static const char key_object[] = "model-key";

TEE_Result key_store(const uint8_t key[ENC_MNIST_KEY_BYTES])
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_ERROR_GENERIC;

	/* with its data: created empty, a power cut could leave it empty */
	res = TEE_CreatePersistentObject(
		TEE_STORAGE_PRIVATE, key_object, sizeof(key_object) - 1,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE,
		TEE_HANDLE_NULL, key, ENC_MNIST_KEY_BYTES, &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	return res;
}

TEE_Result key_read(uint8_t key[ENC_MNIST_KEY_BYTES])
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, key_object, sizeof(key_object) - 1,
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, &object);

	if (res != TEE_SUCCESS)
		return res;
	res = object_read(&object, key, ENC_MNIST_KEY_BYTES);
	TEE_CloseObject(object);
	return res;
}
