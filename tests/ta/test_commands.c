/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_commands [sampled]: the commands of the TA, through the TEE Client API:
 * every answer that proto/enc_mnist_ta.h documents. sampled: those of its tests
 * in which OP-TEE does something else each time. Needs empty trusted storage,
 * because the first tests are about a device without a key.
 */
#include <stdlib.h>
#include <string.h>

#include "compat/cbc.h"
#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/bad_records.h"
#include "tests/lib/formula.h"

#define IMAGE ENC_MNIST_IMAGE_BYTES

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";
static const uint8_t other_key[ENC_MNIST_KEY_BYTES] =
	"another key, as long as it was.";

static uint8_t *record;
static uint8_t *container; /* of the record, under key */
static size_t container_len;

/*
 * Images and the labels that the engine, compiled for the normal world, gives.
 */
static uint8_t images[ENC_MNIST_BATCH_MAX + 1][IMAGE];
static uint8_t expected[ENC_MNIST_BATCH_MAX + 1];

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &ta_context) != TEEC_SUCCESS)
		return -1;
	record = formula_record(1);
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	for (size_t i = 0; i < COUNT(images); i++)
		formula_image(i, images[i]);
	formula_labels(1, images[0], COUNT(images), expected);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_FinalizeContext(&ta_context);
	free(record);
	free(container);
	return 0;
}

static void store_good_key(TEEC_Session *session)
{
	assert_int_equal(ta_store_key(session, key), TEEC_SUCCESS);
}

static void load_good(TEEC_Session *session)
{
	store_good_key(session);
	assert_int_equal(ta_load(session, container, container_len),
			 TEEC_SUCCESS);
}

/* The first n images get their expected labels. */
static void check_labels(TEEC_Session *session, size_t n, const uint8_t *labels)
{
	uint8_t answer[ENC_MNIST_BATCH_MAX + 8];
	size_t count = n + 7;

	memset(answer, 0xee, sizeof(answer));
	assert_int_equal(ta_call(session, ENC_MNIST_CMD_INFER, images,
				 n * IMAGE, answer, &count),
			 TEEC_SUCCESS);
	assert_int_equal(count, n);
	assert_memory_equal(answer, labels, n);
	assert_int_equal(answer[n], 0xee);
}

/* ---- a device without a key ---- */

static void without_key_nothing_loads(void **state)
{
	uint8_t out[64] = { 0 };
	size_t size = sizeof(out);

	assert_int_equal(ta_begin(*state), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(ta_push(*state, container, 16), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_ENCRYPT, "x", 1, out, &size),
		TEEC_ERROR_ITEM_NOT_FOUND);
	size = sizeof(out);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, container, 32,
				 out, &size),
			 TEEC_ERROR_ITEM_NOT_FOUND);
}

