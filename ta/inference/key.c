/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

static const char key_object[] = "model-key";

TEE_Result key_store(const uint8_t key[ENC_MNIST_KEY_BYTES])
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_ERROR_GENERIC;

	/* created empty and then written, a power cut could leave it empty */
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
	TEE_ObjectInfo info = { 0 };
	size_t count = 0;
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, key_object, sizeof(key_object) - 1,
		TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, &object);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_GetObjectInfo1(object, &info);
	if (res == TEE_SUCCESS)
		res = TEE_ReadObjectData(object, key, ENC_MNIST_KEY_BYTES,
					 &count);
	if (res == TEE_SUCCESS && (info.dataSize != ENC_MNIST_KEY_BYTES ||
				   count != ENC_MNIST_KEY_BYTES))
		res = TEE_ERROR_CORRUPT_OBJECT;
	TEE_CloseObject(object);
	return res;
}
