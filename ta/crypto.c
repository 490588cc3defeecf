/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"

TEE_Result crypto_object(uint32_t type, uint32_t attribute, const void *value,
			 size_t size, TEE_ObjectHandle *object)
{
	TEE_Attribute attr = { 0 };
	TEE_Result res = TEE_ERROR_GENERIC;

	*object = TEE_HANDLE_NULL;
	res = TEE_AllocateTransientObject(type, CRYPTO_BITS(size), object);
	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, attribute, value, size);
	res = TEE_PopulateTransientObject(*object, &attr, 1);
	if (res != TEE_SUCCESS) {
		TEE_FreeTransientObject(*object);
		*object = TEE_HANDLE_NULL;
	}
	return res;
}

TEE_Result crypto_operation(uint32_t algorithm, uint32_t mode, size_t key_size,
			    TEE_ObjectHandle key, TEE_OperationHandle *op)
{
	TEE_Result res = TEE_ERROR_GENERIC;

	*op = TEE_HANDLE_NULL;
	res = TEE_AllocateOperation(op, algorithm, mode, CRYPTO_BITS(key_size));
	if (res != TEE_SUCCESS)
		return res;
	res = TEE_SetOperationKey(*op, key);
	if (res != TEE_SUCCESS) {
		TEE_FreeOperation(*op);
		*op = TEE_HANDLE_NULL;
	}
	return res;
}

TEE_Result crypto_operation_raw(uint32_t algorithm, uint32_t mode,
				uint32_t type, uint32_t attribute,
				const void *key, size_t key_size,
				TEE_OperationHandle *op)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = crypto_object(type, attribute, key, key_size, &object);

	*op = TEE_HANDLE_NULL;
	if (res != TEE_SUCCESS)
		return res;
	res = crypto_operation(algorithm, mode, key_size, object, op);
	TEE_FreeTransientObject(object);
	return res;
}

TEE_Result crypto_derive(TEE_OperationHandle op, const TEE_Attribute *params,
			 uint32_t count, uint8_t *secret, size_t size)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	size_t got = size;
	TEE_Result res = TEE_AllocateTransientObject(
		TEE_TYPE_GENERIC_SECRET, CRYPTO_BITS(size), &object);

	if (res != TEE_SUCCESS)
		return res;
	TEE_DeriveKey(op, params, count, object);
	res = TEE_GetObjectBufferAttribute(object, TEE_ATTR_SECRET_VALUE,
					   secret, &got);
	if (res == TEE_SUCCESS && got != size)
		res = TEE_ERROR_GENERIC;
	TEE_FreeTransientObject(object);
	return res;
}

void crypto_free(TEE_OperationHandle op)
{
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
}
