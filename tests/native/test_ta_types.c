/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters that no client library would pass: all 65,536 types for every
 * command, sizes around the right ones, memory of any alignment. The TA runs on
 * the stand-in, so nothing is refused before it reaches the TA.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/cbc.h"
#include "nn/forward.h"
#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/standin/standin.h"

#define IMAGE	 ENC_MNIST_IMAGE_BYTES
#define TYPES	 0x10000u
#define COMMANDS 24u /* all known commands, and some unknown ones */

/* TEE_PARAM_TYPES() of memory references in, out, and in and out. */
#define TYPES_IN     0x0005u
#define TYPES_OUT    0x0006u
#define TYPES_IN_OUT 0x0065u

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";

static TEEC_Context context;
static TEEC_Session session;
static uint8_t *container;
static size_t container_len;
static uint8_t images[4 * IMAGE];
static uint8_t labels[4];

static int setup(void **state)
{
	uint8_t *record = formula_record(1);

	(void)state;
	standin_reset();
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	free(record);
	for (uint64_t i = 0; i < 4; i++)
		formula_image(i, images + i * IMAGE);
	return ta_open(&context, &session) == TEEC_SUCCESS &&
			       ta_store_key(&session, key) == TEEC_SUCCESS &&
			       ta_load(&session, container, container_len) ==
				       TEEC_SUCCESS &&
			       ta_infer(&session, images, 4, labels) ==
				       TEEC_SUCCESS ?
		       0 :
		       -1;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	free(container);
	return standin_leaks() ? -1 : 0;
}

static void check_still_answers(void)
{
	uint8_t again[4] = { 0 };

	assert_int_equal(ta_infer(&session, images, 4, again), TEEC_SUCCESS);
	assert_memory_equal(again, labels, 4);
}

/* The only types for which a command may look at its parameters. */
static const struct command {
	uint32_t number;
	uint32_t types;
} commands[] = {
	{ ENC_MNIST_CMD_INFER, TYPES_IN_OUT },
	{ ENC_MNIST_CMD_ENCRYPT, TYPES_IN_OUT },
	{ ENC_MNIST_CMD_DECRYPT, TYPES_IN_OUT },
	{ ENC_MNIST_CMD_STORE_KEY, TYPES_IN },
	{ ENC_MNIST_CMD_BEGIN, 0 },
	{ ENC_MNIST_CMD_PUSH, TYPES_IN },
	{ ENC_MNIST_CMD_FINALIZE, 0 },
	{ ENC_MNIST_CMD_BEGIN_SEALED, TYPES_IN },
	{ ENC_MNIST_CMD_DEVICE_KEY, TYPES_OUT },
	{ ENC_MNIST_CMD_PROVISION, TYPES_IN },
	{ ENC_MNIST_CMD_STATUS, TYPES_OUT },
	{ ENC_MNIST_CMD_DESCRIBE, TYPES_OUT },
	{ ENC_MNIST_CMD_RUN, TYPES_IN_OUT },
	{ ENC_MNIST_CMD_COMMIT, 0 },
};

/* NULL: there is no such command. */
static const struct command *find_command(uint32_t number)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (commands[i].number == number)
			return &commands[i];
	}
	return NULL;
}

/* A Burn record of enc_mnist-rs is no network. */
static void a_model_of_enc_mnist_rs_is_for_infer(void **state)
{
	uint8_t bytes[ENC_MNIST_DESCRIBE_BYTES] = { 0 };
	size_t size = sizeof(bytes);

	(void)state;
	assert_int_equal(ta_ask(&session, ENC_MNIST_CMD_DESCRIBE, bytes, &size),
			 TEEC_ERROR_NOT_SUPPORTED);
	size = sizeof(bytes);
	assert_int_equal(ta_call(&session, ENC_MNIST_CMD_RUN, images, IMAGE,
				 bytes, &size),
			 TEEC_ERROR_NOT_SUPPORTED);
	check_still_answers();
}

/* A reference that the TA must not follow, or it crashes. */
static void *const nowhere = (void *)16;

static void all_other_types_are_refused(void **state)
{
	(void)state;
	for (uint32_t number = 0; number < COMMANDS; number++) {
		const struct command *command = find_command(number);

		for (uint32_t types = 0; types < TYPES; types++) {
			if (command && command->types == types)
				continue;
			assert_int_equal(standin_invoke_types(&session, number,
							      types, nowhere,
							      IMAGE),
					 command ? TEEC_ERROR_BAD_PARAMETERS :
						   TEEC_ERROR_NOT_SUPPORTED);
		}
	}
	check_still_answers();
}

/* OP-TEE passes 32 bits: the low ones are right, and the others are not. */
static void upper_bits_of_types_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(commands); i++) {
		for (uint32_t bit = 16; bit < 32; bit++)
			assert_int_equal(standin_invoke_types(
						 &session, commands[i].number,
						 commands[i].types | 1u << bit,
						 nowhere, IMAGE),
					 TEEC_ERROR_BAD_PARAMETERS);
	}
	check_still_answers();
}