static void a_key_has_32_bytes(void **state)
{
	const size_t sizes[] = { 0, 1, 31, 33, 64, 4096 };

	for (size_t i = 0; i < COUNT(sizes); i++)
		assert_int_equal(ta_send(*state, ENC_MNIST_CMD_STORE_KEY,
					 record, sizes[i]),
				 TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(ta_begin(*state), TEEC_ERROR_ITEM_NOT_FOUND);
}

/* ---- malformed calls ---- */

static void unknown_commands_are_not_supported(void **state)
{
	const uint32_t commands[] = { 7, 8, 15, 23, 0x7fffffff, 0xffffffff };

	for (size_t i = 0; i < COUNT(commands); i++)
		assert_int_equal(ta_send(*state, commands[i], NULL, 0),
				 TEEC_ERROR_NOT_SUPPORTED);
}

static const uint32_t types[] = {
	TEEC_NONE,
	TEEC_VALUE_INPUT,
	TEEC_VALUE_OUTPUT,
	TEEC_VALUE_INOUT,
	TEEC_MEMREF_TEMP_INPUT,
	TEEC_MEMREF_TEMP_OUTPUT,
	TEEC_MEMREF_TEMP_INOUT,
};

static bool types_are_right(uint32_t command, const uint32_t *t)
{
	bool in = command != ENC_MNIST_CMD_BEGIN &&
		  command != ENC_MNIST_CMD_FINALIZE;
	bool out = command <= ENC_MNIST_CMD_DECRYPT;

	return t[0] == (in ? TEEC_MEMREF_TEMP_INPUT : TEEC_NONE) &&
	       t[1] == (out ? TEEC_MEMREF_TEMP_OUTPUT : TEEC_NONE) &&
	       t[2] == TEEC_NONE && t[3] == TEEC_NONE;
}

/* Parameters of these types, with 64 bytes of memory where they need some. */
static void set_params(TEEC_Operation *op, const uint32_t *t)
{
	static uint8_t buffers[4][64];

	memset(op, 0, sizeof(*op));
	op->paramTypes = TEEC_PARAM_TYPES(t[0], t[1], t[2], t[3]);
	for (size_t i = 0; i < 4; i++) {
		if (t[i] >= TEEC_MEMREF_TEMP_INPUT) {
			op->params[i].tmpref.buffer = buffers[i];
			op->params[i].tmpref.size = sizeof(buffers[i]);
		}
	}
}

static void check_types(TEEC_Session *session, uint32_t command,
			const uint32_t *t)
{
	TEEC_Operation op;

	if (types_are_right(command, t))
		return;
	set_params(&op, t);
	if (TEEC_InvokeCommand(session, command, &op, NULL) !=
	    TEEC_ERROR_BAD_PARAMETERS)
		fail_msg("command %u takes types %u %u %u %u", command, t[0],
			 t[1], t[2], t[3]);
}

/* All types in each pair of parameters, with the other pair right or empty. */
static void parameter_types_are_exact(void **state)
{
	for (uint32_t i = 0; i < 7 * COUNT(types) * COUNT(types); i++) {
		uint32_t command = i % 7;
		uint32_t a = types[i / 7 % COUNT(types)];
		uint32_t b = types[i / 7 / COUNT(types)];
		const uint32_t in = TEEC_MEMREF_TEMP_INPUT;
		const uint32_t out = TEEC_MEMREF_TEMP_OUTPUT;

		check_types(*state, command, (uint32_t[]){ a, b, 0, 0 });
		check_types(*state, command, (uint32_t[]){ 0, 0, a, b });
		check_types(*state, command, (uint32_t[]){ in, 0, a, b });
		check_types(*state, command, (uint32_t[]){ in, out, a, b });
	}
}

static void a_session_opens_with_one_input_or_none(void **state)
{
	const TEEC_UUID uuid = ENC_MNIST_TA_UUID;

	(void)state;
	for (uint32_t i = 0; i < 4 * COUNT(types); i++) {
		uint32_t t[4] = { 0 };
		TEEC_Session session = { 0 };
		TEEC_Operation op;
		TEEC_Result res = TEEC_ERROR_GENERIC;
		bool right = false;

		t[i % 4] = types[i / 4];
		right = types[i / 4] == TEEC_NONE ||
			t[0] == TEEC_MEMREF_TEMP_INPUT;
		set_params(&op, t);
		res = TEEC_OpenSession(&ta_context, &session, &uuid,
				       TEEC_LOGIN_PUBLIC, NULL, &op, NULL);
		assert_int_equal(res, right ? TEEC_SUCCESS :
					      TEEC_ERROR_BAD_PARAMETERS);
		if (right)
			TEEC_CloseSession(&session);
	}
}

/* ---- loading and answering ---- */

static void without_model_no_answer(void **state)
{
	uint8_t label = 0;
	size_t count = 1;

	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_INFER, images, IMAGE,
				 &label, &count),
			 TEEC_ERROR_BAD_STATE);
}

static void labels_are_those_of_the_normal_world(void **state)
{
	const size_t batches[] = {
		1, 2, 7, 8, 9, 16, 100, ENC_MNIST_BATCH_MAX
	};

	load_good(*state);
	for (size_t i = 0; i < COUNT(batches); i++)
		check_labels(*state, batches[i], expected);
}

