/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power FIRST: says which key the TA has, then stores one key after the other,
 * FIRST and on, until the power is cut. Each line is with the host before the
 * next step: "has N", then "try N" and "did N".
 */
#include <stdio.h>
#include <stdlib.h>

#include "testkit/client.h"

#define KEYS 100

static void say(const char *what, int n)
{
	printf("%s %d\n", what, n);
	fflush(stdout);
}

static TEEC_Result store(TEEC_Session *session, int n)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };

	ta_numbered_key((uint8_t)n, key);
	return ta_store_key(session, key);
}

int main(int argc, char **argv)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);
	int n = -1;

	if (argc != 2)
		return 2;
	if (res == TEEC_SUCCESS)
		res = ta_open(&context, &session);
	if (res == TEEC_SUCCESS) {
		res = ta_which_key(&session, &n);
		if (res != TEEC_SUCCESS)
			printf("has no key: 0x%08x\n", (unsigned int)res);
		else
			say("has", n);
	}
	for (n = atoi(argv[1]); n; n = n % KEYS + 1) {
		say("try", n);
		res = store(&session, n);
		if (res != TEEC_SUCCESS)
			break;
		say("did", n);
	}
	printf("failed: 0x%08x\n", (unsigned int)res);
	return 1;
}
