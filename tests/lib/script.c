/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "script_steps.h"
#include "testkit/client.h"
#include "testkit/test.h"

#define SESSIONS 2
#define KEYS	 3
#define IMAGES	 MODELS_IMAGES
#define BUFFER	 8192
#define COMMANDS 24 /* all known commands, and some unknown ones */

/* A step is an operation and up to four bytes of parameters. */
#define STEP_BYTES 5

static const uint8_t *const keys[KEYS] = {
	models_key,
	(const uint8_t *)"another key, as long as it was.",
	(const uint8_t *)"the key of nobody's containers.",
};

static TEEC_Context context;
static struct script_client clients[SESSIONS];
static FILE *lines;

void script_setup(void)
{
	/* outside a test, cmocka does not print what has failed otherwise */
	assert_int_equal(setenv("CMOCKA_TEST_ABORT", "1", 1), 0);
	models_make();
	script_sealed_setup();
	script_run_setup();
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
}

void script_reset(void)
{
	script_sealed_reset();
}

void script_say(const char *what, TEEC_Result res, const uint8_t *data,
		size_t len)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	if (!lines)
		return;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * 16777619;
	fprintf(lines, "%-8s 0x%08x %zu %08x\n", what, (unsigned int)res, len,
		(unsigned int)hash);
}

/* ---- the steps ---- */

void script_load_ends(struct script_client *c)
{
	c->pushing = SCRIPT_NO_MODEL;
	c->sealed = false;
	c->at = 0;
	c->changed = false;
}

static void step_open(struct script_client *c, const uint8_t *how)
{
	TEEC_Operation op = { 0 };
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	uint8_t data[16] = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	if (c->open)
		return;
	if (how[3] < 32) /* seldom: most sessions should open */
		op.paramTypes =
			TEEC_PARAM_TYPES(how[0] & 7u, 0u, 0u, how[1] & 3u);
	for (size_t i = 0; i < 4; i++) {
		op.params[i].tmpref.buffer = data;
		op.params[i].tmpref.size = sizeof(data);
	}
	res = TEEC_OpenSession(&context, &c->session, &uuid, TEEC_LOGIN_PUBLIC,
			       NULL, &op, NULL);
	c->open = res == TEEC_SUCCESS;
	c->model = c->network = SCRIPT_NO_MODEL;
	script_load_ends(c);
	script_say("open", res, NULL, 0);
}

static void close_client(struct script_client *c)
{
	if (c->open)
		TEEC_CloseSession(&c->session);
	c->open = false;
}

static void step_close(struct script_client *c, const uint8_t *how)
{
	(void)how;
	close_client(c);
}

static void step_store_key(struct script_client *c, const uint8_t *how)
{
	script_say("key",
		   ta_store_key(&c->session,
				keys[how[0] < 192 ? 0 : how[0] % KEYS]),
		   NULL, 0);
}

static void step_begin(struct script_client *c, const uint8_t *how)
{
	TEEC_Result res = ta_begin(&c->session);

	script_load_ends(c);
	if (res == TEEC_SUCCESS)
		c->pushing = how[0] % MODELS;
	script_say("begin", res, NULL, 0);
}

/* The container on its way, or the first one if none is. */
static const uint8_t *next_bytes(const struct script_client *c, size_t *left)
{
	int model = c->pushing == SCRIPT_NO_MODEL ? 0 : c->pushing;
	const uint8_t *bytes = NULL;

	if (c->sealed) {
		bytes = script_sealed_stream(model, left);
	} else {
		bytes = models[model].container;
		*left = models[model].container_len;
	}
	*left -= c->at;
	return bytes + c->at;
}

void script_count_pushed(struct script_client *c, size_t len, TEEC_Result res)
{
	if (c->pushing != SCRIPT_NO_MODEL)
		c->at += len;
	if (res != TEEC_SUCCESS)
		script_load_ends(c);
}

