/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of ENC_MNIST_CMD_STATUS, against the bytes in its description. */
#include <string.h>

#include "host/device/status.h"
#include "tests/lib/fields.h"

/* All fields have bytes of their own; `models` entries are in use. */
static void fill(uint8_t *bytes, uint8_t models)
{
	static const uint8_t entry[36] = { 'a', 'b', [32] = 4, 3, 2, 1 };

	memset(bytes, 0, ENC_MNIST_STATUS_BYTES);
	fields_count_up(bytes, 16, 1);
	fields_count_up(bytes + 16, 4, 0x15);
	fields_count_up(bytes + 20, 32, 0x20);
	fields_count_up(bytes + 52, 32, 0x40);
	fields_count_up(bytes + 84, 32, 0x60);
	fields_count_up(bytes + 116, 4, 0x11);
	fields_count_up(bytes + 120, 16, 0x80);
	bytes[136] = models;
	for (size_t i = 0; i < models && i < ENC_MNIST_MODELS_MAX; i++)
		memcpy(bytes + 140 + 36 * i, entry, sizeof(entry));
}

static void each_field_is_where_it_is_described(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	fill(bytes, 2);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_int_equal(s.flags, 0x04030201);
	assert_int_equal(s.rollback, 0x08070605);
	assert_int_equal(s.epoch_floor, 0x0c0b0a09);
	assert_int_equal(s.version_floor, 0x100f0e0d);
	assert_int_equal(s.heap, 0x18171615);
	assert_memory_equal(s.owner.sign, bytes + 20, 32);
	assert_memory_equal(s.owner.wrap, bytes + 52, 32);
	assert_memory_equal(s.device, bytes + 84, 32);
	assert_int_equal(s.epoch, 0x14131211);
	assert_memory_equal(s.key_id, bytes + 120, 16);
	assert_int_equal(s.model_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(s.models[i].id, "ab");
		assert_int_equal(s.models[i].version, 0x01020304);
	}
	assert_string_equal(s.models[2].id, "");
}

static void no_more_models_than_there_is_room_for(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	fill(bytes, ENC_MNIST_MODELS_MAX);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_string_equal(s.models[ENC_MNIST_MODELS_MAX - 1].id, "ab");
	fill(bytes, ENC_MNIST_MODELS_MAX + 1);
	assert_false(enc_status_read(bytes, &s, &e));
	assert_int_equal(e.code, ENC_ERR_TEE);
}

/* A foreign TA's answer must not reach the terminal unchecked. */
static void model_ids_are_printable(void **state)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	struct enc_status s = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	fill(bytes, 1);
	memset(bytes + 140, 0x1b, 32);
	assert_true(enc_status_read(bytes, &s, &e));
	assert_string_equal(s.models[0].id, "????????????????????????????????");
}

static void only_hardware_is_rollback_proof(void **state)
{
	struct enc_status s = { .rollback = 999 };

	(void)state;
	assert_false(enc_status_rollback_proof(&s));
	s.rollback = 1000;
	assert_true(enc_status_rollback_proof(&s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_is_where_it_is_described),
		cmocka_unit_test(no_more_models_than_there_is_room_for),
		cmocka_unit_test(model_ids_are_printable),
		cmocka_unit_test(only_hardware_is_rollback_proof),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
