/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points of the TA: parameters are checked here, and nowhere else does a
 * pointer into shared memory come from. proto/enc_mnist_ta.h is what it does.
 */
#include <string.h>
#include <string_ext.h>
#include <tee_internal_api.h>

#include "device.h"
#include "infer.h"
#include "key.h"
#include "load.h"
#include "load_cbc.h"
#include "load_sealed.h"
#include "proto/enc_mnist_ta.h"
#include "provision.h"
#include "seal.h"
#include "session.h"
#include "status.h"

#define NONE TEE_PARAM_TYPE_NONE
#define IN   TEE_PARAM_TYPE_MEMREF_INPUT
#define OUT  TEE_PARAM_TYPE_MEMREF_OUTPUT

#define NO_PARAMS     TEE_PARAM_TYPES(NONE, NONE, NONE, NONE)
#define IN_PARAM      TEE_PARAM_TYPES(IN, NONE, NONE, NONE)
#define OUT_PARAM     TEE_PARAM_TYPES(OUT, NONE, NONE, NONE)
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
	load_drop(s);
	s->work_size = infer_work_size();
	if (s->work_size < SESSION_WORK_MIN)
		s->work_size = SESSION_WORK_MIN;
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
	session_free_model(&s->model);
	session_wipe(s->work, s->work_size);
	TEE_Free(s->work);
	TEE_Free(s);
}

#ifdef ENC_MNIST_ORIGINAL
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
#endif

/* Public bytes of a fixed number: gathered, then copied out once. */
static TEE_Result answer(TEE_Result (*make)(uint8_t *), uint8_t *bytes,
			 size_t size, TEE_Param *out)
{
	TEE_Result res = TEE_ERROR_SHORT_BUFFER;

	if (out->memref.size >= size)
		res = make(bytes);
	if (res == TEE_SUCCESS)
		memcpy(out->memref.buffer, bytes, size);
	if (res == TEE_SUCCESS || res == TEE_ERROR_SHORT_BUFFER)
		out->memref.size = size;
	return res;
}

static TEE_Result answer_device_key(TEE_Param *out)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };

	return answer(device_key, key, sizeof(key), out);
}

static TEE_Result answer_status(TEE_Param *out)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };

	return answer(status, bytes, sizeof(bytes), out);
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
#ifdef ENC_MNIST_ORIGINAL
	case ENC_MNIST_CMD_STORE_KEY:
#endif
	case ENC_MNIST_CMD_PUSH:
	case ENC_MNIST_CMD_BEGIN_SEALED:
	case ENC_MNIST_CMD_PROVISION:
		*types = IN_PARAM;
		return true;
#ifdef ENC_MNIST_ORIGINAL
	case ENC_MNIST_CMD_BEGIN:
#endif
	case ENC_MNIST_CMD_FINALIZE:
		*types = NO_PARAMS;
		return true;
	case ENC_MNIST_CMD_DEVICE_KEY:
	case ENC_MNIST_CMD_STATUS:
		*types = OUT_PARAM;
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
#ifdef ENC_MNIST_ORIGINAL
	case ENC_MNIST_CMD_STORE_KEY:
		return store_key(in);
	case ENC_MNIST_CMD_BEGIN:
		return load_cbc_begin(s);
#endif
	case ENC_MNIST_CMD_BEGIN_SEALED:
		return load_sealed_begin(s, in->memref.buffer, in->memref.size);
	case ENC_MNIST_CMD_PUSH:
		return load_push(s, in->memref.buffer, in->memref.size);
	case ENC_MNIST_CMD_DEVICE_KEY:
		return answer_device_key(in);
	case ENC_MNIST_CMD_PROVISION:
		return provision(in->memref.buffer, in->memref.size);
	case ENC_MNIST_CMD_STATUS:
		return answer_status(in);
	default:
		return load_finalize(s);
	}
}