/* The next bytes of the container, with one changed if how[3] says so. */
static void step_push(struct script_client *c, const uint8_t *how)
{
	static uint8_t piece[1u << 16];
	size_t len = (size_t)how[0] << 8 | how[1];
	size_t left = 0;
	const uint8_t *from = next_bytes(c, &left);
	TEEC_Result res = TEEC_ERROR_GENERIC;

	len = len < left ? len : left;
	memcpy(piece, from, len);
	if (len && how[3]) {
		piece[how[2] % len] ^= how[3];
		c->changed = true;
	}
	res = ta_push(&c->session, piece, len);
	script_say("push", res, NULL, 0);
	script_count_pushed(c, len, res);
}

static void step_push_rest(struct script_client *c, const uint8_t *how)
{
	size_t left = 0;
	const uint8_t *from = next_bytes(c, &left);
	TEEC_Result res = ta_push_all(&c->session, from, left);

	(void)how;
	script_say("rest", res, NULL, 0);
	script_count_pushed(c, left, res);
}

static void count_finalized(struct script_client *c, TEEC_Result res)
{
	if (c->sealed)
		script_sealed_finalized(c, res);
	if (res == TEEC_SUCCESS) {
		assert_int_not_equal(c->pushing, SCRIPT_NO_MODEL);
		if (!c->changed && !c->sealed)
			assert_int_equal(c->at,
					 models[c->pushing].container_len);
		c->model = c->changed ? SCRIPT_SOME_MODEL :
			   c->sealed  ? script_sealed_labels(c->pushing) :
					c->pushing;
		c->network = c->sealed ? c->pushing : SCRIPT_NO_MODEL;
		c->answered = false;
	}
	script_load_ends(c);
}

static void step_finalize(struct script_client *c, const uint8_t *how)
{
	TEEC_Result res = ta_finalize(&c->session);

	(void)how;
	script_say("finalize", res, NULL, 0);
	count_finalized(c, res);
}

static void step_infer(struct script_client *c, const uint8_t *how)
{
	uint8_t labels[IMAGES] = { 0 };
	size_t size = (how[0] & 15u) * ENC_MNIST_IMAGE_BYTES + (how[1] & 3u);
	size_t count = how[2] % (IMAGES + 1);
	size_t room = count;
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_INFER,
				  models_images, size, labels, &count);

	if (res == TEEC_SUCCESS) {
		assert_int_not_equal(c->model, SCRIPT_NO_MODEL);
		assert_int_equal(count, how[0] & 15u);
		assert_true(count <= room);
		c->answered = true;
		if (c->model >= 0)
			assert_memory_equal(labels, models[c->model].labels,
					    count);
	} else {
		assert_true(c->model < 0 || res == TEEC_ERROR_BAD_PARAMETERS ||
			    res == TEEC_ERROR_SHORT_BUFFER);
	}
	script_say("infer", res, labels, res == TEEC_SUCCESS ? count : 0);
}

/* Encrypts, and if that succeeded decrypts the result. */
static void step_crypt(struct script_client *c, const uint8_t *how)
{
	static uint8_t sealed[BUFFER];
	static uint8_t plain[BUFFER];
	size_t len = (size_t)how[0] << 4 | how[1];
	size_t sealed_len = (size_t)how[2] << 5;
	size_t plain_len = (size_t)how[3] << 5;
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_ENCRYPT,
				  models_images, len, sealed, &sealed_len);

	script_say("encrypt", res, NULL, 0);
	if (res != TEEC_SUCCESS)
		return;
	res = ta_call(&c->session, ENC_MNIST_CMD_DECRYPT, sealed, sealed_len,
		      plain, &plain_len);
	script_say("decrypt", res, plain, res == TEEC_SUCCESS ? plain_len : 0);
	if (res == TEEC_SUCCESS) {
		assert_int_equal(plain_len, len);
		assert_memory_equal(plain, models_images, len);
	}
}

