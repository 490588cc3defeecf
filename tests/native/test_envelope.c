/* SPDX-License-Identifier: Apache-2.0 */
/* An envelope, against the bytes in doc/FORMAT.md. */
#include <string.h>

#include "box/envelope.h"
#include "tests/lib/fields.h"

static const uint8_t plain_bytes[BOX_ENVELOPE_BYTES] = {
	/* magic */
	'E', 'N', 'C', 'M', 'O', 'K', 'E', 'Y',
	/* version, suite, epoch 0x04030201 */
	1, 0, 1, 0, 1, 2, 3, 4,
	/* TA */
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
	0x1c, 0x1d, 0x1e, 0x1f,
	/* key id */
	0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b,
	0x2c, 0x2d, 0x2e, 0x2f,
	/* device */
	0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b,
	0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
	0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f,
	/* owner */
	0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b,
	0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
	0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f,
	/* encapsulated key */
	0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b,
	0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
	0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
	/* model key, sealed, and tag */
	0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
	0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
	0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3,
	0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf
};

/* The same, as a struct with every byte initialised. */
static void make_envelope(struct box_envelope *envelope)
{
	memset(envelope, 0, sizeof(*envelope));
	envelope->epoch = 0x04030201;
	fields_count_up(envelope->ta, BOX_UUID_BYTES, 0x10);
	fields_count_up(envelope->key_id, BOX_KEY_ID_BYTES, 0x20);
	fields_count_up(envelope->device, BOX_X25519_BYTES, 0x40);
	fields_count_up(envelope->sender, BOX_X25519_BYTES, 0x60);
	fields_count_up(envelope->encapsulated, BOX_X25519_BYTES, 0x80);
	fields_count_up(envelope->sealed, sizeof(envelope->sealed), 0xa0);
}

static enum box_error read_envelope(const uint8_t *bytes,
				    struct box_envelope *envelope)
{
	memset(envelope, 0, sizeof(*envelope));
	return box_envelope_read(bytes, envelope);
}

static void the_bytes_are_those_of_the_format(void **state)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope envelope;
	struct box_envelope back;

	(void)state;
	make_envelope(&envelope);
	box_envelope_write(&envelope, bytes);
	assert_memory_equal(bytes, plain_bytes, sizeof(bytes));
	assert_int_equal(read_envelope(plain_bytes, &back), BOX_OK);
	assert_memory_equal(&back, &envelope, sizeof(back));
}

static void every_epoch_but_0_comes_back(void **state)
{
	const uint32_t epochs[] = {
		0, 1, 0x100, 0x10000, 0x80000000, UINT32_MAX
	};

	(void)state;
	for (size_t i = 0; i < COUNT(epochs); i++) {
		uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
		struct box_envelope envelope;
		struct box_envelope back;

		make_envelope(&envelope);
		envelope.epoch = epochs[i];
		box_envelope_write(&envelope, bytes);
		assert_int_equal(read_envelope(bytes, &back),
				 epochs[i] ? BOX_OK : BOX_FIELD);
		assert_memory_equal(&back, &envelope, sizeof(back));
	}
}

static const struct fields_change changes[] = {
	{ "magic, first byte", 0, 1, { 'e' }, BOX_MAGIC },
	{ "magic, last byte", 7, 1, { 'y' }, BOX_MAGIC },
	{ "magic of a model", 0, 8, "ENCMODEL", BOX_MAGIC },
	{ "version 0", 8, 2, { 0, 0 }, BOX_VERSION },
	{ "version 2", 8, 2, { 2, 0 }, BOX_VERSION },
	{ "version 257", 8, 2, { 1, 1 }, BOX_VERSION },
	{ "suite 0", 10, 2, { 0, 0 }, BOX_VERSION },
	{ "suite 2", 10, 2, { 2, 0 }, BOX_VERSION },
	{ "suite 257", 10, 2, { 1, 1 }, BOX_VERSION },
	{ "epoch 0", 12, 4, { 0 }, BOX_FIELD },
	{ "version 2, epoch 0", 8, 8, { 2, 0, 1, 0 }, BOX_VERSION },
};

static enum box_error error_of(const uint8_t *bytes)
{
	struct box_envelope envelope;

	return read_envelope(bytes, &envelope);
}

static void each_field_has_its_range(void **state)
{
	(void)state;
	fields_assert_errors(plain_bytes, BOX_ENVELOPE_BYTES, changes,
			     COUNT(changes), error_of);
}

/*
 * A reader notices a change of any byte; behind the epoch, no value is refused.
 */
static void every_byte_counts(void **state)
{
	struct box_envelope envelope;

	(void)state;
	make_envelope(&envelope);
	for (size_t at = 0; at < BOX_ENVELOPE_BYTES; at++) {
		for (int change = 1; change < 256; change++) {
			uint8_t bytes[BOX_ENVELOPE_BYTES];
			uint8_t again[BOX_ENVELOPE_BYTES] = { 0 };
			struct box_envelope other;

			memcpy(bytes, plain_bytes, sizeof(bytes));
			bytes[at] ^= (uint8_t)change;
			assert_int_equal(read_envelope(bytes, &other) == BOX_OK,
					 at >= 12);
			if (at < 12)
				continue;
			assert_memory_not_equal(&other, &envelope,
						sizeof(envelope));
			box_envelope_write(&other, again);
			assert_memory_equal(again, bytes, sizeof(bytes));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_those_of_the_format),
		cmocka_unit_test(every_epoch_but_0_comes_back),
		cmocka_unit_test(each_field_has_its_range),
		cmocka_unit_test(every_byte_counts),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
