/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power                prints the number of the TA's key of enc_mnist-rs:
 *                      "has key N", 0: none
 * power key FIRST      stores key FIRST and the next ones, up to 100 and again
 *                      from 1, until the power is cut
 * power commit FIRST   commits FIRST.sealed, which has security version FIRST,
 *                      and the next ones
 * power answers FIRST  takes answers of counted.sealed, in blocks of which the
 *                      device has had FIRST - 1
 *
 * It prints "try N" before it stores N, and "did N" afterwards. Each line
 * reaches the host before the next step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box/bytes.h"
#include "host/base/file.h"
#include "testkit/sealed_client.h"

#define KEYS	    100
#define MODEL_BYTES (16u << 20) /* and less */

/*
 * A commit takes some milliseconds. The power is cut a random time after "try":
 * about as often before that command as after it.
 */
#define BEFORE_COMMIT_US 60000

/* As many answers as a session reserves at a time: ta/policy.h. */
#define BLOCK 1024
#define BYTES (1u << 20) /* for a block, and more */

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

/* n samples of the session's model, whatever it is. */
static TEEC_Result run(size_t n)
{
	static uint8_t samples[BYTES];
	static uint8_t answers[BYTES];
	uint8_t model[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	size_t size = sizeof(model);
	TEEC_Result res =
		ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, model, &size);

	if (res != TEEC_SUCCESS)
		return res;
	n *= box_load64(model + ENC_MNIST_DESCRIBE_AT_SAMPLE);
	if (n > sizeof(samples))
		return TEEC_ERROR_EXCESS_DATA;
	size = sizeof(answers);
	return ta_call(&session, ENC_MNIST_CMD_RUN, samples, n, answers, &size);
}

/* Loads a model and, for COMMIT, lets it answer. */
static TEEC_Result load(const char *path, size_t answers)
{
	struct enc_error e = { 0 };
	uint8_t *model = NULL;
	size_t len = 0;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	if (!enc_file_read(path, MODEL_BYTES, &model, &len, &e)) {
		fprintf(stderr, "%s\n", e.what);
		return res;
	}
	res = ta_load_sealed(&session, model, len);
	if (res == TEEC_SUCCESS && answers)
		res = run(answers);
	free(model);
	return res;
}

static int commit_versions(int n)
{
	for (;; n++) {
		char path[32] = "";
		TEEC_Result res = TEEC_SUCCESS;

		snprintf(path, sizeof(path), "%d.sealed", n);
		while (access(path, R_OK))
			sleep(1); /* the host has no more ready */
		res = load(path, 1);
		if (res != TEEC_SUCCESS)
			return fail("load", res);
		say("try", n);
		usleep(BEFORE_COMMIT_US);
		res = ta_commit(&session);
		if (res != TEEC_SUCCESS)
			return fail("commit", res);
		say("did", n);
	}
}

static int take_answers(int n)
{
	TEEC_Result res = load("counted.sealed", 0);

	if (res != TEEC_SUCCESS)
		return fail("load", res);
	for (;; n++) {
		say("try", n);
		res = run(BLOCK);
		if (res != TEEC_SUCCESS)
			return fail("run", res);
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
	if (argc == 3 && !strcmp(argv[1], "commit"))
		return commit_versions(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "answers"))
		return take_answers(atoi(argv[2]));
	return 2;
}
