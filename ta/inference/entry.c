/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points of the TA: parameters are checked here, and nowhere else does a
 * pointer into shared memory come from. proto/enc_mnist_ta.h is what it does.
 */
#include <string.h>
#include <string_ext.h>
#include <tee_internal_api.h>

#include "infer.h"
#include "key.h"
#include "load.h"
#include "proto/enc_mnist_ta.h"
#include "seal.h"
#include "session.h"

#define NONE TEE_PARAM_TYPE_NONE
#define IN   TEE_PARAM_TYPE_MEMREF_INPUT
#define OUT  TEE_PARAM_TYPE_MEMREF_OUTPUT

#define NO_PARAMS     TEE_PARAM_TYPES(NONE, NONE, NONE, NONE)
#define IN_PARAM      TEE_PARAM_TYPES(IN, NONE, NONE, NONE)
#define IN_OUT_PARAMS TEE_PARAM_TYPES(IN, OUT, NONE, NONE)

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types,
				    TEE_Param params[TEE_NUM_PARAMS] __unused,
				    void **session)
{
	struct session *s = NULL;

	if (types != NO_PARAMS && types != IN_PARAM)
		return TEE_ERROR_BAD_PARAMETERS;
	s = TEE_Malloc(sizeof(*s), TEE_MALLOC_FILL_ZERO);
	if (!s)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->load.cipher = TEE_HANDLE_NULL;
	s->work_size = infer_work_size();
	s->work = TEE_Malloc(s->work_size, TEE_MALLOC_FILL_ZERO);
	if (!s->work) {
		TEE_Free(s);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	*session = s;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	struct session *s = session;

	load_drop(s);
	session_free_params(s->params);
	memzero_explicit(s->work, s->work_size);
	TEE_Free(s->work);
	TEE_Free(s);
}

static TEE_Result store_key(const TEE_Param *in)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	if (in->memref.size == sizeof(key)) {
		memcpy(key, in->memref.buffer, sizeof(key));
		res = key_store(key);
	}
	memzero_explicit(key, sizeof(key));
	return res;
}

/* The parameter types of a command. */
static bool types_of(uint32_t command, uint32_t *types)
{
	switch (command) {
	case ENC_MNIST_CMD_INFER:
#ifdef ENC_MNIST_ENCRYPT_MODEL
	case ENC_MNIST_CMD_ENCRYPT:
	case ENC_MNIST_CMD_DECRYPT:
#endif
		*types = IN_OUT_PARAMS;
		return true;
	case ENC_MNIST_CMD_STORE_KEY:
	case ENC_MNIST_CMD_PUSH:
		*types = IN_PARAM;
		return true;
	case ENC_MNIST_CMD_BEGIN:
	case ENC_MNIST_CMD_FINALIZE:
		*types = NO_PARAMS;
		return true;
	default:
		return false;
	}
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command,
				      uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	struct session *s = session;
	TEE_Param *in = &params[0];
	TEE_Param *out = &params[1];
	uint32_t expected = 0;

	if (!types_of(command, &expected))
		return TEE_ERROR_NOT_SUPPORTED;
	if (types != expected)
		return TEE_ERROR_BAD_PARAMETERS;

	switch (command) {
	case ENC_MNIST_CMD_INFER:
		return infer(s, in->memref.buffer, in->memref.size,
			     out->memref.buffer, &out->memref.size);
#ifdef ENC_MNIST_ENCRYPT_MODEL
	case ENC_MNIST_CMD_ENCRYPT:
		return seal_encrypt(s, in->memref.buffer, in->memref.size,
				    out->memref.buffer, &out->memref.size);
	case ENC_MNIST_CMD_DECRYPT:
		return seal_decrypt(s, in->memref.buffer, in->memref.size,
				    out->memref.buffer, &out->memref.size);
#endif
	case ENC_MNIST_CMD_STORE_KEY:
		return store_key(in);
	case ENC_MNIST_CMD_BEGIN:
		return load_begin(s);
	case ENC_MNIST_CMD_PUSH:
		return load_push(s, in->memref.buffer, in->memref.size);
	default:
		return load_finalize(s);
	}
}