static void batches_are_whole_and_bounded(void **state)
{
	const size_t odd[] = { 0, 1, IMAGE - 1, IMAGE + 1, 3 * IMAGE - 1 };
	uint8_t labels[ENC_MNIST_BATCH_MAX + 1] = { 0 };
	size_t count = 0;

	load_good(*state);
	for (size_t i = 0; i < COUNT(odd); i++) {
		count = sizeof(labels);
		assert_int_equal(ta_call(*state, ENC_MNIST_CMD_INFER, images,
					 odd[i], labels, &count),
				 TEEC_ERROR_BAD_PARAMETERS);
	}
	count = sizeof(labels);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_INFER, images,
				 sizeof(images), labels, &count),
			 TEEC_ERROR_EXCESS_DATA);
	count = 4;
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_INFER, images, 5 * IMAGE,
				 labels, &count),
			 TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(count, 5);
	check_labels(*state, 5, expected);
}

static void pieces_may_have_any_size(void **state)
{
	uint32_t random = 1;
	size_t at = 0;

	load_good(*state);
	assert_int_equal(ta_begin(*state), TEEC_SUCCESS);
	assert_int_equal(ta_push(*state, container, 0), TEEC_SUCCESS);
	for (; at < 300; at++)
		assert_int_equal(ta_push(*state, container + at, 1),
				 TEEC_SUCCESS);
	while (at < container_len) {
		size_t n = 0;

		random = random * 1664525 + 1013904223;
		n = random >> 8 & 0x3ffff;
		n = n < container_len - at ? n : container_len - at;
		assert_int_equal(ta_push(*state, container + at, n),
				 TEEC_SUCCESS);
		at += n;
	}
	assert_int_equal(ta_finalize(*state), TEEC_SUCCESS);
	check_labels(*state, 9, expected);
}

/* A new model is active after FINALIZE, not before. */
static void a_model_replaces_another_when_it_is_whole(void **state)
{
	uint8_t *second = formula_record(3);
	size_t second_len = 0;
	uint8_t *sealed =
		ta_seal(key, second, FORMULA_RECORD_BYTES, &second_len);
	uint8_t labels[16];

	formula_labels(3, images[0], COUNT(labels), labels);
	assert_memory_not_equal(labels, expected, 16);
	load_good(*state);
	assert_int_equal(ta_begin(*state), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(*state, sealed, second_len), TEEC_SUCCESS);
	check_labels(*state, 16, expected);
	assert_int_equal(ta_finalize(*state), TEEC_SUCCESS);
	check_labels(*state, 16, labels);
	assert_int_equal(ta_finalize(*state), TEEC_ERROR_BAD_STATE);
	check_labels(*state, 16, labels);
	free(sealed);
	free(second);
}

static void after_finalize_there_is_no_load(void **state)
{
	load_good(*state);
	assert_int_equal(ta_push(*state, container, 16), TEEC_ERROR_BAD_STATE);
	check_labels(*state, 2, expected);
}

