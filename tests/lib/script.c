/* SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "formula.h"
#include "test.h"

#define SESSIONS   2
#define KEYS	   3
#define MODELS	   2
#define IMAGES	   16
#define BUFFER	   8192
#define NO_MODEL   -1
#define SOME_MODEL -2 /* a changed container that was accepted all the same */

/* One step is an operation and up to four bytes that say how. */
#define STEP_BYTES 5

static const uint8_t keys[KEYS][ENC_MNIST_KEY_BYTES] = {
	"a key of thirty-two bytes, here",
	"another key, as long as it was.",
	"the key of nobody's containers.",
};

static struct {
	uint8_t *container; /* under keys[0] */
	size_t len;
	uint8_t labels[IMAGES];
} models[MODELS];

static uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
static TEEC_Context context;

struct client {
	TEEC_Session session;
	bool open;
	int model;    /* that answers, index of models */
	int pushing;  /* whose container is on its way, since BEGIN */
	size_t at;    /* how much of it is there */
	bool changed; /* and some of it was not as it should be */
};

static struct client clients[SESSIONS];
static FILE *lines;

void script_setup(void)
{
	for (size_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * ENC_MNIST_IMAGE_BYTES);
	for (size_t m = 0; m < MODELS; m++) {
		uint8_t *record = formula_record(2 * m + 1);

		formula_labels(2 * m + 1, images, IMAGES, models[m].labels);
		models[m].container = ta_seal(
			keys[0], record, FORMULA_RECORD_BYTES, &models[m].len);
		free(record);
	}
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
}

static void say(const char *what, TEEC_Result res, const uint8_t *data,
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

/* A load is over: whatever was on its way is gone. */
static void load_ends(struct client *c)
{
	c->pushing = NO_MODEL;
	c->at = 0;
	c->changed = false;
}

static void step_open(struct client *c, const uint8_t *how)
{
	TEEC_Operation op = { 0 };
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;
	uint8_t data[16] = { 0 };
	TEEC_Result res = TEEC_ERROR_GENERIC;

	if (c->open)
		return;
	if (how[3] < 32) /* seldom: most scripts should get in */
		op.paramTypes =
			TEEC_PARAM_TYPES(how[0] & 7u, 0u, 0u, how[1] & 3u);
	for (size_t i = 0; i < 4; i++) {
		op.params[i].tmpref.buffer = data;
		op.params[i].tmpref.size = sizeof(data);
	}
	res = TEEC_OpenSession(&context, &c->session, &uuid, TEEC_LOGIN_PUBLIC,
			       NULL, &op, NULL);
	c->open = res == TEEC_SUCCESS;
	c->model = NO_MODEL;
	load_ends(c);
	say("open", res, NULL, 0);
}

static void close_client(struct client *c)
{
	if (c->open)
		TEEC_CloseSession(&c->session);
	c->open = false;
}

static void step_close(struct client *c, const uint8_t *how)
{
	(void)how;
	close_client(c);
}

static void step_store_key(struct client *c, const uint8_t *how)
{
	say("key",
	    ta_store_key(&c->session, keys[how[0] < 192 ? 0 : how[0] % KEYS]),
	    NULL, 0);
}

static void step_begin(struct client *c, const uint8_t *how)
{
	TEEC_Result res = ta_begin(&c->session);

	load_ends(c);
	if (res == TEEC_SUCCESS)
		c->pushing = how[0] % MODELS;
	say("begin", res, NULL, 0);
}

/* The container that is on its way, or the first one where there is none. */
static const uint8_t *next_bytes(const struct client *c, size_t *left)
{
	int model = c->pushing == NO_MODEL ? 0 : c->pushing;

	*left = models[model].len - c->at;
	return models[model].container + c->at;
}

static void count_pushed(struct client *c, size_t len, TEEC_Result res)
{
	if (c->pushing != NO_MODEL)
		c->at += len;
	if (res != TEEC_SUCCESS)
		load_ends(c);
}

/* The next bytes of the container; one of them changed if how[3] says so. */
static void step_push(struct client *c, const uint8_t *how)
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
	say("push", res, NULL, 0);
	count_pushed(c, len, res);
}

static void step_push_rest(struct client *c, const uint8_t *how)
{
	size_t left = 0;
	const uint8_t *from = next_bytes(c, &left);
	TEEC_Result res = ta_push_all(&c->session, from, left);

	(void)how;
	say("rest", res, NULL, 0);
	count_pushed(c, left, res);
}

static void count_finalized(struct client *c, TEEC_Result res)
{
	if (res == TEEC_SUCCESS) {
		assert_int_not_equal(c->pushing, NO_MODEL);
		if (!c->changed)
			assert_int_equal(c->at, models[c->pushing].len);
		c->model = c->changed ? SOME_MODEL : c->pushing;
	}
	load_ends(c);
}

