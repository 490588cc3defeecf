/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a sealed model, against the bytes in doc/FORMAT.md. */
#include <string.h>

#include "box/head.h"
#include "tests/lib/fields.h"

/* 784 - 300 - 10, 1,000,000 bytes of plaintext, version 7 of "a.b_c-9". */
static const uint8_t plain_bytes[BOX_HEAD_BYTES] = {
	/* magic */
	'E', 'N', 'C', 'M', 'O', 'D', 'E', 'L',
	/* version, suite, format, layers */
	1, 0, 1, 0, 1, 0, 2, 0,
	/* sizes */
	0x10, 0x03, 0, 0, 0x2c, 0x01, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* max(y, 0) behind layer 0 */
	1, 0, 0, 0,
	/* length, bytes of a chunk, model version */
	0x40, 0x42, 0x0f, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 0, 0, 0,
	/* model id */
	'a', '.', 'b', '_', 'c', '-', '9', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	/* key id */
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
	0x1c, 0x1d, 0x1e, 0x1f,
	/* owner */
	0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b,
	0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
	0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f,
	/* digest */
	0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b,
	0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57,
	0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f,
	/* signature */
	0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xdb,
	0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7,
	0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf2, 0xf3,
	0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
	0x0c, 0x0d, 0x0e, 0x0f
};

/* The same, as a struct with every byte initialised. */
static void make_head(struct box_head *head)
{
	memset(head, 0, sizeof(*head));
	head->format = BOX_HEAD_FORMAT_F32;
	head->layers = 2;
	head->sizes[0] = 784;
	head->sizes[1] = 300;
	head->sizes[2] = 10;
	head->relu = 1;
	head->length = 1000000;
	head->model_version = 7;
	memcpy(head->model_id, "a.b_c-9", 7);
	fields_count_up(head->key_id, BOX_KEY_ID_BYTES, 0x10);
	fields_count_up(head->owner, BOX_OWNER_BYTES, 0x20);
	fields_count_up(head->digest, BOX_DIGEST_BYTES, 0x40);
	fields_count_up(head->signature, BOX_SIGNATURE_BYTES, 0xd0);
}

static enum box_error read_head(const uint8_t *bytes, struct box_head *head)
{
	memset(head, 0, sizeof(*head));
	return box_head_read(bytes, head);
}

static enum box_error write_and_read(const struct box_head *head,
				     struct box_head *back)
{
	uint8_t bytes[BOX_HEAD_BYTES];

	memset(bytes, 0xa5, sizeof(bytes));
	box_head_write(head, bytes);
	return read_head(bytes, back);
}

static void assert_comes_back(const struct box_head *head)
{
	struct box_head back;

	assert_int_equal(write_and_read(head, &back), BOX_OK);
	assert_memory_equal(&back, head, sizeof(back));
}

static void the_bytes_are_those_of_the_format(void **state)
{
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	struct box_head head;
	struct box_head back;

	(void)state;
	make_head(&head);
	box_head_write(&head, bytes);
	assert_memory_equal(bytes, plain_bytes, sizeof(bytes));
	assert_int_equal(read_head(plain_bytes, &back), BOX_OK);
	assert_memory_equal(&back, &head, sizeof(back));
}

static void either_format_comes_back(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.format = BOX_HEAD_FORMAT_INT8;
	assert_comes_back(&head);
}

static void the_extremes_come_back(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.layers = 1;
	memset(head.sizes, 0, sizeof(head.sizes));
	head.sizes[0] = head.sizes[1] = 1;
	head.relu = 0;
	head.length = 1;
	head.model_version = 1;
	assert_comes_back(&head);

	head.layers = BOX_HEAD_LAYERS_MAX;
	for (size_t i = 0; i <= BOX_HEAD_LAYERS_MAX; i++)
		head.sizes[i] = BOX_HEAD_SIZE_MAX - (uint32_t)i;
	head.relu = 0xff;
	head.length = (uint64_t)1 << 32;
	head.model_version = UINT32_MAX;
	memset(head.model_id, 'z', BOX_MODEL_ID_BYTES);
	assert_comes_back(&head);
}

/* Every number of layers, with every choice of max(y, 0). */
static void every_network_comes_back(void **state)
{
	struct box_head head;
	struct box_head back;

	(void)state;
	make_head(&head);
	memset(head.sizes, 0, sizeof(head.sizes));
	head.sizes[0] = 1;
	for (head.layers = 1; head.layers <= BOX_HEAD_LAYERS_MAX;
	     head.layers++) {
		head.sizes[head.layers] = 10 * head.layers;
		for (head.relu = 0; !(head.relu >> head.layers); head.relu++)
			assert_comes_back(&head);
		assert_int_equal(write_and_read(&head, &back), BOX_FIELD);
	}
}

