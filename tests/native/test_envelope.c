/* SPDX-License-Identifier: Apache-2.0 */
/* An envelope, against the bytes in doc/FORMAT.md. */
#include <string.h>

#include "box/envelope.h"
#include "tests/lib/fields.h"

/*
 * Every field has a value of its own. Two models may be loaded, "a" from
 * security version 0x14131211 on, and 32 letters from 1 on.
 */
static const uint8_t plain_bytes[BOX_ENVELOPE_BYTES] = {
	/* magic */
	'E',
	'N',
	'C',
	'M',
	'O',
	'K',
	'E',
	'Y',
	/* version, suite, epoch 0x04030201 */
	2,
	0,
	2,
	0,
	1,
	2,
	3,
	4,
	/* TA */
	0x10,
	0x11,
	0x12,
	0x13,
	0x14,
	0x15,
	0x16,
	0x17,
	0x18,
	0x19,
	0x1a,
	0x1b,
	0x1c,
	0x1d,
	0x1e,
	0x1f,
	/* key id */
	0x20,
	0x21,
	0x22,
	0x23,
	0x24,
	0x25,
	0x26,
	0x27,
	0x28,
	0x29,
	0x2a,
	0x2b,
	0x2c,
	0x2d,
	0x2e,
	0x2f,
	/* device */
	0x40,
	0x41,
	0x42,
	0x43,
	0x44,
	0x45,
	0x46,
	0x47,
	0x48,
	0x49,
	0x4a,
	0x4b,
	0x4c,
	0x4d,
	0x4e,
	0x4f,
	0x50,
	0x51,
	0x52,
	0x53,
	0x54,
	0x55,
	0x56,
	0x57,
	0x58,
	0x59,
	0x5a,
	0x5b,
	0x5c,
	0x5d,
	0x5e,
	0x5f,
	/* owner */
	0x60,
	0x61,
	0x62,
	0x63,
	0x64,
	0x65,
	0x66,
	0x67,
	0x68,
	0x69,
	0x6a,
	0x6b,
	0x6c,
	0x6d,
	0x6e,
	0x6f,
	0x70,
	0x71,
	0x72,
	0x73,
	0x74,
	0x75,
	0x76,
	0x77,
	0x78,
	0x79,
	0x7a,
	0x7b,
	0x7c,
	0x7d,
	0x7e,
	0x7f,
	/* retired 0x03020100, models */
	0,
	1,
	2,
	3,
	2,
	0,
	0,
	0,
	/* models */
	'a',
	[152] = 0x11,
	0x12,
	0x13,
	0x14,
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	'b',
	1,
	/* encapsulated key */
	[408] = 0x80,
	0x81,
	0x82,
	0x83,
	0x84,
	0x85,
	0x86,
	0x87,
	0x88,
	0x89,
	0x8a,
	0x8b,
	0x8c,
	0x8d,
	0x8e,
	0x8f,
	0x90,
	0x91,
	0x92,
	0x93,
	0x94,
	0x95,
	0x96,
	0x97,
	0x98,
	0x99,
	0x9a,
	0x9b,
	0x9c,
	0x9d,
	0x9e,
	0x9f,
	/* model key, sealed, and tag */
	0xa0,
	0xa1,
	0xa2,
	0xa3,
	0xa4,
	0xa5,
	0xa6,
	0xa7,
	0xa8,
	0xa9,
	0xaa,
	0xab,
	0xac,
	0xad,
	0xae,
	0xaf,
	0xb0,
	0xb1,
	0xb2,
	0xb3,
	0xb4,
	0xb5,
	0xb6,
	0xb7,
	0xb8,
	0xb9,
	0xba,
	0xbb,
	0xbc,
	0xbd,
	0xbe,
	0xbf,
	0xc0,
	0xc1,
	0xc2,
	0xc3,
	0xc4,
	0xc5,
	0xc6,
	0xc7,
	0xc8,
	0xc9,
	0xca,
	0xcb,
	0xcc,
	0xcd,
	0xce,
	0xcf,
	/* signature */
	0xd0,
	0xd1,
	0xd2,
	0xd3,
	0xd4,
	0xd5,
	0xd6,
	0xd7,
	0xd8,
	0xd9,
	0xda,
	0xdb,
	0xdc,
	0xdd,
	0xde,
	0xdf,
	0xe0,
	0xe1,
	0xe2,
	0xe3,
	0xe4,
	0xe5,
	0xe6,
	0xe7,
	0xe8,
	0xe9,
	0xea,
	0xeb,
	0xec,
	0xed,
	0xee,
	0xef,
	0xf0,
	0xf1,
	0xf2,
	0xf3,
	0xf4,
	0xf5,
	0xf6,
	0xf7,
	0xf8,
	0xf9,
	0xfa,
	0xfb,
	0xfc,
	0xfd,
	0xfe,
	0xff,
	0x00,
	0x01,
	0x02,
	0x03,
	0x04,
	0x05,
	0x06,
	0x07,
	0x08,
	0x09,
	0x0a,
	0x0b,
	0x0c,
	0x0d,
	0x0e,
	0x0f,
};