/* A load continues under the key that was stored when it began. */
static void a_key_stored_during_a_load_is_for_the_next(void **state)
{
	load_good(*state);
	assert_int_equal(ta_begin(*state), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(*state, other_key), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(*state, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_finalize(*state), TEEC_SUCCESS);
	check_labels(*state, 2, expected);
	assert_int_equal(ta_load(*state, container, container_len),
			 TEEC_ERROR_BAD_FORMAT);
	load_good(*state);
}

static void begin_starts_over(void **state)
{
	load_good(*state);
	assert_int_equal(ta_begin(*state), TEEC_SUCCESS);
	assert_int_equal(ta_push(*state, container, 100000), TEEC_SUCCESS);
	assert_int_equal(ta_load(*state, container, container_len),
			 TEEC_SUCCESS);
	check_labels(*state, 4, expected);
}

/* The heap has room for two models. */
static void many_loads_fit_in_the_heap(void **state)
{
	for (size_t i = 0; i < 4; i++)
		load_good(*state);
	check_labels(*state, 4, expected);
}

static void sessions_share_no_model(void **state)
{
	uint8_t *second = formula_record(3);
	size_t second_len = 0;
	uint8_t *sealed =
		ta_seal(key, second, FORMULA_RECORD_BYTES, &second_len);
	uint8_t labels[16];
	void *other = NULL;
	uint8_t label = 0;
	size_t count = 1;

	formula_labels(3, images[0], COUNT(labels), labels);
	load_good(*state);
	assert_int_equal(ta_setup_session(&other), 0);
	assert_int_equal(ta_call(other, ENC_MNIST_CMD_INFER, images, IMAGE,
				 &label, &count),
			 TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_load(other, sealed, second_len), TEEC_SUCCESS);
	check_labels(*state, 16, expected);
	check_labels(other, 16, labels);
	ta_teardown_session(&other);
	check_labels(*state, 16, expected);
	free(sealed);
	free(second);
}

/* ---- refusals, with the previous model still active ---- */

/* After a failed load, no load is under way. */
static void check_refused(TEEC_Session *session)
{
	assert_int_equal(ta_push(session, container, 16), TEEC_ERROR_BAD_STATE);
	assert_int_equal(ta_finalize(session), TEEC_ERROR_BAD_STATE);
	check_labels(session, 2, expected);
}

static void bad_records_are_refused(void **state)
{
	load_good(*state);
	for (size_t i = 0; i < bad_record_count; i++) {
		size_t len = 0;
		size_t sealed_len = 0;
		uint8_t *bad = bad_record_make(&bad_records[i], record,
					       FORMULA_RECORD_BYTES, &len);
		uint8_t *sealed = ta_seal(key, bad, len, &sealed_len);
		TEEC_Result res = ta_load(*state, sealed, sealed_len);

		free(bad);
		free(sealed);
		if (res != TEEC_ERROR_BAD_FORMAT)
			fail_msg("%s: 0x%x", bad_records[i].name, res);
		check_refused(*state);
	}
}

static void an_incomplete_container_is_refused(void **state)
{
	const size_t cuts[] = { 1, 15, 16, 17, 32, 100000 };

	load_good(*state);
	assert_int_equal(ta_load(*state, container, 0), TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(ta_load(*state, container, 16), TEEC_ERROR_BAD_FORMAT);
	for (size_t i = 0; i < COUNT(cuts); i++) {
		assert_int_equal(
			ta_load(*state, container, container_len - cuts[i]),
			TEEC_ERROR_BAD_FORMAT);
		check_refused(*state);
	}
}

static void a_byte_too_many_is_refused(void **state)
{
	load_good(*state);
	assert_int_equal(ta_begin(*state), TEEC_SUCCESS);
	assert_int_equal(ta_push_all(*state, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_push(*state, container, 1), TEEC_ERROR_EXCESS_DATA);
	check_refused(*state);
}

static void another_key_opens_nothing(void **state)
{
	load_good(*state);
	assert_int_equal(ta_store_key(*state, other_key), TEEC_SUCCESS);
	assert_int_equal(ta_load(*state, container, container_len),
			 TEEC_ERROR_BAD_FORMAT);
	check_refused(*state);
	load_good(*state);
}

/* The IV reaches into the length (bytes 0 to 3) and the metadata. */
static void a_changed_iv_is_noticed(void **state)
{
	const size_t at[] = { 0, 3, 5 };

	load_good(*state);
	for (size_t i = 0; i < COUNT(at); i++) {
		container[at[i]] ^= 1;
		assert_int_equal(ta_load(*state, container, container_len),
				 TEEC_ERROR_BAD_FORMAT);
		container[at[i]] ^= 1;
		check_refused(*state);
	}
}

/* Finite weights with infinite sums: no label, rather than a wrong one. */
static void an_overflow_is_no_answer(void **state)
{
	uint8_t *huge = formula_record(1);
	const float value = 3e38f;
	uint8_t *sealed = NULL;
	size_t len = 0;
	uint8_t labels[9];
	uint8_t untouched[9];
	size_t count = sizeof(labels);

	memset(labels, 0xee, sizeof(labels));
	memset(untouched, 0xee, sizeof(untouched));
	for (size_t i = 0; i < 10; i++)
		memcpy(huge + 2264872 + 4 * i, &value, 4);
	for (size_t i = 152; i < 1605784; i += 4)
		memcpy(huge + i, &value, 4);
	sealed = ta_seal(key, huge, FORMULA_RECORD_BYTES, &len);
	load_good(*state);
	assert_int_equal(ta_load(*state, sealed, len), TEEC_SUCCESS);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_INFER, images,
				 sizeof(labels) * IMAGE, labels, &count),
			 ENC_TEE_OVERFLOW);
	assert_memory_equal(labels, untouched, sizeof(labels));
	free(sealed);
	free(huge);
}

/* ---- encrypt and decrypt ---- */

static void what_the_ta_encrypts_it_decrypts(void **state)
{
	const size_t sizes[] = { 1, 11, 12, 13, 16, 4096, 57344, 200001 };

	store_good_key(*state);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		size_t sealed_len = box_cbc_sealed_size((uint32_t)sizes[i]);
		size_t want = sealed_len;
		size_t len = sealed_len;
		uint8_t *sealed = calloc(1, sealed_len);
		uint8_t *plain = calloc(1, sealed_len);

		assert_int_equal(ta_call(*state, ENC_MNIST_CMD_ENCRYPT, record,
					 sizes[i], sealed, &sealed_len),
				 TEEC_SUCCESS);
		assert_int_equal(sealed_len, want);
		assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, sealed,
					 sealed_len, plain, &len),
				 TEEC_SUCCESS);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(plain, record, len);
		free(sealed);
		free(plain);
	}
}

