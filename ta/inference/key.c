/* SPDX-License-Identifier: Apache-2.0 */
#include "key.h"

#include <string.h>
#include <string_ext.h>

#include "proto/enc_mnist_ta.h"

#define KEY_BITS (8 * ENC_MNIST_KEY_BYTES)

static const char key_object[] = "model-key";

TEE_Result key_store(const uint8_t *key, size_t size)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_ERROR_GENERIC;

	if (size != ENC_MNIST_KEY_BYTES)
		return TEE_ERROR_BAD_PARAMETERS;
	/* with its data at once: created empty, a power cut could leave it so
	 */
	res = TEE_CreatePersistentObject(
		TEE_STORAGE_PRIVATE, key_object, sizeof(key_object) - 1,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE,
		TEE_HANDLE_NULL, key, size, &object);
	if (res == TEE_SUCCESS)
		TEE_CloseObject(object);
	return res;
}

static TEE_Result key_read(uint8_t key[ENC_MNIST_KEY_BYTES])
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

/* Puts the raw key into an operation, by way of a transient object. */
static TEE_Result set_key(TEE_OperationHandle op, const uint8_t *key)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };
	TEE_Result res =
		TEE_AllocateTransientObject(TEE_TYPE_AES, KEY_BITS, &object);

	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, key,
			     ENC_MNIST_KEY_BYTES);
	res = TEE_PopulateTransientObject(object, &attr, 1);
	if (res == TEE_SUCCESS)
		res = TEE_SetOperationKey(op, object);
	TEE_FreeTransientObject(object);
	return res;
}

TEE_Result key_cipher(uint32_t mode, TEE_OperationHandle *op)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	TEE_Result res = key_read(key);

	*op = TEE_HANDLE_NULL;
	if (res != TEE_SUCCESS)
		goto out;
	res = TEE_AllocateOperation(op, TEE_ALG_AES_CBC_NOPAD, mode, KEY_BITS);
	if (res != TEE_SUCCESS)
		goto out;
	res = set_key(*op, key);
	if (res != TEE_SUCCESS) {
		TEE_FreeOperation(*op);
		*op = TEE_HANDLE_NULL;
	}
out:
	memzero_explicit(key, sizeof(key));
	return res;
}
