/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types STEP: every STEP-th of the 65,536 parameter types, to each command of
 * the TA and one that there is not, as far as the client library and the kernel
 * let them through. A model that was loaded before still answers.
 */
#include <stdlib.h>

#include "tests/lib/client.h"
#include "tests/lib/formula.h"
#include "tests/lib/test.h"

#define TYPES	 0x10000u
#define COMMANDS 8u

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static uint32_t step = 1;
static TEEC_Context context;
static TEEC_Session session;
static TEEC_SharedMemory memory = { .size = 4096,
				    .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT };

static int setup(void **state)
{
	uint8_t *record = formula_record(1);
	size_t len = 0;
	uint8_t *container = ta_seal(key, record, FORMULA_RECORD_BYTES, &len);

	(void)state;
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &memory),
			 TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, len), TEEC_SUCCESS);
	free(container);
	free(record);
	return 0;
}

/* Whether a memory reference of this type is an input, or an output. */
static bool is_input(uint32_t type)
{
	return type == TEEC_MEMREF_TEMP_INPUT ||
	       type == TEEC_MEMREF_PARTIAL_INPUT;
}

static bool is_output(uint32_t type)
{
	return type == TEEC_MEMREF_TEMP_OUTPUT ||
	       type == TEEC_MEMREF_PARTIAL_OUTPUT;
}

/* Types that the command may go on to look behind. */
static bool is_right(uint32_t command, uint32_t types)
{
	bool in = command != ENC_MNIST_CMD_BEGIN &&
		  command != ENC_MNIST_CMD_FINALIZE;
	bool out = command <= ENC_MNIST_CMD_DECRYPT;
	uint32_t first = TEEC_PARAM_TYPE_GET(types, 0);
	uint32_t second = TEEC_PARAM_TYPE_GET(types, 1);

	return (in ? is_input(first) : first == TEEC_NONE) &&
	       (out ? is_output(second) : second == TEEC_NONE) && types < 0x100;
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

static void all_other_types_are_refused(void **state)
{
	size_t calls = 0;

	(void)state;
	for (uint32_t command = 0; command < COMMANDS; command++) {
		for (uint32_t types = 0; types < TYPES; types += step) {
			TEEC_Result res = TEEC_ERROR_GENERIC;

			if (is_right(command, types))
				continue;
			calls++;
			res = invoke(command, types);
			if (res == TEEC_ERROR_BAD_PARAMETERS ||
			    (res == TEEC_ERROR_NOT_SUPPORTED &&
			     command > ENC_MNIST_CMD_FINALIZE))
				continue;
			fail_msg("command %u, types 0x%04x: 0x%08x", command,
				 types, res);
		}
	}
	print_message("# figure: %zu calls with wrong types, 0 accepted\n",
		      calls);
}

static void the_model_still_answers(void **state)
{
	uint8_t image[ENC_MNIST_IMAGE_BYTES] = { 0 };
	uint8_t label = 0xee;

	(void)state;
	assert_int_equal(ta_infer(&session, image, 1, &label), TEEC_SUCCESS);
	assert_true(label < ENC_MNIST_CLASSES);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_other_types_are_refused),
		cmocka_unit_test(the_model_still_answers),
	};

	if (argc == 2)
		step = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc != 2 || !step)
		return 2;
	return cmocka_run_group_tests_name("types", tests, setup, NULL);
}