static void an_id_is_of_few_letters(void **state)
{
	const char *good = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t taken = 0;

	(void)state;
	for (int c = 0; c < 256; c++) {
		uint8_t bytes[BOX_HEAD_BYTES];
		struct box_head head;
		enum box_error want = c && strchr(good, c) ? BOX_OK : BOX_FIELD;

		memcpy(bytes, plain_bytes, sizeof(bytes));
		bytes[72 + 6] = bytes[72] = (uint8_t)c;
		assert_int_equal(read_head(bytes, &head), want);
		taken += want == BOX_OK;
	}
	assert_int_equal(taken, 39);
}

static void an_id_ends_once(void **state)
{
	(void)state;
	for (size_t len = 0; len <= BOX_MODEL_ID_BYTES; len++) {
		struct box_head head;
		struct box_head back;

		make_head(&head);
		memset(head.model_id, 0, BOX_MODEL_ID_BYTES);
		memset(head.model_id, 'm', len);
		assert_int_equal(write_and_read(&head, &back),
				 len ? BOX_OK : BOX_FIELD);
		for (size_t i = len + 1; i < BOX_MODEL_ID_BYTES; i++) {
			head.model_id[i] = 'm';
			assert_int_equal(write_and_read(&head, &back),
					 BOX_FIELD);
			head.model_id[i] = 0;
		}
	}
}

static const struct fields_change changes[] = {
	{ "magic, first byte", 0, 1, { 'e' }, BOX_MAGIC },
	{ "magic, last byte", 7, 1, { 'l' }, BOX_MAGIC },
	{ "magic of an envelope", 0, 8, "ENCMOKEY", BOX_MAGIC },
	{ "version 0", 8, 2, { 0, 0 }, BOX_VERSION },
	{ "version 2", 8, 2, { 2, 0 }, BOX_VERSION },
	{ "version 257", 8, 2, { 1, 1 }, BOX_VERSION },
	{ "suite 0", 10, 2, { 0, 0 }, BOX_VERSION },
	{ "suite 2", 10, 2, { 2, 0 }, BOX_VERSION },
	{ "suite 257", 10, 2, { 1, 1 }, BOX_VERSION },
	{ "format 0", 12, 2, { 0, 0 }, BOX_VERSION },
	{ "format 3", 12, 2, { 3, 0 }, BOX_VERSION },
	{ "format 257", 12, 2, { 1, 1 }, BOX_VERSION },
	{ "no layers", 14, 2, { 0, 0 }, BOX_FIELD },
	{ "fewer layers than sizes", 14, 2, { 1, 0 }, BOX_FIELD },
	{ "more layers than sizes", 14, 2, { 3, 0 }, BOX_FIELD },
	{ "9 layers", 14, 2, { 9, 0 }, BOX_FIELD },
	{ "258 layers", 14, 2, { 2, 1 }, BOX_FIELD },
	{ "no inputs", 16, 4, { 0 }, BOX_FIELD },
	{ "65,536 inputs", 16, 4, { 0, 0, 1, 0 }, BOX_FIELD },
	{ "2^24 inputs", 16, 4, { 0, 0, 0, 1 }, BOX_FIELD },
	{ "no outputs of a layer", 20, 4, { 0 }, BOX_FIELD },
	{ "65,536 outputs", 24, 4, { 0, 0, 1, 0 }, BOX_FIELD },
	{ "a size behind the last layer", 28, 4, { 1 }, BOX_FIELD },
	{ "a size in the last place", 48, 4, { 0, 0, 0, 1 }, BOX_FIELD },
	{ "max behind layer 2 of 2", 52, 4, { 5 }, BOX_FIELD },
	{ "max behind layer 31", 52, 4, { 1, 0, 0, 0x80 }, BOX_FIELD },
	{ "length 0", 56, 8, { 0 }, BOX_FIELD },
	{ "length 2^32 + 1", 56, 8, { 1, 0, 0, 0, 1 }, BOX_LENGTH },
	{ "length 2^33", 56, 8, { 0, 0, 0, 0, 2 }, BOX_LENGTH },
	{ "length 2^63", 56, 8, { [7] = 0x80 }, BOX_LENGTH },
	{ "no bytes of a chunk", 64, 4, { 0 }, BOX_FIELD },
	{ "65,535 bytes of a chunk", 64, 4, { 0xff, 0xff }, BOX_FIELD },
	{ "65,537 bytes of a chunk", 64, 4, { 1, 0, 1, 0 }, BOX_FIELD },
	{ "131,072 bytes of a chunk", 64, 4, { 0, 0, 2, 0 }, BOX_FIELD },
	{ "2^24 + 65,536", 64, 4, { 0, 0, 1, 1 }, BOX_FIELD },
	{ "model version 0", 68, 4, { 0 }, BOX_FIELD },
	{ "no model id", 72, 7, { 0 }, BOX_FIELD },
	{ "model id, a capital", 74, 1, { 'B' }, BOX_FIELD },
	{ "model id, a space", 78, 1, { ' ' }, BOX_FIELD },
	{ "model id, a gap", 73, 1, { 0 }, BOX_FIELD },
	{ "model id, a letter at the end", 103, 1, { 'a' }, BOX_FIELD },
};