static void what_the_ta_encrypts_it_loads(void **state)
{
	size_t len = container_len;
	uint8_t *sealed = calloc(1, len);

	load_good(*state);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_ENCRYPT, record,
				 FORMULA_RECORD_BYTES, sealed, &len),
			 TEEC_SUCCESS);
	assert_int_equal(len, container_len);
	assert_memory_not_equal(sealed, container, 16);
	assert_int_equal(ta_load(*state, sealed, len), TEEC_SUCCESS);
	check_labels(*state, 3, expected);
	free(sealed);
}

static void each_encryption_has_an_iv_of_its_own(void **state)
{
	const uint8_t zeros[16] = { 0 };
	uint8_t sealed[8][64] = { { 0 } };

	store_good_key(*state);
	for (size_t i = 0; i < COUNT(sealed); i++) {
		size_t len = sizeof(sealed[i]);

		assert_int_equal(ta_call(*state, ENC_MNIST_CMD_ENCRYPT, record,
					 40, sealed[i], &len),
				 TEEC_SUCCESS);
		assert_memory_not_equal(sealed[i], zeros, sizeof(zeros));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(sealed[i], sealed[j],
						sizeof(zeros));
	}
}

static void what_the_owner_encrypts_the_ta_decrypts(void **state)
{
	size_t len = 0;
	uint8_t *sealed = ta_seal(key, record, 1000, &len);
	uint8_t plain[2048] = { 0 };
	size_t size = sizeof(plain);

	store_good_key(*state);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, sealed, len,
				 plain, &size),
			 TEEC_SUCCESS);
	assert_int_equal(size, 1000);
	assert_memory_equal(plain, record, 1000);
	free(sealed);
}

static void encrypting_checks_its_sizes(void **state)
{
	uint8_t out[64] = { 0 };
	uint8_t *large = calloc(1, ENC_MNIST_RECORD_MAX + 4096);
	size_t size = sizeof(out);

	store_good_key(*state);
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_ENCRYPT, record, 0, out, &size),
		TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_DECRYPT, record, 0, out, &size),
		TEEC_ERROR_BAD_PARAMETERS);
	size = 63;
	assert_int_equal(
		ta_call(*state, ENC_MNIST_CMD_ENCRYPT, record, 40, out, &size),
		TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, 64);
	size = 31;
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, container, 32,
				 out, &size),
			 TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(size, 32);
	size = sizeof(out);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_ENCRYPT, large,
				 ENC_MNIST_RECORD_MAX + 1, out, &size),
			 TEEC_ERROR_EXCESS_DATA);
	size = sizeof(out);
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, large,
				 ENC_MNIST_RECORD_MAX + 4096, out, &size),
			 TEEC_ERROR_EXCESS_DATA);
	free(large);
}

