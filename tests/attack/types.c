/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types STEP: all 65,536 parameter types, for each command of the TA and some
 * unknown ones, as far as the client library and the kernel let them through:
 * all types of the first two parameters alone, and every STEP-th of the others.
 * A sealed model that was loaded before still answers, and the device's state
 * is unchanged.
 */
#include <stdlib.h>
#include <string.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"

#define TYPES	   0x10000u
#define TYPES_OF_2 0x100u /* where the other two are TEEC_NONE */
#define IMAGES	   8

enum want {
	WANT_NONE,
	WANT_IN,
	WANT_OUT
};

/* The types that a command takes as its first two parameters. */
static const struct command {
	uint32_t number;
	bool missing; /* there is no such command */
	enum want want[2];
} commands[] = {
	{ ENC_MNIST_CMD_INFER, false, { WANT_IN, WANT_OUT } },
	{ ENC_MNIST_CMD_ENCRYPT, false, { WANT_IN, WANT_OUT } },
	{ ENC_MNIST_CMD_DECRYPT, false, { WANT_IN, WANT_OUT } },
	{ ENC_MNIST_CMD_STORE_KEY, false, { WANT_IN, WANT_NONE } },
	{ ENC_MNIST_CMD_BEGIN, false, { WANT_NONE, WANT_NONE } },
	{ ENC_MNIST_CMD_PUSH, false, { WANT_IN, WANT_NONE } },
	{ ENC_MNIST_CMD_FINALIZE, false, { WANT_NONE, WANT_NONE } },
	{ .number = 7, .missing = true },
	{ .number = 15, .missing = true },
	{ ENC_MNIST_CMD_BEGIN_SEALED, false, { WANT_IN, WANT_NONE } },
	{ ENC_MNIST_CMD_DEVICE_KEY, false, { WANT_OUT, WANT_NONE } },
	{ ENC_MNIST_CMD_PROVISION, false, { WANT_IN, WANT_NONE } },
	{ ENC_MNIST_CMD_STATUS, false, { WANT_OUT, WANT_NONE } },
	{ ENC_MNIST_CMD_DESCRIBE, false, { WANT_OUT, WANT_NONE } },
	{ ENC_MNIST_CMD_RUN, false, { WANT_IN, WANT_OUT } },
	{ ENC_MNIST_CMD_COMMIT, false, { WANT_NONE, WANT_NONE } },
	{ .number = 23, .missing = true },
};

static uint32_t step = 1;
static TEEC_Context context;
static TEEC_Session session;
static TEEC_SharedMemory memory = { .size = 4096,
				    .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };
static uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
static struct enc_status before;

static int setup(void **state)
{
	struct sealed_maker owner = { 0 };
	size_t len = 0;
	uint8_t *record = networks_mnist(1, &len);
	uint8_t *sealed = NULL;

	(void)state;
	sealed_owner(&owner);
	sealed = sealed_make(&owner, record, len, &len);
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * ENC_MNIST_IMAGE_BYTES);
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &memory),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(&session, &owner, 1), TEEC_SUCCESS);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(ta_status(&session, &before), TEEC_SUCCESS);
	sealed_free(&owner);
	free(sealed);
	free(record);
	return 0;
}

static bool is_wanted(enum want want, uint32_t type)
{
	switch (want) {
	case WANT_IN:
		return type == TEEC_MEMREF_TEMP_INPUT ||
		       type == TEEC_MEMREF_PARTIAL_INPUT;
	case WANT_OUT:
		return type == TEEC_MEMREF_TEMP_OUTPUT ||
		       type == TEEC_MEMREF_PARTIAL_OUTPUT;
	default:
		return type == TEEC_NONE;
	}
}

/* Types after which the command may look at the values. */
static bool is_right(const struct command *command, uint32_t types)
{
	return !command->missing && types < TYPES_OF_2 &&
	       is_wanted(command->want[0], TEEC_PARAM_TYPE_GET(types, 0)) &&
	       is_wanted(command->want[1], TEEC_PARAM_TYPE_GET(types, 1));
}

/* An unknown command may be refused before its types are checked. */
static bool is_refused(const struct command *command, TEEC_Result res)
{
	return res == TEEC_ERROR_BAD_PARAMETERS ||
	       (res == TEEC_ERROR_NOT_SUPPORTED && command->missing);
}

static TEEC_Result invoke(uint32_t command, uint32_t types)
{
	static uint8_t buffers[4][64];
	TEEC_Operation op = { .paramTypes = types };

	for (uint32_t i = 0; i < 4; i++) {
		if (TEEC_PARAM_TYPE_GET(types, i) >= TEEC_MEMREF_WHOLE) {
			op.params[i].memref.parent = &memory;
			op.params[i].memref.size = 64;
		} else {
			op.params[i].tmpref.buffer = buffers[i];
			op.params[i].tmpref.size = sizeof(buffers[i]);
		}
	}
	return TEEC_InvokeCommand(&session, command, &op, NULL);
}

static size_t try_all_types(const struct command *command)
{
	uint32_t types = 0;
	size_t calls = 0;

	while (types < TYPES) {
		if (!is_right(command, types)) {
			TEEC_Result res = invoke(command->number, types);

			if (!is_refused(command, res))
				fail_msg("command %u, types 0x%04x: 0x%08x",
					 command->number, types, res);
			calls++;
		}
		types += types < TYPES_OF_2 ? 1 : step;
	}
	return calls;
}

static void all_other_types_are_refused(void **state)
{
	size_t calls = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++)
		calls += try_all_types(&commands[i]);
	print_message("# figure: %zu calls with wrong types, 0 accepted\n",
		      calls);
}

static void the_model_still_answers(void **state)
{
	uint8_t labels[IMAGES] = { 0 };
	uint8_t expected[IMAGES] = { 0 };

	(void)state;
	formula_labels(1, images, IMAGES, expected);
	assert_int_equal(ta_infer(&session, images, IMAGES, labels),
			 TEEC_SUCCESS);
	assert_memory_equal(labels, expected, IMAGES);
}

static void the_device_stands_as_it_did(void **state)
{
	struct enc_status after = { 0 };

	(void)state;
	assert_int_equal(ta_status(&session, &after), TEEC_SUCCESS);
	assert_memory_equal(&after, &before, sizeof(before));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_other_types_are_refused),
		cmocka_unit_test(the_model_still_answers),
		cmocka_unit_test(the_device_stands_as_it_did),
	};

	if (argc == 2)
		step = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc != 2 || !step)
		return 2;
	return cmocka_run_group_tests_name("types", tests, setup, NULL);
}