static void step_finalize(struct client *c, const uint8_t *how)
{
	TEEC_Result res = ta_finalize(&c->session);

	(void)how;
	say("finalize", res, NULL, 0);
	count_finalized(c, res);
}

static void step_infer(struct client *c, const uint8_t *how)
{
	uint8_t labels[IMAGES] = { 0 };
	size_t size = (how[0] & 15u) * ENC_MNIST_IMAGE_BYTES + (how[1] & 3u);
	size_t count = how[2] % (IMAGES + 1);
	size_t room = count;
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_INFER, images,
				  size, labels, &count);

	if (res == TEEC_SUCCESS) {
		assert_int_not_equal(c->model, NO_MODEL);
		assert_int_equal(count, how[0] & 15u);
		assert_true(count <= room);
		if (c->model >= 0)
			assert_memory_equal(labels, models[c->model].labels,
					    count);
	} else {
		assert_true(c->model < 0 || res == TEEC_ERROR_BAD_PARAMETERS ||
			    res == TEEC_ERROR_SHORT_BUFFER);
	}
	say("infer", res, labels, res == TEEC_SUCCESS ? count : 0);
}

/* Encrypts, and if that went well decrypts what came out. */
static void step_crypt(struct client *c, const uint8_t *how)
{
	static uint8_t sealed[BUFFER];
	static uint8_t plain[BUFFER];
	size_t len = (size_t)how[0] << 4 | how[1];
	size_t sealed_len = (size_t)how[2] << 5;
	size_t plain_len = (size_t)how[3] << 5;
	TEEC_Result res = ta_call(&c->session, ENC_MNIST_CMD_ENCRYPT, images,
				  len, sealed, &sealed_len);

	say("encrypt", res, NULL, 0);
	if (res != TEEC_SUCCESS)
		return;
	res = ta_call(&c->session, ENC_MNIST_CMD_DECRYPT, sealed, sealed_len,
		      plain, &plain_len);
	say("decrypt", res, plain, res == TEEC_SUCCESS ? plain_len : 0);
	if (res == TEEC_SUCCESS) {
		assert_int_equal(plain_len, len);
		assert_memory_equal(plain, images, len);
	}
}

/* A part of a container, whatever it is, to be decrypted. */
static void step_decrypt(struct client *c, const uint8_t *how)
{
	static uint8_t plain[BUFFER];
	size_t len = (size_t)how[0] << 4 | (how[1] & 15u);
	size_t room = (size_t)how[2] << 5;
	TEEC_Result res =
		ta_call(&c->session, ENC_MNIST_CMD_DECRYPT,
			models[how[3] % MODELS].container, len, plain, &room);

	say("decrypt", res, plain, res == TEEC_SUCCESS ? room : 0);
}

/* What a command does to a load when its types happen to be right. */
static void types_may_be_right(struct client *c, uint32_t command,
			       TEEC_Result res)
{
	if (res == TEEC_ERROR_BAD_PARAMETERS)
		return;
	switch (command) {
	case ENC_MNIST_CMD_BEGIN:
		load_ends(c);
		c->pushing = res == TEEC_SUCCESS ? 0 : NO_MODEL;
		break;
	case ENC_MNIST_CMD_PUSH:
		c->changed = true;
		count_pushed(c, 0, res);
		break;
	case ENC_MNIST_CMD_FINALIZE:
		count_finalized(c, res);
		break;
	default:
		break;
	}
}

/* Any command with any types, and a little memory where they want some. */
static void step_types(struct client *c, const uint8_t *how)
{
	static uint8_t buffer[4][256];
	TEEC_SharedMemory memory = { 0 };
	TEEC_Operation op = { 0 };
	uint32_t command = how[0] % 9u;
	TEEC_Result res = TEEC_ERROR_GENERIC;

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
	say("types", res, NULL, 0);
	types_may_be_right(c, command, res);
}

typedef void (*step)(struct client *c, const uint8_t *how);

static const step steps[] = {
	step_store_key, step_begin, step_push,	    step_push_rest,
	step_finalize,	step_infer, step_crypt,	    step_decrypt,
	step_types,	step_close, step_push_rest, step_infer,
};

void script_run(const uint8_t *script, size_t len, FILE *out)
{
	lines = out;
	for (; len >= STEP_BYTES; script += STEP_BYTES, len -= STEP_BYTES) {
		struct client *c = &clients[script[0] >> 7];

		if (!c->open)
			step_open(c, script + 1);
		else
			steps[(script[0] & 0x7fu) % COUNT(steps)](c,
								  script + 1);
	}
	for (size_t i = 0; i < SESSIONS; i++)
		close_client(&clients[i]);
}
