/* SPDX-License-Identifier: Apache-2.0 */
/* A TA built by `make no-encrypt` neither encrypts nor decrypts. */
#include <tee_client_api.h>

#include "proto/enc_mnist_ta.h"
#include "tests/lib/test.h"

static TEEC_Result call(uint32_t command)
{
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Operation op = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;
	uint8_t in[64] = { 0 };
	uint8_t out[128] = { 0 };

	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(TEEC_OpenSession(&context, &session, &uuid,
					  TEEC_LOGIN_PUBLIC, NULL, NULL, NULL),
			 TEEC_SUCCESS);
	op.paramTypes =
		TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
				 TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE);
	op.params[0].tmpref.buffer = in;
	op.params[0].tmpref.size = sizeof(in);
	op.params[1].tmpref.buffer = out;
	op.params[1].tmpref.size = sizeof(out);
	res = TEEC_InvokeCommand(&session, command, &op, NULL);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return res;
}

static void it_does_not_encrypt(void **state)
{
	(void)state;
	assert_int_equal(call(ENC_MNIST_CMD_ENCRYPT), TEEC_ERROR_NOT_SUPPORTED);
}

static void it_does_not_decrypt(void **state)
{
	(void)state;
	assert_int_equal(call(ENC_MNIST_CMD_DECRYPT), TEEC_ERROR_NOT_SUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_not_encrypt),
		cmocka_unit_test(it_does_not_decrypt),
	};

	return cmocka_run_group_tests_name("no-encrypt", tests, NULL, NULL);
}