/* Decrypts any part of a container. */
static void step_decrypt(struct script_client *c, const uint8_t *how)
{
	static uint8_t plain[BUFFER];
	size_t len = (size_t)how[0] << 4 | (how[1] & 15u);
	size_t room = (size_t)how[2] << 5;
	TEEC_Result res =
		ta_call(&c->session, ENC_MNIST_CMD_DECRYPT,
			models[how[3] % MODELS].container, len, plain, &room);

	script_say("decrypt", res, plain, res == TEEC_SUCCESS ? room : 0);
}

/* The effect of a command on a load when its types happen to be right. */
static void types_may_be_right(struct script_client *c, uint32_t command,
			       TEEC_Result res)
{
	if (res == TEEC_ERROR_BAD_PARAMETERS)
		return;
	switch (command) {
	case ENC_MNIST_CMD_BEGIN:
		script_load_ends(c);
		c->pushing = res == TEEC_SUCCESS ? 0 : SCRIPT_NO_MODEL;
		break;
	case ENC_MNIST_CMD_PUSH:
		c->changed = true;
		script_count_pushed(c, 0, res);
		break;
	case ENC_MNIST_CMD_FINALIZE:
		count_finalized(c, res);
		break;
	case ENC_MNIST_CMD_COMMIT:
		script_committed(c, res);
		break;
	default:
		break;
	}
}

/* Any command with any types, and a little memory where the types need it. */
static void step_types(struct script_client *c, const uint8_t *how)
{
	static uint8_t buffer[4][256];
	TEEC_SharedMemory memory = { 0 };
	TEEC_Operation op = { 0 };
	uint32_t command = how[0] % COMMANDS;
	TEEC_Result res = TEEC_ERROR_GENERIC;

	/* its answer does not tell whether it ends a load */
	if (command == ENC_MNIST_CMD_BEGIN_SEALED &&
	    c->pushing != SCRIPT_NO_MODEL)
		return;
	memory.size = sizeof(buffer[0]);
	memory.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	if (TEEC_AllocateSharedMemory(&context, &memory) != TEEC_SUCCESS)
		return;
	op.paramTypes = how[1] | (uint32_t)how[2] << 8;
	for (uint32_t i = 0; i < 4; i++) {
		if (TEEC_PARAM_TYPE_GET(op.paramTypes, i) >=
		    TEEC_MEMREF_WHOLE) {
			op.params[i].memref.parent = &memory;
			op.params[i].memref.size = how[3] % 16u;
			op.params[i].memref.offset = how[3];
		} else {
			op.params[i].tmpref.buffer = buffer[i];
			op.params[i].tmpref.size = how[3] % 16u;
		}
	}
	res = TEEC_InvokeCommand(&c->session, command, &op, NULL);
	TEEC_ReleaseSharedMemory(&memory);
	script_say("types", res, NULL, 0);
	types_may_be_right(c, command, res);
}

typedef void (*step)(struct script_client *c, const uint8_t *how);

static const step steps[] = {
	step_store_key,	     step_begin,	 step_push,
	step_push_rest,	     step_finalize,	 step_infer,
	step_crypt,	     step_decrypt,	 step_types,
	step_close,	     step_push_rest,	 step_infer,
	script_begin_sealed, script_push_chunk,	 script_device_key,
	script_provision,    script_status,	 script_begin_sealed,
	script_push_chunk,   script_provision,	 script_run_samples,
	script_describe,     script_run_samples, script_commit,
};

void script_run(const uint8_t *script, size_t len, FILE *out)
{
	lines = out;
	for (; len >= STEP_BYTES; script += STEP_BYTES, len -= STEP_BYTES) {
		struct script_client *c = &clients[script[0] >> 7];

		if (!c->open)
			step_open(c, script + 1);
		else
			steps[(script[0] & 0x7fu) % COUNT(steps)](c,
								  script + 1);
	}
	for (size_t i = 0; i < SESSIONS; i++)
		close_client(&clients[i]);
}
