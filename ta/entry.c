/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points of the TA. Parameters are checked here, and pointers into shared
 * memory come from nowhere else. proto/enc_mnist_ta.h describes the commands.
 */
#include <string.h>
#include <string_ext.h>

#include "device.h"
#include "infer.h"
#include "kit.h"
#include "load.h"
#include "load_sealed.h"
#include "owner.h"
#include "policy.h"
#include "proto/enc_mnist_ta.h"
#include "provision.h"
#include "run.h"
#include "session.h"
#include "status.h"
#include "ta/compat/crypt.h"
#include "ta/compat/key.h"
#include "ta/compat/load.h"

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
	if (!owner_block.is_owned)
		return TEE_ERROR_BAD_STATE;
	s = session_open();
	if (!s)
		return TEE_ERROR_OUT_OF_MEMORY;
	load_drop(s);
	*session = s;
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	struct session *s = session;

	load_drop(s);
	policy_give_back(s);
	session_close(s);
}

#ifdef ENC_MNIST_COMPAT
static TEE_Result store_key(struct session *s, TEE_Param *p)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	(void)s;
	if (p[0].memref.size == sizeof(key)) {
		memcpy(key, p[0].memref.buffer, sizeof(key));
		res = key_store(key);
	}
	memzero_explicit(key, sizeof(key));
	return res;
}

static TEE_Result begin(struct session *s, TEE_Param *p)
{
	(void)p;
	return compat_load_begin(s);
}
#endif

#ifdef ENC_MNIST_ENCRYPT_MODEL
static TEE_Result encrypt(struct session *s, TEE_Param *p)
{
	return compat_encrypt(s, p[0].memref.buffer, p[0].memref.size,
			      p[1].memref.buffer, &p[1].memref.size);
}

static TEE_Result decrypt(struct session *s, TEE_Param *p)
{
	return compat_decrypt(s, p[0].memref.buffer, p[0].memref.size,
			      p[1].memref.buffer, &p[1].memref.size);
}
#endif

static TEE_Result classify(struct session *s, TEE_Param *p)
{
	return infer(s, p[0].memref.buffer, p[0].memref.size,
		     p[1].memref.buffer, &p[1].memref.size);
}

static TEE_Result begin_sealed(struct session *s, TEE_Param *p)
{
	return load_sealed_begin(s, p[0].memref.buffer, p[0].memref.size);
}

static TEE_Result push(struct session *s, TEE_Param *p)
{
	return load_push(s, p[0].memref.buffer, p[0].memref.size);
}

static TEE_Result finalize(struct session *s, TEE_Param *p)
{
	(void)p;
	return load_finalize(s);
}

static TEE_Result take_envelope(struct session *s, TEE_Param *p)
{
	(void)s;
	return provision(p[0].memref.buffer, p[0].memref.size);
}

/* Public output of a fixed size: gathered first, then copied out once. */
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

static TEE_Result answer_device_key(struct session *s, TEE_Param *p)
{
	uint8_t key[BOX_X25519_BYTES] = { 0 };

	(void)s;
	return answer(device_public_key, key, sizeof(key), &p[0]);
}

static TEE_Result answer_status(struct session *s, TEE_Param *p)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };

	(void)s;
	return answer(status, bytes, sizeof(bytes), &p[0]);
}

static TEE_Result describe(struct session *s, TEE_Param *p)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	TEE_Result res = run_describe(s, bytes);

	if (res == TEE_SUCCESS && p[0].memref.size < sizeof(bytes))
		res = TEE_ERROR_SHORT_BUFFER;
	if (res == TEE_SUCCESS)
		memcpy(p[0].memref.buffer, bytes, sizeof(bytes));
	if (res == TEE_SUCCESS || res == TEE_ERROR_SHORT_BUFFER)
		p[0].memref.size = sizeof(bytes);
	return res;
}

static TEE_Result run_samples(struct session *s, TEE_Param *p)
{
	return run(s, p[0].memref.buffer, p[0].memref.size, p[1].memref.buffer,
		   &p[1].memref.size);
}

static TEE_Result commit(struct session *s, TEE_Param *p)
{
	(void)p;
	return policy_commit(s);
}

/* All commands, with the exact types of their parameters. */
static const struct {
	uint32_t command;
	uint32_t types;
	TEE_Result (*handle)(struct session *s, TEE_Param *p);
} commands[] = {
	{ ENC_MNIST_CMD_INFER, IN_OUT_PARAMS, classify },
	{ ENC_MNIST_CMD_PUSH, IN_PARAM, push },
	{ ENC_MNIST_CMD_FINALIZE, NO_PARAMS, finalize },
	{ ENC_MNIST_CMD_BEGIN_SEALED, IN_PARAM, begin_sealed },
	{ ENC_MNIST_CMD_DEVICE_KEY, OUT_PARAM, answer_device_key },
	{ ENC_MNIST_CMD_PROVISION, IN_PARAM, take_envelope },
	{ ENC_MNIST_CMD_STATUS, OUT_PARAM, answer_status },
	{ ENC_MNIST_CMD_DESCRIBE, OUT_PARAM, describe },
	{ ENC_MNIST_CMD_RUN, IN_OUT_PARAMS, run_samples },
	{ ENC_MNIST_CMD_COMMIT, NO_PARAMS, commit },
#ifdef ENC_MNIST_COMPAT
	{ ENC_MNIST_CMD_STORE_KEY, IN_PARAM, store_key },
	{ ENC_MNIST_CMD_BEGIN, NO_PARAMS, begin },
#endif
#ifdef ENC_MNIST_ENCRYPT_MODEL
	{ ENC_MNIST_CMD_ENCRYPT, IN_OUT_PARAMS, encrypt },
	{ ENC_MNIST_CMD_DECRYPT, IN_OUT_PARAMS, decrypt },
#endif
};

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command,
				      uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].command != command)
			continue;
		if (commands[i].types != types)
			return TEE_ERROR_BAD_PARAMETERS;
		return commands[i].handle(session, params);
	}
	return TEE_ERROR_NOT_SUPPORTED;
}
