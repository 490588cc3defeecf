/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_ta.h"

#include <string.h>
#include <tee_internal_api.h>

#include "bench/forward.h"
#include "bench/network.h"
#include "nn/pack.h"
#include "record/burn.h"

#define NONE  TEE_PARAM_TYPE_NONE
#define VALUE TEE_PARAM_TYPE_VALUE_INPUT
#define IN    TEE_PARAM_TYPE_MEMREF_INPUT

#define TAG_BYTES   16
#define KEY_BYTES   32
#define NONCE_BYTES 12

static uint8_t sealed[BENCH_CHUNK_BYTES + TAG_BYTES];
static uint8_t plain[BENCH_CHUNK_BYTES];
static const uint8_t nonce[16];
static const uint8_t zeros[64];

/* The record that is being loaded. */
static struct {
	struct record_burn reader;
	void *params;
} record;

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

static TEE_Result decrypt_cbc(size_t bytes)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = operation(TEE_ALG_AES_CBC_NOPAD, TEE_MODE_DECRYPT,
				   TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, &op);

	if (res == TEE_SUCCESS)
		TEE_CipherInit(op, nonce, sizeof(nonce));
	while (res == TEE_SUCCESS && bytes) {
		size_t n = bytes < sizeof(plain) ? bytes : sizeof(plain);
		size_t size = sizeof(plain);

		res = TEE_CipherUpdate(op, plain, n, plain, &size);
		bytes -= n;
	}
	if (op != TEE_HANDLE_NULL)
		TEE_FreeOperation(op);
	return res;
}

/* The tag is wrong; that takes as long to find out as a right one. */
static TEE_Result decrypt_gcm(size_t bytes)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = operation(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT,
				   TEE_TYPE_AES, TEE_ATTR_SECRET_VALUE, &op);

	while (res == TEE_SUCCESS && bytes) {
		size_t n = bytes < sizeof(plain) ? bytes : sizeof(plain);
		size_t size = n;

		res = TEE_AEInit(op, nonce, NONCE_BYTES, 8 * TAG_BYTES, 0, n);
		if (res == TEE_SUCCESS)
			res = TEE_AEDecryptFinal(op, sealed, n, plain, &size,
						 sealed + n, TAG_BYTES);
		if (res == TEE_ERROR_MAC_INVALID)
			res = TEE_SUCCESS;
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

/* The signature is wrong; that takes as long to find out as a right one. */
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

static TEE_Result crypto(uint32_t what, size_t bytes)
{
	TEE_Result res = TEE_SUCCESS;

	if (what & BENCH_GCM)
		res = decrypt_gcm(bytes);
	if (res == TEE_SUCCESS && what & BENCH_SHA256)
		res = hash(bytes);
	if (res == TEE_SUCCESS && what & BENCH_ED25519)
		res = verify();
	if (res == TEE_SUCCESS && what & BENCH_CBC)
		res = decrypt_cbc(bytes);
	return res;
}

/* Starts a new record; its memory is kept until the session ends. */
static TEE_Result start_record(void)
{
	size_t size = nn_packed_count(&nn_mnist) * sizeof(float);

	if (!record.params)
		record.params = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	if (!record.params)
		return TEE_ERROR_OUT_OF_MEMORY;
	record_burn_begin(&record.reader, &nn_mnist, record.params);
	return TEE_SUCCESS;
}

static TEE_Result piece(uint32_t what, const void *data, size_t size)
{
	TEE_Result res = TEE_SUCCESS;

	if (size > sizeof(plain))
		return TEE_ERROR_EXCESS_DATA;
	if (what & BENCH_FIRST)
		res = start_record();
	if (res == TEE_SUCCESS && what & BENCH_COPY)
		memcpy(plain, data, size);
	if (res == TEE_SUCCESS && what & BENCH_PARSE &&
	    record_burn_push(&record.reader, plain, size) != RECORD_BURN_OK)
		res = TEE_ERROR_BAD_FORMAT;
	return res;
}

static TEE_Result measured(bool ok)
{
	return ok ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command,
				      uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	const uint32_t a = params[0].value.a;
	const uint32_t b = params[0].value.b;

	if (command == BENCH_CMD_CRYPTO &&
	    types == TEE_PARAM_TYPES(VALUE, NONE, NONE, NONE))
		return crypto(a, b);
	if (command == BENCH_CMD_PIECE &&
	    types == TEE_PARAM_TYPES(VALUE, IN, NONE, NONE))
		return piece(a, params[1].memref.buffer, params[1].memref.size);
	if (command == BENCH_CMD_FORWARD &&
	    types == TEE_PARAM_TYPES(VALUE, VALUE, NONE, NONE))
		return measured(
			bench_forward(a, params[1].value.a, params[1].value.b));
	if (command == BENCH_CMD_NETWORK &&
	    types == TEE_PARAM_TYPES(IN, VALUE, NONE, NONE))
		return measured(bench_network(
			params[0].memref.buffer, params[0].memref.size,
			params[1].value.a, params[1].value.b));
	return TEE_ERROR_BAD_PARAMETERS;
}
