/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of ENC_MNIST_CMD_STATUS, against the bytes in its description. */
#include <string.h>

#include "host/device/status.h"
#include "tests/lib/fields.h"
#include "tests/lib/scratch.h"

/* All fields have bytes of their own; so many entries are in use. */
static void fill(uint8_t *bytes, uint8_t keys, uint8_t models)
{
	static const uint8_t model[48] = { 'a', 'b',	  [32] = 4, 3, 2,
					   1,	[40] = 8, 7,	    6, 5,
					   4,	3,	  2,	    1 };

	memset(bytes, 0, ENC_MNIST_STATUS_BYTES);
	fields_count_up(bytes, 20, 1);
	fields_count_up(bytes + 20, 16, 0x90);
	fields_count_up(bytes + 36, 32, 0x20);
	fields_count_up(bytes + 68, 32, 0x40);
	fields_count_up(bytes + 100, 4, 0x15);
	bytes[104] = keys;
	for (size_t i = 0; i < keys && i < ENC_MNIST_KEYS_MAX; i++)
		fields_count_up(bytes + 108 + 20 * i, 20, (uint8_t)(0x60 + i));
	bytes[268] = models;
	for (size_t i = 0; i < models && i < ENC_MNIST_MODELS_MAX; i++)
		memcpy(bytes + 272 + 48 * i, model, sizeof(model));
}

static void each_field_is_where_it_is_described(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_int_equal(ENC_MNIST_STATUS_BYTES, 656);
	fill(bytes, 2, 2);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_int_equal(s.flags, 0x04030201);
	assert_int_equal(s.ta_version, 0x08070605);
	assert_int_equal(s.epoch_floor, 0x0c0b0a09);
	assert_int_equal(s.version_floor, 0x100f0e0d);
	assert_int_equal(s.heap, 0x14131211);
	assert_memory_equal(s.owner.key, bytes + 36, 32);
	assert_memory_equal(s.device, bytes + 68, 32);
	assert_int_equal(s.epoch, 0x18171615);
	assert_int_equal(s.key_count, 2);
	assert_memory_equal(s.keys[0].id, bytes + 108, 16);
	assert_int_equal(s.keys[0].epoch, 0x73727170);
	assert_memory_equal(s.keys[1].id, bytes + 128, 16);
	assert_int_equal(s.keys[1].epoch, 0x74737271);
	assert_int_equal(s.model_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(s.models[i].id, "ab");
		assert_int_equal(s.models[i].security_version, 0x01020304);
		assert_int_equal(s.models[i].answers, 0x0102030405060708);
	}
	assert_string_equal(s.models[2].id, "");
}

static void no_more_entries_than_there_is_room_for(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	fill(bytes, ENC_MNIST_KEYS_MAX, ENC_MNIST_MODELS_MAX);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_int_equal(s.keys[ENC_MNIST_KEYS_MAX - 1].epoch, 0x7a797877);
	assert_string_equal(s.models[ENC_MNIST_MODELS_MAX - 1].id, "ab");
	fill(bytes, 0, ENC_MNIST_MODELS_MAX + 1);
	assert_false(enc_status_read(bytes, &s, &e));
	assert_error(e, ENC_ERR_TEE, "0 keys and 9 model ids");
	fill(bytes, ENC_MNIST_KEYS_MAX + 1, 0);
	assert_false(enc_status_read(bytes, &s, &e));
	assert_error(e, ENC_ERR_TEE, "9 keys and 0 model ids");
}

/* A foreign TA's answer must not reach the terminal unchecked. */
static void model_ids_are_printable(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	fill(bytes, 0, 1);
	memset(bytes + 272, 0x1b, 32);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_string_equal(s.models[0].id, "????????????????????????????????");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_is_where_it_is_described),
		cmocka_unit_test(no_more_entries_than_there_is_room_for),
		cmocka_unit_test(model_ids_are_printable),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