static enum box_error error_of(const uint8_t *bytes)
{
	struct box_head head;

	return read_head(bytes, &head);
}

static void each_field_has_its_range(void **state)
{
	(void)state;
	fields_assert_errors(plain_bytes, BOX_HEAD_BYTES, changes,
			     COUNT(changes), error_of);
}

/* A reader reports that it is too old, whatever the newer format means. */
static void what_it_is_counts_first(void **state)
{
	uint8_t bytes[BOX_HEAD_BYTES];
	struct box_head head;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(read_head(bytes, &head), BOX_MAGIC);
	memcpy(bytes, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES);
	assert_int_equal(read_head(bytes, &head), BOX_VERSION);
}

/* A reader notices a change of any byte. */
static void every_byte_counts(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	for (size_t at = 0; at < BOX_HEAD_BYTES; at++) {
		for (int change = 1; change < 256; change++) {
			uint8_t bytes[BOX_HEAD_BYTES];
			uint8_t again[BOX_HEAD_BYTES] = { 0 };
			struct box_head other;

			memcpy(bytes, plain_bytes, sizeof(bytes));
			bytes[at] ^= (uint8_t)change;
			if (read_head(bytes, &other) != BOX_OK)
				continue;
			assert_memory_not_equal(&other, &head, sizeof(head));
			box_head_write(&other, again);
			assert_memory_equal(again, bytes, sizeof(bytes));
		}
	}
}

/* Fields of two bytes are 32 bits wide in the struct. */
static void what_does_not_fit_cannot_be_read(void **state)
{
	struct box_head head;
	struct box_head back;

	(void)state;
	make_head(&head);
	head.layers += 0x10000;
	assert_int_equal(write_and_read(&head, &back), BOX_FIELD);
	make_head(&head);
	head.format += 0x10000;
	assert_int_equal(write_and_read(&head, &back), BOX_VERSION);
}

/* S of a signature is below the order of the group: RFC 8032, 5.1.7. */
static void a_signature_has_one_form(void **state)
{
	static const uint8_t order[BOX_SIGNATURE_BYTES / 2] =
		"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9"
		"\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
	struct box_head head = { 0 };
	struct box_head back = { 0 };
	uint8_t *s = head.signature + sizeof(order);

	(void)state;
	make_head(&head);
	memcpy(s, order, sizeof(order));
	assert_int_equal(write_and_read(&head, &back), BOX_FIELD);
	s[0]--;
	assert_int_equal(write_and_read(&head, &back), BOX_OK);
	s[16] = 1;
	assert_int_equal(write_and_read(&head, &back), BOX_FIELD);
	s[31] = 0x0f;
	assert_int_equal(write_and_read(&head, &back), BOX_OK);
	s[31] = 0x80;
	assert_int_equal(write_and_read(&head, &back), BOX_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_has_one_form),
		cmocka_unit_test(the_bytes_are_those_of_the_format),
		cmocka_unit_test(either_format_comes_back),
		cmocka_unit_test(the_extremes_come_back),
		cmocka_unit_test(every_network_comes_back),
		cmocka_unit_test(an_id_is_of_few_letters),
		cmocka_unit_test(an_id_ends_once),
		cmocka_unit_test(each_field_has_its_range),
		cmocka_unit_test(what_it_is_counts_first),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(what_does_not_fit_cannot_be_read),
	};

	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
