/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "box/head.h"
#include "host/compat/cbc.h"
#include "secret.h"
#include "test.h"

TEEC_Result ta_open(TEEC_Context *context, TEEC_Session *session)
{
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;

	return TEEC_OpenSession(context, session, &uuid, TEEC_LOGIN_PUBLIC,
				NULL, NULL, NULL);
}

TEEC_Context ta_context;

int ta_setup_session(void **state)
{
	*state = calloc(1, sizeof(TEEC_Session));
	return ta_open(&ta_context, *state) == TEEC_SUCCESS ? 0 : -1;
}

int ta_teardown_session(void **state)
{
	TEEC_CloseSession(*state);
	free(*state);
	return 0;
}

TEEC_Result ta_call(TEEC_Session *session, uint32_t command, const void *in,
		    size_t in_size, void *out, size_t *out_size)
{
	const uint32_t in_type = in ? TEEC_MEMREF_TEMP_INPUT : TEEC_NONE;
	const uint32_t out_type = out ? TEEC_MEMREF_TEMP_OUTPUT : TEEC_NONE;
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes =
		TEEC_PARAM_TYPES(in_type, out_type, TEEC_NONE, TEEC_NONE);
	op.params[0].tmpref.buffer = (void *)(uintptr_t)in;
	op.params[0].tmpref.size = in_size;
	op.params[1].tmpref.buffer = out;
	op.params[1].tmpref.size = out_size ? *out_size : 0;
	res = TEEC_InvokeCommand(session, command, &op, NULL);
	if (out_size)
		*out_size = op.params[1].tmpref.size;
	return res;
}

TEEC_Result ta_send(TEEC_Session *session, uint32_t command, const void *in,
		    size_t in_size)
{
	return ta_call(session, command, in, in_size, NULL, NULL);
}

TEEC_Result ta_ask(TEEC_Session *session, uint32_t command, void *out,
		   size_t *out_size)
{
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	op.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE,
					 TEEC_NONE, TEEC_NONE);
	op.params[0].tmpref.buffer = out;
	op.params[0].tmpref.size = *out_size;
	res = TEEC_InvokeCommand(session, command, &op, NULL);
	*out_size = op.params[0].tmpref.size;
	return res;
}

TEEC_Result ta_store_key(TEEC_Session *session,
			 const uint8_t key[ENC_MNIST_KEY_BYTES])
{
	return ta_send(session, ENC_MNIST_CMD_STORE_KEY, key,
		       ENC_MNIST_KEY_BYTES);
}

TEEC_Result ta_begin(TEEC_Session *session)
{
	return ta_send(session, ENC_MNIST_CMD_BEGIN, NULL, 0);
}

TEEC_Result ta_push(TEEC_Session *session, const uint8_t *data, size_t len)
{
	return ta_send(session, ENC_MNIST_CMD_PUSH, data, len);
}

TEEC_Result ta_finalize(TEEC_Session *session)
{
	return ta_send(session, ENC_MNIST_CMD_FINALIZE, NULL, 0);
}

TEEC_Result ta_push_all(TEEC_Session *session, const uint8_t *data, size_t len)
{
	TEEC_Result res = TEEC_SUCCESS;

	for (size_t at = 0; at < len && res == TEEC_SUCCESS;
	     at += TA_PIECE_BYTES)
		res = ta_push(session, data + at,
			      len - at < TA_PIECE_BYTES ? len - at :
							  TA_PIECE_BYTES);
	return res;
}

TEEC_Result ta_load(TEEC_Session *session, const uint8_t *data, size_t len)
{
	TEEC_Result res = ta_begin(session);

	if (res == TEEC_SUCCESS)
		res = ta_push_all(session, data, len);
	return res == TEEC_SUCCESS ? ta_finalize(session) : res;
}

TEEC_Result ta_begin_sealed(TEEC_Session *session, const uint8_t *data,
			    size_t len)
{
	return ta_send(session, ENC_MNIST_CMD_BEGIN_SEALED, data,
		       len < BOX_HEAD_BYTES ? len : BOX_HEAD_BYTES);
}

TEEC_Result ta_load_sealed(TEEC_Session *session, const uint8_t *data,
			   size_t len)
{
	TEEC_Result res = ta_begin_sealed(session, data, len);

	if (res == TEEC_SUCCESS)
		res = ta_push_all(session, data + BOX_HEAD_BYTES,
				  len - BOX_HEAD_BYTES);
	return res == TEEC_SUCCESS ? ta_finalize(session) : res;
}

TEEC_Result ta_infer(TEEC_Session *session, const void *images, size_t n,
		     uint8_t *labels)
{
	size_t count = n;
	TEEC_Result res = ta_call(session, ENC_MNIST_CMD_INFER, images,
				  n * ENC_MNIST_IMAGE_BYTES, labels, &count);

	if (res == TEEC_SUCCESS)
		assert_int_equal(count, n);
	return res;
}

uint8_t *ta_seal(const uint8_t key[ENC_MNIST_KEY_BYTES], const uint8_t *plain,
		 size_t len, size_t *sealed_len)
{
	uint8_t *copy = malloc(len + 1);
	uint8_t *sealed = NULL;
	struct enc_error e = { 0 };

	memcpy(copy, plain, len);
	secret_library(true);
	assert_true(enc_cbc_seal(key, copy, len, &sealed, sealed_len, &e));
	secret_library(false);
	secret_reveal(sealed, *sealed_len);
	free(copy);
	return sealed;
}

void ta_numbered_key(uint8_t n, uint8_t key[ENC_MNIST_KEY_BYTES])
{
	memset(key, n, ENC_MNIST_KEY_BYTES);
	key[0] = (uint8_t)~n;
}

/* Whether `sealed`, a container of two blocks, holds `plain` under key n. */
static bool opens(uint8_t n, const uint8_t *sealed, const char *plain)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	uint8_t block[16] = { 0 };
	int len = 0;

	ta_numbered_key(n, key);
	assert_int_equal(EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL,
					    key, sealed),
			 1);
	EVP_CIPHER_CTX_set_padding(cipher, 0);
	assert_int_equal(
		EVP_DecryptUpdate(cipher, block, &len, sealed + 16, 16), 1);
	EVP_CIPHER_CTX_free(cipher);
	return !memcmp(block + 4, plain, 12);
}

TEEC_Result ta_which_key(TEEC_Session *session, int *n)
{
	const char plain[13] = "twelve bytes";
	uint8_t sealed[32] = { 0 };
	size_t size = sizeof(sealed);
	TEEC_Result res = ta_call(session, ENC_MNIST_CMD_ENCRYPT, plain, 12,
				  sealed, &size);

	*n = -1;
	if (res != TEEC_SUCCESS)
		return res;
	for (int k = 0; k < 256 && *n < 0; k++) {
		if (opens((uint8_t)k, sealed, plain))
			*n = k;
	}
	return res;
}
