/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a sealed model, against the bytes in doc/FORMAT.md. */
#include <string.h>

#include "box/head.h"
#include "tests/lib/fields.h"

/*
 * 28 x 28 bytes to three of ten labels, for clients of a group: every field has
 * a value of its own. Version 7 of "a.b_c-9", with 300 bytes of class names.
 */
static const uint8_t plain_bytes[BOX_HEAD_BYTES] = {
	/* magic */
	'E', 'N', 'C', 'M', 'O', 'D', 'E', 'L',
	/* version, suite, number type, policy */
	3, 0, 1, 0, 2, 0, 2, 0,
	/* amount, batch, inputs, outputs */
	3, 0, 0, 0, 8, 0, 2, 1,
	/* length, parameters */
	0x40, 0x42, 0x0f, 0, 0, 0, 0, 0, 0x00, 0x40, 0x0f, 0, 0, 0, 0, 0,
	/* multiply-accumulates, arena, bytes of a chunk */
	1, 2, 3, 4, 5, 0, 0, 0, 0x80, 0x10, 0, 0, 0, 0, 1, 0,
	/* model version, bytes of names */
	7, 0, 0, 0, 0x2c, 0x01, 0, 0,
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
	/* digest of the names */
	0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
	0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
	0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf,
	/* security version, login */
	4, 3, 2, 1, 2, 0, 0, 0,
	/* client */
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c,
	0x6d, 0x6e, 0x6f, 0x70,
	/* answers, after a load and in the life of a device */
	0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x81, 0x82, 0x83, 0x84,
	0x85, 0x86, 0x87, 0x88,
	/* inputs: uint8 (28, 28, 1); int32 (5) */
	3, 3, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
	0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0,
	0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, [280] = 0,
	/* output: int8 (1, 10), zero point -3, scale 0.5 */
	[344] = 2, 2, 0xfd, 0, 0, 0, 0, 0x3f, 1, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0,
	0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
	/* digest */
	[472] = 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
	0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55,
	0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f,
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
	head->number_type = BOX_INT8;
	head->policy = BOX_TOP;
	head->amount = 3;
	head->batch = 8;
	head->inputs = 2;
	head->outputs = 1;
	head->length = 1000000;
	head->params = 999424;
	head->macs = 0x0504030201;
	head->arena = 0x1080;
	head->model_version = 7;
	head->names = 300;
	head->input[0] =
		(struct box_port){ BOX_UINT8, 3, 0, 0, { 28, 28, 1, 1, 1, 1 } };
	head->input[1] =
		(struct box_port){ BOX_INT32, 1, 0, 0, { 5, 1, 1, 1, 1, 1 } };
	head->output[0] = (struct box_port){
		BOX_INT8, 2, -3, 0x3f000000, { 1, 10, 1, 1, 1, 1 }
	};
	fields_count_up(head->names_digest, BOX_DIGEST_BYTES, 0xa0);
	head->security_version = 0x01020304;
	head->login = BOX_LOGIN_GROUP;
	fields_count_up(head->client, BOX_CLIENT_BYTES, 0x61);
	head->load_answers = 0x7877767574737271;
	head->life_answers = 0x8887868584838281;
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

static void the_extremes_come_back(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.number_type = BOX_F32;
	head.policy = BOX_RAW;
	head.amount = 0;
	head.batch = 1;
	head.inputs = 1;
	memset(&head.input[1], 0, sizeof(head.input[1]));
	head.params = 0;
	head.length = BOX_RECORD_HEAD + BOX_TABLES_MIN;
	head.macs = 1;
	head.arena = 64;
	head.model_version = 1;
	head.names = 0;
	memset(head.names_digest, 0, BOX_DIGEST_BYTES);
	head.security_version = 1;
	head.login = BOX_LOGIN_ANY;
	memset(head.client, 0, BOX_CLIENT_BYTES);
	head.load_answers = head.life_answers = 0;
	assert_comes_back(&head);

	head.batch = 64;
	head.inputs = head.outputs = 4;
	for (size_t i = 0; i < 4; i++) {
		head.input[i] =
			(struct box_port){ BOX_INT8,
					   6,
					   127,
					   0x7f7fffff,
					   { 65536, 4096, 1, 1, 1, 1 } };
		head.output[i] = (struct box_port){
			BOX_INT8, 6, -128, 0x00800000, { 8, 8, 8, 8, 65536, 1 }
		};
	}
	head.params = (uint64_t)1 << 31;
	head.length = head.params + BOX_RECORD_HEAD + BOX_TABLES_MAX;
	head.macs = (uint64_t)1 << 36;
	head.arena = 1 << 24;
	head.model_version = head.security_version = UINT32_MAX;
	head.load_answers = head.life_answers = UINT64_MAX;
	head.login = BOX_LOGIN_APPLICATION;
	head.client[15] = 1;
	head.names = 65536;
	head.names_digest[31] = 1;
	memset(head.model_id, 'z', BOX_MODEL_ID_BYTES);
	assert_comes_back(&head);
}

static void expect(const struct box_head *head, enum box_error want)
{
	struct box_head back;

	assert_int_equal(write_and_read(head, &back), want);
}

/* Labels are of one output of 2 to 65,536 numbers, scores of any numbers. */
static void what_leaves_must_be_there(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.amount = 10;
	expect(&head, BOX_OK);
	head.amount = 11; /* of ten */
	expect(&head, BOX_FIELD);
	head.output[0].dims[0] = 4;
	head.amount = 32;
	expect(&head, BOX_OK);
	head.amount = 33;
	expect(&head, BOX_FIELD);
	head.policy = BOX_LABEL;
	expect(&head, BOX_FIELD);
	head.amount = 0;
	expect(&head, BOX_OK);
	head.output[0].dims[0] = 1;
	head.output[0].dims[1] = 1;
	expect(&head, BOX_FIELD);
	head.output[0].dims[1] = 2;
	expect(&head, BOX_OK);
	head.output[0].dims[1] = 65536;
	expect(&head, BOX_OK);
	head.output[0].dims[0] = 2;
	expect(&head, BOX_FIELD);
	head.policy = BOX_SCORES;
	expect(&head, BOX_FIELD);
	head.amount = 16;
	expect(&head, BOX_OK);
	head.amount = 17;
	expect(&head, BOX_FIELD);
	head.amount = 1;
	head.outputs = 2;
	head.output[1] = head.output[0];
	expect(&head, BOX_OK);
	head.output[1].type = BOX_INT32;
	head.output[1].zero = 0;
	head.output[1].scale = 0;
	expect(&head, BOX_FIELD);
	head.policy = BOX_RAW;
	expect(&head, BOX_FIELD);
	head.amount = 0;
	expect(&head, BOX_OK);
	head.policy = BOX_LABEL; /* of two outputs */
	expect(&head, BOX_FIELD);
	make_head(&head);
	memset(head.names_digest, 0, BOX_DIGEST_BYTES);
	expect(&head, BOX_FIELD);
}

/* Each is refused where nothing else is wrong with the head. */
static void limits_hold_alone(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.input[0].rank = 0;
	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		head.input[0].dims[d] = 1;
	expect(&head, BOX_FIELD);
	head.input[0].rank = 1;
	expect(&head, BOX_OK);
	head.inputs = 0;
	memset(head.input, 0, sizeof(head.input));
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.policy = BOX_LABEL;
	head.amount = 0;
	expect(&head, BOX_OK);
	head.output[1] = head.output[0];
	head.outputs = 2;
	expect(&head, BOX_FIELD);
	head.policy = BOX_RAW;
	expect(&head, BOX_OK);
	head.outputs = 0;
	memset(head.output, 0, sizeof(head.output));
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.params = BOX_PARAMS_MAX;
	head.length = head.params + BOX_RECORD_HEAD + BOX_TABLES_MIN;
	expect(&head, BOX_OK);
	head.params++;
	head.length++;
	expect(&head, BOX_FIELD);
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
		bytes[64 + 6] = bytes[64] = (uint8_t)c;
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

/* A login of a user, a group or an application names one; no other does. */
static void a_login_has_its_client(void **state)
{
	const uint32_t with[] = { BOX_LOGIN_USER, BOX_LOGIN_GROUP,
				  BOX_LOGIN_APPLICATION };
	struct box_head head;

	(void)state;
	for (size_t i = 0; i < COUNT(with); i++) {
		make_head(&head);
		head.login = with[i];
		expect(&head, BOX_OK);
		memset(head.client, 0, BOX_CLIENT_BYTES);
		expect(&head, BOX_FIELD);
		head.client[0] = 1;
		expect(&head, BOX_OK);
	}
	head.login = BOX_LOGIN_ANY;
	expect(&head, BOX_FIELD);
	memset(head.client, 0, BOX_CLIENT_BYTES);
	expect(&head, BOX_OK);
	head.client[15] = 1;
	expect(&head, BOX_FIELD);
}

static const struct fields_change changes[] = {
	{ "magic, first byte", 0, 1, { 'e' }, BOX_MAGIC },
	{ "magic, last byte", 7, 1, { 'l' }, BOX_MAGIC },
	{ "magic of an envelope", 0, 8, "ENCMOKEY", BOX_MAGIC },
	{ "version 0", 8, 2, { 0, 0 }, BOX_VERSION },
	{ "version 1", 8, 2, { 1, 0 }, BOX_VERSION },
	{ "version 2", 8, 2, { 2, 0 }, BOX_VERSION },
	{ "version 4", 8, 2, { 4, 0 }, BOX_VERSION },
	{ "version 259", 8, 2, { 3, 1 }, BOX_VERSION },
	{ "suite 0", 10, 2, { 0, 0 }, BOX_VERSION },
	{ "suite 2", 10, 2, { 2, 0 }, BOX_VERSION },
	{ "suite 257", 10, 2, { 1, 1 }, BOX_VERSION },
	{ "number type 0", 12, 2, { 0, 0 }, BOX_FIELD },
	{ "number type 3", 12, 2, { 3, 0 }, BOX_FIELD },
	{ "number type 258", 12, 2, { 2, 1 }, BOX_FIELD },
	{ "policy 0", 14, 2, { 0, 0 }, BOX_FIELD },
	{ "policy 5", 14, 2, { 5, 0 }, BOX_FIELD },
	{ "policy 258", 14, 2, { 2, 1 }, BOX_FIELD },
	{ "top 0", 16, 4, { 0 }, BOX_FIELD },
	{ "top 2^24 + 3", 16, 4, { 3, 0, 0, 1 }, BOX_FIELD },
	{ "batch 0", 20, 2, { 0, 0 }, BOX_FIELD },
	{ "batch 65", 20, 2, { 65, 0 }, BOX_FIELD },
	{ "no inputs", 22, 1, { 0 }, BOX_FIELD },
	{ "fewer inputs than ports", 22, 1, { 1 }, BOX_FIELD },
	{ "more inputs than ports", 22, 1, { 3 }, BOX_FIELD },
	{ "five inputs", 22, 1, { 5 }, BOX_FIELD },
	{ "no outputs", 23, 1, { 0 }, BOX_FIELD },
	{ "more outputs than ports", 23, 1, { 2 }, BOX_FIELD },
	{ "length 0", 24, 8, { 0 }, BOX_FIELD },
	{ "length 2^32 + 1", 24, 8, { 1, 0, 0, 0, 1 }, BOX_FIELD },
	{ "length 2^63", 24, 8, { [7] = 0x80 }, BOX_FIELD },
	{ "tables a byte too short", 24, 8, { 0xcf, 0x40, 0x0f }, BOX_FIELD },
	{ "tables a byte too long", 24, 8, { 0xe1, 0x10, 0x10 }, BOX_FIELD },
	{ "parameters of the length", 32, 8, { 0x40, 0x42, 0x0f }, BOX_FIELD },
	{ "2^32 of parameters", 32, 8, { [4] = 1 }, BOX_FIELD },
	{ "no work", 40, 8, { 0 }, BOX_FIELD },
	{ "work over 2^36", 40, 8, { 1, 0, 0, 0, 16 }, BOX_FIELD },
	{ "no arena", 48, 4, { 0 }, BOX_FIELD },
	{ "an arena of 65 bytes", 48, 4, { 65 }, BOX_FIELD },
	{ "arenas over 2^30", 48, 4, { 0x40, 0, 0, 8 }, BOX_FIELD },
	{ "no bytes of a chunk", 52, 4, { 0 }, BOX_FIELD },
	{ "65,535 bytes of a chunk", 52, 4, { 0xff, 0xff }, BOX_FIELD },
	{ "65,537 bytes of a chunk", 52, 4, { 1, 0, 1, 0 }, BOX_FIELD },
	{ "131,072 bytes of a chunk", 52, 4, { 0, 0, 2, 0 }, BOX_FIELD },
	{ "2^24 + 65,536", 52, 4, { 0, 0, 1, 1 }, BOX_FIELD },
	{ "no names, but a digest", 60, 4, { 0 }, BOX_FIELD },
	{ "65,537 bytes of names", 60, 4, { 1, 0, 1 }, BOX_FIELD },
	{ "security version 0", 176, 4, { 0 }, BOX_FIELD },
	{ "login 3", 180, 4, { 3 }, BOX_FIELD },
	{ "login 5", 180, 4, { 5 }, BOX_FIELD },
	{ "login 6, of an application and a user", 180, 4, { 6 }, BOX_FIELD },
	{ "login 2^24 + 2", 180, 4, { 2, 0, 0, 1 }, BOX_FIELD },
	{ "any login, but a client", 180, 4, { 0 }, BOX_FIELD },
	{ "type 0", 216, 1, { 0 }, BOX_FIELD },
	{ "type 5", 216, 1, { 5 }, BOX_FIELD },
	{ "rank 0", 217, 1, { 0 }, BOX_FIELD },
	{ "rank 7", 217, 1, { 7 }, BOX_FIELD },
	{ "rank below the dimensions", 217, 1, { 1 }, BOX_FIELD },
	{ "a zero point of bytes", 218, 1, { 1 }, BOX_FIELD },
	{ "a reserved byte of an input", 219, 1, { 1 }, BOX_FIELD },
	{ "a scale of bytes", 220, 4, { 0, 0, 0, 0x3f }, BOX_FIELD },
	{ "dimension 0", 224, 4, { 0 }, BOX_FIELD },
	{ "dimension 65,537", 224, 4, { 1, 0, 1 }, BOX_FIELD },
	{ "2^28 elements and more", 224, 8, { 0, 0, 1, 0, 1, 16 }, BOX_FIELD },
	{ "a dimension behind the rank", 244, 4, { 2 }, BOX_FIELD },
	{ "dimension 0 behind the rank", 244, 4, { 0 }, BOX_FIELD },
	{ "an input too many", 280, 1, { 3 }, BOX_FIELD },
	{ "a byte of the last input", 343, 1, { 1 }, BOX_FIELD },
	{ "an output of bytes", 344, 8, { 3, 2 }, BOX_FIELD },
	{ "a reserved byte of an output", 347, 1, { 1 }, BOX_FIELD },
	{ "scale 0", 348, 4, { 0 }, BOX_FIELD },
	{ "a subnormal scale", 348, 4, { 0xff, 0xff, 0x7f, 0 }, BOX_FIELD },
	{ "a negative scale", 348, 4, { 0, 0, 0, 0xbf }, BOX_FIELD },
	{ "an infinite scale", 348, 4, { 0, 0, 0x80, 0x7f }, BOX_FIELD },
	{ "a byte of the last output", 471, 1, { 1 }, BOX_FIELD },
	{ "model version 0", 56, 4, { 0 }, BOX_FIELD },
	{ "no model id", 64, 7, { 0 }, BOX_FIELD },
	{ "model id, a capital", 66, 1, { 'B' }, BOX_FIELD },
	{ "model id, a space", 70, 1, { ' ' }, BOX_FIELD },
	{ "model id, a gap", 65, 1, { 0 }, BOX_FIELD },
	{ "model id, a letter at the end", 95, 1, { 'a' }, BOX_FIELD },
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

/* Fields of one and two bytes are 32 bits wide in the struct. */
static void what_does_not_fit_cannot_be_read(void **state)
{
	struct box_head head;

	(void)state;
	make_head(&head);
	head.number_type += 0x10000;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.policy += 0x10000;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.batch += 0x10000;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.inputs += 0x100;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.outputs += 0x100;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.input[0].type += 0x100;
	expect(&head, BOX_FIELD);
	make_head(&head);
	head.input[0].rank += 0x100;
	expect(&head, BOX_FIELD);
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
		cmocka_unit_test(the_extremes_come_back),
		cmocka_unit_test(what_leaves_must_be_there),
		cmocka_unit_test(limits_hold_alone),
		cmocka_unit_test(an_id_is_of_few_letters),
		cmocka_unit_test(an_id_ends_once),
		cmocka_unit_test(a_login_has_its_client),
		cmocka_unit_test(each_field_has_its_range),
		cmocka_unit_test(what_it_is_counts_first),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(what_does_not_fit_cannot_be_read),
	};

	return cmocka_run_group_tests_name("head", tests, NULL, NULL);
}
