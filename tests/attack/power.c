/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power                prints the number of the TA's key: "has key N", 0: none
 * power key FIRST      stores key FIRST and the next ones, up to 100 and again
 *                      from 1, until the power is cut
 * power version FIRST  loads FIRST.sealed, which has version FIRST, and the
 *                      next ones; reports just before the command that stores
 *                      the version
 *
 * It prints "try N" before it stores N, and "did N" afterwards. Each line
 * reaches the host before the next step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/file.h"
#include "testkit/sealed_client.h"

#define KEYS	    100
#define MODEL_BYTES (16u << 20) /* and less */

/*
 * A load takes a second, its last command some milliseconds. The power is cut a
 * random time after "try": about as often before that command as after it.
 */
#define BEFORE_FINALIZE_US 60000

static TEEC_Session session;

static int fail(const char *what, TEEC_Result res)
{
	printf("failed: %s: 0x%08x\n", what, (unsigned int)res);
	return 1;
}

static void say(const char *what, int n)
{
	printf("%s %d\n", what, n);
	fflush(stdout);
}

static int say_key(void)
{
	int n = -1;
	TEEC_Result res = ta_which_key(&session, &n);

	if (res == TEEC_ERROR_ITEM_NOT_FOUND)
		n = 0;
	else if (res != TEEC_SUCCESS)
		return fail("which key", res);
	say("has key", n);
	return 0;
}

static int store_keys(int n)
{
	for (;; n = n % KEYS + 1) {
		uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };
		TEEC_Result res = TEEC_SUCCESS;

		ta_numbered_key((uint8_t)n, key);
		say("try", n);
		res = ta_store_key(&session, key);
		if (res != TEEC_SUCCESS)
			return fail("store key", res);
		say("did", n);
	}
}

/* The whole load of a model but its last command. */
static TEEC_Result push_model(const char *path)
{
	struct enc_error e = { 0 };
	uint8_t *model = NULL;
	size_t len = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	if (!enc_file_read(path, MODEL_BYTES, &model, &len, &e)) {
		fprintf(stderr, "%s\n", e.what);
		return res;
	}
	res = ta_begin_sealed(&session, model, len);
	if (res == TEEC_SUCCESS)
		res = ta_push_all(&session, model + BOX_HEAD_BYTES,
				  len - BOX_HEAD_BYTES);
	free(model);
	return res;
}

static int store_versions(int n)
{
	for (;; n++) {
		char path[32] = "";
		TEEC_Result res = TEEC_SUCCESS;

		snprintf(path, sizeof(path), "%d.sealed", n);
		while (access(path, R_OK))
			sleep(1); /* the host has no more ready */
		res = push_model(path);
		if (res != TEEC_SUCCESS)
			return fail("load", res);
		say("try", n);
		usleep(BEFORE_FINALIZE_US);
		res = ta_finalize(&session);
		if (res != TEEC_SUCCESS)
			return fail("finalize", res);
		say("did", n);
	}
}

int main(int argc, char **argv)
{
	TEEC_Context context = { 0 };
	TEEC_Result res = TEEC_InitializeContext(NULL, &context);

	if (res == TEEC_SUCCESS)
		res = ta_open(&context, &session);
	if (res != TEEC_SUCCESS)
		return fail("open", res);
	if (argc == 1)
		return say_key();
	if (argc == 3 && !strcmp(argv[1], "key"))
		return store_keys(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "version"))
		return store_versions(atoi(argv[2]));
	return 2;
}