/* The same, as a struct with every byte initialised. */
static void make_envelope(struct box_envelope *envelope)
{
	memset(envelope, 0, sizeof(*envelope));
	envelope->epoch = 0x04030201;
	fields_count_up(envelope->ta, BOX_UUID_BYTES, 0x10);
	fields_count_up(envelope->key_id, BOX_KEY_ID_BYTES, 0x20);
	fields_count_up(envelope->device, BOX_X25519_BYTES, 0x40);
	fields_count_up(envelope->owner, BOX_OWNER_BYTES, 0x60);
	envelope->retired = 0x03020100;
	envelope->models = 2;
	envelope->model[0].id[0] = 'a';
	envelope->model[0].security_version = 0x14131211;
	memset(envelope->model[1].id, 'b', BOX_MODEL_ID_BYTES);
	envelope->model[1].security_version = 1;
	fields_count_up(envelope->encapsulated, BOX_X25519_BYTES, 0x80);
	fields_count_up(envelope->sealed, sizeof(envelope->sealed), 0xa0);
	fields_count_up(envelope->signature, BOX_SIGNATURE_BYTES, 0xd0);
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

static void expect(const struct box_envelope *envelope, enum box_error want)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope back;

	box_envelope_write(envelope, bytes);
	assert_int_equal(read_envelope(bytes, &back), want);
	assert_memory_equal(&back, envelope, sizeof(back));
}

/* From 1 on, and above what is retired. */
static void epochs_have_a_range(void **state)
{
	const uint32_t epochs[] = {
		0, 1, 0x100, 0x10000, 0x80000000, UINT32_MAX
	};
	struct box_envelope envelope;

	(void)state;
	make_envelope(&envelope);
	for (size_t i = 0; i < COUNT(epochs); i++) {
		const uint32_t epoch = epochs[i];

		envelope.epoch = epoch;
		envelope.retired = 0;
		expect(&envelope, epoch ? BOX_OK : BOX_FIELD);
		envelope.retired = epoch;
		expect(&envelope, BOX_FIELD);
		envelope.retired = epoch ? epoch - 1 : 1;
		expect(&envelope, epoch ? BOX_OK : BOX_FIELD);
		envelope.retired = UINT32_MAX;
		expect(&envelope, BOX_FIELD);
	}
}

/* `count` models, each of one letter, which rises. */
static void set_models(struct box_envelope *envelope, uint32_t count)
{
	memset(envelope->model, 0, sizeof(envelope->model));
	envelope->models = count;
	for (uint32_t i = 0; i < count && i < BOX_ENVELOPE_MODELS_MAX; i++) {
		envelope->model[i].id[0] = (uint8_t)('a' + i);
		envelope->model[i].security_version = UINT32_MAX - i;
	}
}