/* An empty reference may point anywhere. */
static void empty_references_are_not_followed(void **state)
{
	const struct {
		uint32_t command;
		uint32_t types;
		TEEC_Result result;
	} empty[] = {
		{ ENC_MNIST_CMD_INFER, TYPES_IN_OUT,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_ENCRYPT, TYPES_IN_OUT,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_DECRYPT, TYPES_IN_OUT,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_STORE_KEY, TYPES_IN,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_PUSH, TYPES_IN, TEEC_SUCCESS },
		{ ENC_MNIST_CMD_BEGIN_SEALED, TYPES_IN,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_DEVICE_KEY, TYPES_OUT,
		  TEEC_ERROR_SHORT_BUFFER },
		{ ENC_MNIST_CMD_PROVISION, TYPES_IN,
		  TEEC_ERROR_BAD_PARAMETERS },
		{ ENC_MNIST_CMD_STATUS, TYPES_OUT, TEEC_ERROR_SHORT_BUFFER },
	};

	(void)state;
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	for (size_t i = 0; i < COUNT(empty); i++) {
		assert_int_equal(standin_invoke_types(&session,
						      empty[i].command,
						      empty[i].types, NULL, 0),
				 empty[i].result);
		assert_int_equal(
			standin_invoke_types(&session, empty[i].command,
					     empty[i].types, nowhere, 0),
			empty[i].result);
	}
	check_still_answers();
}

/* So large that a product or a sum of sizes would wrap around. */
static void huge_sizes_are_refused(void **state)
{
	const size_t huge[] = {
		SIZE_MAX,
		SIZE_MAX - 15,
		SIZE_MAX / 2 + 1,
		SIZE_MAX - SIZE_MAX % IMAGE,
		(size_t)UINT32_MAX + 1,
		UINT32_MAX,
		box_cbc_sealed_size(ENC_MNIST_RECORD_MAX) + 1,
	};
	const uint32_t in_out[] = { ENC_MNIST_CMD_INFER, ENC_MNIST_CMD_ENCRYPT,
				    ENC_MNIST_CMD_DECRYPT };
	const uint32_t in[] = { ENC_MNIST_CMD_STORE_KEY,
				ENC_MNIST_CMD_BEGIN_SEALED,
				ENC_MNIST_CMD_PROVISION };

	(void)state;
	for (size_t i = 0; i < COUNT(huge); i++) {
		for (size_t c = 0; c < COUNT(in_out); c++) {
			TEEC_Result res = standin_invoke_types(
				&session, in_out[c], TYPES_IN_OUT, nowhere,
				huge[i]);

			assert_true(res == TEEC_ERROR_EXCESS_DATA ||
				    res == TEEC_ERROR_BAD_PARAMETERS);
		}
		for (size_t c = 0; c < COUNT(in); c++)
			assert_int_equal(standin_invoke_types(&session, in[c],
							      TYPES_IN, nowhere,
							      huge[i]),
					 TEEC_ERROR_BAD_PARAMETERS);
	}
	check_still_answers();
}

/* Every size from zero to a few more than enough, and each answer. */
static void each_size_of_an_output_is_right_or_short(void **state)
{
	uint8_t sealed[96] = { 0 };
	uint8_t plain[96] = { 0 };
	const size_t want = 16 + 48;

	(void)state;
	for (size_t room = 0; room < sizeof(sealed); room++) {
		size_t size = room;
		TEEC_Result res = ta_call(&session, ENC_MNIST_CMD_ENCRYPT,
					  images, 40, sealed, &size);

		assert_int_equal(size, want);
		assert_int_equal(res, room < want ? TEEC_ERROR_SHORT_BUFFER :
						    TEEC_SUCCESS);
	}
	for (size_t room = 0; room < sizeof(plain); room++) {
		size_t size = room;
		TEEC_Result res = ta_call(&session, ENC_MNIST_CMD_DECRYPT,
					  sealed, want, plain, &size);

		assert_int_equal(size, room < want ? want : 40);
		assert_int_equal(res, room < want ? TEEC_ERROR_SHORT_BUFFER :
						    TEEC_SUCCESS);
	}
	assert_memory_equal(plain, images, 40);
}

static void memory_may_have_any_alignment(void **state)
{
	uint8_t *buffer = malloc(4 * IMAGE + 16);
	uint8_t out[4 + 16] = { 0 };

	(void)state;
	for (size_t shift = 0; shift < 16; shift++) {
		memcpy(buffer + shift, images, 4 * IMAGE);
		assert_int_equal(
			ta_infer(&session, buffer + shift, 4, out + shift),
			TEEC_SUCCESS);
		assert_memory_equal(out + shift, labels, 4);
	}
	free(buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_of_enc_mnist_rs_is_for_infer),
		cmocka_unit_test(all_other_types_are_refused),
		cmocka_unit_test(upper_bits_of_types_count),
		cmocka_unit_test(empty_references_are_not_followed),
		cmocka_unit_test(huge_sizes_are_refused),
		cmocka_unit_test(each_size_of_an_output_is_right_or_short),
		cmocka_unit_test(memory_may_have_any_alignment),
	};

	return cmocka_run_group_tests_name("types", tests, setup, teardown);
}
