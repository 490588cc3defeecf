/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a panic of the TA leaves behind, with a TA into which
 * tests/mutants/panic.patch has put a panic in the middle of each command,
 * where most is half done: the command before says that it is to come.
 */
#include <stdlib.h>
#include <string.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"

#define CMD_PANIC_IN_NEXT 99 /* of the patch */
#define SEALED_BYTES	  64 /* of a record of 40 bytes */

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";
static const uint8_t next_key[ENC_MNIST_KEY_BYTES] =
	"another key, as long as it was.";

static TEEC_Context context;
static TEEC_Session other; /* has a model all the time */
static uint8_t *record;
static uint8_t *container; /* of the record, under key */
static size_t container_len;
static uint8_t images[FORMULA_IMAGES][ENC_MNIST_IMAGE_BYTES];
static uint8_t expected[FORMULA_IMAGES]; /* before any panic */

/* What a client does for a command to be accepted, and the command. */
struct attempt {
	uint32_t command;
	bool begin; /* a load goes on */
	bool whole; /* with everything pushed */
	const void *in;
	size_t in_size;
	size_t out_size;
};

static void load(TEEC_Session *session)
{
	assert_int_equal(ta_load(session, container, container_len),
			 TEEC_SUCCESS);
}

static void check_labels(TEEC_Session *session)
{
	uint8_t labels[FORMULA_IMAGES] = { 0 };

	assert_int_equal(ta_infer(session, images, FORMULA_IMAGES, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, expected, sizeof(expected));
}

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &other) != TEEC_SUCCESS)
		return -1;
	record = formula_record(1);
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	for (size_t i = 0; i < FORMULA_IMAGES; i++)
		formula_image(i, images[i]);
	assert_int_equal(ta_store_key(&other, key), TEEC_SUCCESS);
	load(&other);
	assert_int_equal(ta_infer(&other, images, FORMULA_IMAGES, expected),
			 TEEC_SUCCESS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&other);
	TEEC_FinalizeContext(&context);
	free(record);
	free(container);
	return 0;
}

/* A model answers, a load goes on if it has to, and then the command. */
static void panic_in(TEEC_Session *session, const struct attempt *a)
{
	uint8_t out[SEALED_BYTES];
	uint8_t untouched[SEALED_BYTES];
	size_t size = a->out_size;

	memset(out, 0xee, sizeof(out));
	memset(untouched, 0xee, sizeof(untouched));
	load(session);
	if (a->begin)
		assert_int_equal(ta_begin(session), TEEC_SUCCESS);
	if (a->whole)
		assert_int_equal(ta_push_all(session, container, container_len),
				 TEEC_SUCCESS);
	assert_int_equal(ta_send(session, CMD_PANIC_IN_NEXT, NULL, 0),
			 TEEC_SUCCESS);
	assert_int_equal(ta_call(session, a->command, a->in, a->in_size,
				 size ? out : NULL, size ? &size : NULL),
			 TEEC_ERROR_TARGET_DEAD);
	/* ENCRYPT has written ciphertext by then, DECRYPT what it is for */
	if (a->command == ENC_MNIST_CMD_INFER)
		assert_memory_equal(out, untouched, sizeof(out));
	assert_int_equal(ta_begin(session), TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(ta_infer(session, images, 1, out),
			 TEEC_ERROR_TARGET_DEAD);
}

/* Another client's model answers on, and a new session serves as before. */
static void check_panic(const struct attempt *a)
{
	TEEC_Session dead = { 0 };
	TEEC_Session fresh = { 0 };
	uint8_t label = 0;

	assert_int_equal(ta_open(&context, &dead), TEEC_SUCCESS);
	panic_in(&dead, a);
	check_labels(&other);
	assert_int_equal(ta_open(&context, &fresh), TEEC_SUCCESS);
	assert_int_equal(ta_infer(&fresh, images, 1, &label),
			 TEEC_ERROR_BAD_STATE);
	if (a->command == ENC_MNIST_CMD_STORE_KEY) {
		/* it was whole on the disk: the new key, not a third state */
		assert_int_equal(ta_load(&fresh, container, container_len),
				 TEEC_ERROR_BAD_FORMAT);
		assert_int_equal(ta_store_key(&fresh, key), TEEC_SUCCESS);
	}
	load(&fresh);
	check_labels(&fresh);
	TEEC_CloseSession(&fresh);
	TEEC_CloseSession(&dead);
}

static void in_infer(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_INFER,
				   .in = images,
				   .in_size = sizeof(images),
				   .out_size = FORMULA_IMAGES };

	(void)state;
	check_panic(&a);
}

static void in_encrypt(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_ENCRYPT,
				   .in = record,
				   .in_size = 40,
				   .out_size = SEALED_BYTES };

	(void)state;
	check_panic(&a);
}

static void in_decrypt(void **state)
{
	size_t len = 0;
	uint8_t *sealed = ta_seal(key, record, 40, &len);
	const struct attempt a = { .command = ENC_MNIST_CMD_DECRYPT,
				   .in = sealed,
				   .in_size = len,
				   .out_size = SEALED_BYTES };

	(void)state;
	assert_int_equal(len, SEALED_BYTES);
	check_panic(&a);
	free(sealed);
}

static void in_store_key(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_STORE_KEY,
				   .in = next_key,
				   .in_size = sizeof(next_key) };

	(void)state;
	check_panic(&a);
}

static void in_begin(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_BEGIN };

	(void)state;
	check_panic(&a);
}

static void in_push(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_PUSH,
				   .begin = true,
				   .in = container,
				   .in_size = TA_PIECE_BYTES };

	(void)state;
	check_panic(&a);
}

static void in_finalize(void **state)
{
	const struct attempt a = { .command = ENC_MNIST_CMD_FINALIZE,
				   .begin = true,
				   .whole = true };

	(void)state;
	check_panic(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_infer),    cmocka_unit_test(in_encrypt),
		cmocka_unit_test(in_decrypt),  cmocka_unit_test(in_store_key),
		cmocka_unit_test(in_begin),    cmocka_unit_test(in_push),
		cmocka_unit_test(in_finalize),
	};

	return cmocka_run_group_tests_name("panic", tests, setup, teardown);
}