/* Cut short, or with a byte too many: the output keeps none of it. */
static void decrypting_wipes_what_it_refuses(void **state)
{
	size_t len = 0;
	uint8_t *sealed = ta_seal(key, record, 1000, &len);
	uint8_t in[2048] = { 0 };
	uint8_t plain[2048];
	const uint8_t zeros[988] = { 0 };
	size_t size = sizeof(plain);

	store_good_key(*state);
	memcpy(in, sealed, len);
	memset(plain, 0xee, sizeof(plain));
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, in, len - 16,
				 plain, &size),
			 TEEC_ERROR_BAD_FORMAT);
	assert_memory_equal(plain, zeros, sizeof(zeros));
	size = sizeof(plain);
	memset(plain, 0xee, sizeof(plain));
	assert_int_equal(ta_call(*state, ENC_MNIST_CMD_DECRYPT, in, len + 1,
				 plain, &size),
			 TEEC_ERROR_EXCESS_DATA);
	assert_memory_equal(plain, zeros, sizeof(zeros));
	free(sealed);
}

#define IN_SESSION(test)                                        \
	cmocka_unit_test_setup_teardown(test, ta_setup_session, \
					ta_teardown_session)

static const struct CMUnitTest all[] = {
	IN_SESSION(without_key_nothing_loads),
	IN_SESSION(a_key_has_32_bytes),
	IN_SESSION(unknown_commands_are_not_supported),
	IN_SESSION(parameter_types_are_exact),
	cmocka_unit_test(a_session_opens_with_one_input_or_none),
	IN_SESSION(without_model_no_answer),
	IN_SESSION(labels_are_those_of_the_normal_world),
	IN_SESSION(batches_are_whole_and_bounded),
	IN_SESSION(pieces_may_have_any_size),
	IN_SESSION(a_model_replaces_another_when_it_is_whole),
	IN_SESSION(after_finalize_there_is_no_load),
	IN_SESSION(a_key_stored_during_a_load_is_for_the_next),
	IN_SESSION(begin_starts_over),
	IN_SESSION(many_loads_fit_in_the_heap),
	IN_SESSION(sessions_share_no_model),
	IN_SESSION(bad_records_are_refused),
	IN_SESSION(an_incomplete_container_is_refused),
	IN_SESSION(a_byte_too_many_is_refused),
	IN_SESSION(another_key_opens_nothing),
	IN_SESSION(a_changed_iv_is_noticed),
	IN_SESSION(an_overflow_is_no_answer),
	IN_SESSION(what_the_ta_encrypts_it_decrypts),
	IN_SESSION(what_the_ta_encrypts_it_loads),
	IN_SESSION(each_encryption_has_an_iv_of_its_own),
	IN_SESSION(what_the_owner_encrypts_the_ta_decrypts),
	IN_SESSION(encrypting_checks_its_sizes),
	IN_SESSION(decrypting_wipes_what_it_refuses),
};

static const struct CMUnitTest some[] = {
	IN_SESSION(without_key_nothing_loads),
	IN_SESSION(a_key_has_32_bytes),
	IN_SESSION(unknown_commands_are_not_supported),
	IN_SESSION(without_model_no_answer),
	IN_SESSION(labels_are_those_of_the_normal_world),
	IN_SESSION(a_model_replaces_another_when_it_is_whole),
	IN_SESSION(sessions_share_no_model),
	IN_SESSION(a_byte_too_many_is_refused),
	IN_SESSION(another_key_opens_nothing),
	IN_SESSION(an_overflow_is_no_answer),
	IN_SESSION(what_the_ta_encrypts_it_decrypts),
	IN_SESSION(each_encryption_has_an_iv_of_its_own),
	IN_SESSION(encrypting_checks_its_sizes),
	IN_SESSION(decrypting_wipes_what_it_refuses),
};

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "sampled"))
		return cmocka_run_group_tests_name("commands", some, setup,
						   teardown);
	return argc > 1 ? 2 :
			  cmocka_run_group_tests_name("commands", all, setup,
						      teardown);
}