static void no_models_or_up_to_eight(void **state)
{
	struct box_envelope envelope;

	(void)state;
	make_envelope(&envelope);
	for (uint32_t count = 0; count <= BOX_ENVELOPE_MODELS_MAX; count++) {
		set_models(&envelope, count);
		expect(&envelope, BOX_OK);
		envelope.models = count + 1;
		expect(&envelope, BOX_FIELD);
		if (count)
			envelope.models = count - 1;
		expect(&envelope, BOX_FIELD);
	}
	envelope.models = UINT32_MAX;
	expect(&envelope, BOX_FIELD);
}

/* There is one way to write a list: ids in ascending order, each once. */
static void models_are_in_order(void **state)
{
	struct box_envelope envelope;
	struct box_envelope_model swapped;

	(void)state;
	make_envelope(&envelope);
	set_models(&envelope, BOX_ENVELOPE_MODELS_MAX);
	for (size_t i = 1; i < BOX_ENVELOPE_MODELS_MAX; i++) {
		swapped = envelope.model[i];
		envelope.model[i] = envelope.model[i - 1];
		expect(&envelope, BOX_FIELD); /* twice */
		envelope.model[i - 1] = swapped;
		expect(&envelope, BOX_FIELD);
		set_models(&envelope, BOX_ENVELOPE_MODELS_MAX);
	}
	memset(envelope.model[1].id, 'a', 2);
	expect(&envelope, BOX_OK); /* "a", "aa" */
	envelope.model[1].id[1] = 0;
	envelope.model[0].id[1] = '-';
	expect(&envelope, BOX_FIELD); /* "a-", "a" */
}

/* Without a key, nothing is sealed; everything else stands. */
static void a_key_may_be_missing(void **state)
{
	struct box_envelope envelope;

	(void)state;
	make_envelope(&envelope);
	assert_true(box_envelope_has_key(&envelope));
	memset(envelope.key_id, 0, BOX_KEY_ID_BYTES);
	assert_false(box_envelope_has_key(&envelope));
	expect(&envelope, BOX_FIELD);
	memset(envelope.encapsulated, 0, BOX_X25519_BYTES);
	expect(&envelope, BOX_FIELD);
	memset(envelope.sealed, 0, sizeof(envelope.sealed));
	expect(&envelope, BOX_OK);
	for (size_t i = 0; i < sizeof(envelope.sealed); i++) {
		envelope.sealed[i] = 1;
		expect(&envelope, BOX_FIELD);
		envelope.sealed[i] = 0;
	}
	for (size_t i = 0; i < BOX_X25519_BYTES; i++) {
		envelope.encapsulated[i] = 1;
		expect(&envelope, BOX_FIELD);
		envelope.encapsulated[i] = 0;
	}
	envelope.key_id[15] = 1;
	expect(&envelope, BOX_OK); /* of low order, which X25519 notices */
	assert_true(box_envelope_has_key(&envelope));
}

/* S of a signature is below the order of the group: RFC 8032, 5.1.7. */
static void a_signature_has_one_form(void **state)
{
	static const uint8_t order[BOX_SIGNATURE_BYTES / 2] =
		"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9"
		"\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
	struct box_envelope envelope;
	uint8_t *s = envelope.signature + sizeof(order);

	(void)state;
	make_envelope(&envelope);
	memcpy(s, order, sizeof(order));
	expect(&envelope, BOX_FIELD);
	s[0]--;
	expect(&envelope, BOX_OK);
}

