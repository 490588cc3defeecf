/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_ta.h"

#include <string.h>
#include <tee_internal_api.h>

#define TAG_BYTES 16
#define KEY_BYTES 32

static uint8_t sealed[BENCH_CHUNK_BYTES + TAG_BYTES];
static uint8_t plain[BENCH_CHUNK_BYTES];
static const uint8_t nonce[12];
static const uint8_t zeros[64];

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types __unused,
				    TEE_Param params[TEE_NUM_PARAMS] __unused,
				    void **session __unused)
{
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session __unused)
{
}

static TEE_Result operation(uint32_t algorithm, uint32_t mode, uint32_t type,
			    uint32_t attribute, TEE_OperationHandle *op)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attr = { 0 };
	TEE_Result res = TEE_AllocateTransientObject(type, 8 * KEY_BYTES, &key);

	if (res != TEE_SUCCESS)
		return res;
	TEE_InitRefAttribute(&attr, attribute, zeros, KEY_BYTES);
	res = TEE_PopulateTransientObject(key, &attr, 1);
	if (res == TEE_SUCCESS)
		res = TEE_AllocateOperation(op, algorithm, mode, 8 * KEY_BYTES);
	if (res == TEE_SUCCESS)
		res = TEE_SetOperationKey(*op, key);
	TEE_FreeTransientObject(key);
	return res;
}

static TEE_Result aes(uint32_t mode, TEE_OperationHandle *op)
{
	return operation(TEE_ALG_AES_GCM, mode, TEE_TYPE_AES,
			 TEE_ATTR_SECRET_VALUE, op);
}

/* A chunk that authenticates, to be decrypted again and again. */
static TEE_Result seal(size_t len)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	size_t size = len;
	size_t tag_size = TAG_BYTES;
	TEE_Result res = aes(TEE_MODE_ENCRYPT, &op);

	if (res == TEE_SUCCESS)
		res = TEE_AEInit(op, nonce, sizeof(nonce), 8 * TAG_BYTES, 0,
				 len);
	if (res == TEE_SUCCESS)
		res = TEE_AEEncryptFinal(op, plain, len, sealed, &size,
					 sealed + len, &tag_size);
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
	return res;
}

static TEE_Result open(TEE_OperationHandle op, size_t len)
{
	size_t size = len;
	TEE_Result res =
		TEE_AEInit(op, nonce, sizeof(nonce), 8 * TAG_BYTES, 0, len);

	if (res == TEE_SUCCESS)
		res = TEE_AEDecryptFinal(op, sealed, len, plain, &size,
					 sealed + len, TAG_BYTES);
	return res;
}

static TEE_Result decrypt(size_t bytes)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = aes(TEE_MODE_DECRYPT, &op);
	size_t sealed_len = 0;

	while (res == TEE_SUCCESS && bytes) {
		size_t n = bytes < sizeof(plain) ? bytes : sizeof(plain);

		if (n != sealed_len)
			res = seal(n);
		sealed_len = n;
		if (res == TEE_SUCCESS)
			res = open(op, n);
		bytes -= n;
	}
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
	return res;
}

static TEE_Result hash(size_t bytes)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	uint8_t digest[32] = { 0 };
	size_t size = sizeof(digest);
	TEE_Result res =
		TEE_AllocateOperation(&op, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0);

	if (res != TEE_SUCCESS)
		return res;
	while (bytes) {
		size_t n = bytes < sizeof(plain) ? bytes : sizeof(plain);

		TEE_DigestUpdate(op, plain, n);
		bytes -= n;
	}
	res = TEE_DigestDoFinal(op, NULL, 0, digest, &size);
	TEE_FreeOperation(op);
	return res;
}

/* The signature is wrong, which takes as long to find out. */
static TEE_Result verify(void)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = operation(TEE_ALG_ED25519, TEE_MODE_VERIFY,
				   TEE_TYPE_ED25519_PUBLIC_KEY,
				   TEE_ATTR_ED25519_PUBLIC_VALUE, &op);

	if (res == TEE_SUCCESS)
		res = TEE_AsymmetricVerifyDigest(op, NULL, 0, plain, 184, zeros,
						 sizeof(zeros));
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
	return res == TEE_ERROR_SIGNATURE_INVALID ? TEE_SUCCESS : res;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command,
				      uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	const uint32_t what = params[0].value.a;
	const size_t bytes = params[0].value.b;
	TEE_Result res = TEE_SUCCESS;

	if (command != BENCH_CMD_RUN ||
	    types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT,
				     TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE,
				     TEE_PARAM_TYPE_NONE))
		return TEE_ERROR_BAD_PARAMETERS;
	if (what & BENCH_GCM)
		res = decrypt(bytes);
	if (res == TEE_SUCCESS && what & BENCH_SHA256)
		res = hash(bytes);
	if (res == TEE_SUCCESS && what & BENCH_ED25519)
		res = verify();
	return res;
}
