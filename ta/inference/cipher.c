/* SPDX-License-Identifier: Apache-2.0 */
#include "cipher.h"

#include <string_ext.h>

#include "key.h"

#define KEY_BITS (8 * ENC_MNIST_KEY_BYTES)

_Static_assert(ENC_MNIST_KEY_BYTES == BOX_CBC_KEY_BYTES, "one key length");

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

TEE_Result cipher_open(uint32_t mode, TEE_OperationHandle *op)
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

void cipher_start(TEE_OperationHandle op, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	TEE_CipherInit(op, iv, BOX_CBC_BLOCK_BYTES);
}

bool cipher_blocks(TEE_OperationHandle op, uint8_t *data, size_t len)
{
	size_t out = len;

	return TEE_CipherUpdate(op, data, len, data, &out) == TEE_SUCCESS &&
	       out == len;
}
