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

TEE_Result crypto_verify(const uint8_t key[BOX_OWNER_BYTES], const void *data,
			 size_t size,
			 const uint8_t signature[BOX_SIGNATURE_BYTES])
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = crypto_operation_raw(
		TEE_ALG_ED25519, TEE_MODE_VERIFY, TEE_TYPE_ED25519_PUBLIC_KEY,
		TEE_ATTR_ED25519_PUBLIC_VALUE, key, BOX_OWNER_BYTES, &op);

	if (res != TEE_SUCCESS)
		return res;
	res = TEE_AsymmetricVerifyDigest(op, NULL, 0, data, size, signature,
					 BOX_SIGNATURE_BYTES);
	TEE_FreeOperation(op);
	return res;
}

bool crypto_hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
		 const struct box_part *parts, size_t count,
		 uint8_t mac[BOX_HMAC_BYTES])
{
	TEE_Result *res = ctx;
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	size_t size = BOX_HMAC_BYTES;

	*res = crypto_operation_raw(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC,
				    TEE_TYPE_HMAC_SHA256, TEE_ATTR_SECRET_VALUE,
				    key, BOX_HMAC_BYTES, &op);
	if (*res != TEE_SUCCESS)
		return false;
	TEE_MACInit(op, NULL, 0);
	for (size_t i = 0; i < count; i++)
		TEE_MACUpdate(op, parts[i].data, parts[i].len);
	*res = TEE_MACComputeFinal(op, NULL, 0, mac, &size);
	TEE_FreeOperation(op);
	return *res == TEE_SUCCESS;
}

void crypto_free(TEE_OperationHandle op)
{
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
}