static const struct fields_change changes[] = {
	{ "magic, first byte", 0, 1, { 'e' }, BOX_MAGIC },
	{ "magic, last byte", 7, 1, { 'y' }, BOX_MAGIC },
	{ "magic of a model", 0, 8, "ENCMODEL", BOX_MAGIC },
	{ "version 0", 8, 2, { 0, 0 }, BOX_VERSION },
	{ "version 1", 8, 2, { 1, 0 }, BOX_VERSION },
	{ "version 3", 8, 2, { 3, 0 }, BOX_VERSION },
	{ "version 258", 8, 2, { 2, 1 }, BOX_VERSION },
	{ "suite 0", 10, 2, { 0, 0 }, BOX_VERSION },
	{ "suite 1", 10, 2, { 1, 0 }, BOX_VERSION },
	{ "suite 3", 10, 2, { 3, 0 }, BOX_VERSION },
	{ "suite 258", 10, 2, { 2, 1 }, BOX_VERSION },
	{ "epoch 0", 12, 4, { 0 }, BOX_FIELD },
	{ "version 3, epoch 0", 8, 8, { 3, 0, 2, 0 }, BOX_VERSION },
	{ "the epoch of what is retired", 12, 4, { 0, 1, 2, 3 }, BOX_FIELD },
	{ "retired, the envelope's epoch", 112, 4, { 1, 2, 3, 4 }, BOX_FIELD },
	{ "retired 2^32 - 1", 112, 4, { 255, 255, 255, 255 }, BOX_FIELD },
	{ "no models, but two", 116, 4, { 0 }, BOX_FIELD },
	{ "one model, but two", 116, 4, { 1 }, BOX_FIELD },
	{ "three models, but two", 116, 4, { 3 }, BOX_FIELD },
	{ "nine models", 116, 4, { 9 }, BOX_FIELD },
	{ "2^24 + 2 models", 116, 4, { 2, 0, 0, 1 }, BOX_FIELD },
	{ "no id of a model", 120, 1, { 0 }, BOX_FIELD },
	{ "id of a model, a capital", 120, 1, { 'A' }, BOX_FIELD },
	{ "id of a model, a gap", 122, 1, { 'a' }, BOX_FIELD },
	{ "ids in the other order", 120, 1, { 'c' }, BOX_FIELD },
	{ "security version 0", 152, 4, { 0 }, BOX_FIELD },
	{ "security version 0 of the last", 188, 4, { 0 }, BOX_FIELD },
	{ "a byte behind the last model", 192, 1, { 'c' }, BOX_FIELD },
	{ "the last byte of the models", 407, 1, { 1 }, BOX_FIELD },
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

/* What is read of a changed envelope is another one. */
static void assert_byte_counts(size_t at, uint8_t change, size_t *refused)
{
	uint8_t bytes[BOX_ENVELOPE_BYTES];
	uint8_t again[BOX_ENVELOPE_BYTES] = { 0 };
	struct box_envelope envelope;
	struct box_envelope other;

	make_envelope(&envelope);
	memcpy(bytes, plain_bytes, sizeof(bytes));
	bytes[at] ^= change;
	if (read_envelope(bytes, &other) != BOX_OK) {
		++*refused;
		return;
	}
	assert_memory_not_equal(&other, &envelope, sizeof(envelope));
	box_envelope_write(&other, again);
	assert_memory_equal(again, bytes, sizeof(bytes));
}

/*
 * A reader notices a change of any byte. Values of the TA, the keys and what is
 * sealed are not refused, but for those that no signature has.
 */
static void every_byte_counts(void **state)
{
	(void)state;
	for (size_t at = 0; at < BOX_ENVELOPE_BYTES; at++) {
		size_t refused = 0;

		for (int change = 1; change < 256; change++)
			assert_byte_counts(at, (uint8_t)change, &refused);
		if (at < 12 || (at >= 192 && at < 408))
			assert_int_equal(refused, 255);
		else if ((at >= 16 && at < 112) || (at >= 408 && at < 551))
			assert_int_equal(refused, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_those_of_the_format),
		cmocka_unit_test(epochs_have_a_range),
		cmocka_unit_test(no_models_or_up_to_eight),
		cmocka_unit_test(models_are_in_order),
		cmocka_unit_test(a_key_may_be_missing),
		cmocka_unit_test(a_signature_has_one_form),
		cmocka_unit_test(each_field_has_its_range),
		cmocka_unit_test(every_byte_counts),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
