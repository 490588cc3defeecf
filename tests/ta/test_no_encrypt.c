/* SPDX-License-Identifier: Apache-2.0 */
/* A TA built by `make no-encrypt` neither encrypts nor decrypts. */
#include "testkit/client.h"
#include "testkit/test.h"

static TEEC_Result call(uint32_t command)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;
	const uint8_t in[64] = { 0 };
	uint8_t out[128] = { 0 };
	size_t size = sizeof(out);

	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	res = ta_call(&session, command, in, sizeof(in), out, &size);
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
