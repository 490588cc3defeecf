/* SPDX-License-Identifier: Apache-2.0 */
/*
 * numbered_key [N]: stores key N of testkit/client.h if N is given. Then prints
 * the number of the TA's key, or the result with which the TA refuses.
 */
#include <stdio.h>
#include <stdlib.h>

#include "testkit/client.h"

int main(int argc, char **argv)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);
	int n = -1;

	if (res == TEEC_SUCCESS)
		res = ta_open(&context, &session);
	if (res == TEEC_SUCCESS && argc > 1) {
		ta_numbered_key((uint8_t)atoi(argv[1]), key);
		res = ta_store_key(&session, key);
	}
	if (res == TEEC_SUCCESS)
		res = ta_which_key(&session, &n);
	if (res == TEEC_SUCCESS)
		printf("%d\n", n);
	else
		printf("0x%08x\n", (unsigned int)res);
	return 0;
}
