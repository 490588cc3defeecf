/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the TA to the TEE Internal Core API made to fail, one after
 * the other and in each of its ways, panics included: nothing is left behind,
 * no half of anything counts, and the model of before still answers. And what
 * is wiped: whatever memory the TA gives back holds neither key nor weights.
 */
#include <stdlib.h>
#include <string.h>

#include "nn/arch.h"
#include "tests/lib/client.h"
#include "tests/lib/formula.h"
#include "tests/lib/test.h"
#include "tests/standin/standin.h"

#define IMAGE  ENC_MNIST_IMAGE_BYTES
#define IMAGES 9

/* Results that the client's header does not have. */
#define CORRUPT_OBJECT 0xF0100001
#define OVERFLOW       0xFFFF300F

#define LARGE 1024 /* bytes: parameters and working memory, not a session */

static const uint8_t key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";
static const uint8_t other_key[ENC_MNIST_KEY_BYTES] =
	"another key, as long as it was.";

static TEEC_Context context;
static TEEC_Session session;
static uint8_t *container;
static uint8_t *second; /* another model's container, under the same key */
static size_t container_len;
static uint8_t images[IMAGES * IMAGE];
static uint8_t labels[IMAGES];
static uint8_t second_labels[IMAGES];
static size_t secrets_freed;

/* What is large has been wiped altogether; in the rest, no key. */
static void look_for_secrets(const void *memory, size_t size)
{
	const uint8_t *bytes = memory;
	bool found = memmem(memory, size, key, sizeof(key)) != NULL;

	for (size_t i = 0; size >= LARGE && i < size; i++)
		found |= bytes[i] != 0;
	secrets_freed += found;
}

static void open_and_load(void)
{
	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
}

static void check_labels(const uint8_t *expected)
{
	uint8_t answer[IMAGES] = { 0 };

	assert_int_equal(ta_infer(&session, images, IMAGES, answer),
			 TEEC_SUCCESS);
	assert_memory_equal(answer, expected, IMAGES);
}

static int setup(void **state)
{
	uint8_t *record = formula_record(1);
	uint8_t *other = formula_record(3);

	(void)state;
	container = ta_seal(key, record, FORMULA_RECORD_BYTES, &container_len);
	second = ta_seal(key, other, FORMULA_RECORD_BYTES, &container_len);
	free(record);
	free(other);
	for (uint64_t i = 0; i < IMAGES; i++)
		formula_image(i, images + i * IMAGE);
	open_and_load();
	assert_int_equal(ta_infer(&session, images, IMAGES, labels),
			 TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, second, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_infer(&session, images, IMAGES, second_labels),
			 TEEC_SUCCESS);
	assert_memory_not_equal(labels, second_labels, IMAGES);
	TEEC_CloseSession(&session);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(container);
	free(second);
	return 0;
}

/* ---- jobs: each is done with a fault somewhere in it ---- */

static TEEC_Result job_load(void)
{
	return ta_load(&session, second, container_len);
}

static TEEC_Result job_infer(void)
{
	uint8_t answer[IMAGES] = { 0 };

	return ta_infer(&session, images, IMAGES, answer);
}

static TEEC_Result job_store_key(void)
{
	return ta_store_key(&session, other_key);
}

static TEEC_Result job_encrypt(void)
{
	uint8_t out[128] = { 0 };
	size_t size = sizeof(out);

	return ta_call(&session, ENC_MNIST_CMD_ENCRYPT, images, 40, out, &size);
}

static TEEC_Result job_decrypt(void)
{
	static uint8_t out[4 << 20];
	size_t size = sizeof(out);

	return ta_call(&session, ENC_MNIST_CMD_DECRYPT, container,
		       container_len, out, &size);
}

static TEEC_Result job_session(void)
{
	TEEC_Session another = { 0 };
	TEEC_Result res = ta_open(&context, &another);

	TEEC_CloseSession(&another);
	return res;
}

static const struct job {
	const char *name;
	TEEC_Result (*run)(void);
	size_t least; /* calls that can fail there, at least */
} jobs[] = {
	{ "load", job_load, 40 },	   { "infer", job_infer, 0 },
	{ "store key", job_store_key, 1 }, { "encrypt", job_encrypt, 8 },
	{ "decrypt", job_decrypt, 8 },	   { "session", job_session, 2 },
};

/* A new session finds the old key or the new one, and can load under it. */
static void check_key(const struct job *job, const char *function,
		      TEEC_Result res)
{
	TEEC_Session another = { 0 };
	TEEC_Result found = TEEC_ERROR_GENERIC;

	assert_int_equal(ta_open(&context, &another), TEEC_SUCCESS);
	found = ta_begin(&another);
	if (found == TEEC_ERROR_ITEM_NOT_FOUND) {
		/* OP-TEE deletes what it finds to be corrupt */
		assert_int_equal(res, CORRUPT_OBJECT);
		assert_int_equal(ta_store_key(&another, key), TEEC_SUCCESS);
		found = ta_begin(&another);
	}
	if (found != TEEC_SUCCESS)
		fail_msg("%s, %s failed: no key (0x%x)", job->name, function,
			 found);
	if (job->run != job_store_key) {
		assert_int_equal(
			ta_push_all(&another, container, container_len),
			TEEC_SUCCESS);
		assert_int_equal(ta_finalize(&another), TEEC_SUCCESS);
	}
	TEEC_CloseSession(&another);
}

/* The job with a fault. False: it makes fewer calls than that. */
static bool strike(const struct job *job, size_t call, size_t way, size_t *ways)
{
	const char *function = NULL;
	TEEC_Result res = TEEC_ERROR_GENERIC;
	size_t heap = 0;

	open_and_load();
	secrets_freed = 0;
	standin_on_free(look_for_secrets);
	heap = standin_heap_used(&session);
	standin_fault(call, way);
	res = job->run();
	function = standin_fault_struck(ways);
	standin_fault(0, 0);
	if (!function) {
		assert_int_equal(res, TEEC_SUCCESS);
		goto out;
	}
	if (res == TEEC_SUCCESS)
		fail_msg("%s succeeds though %s failed", job->name, function);
	if (res != TEEC_ERROR_TARGET_DEAD || job->run == job_session) {
		assert_int_equal(standin_heap_used(&session), heap);
		check_labels(labels);
	}
	check_key(job, function, res);
out:
	TEEC_CloseSession(&session);
	if (res != TEEC_ERROR_TARGET_DEAD && secrets_freed)
		fail_msg("%s frees what is not wiped when %s fails", job->name,
			 function ? function : "nothing");
	if (standin_leaks())
		fail_msg("%s leaks when %s fails", job->name,
			 function ? function : "nothing");
	return function;
}

static void every_call_may_fail(void **state)
{
	const struct job *job = *state;
	size_t calls = 0;
	size_t ways = 0;

	for (size_t call = 1;; call++) {
		size_t way = 0;

		ways = 0;
		do {
			if (!strike(job, call, way, &ways))
				goto out;
		} while (++way < ways);
		calls++;
	}
out:
	if (calls < job->least)
		fail_msg("%s: only %zu calls", job->name, calls);
}

/* ---- what the TA gives back is wiped ---- */

static void memory_is_wiped_before_it_is_freed(void **state)
{
	(void)state;
	open_and_load();
	secrets_freed = 0;
	standin_on_free(look_for_secrets);
	assert_int_equal(ta_load(&session, second, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, container_len - 1),
			 TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, container, container_len / 2),
			 TEEC_SUCCESS);
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, container, container_len / 2),
			 TEEC_SUCCESS);
	job_infer();
	job_decrypt();
	TEEC_CloseSession(&session);
	assert_int_equal(secrets_freed, 0);
	assert_int_equal(standin_leaks(), 0);
}

/* Working memory, which is all that lies between a session and a model. */
static size_t work_dirt(void)
{
	return standin_heap_dirt(&session, LARGE,
				 nn_param_count(&nn_mnist) * sizeof(float) - 1);
}

static void working_memory_is_wiped_by_each_command(void **state)
{
	(void)state;
	open_and_load();
	assert_int_equal(work_dirt(), 0);
	job_infer();
	assert_int_equal(work_dirt(), 0);
	job_encrypt();
	assert_int_equal(work_dirt(), 0);
	job_decrypt();
	assert_int_equal(work_dirt(), 0);
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	for (size_t n = 1; n < 200000; n += 13131) {
		assert_int_equal(ta_push(&session, container, n), TEEC_SUCCESS);
		assert_int_equal(work_dirt(), 0);
		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	}
	container[20] ^= 1;
	assert_int_equal(ta_push(&session, container, 100000),
			 TEEC_ERROR_BAD_FORMAT);
	container[20] ^= 1;
	assert_int_equal(work_dirt(), 0);
	TEEC_CloseSession(&session);
}

/* A load that is refused half-way through a name leaves nothing of it. */
static void a_refused_load_is_wiped(void **state)
{
	(void)state;
	open_and_load();
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, container, 80), TEEC_SUCCESS);
	assert_true(standin_heap_holds(&session, "burn_core", 9));
	container[80] ^= 1;
	assert_int_equal(ta_push(&session, container + 80, 160),
			 TEEC_ERROR_BAD_FORMAT);
	container[80] ^= 1;
	assert_false(standin_heap_holds(&session, "burn_core", 9));
	TEEC_CloseSession(&session);
}

/* Finite weights whose sums are not: no answer, and nothing stays behind. */
static void an_overflow_leaves_nothing(void **state)
{
	const float huge = 3e38f;
	uint8_t *record = formula_record(1);
	uint8_t *sealed = NULL;
	size_t len = 0;

	(void)state;
	for (size_t at = 152; at < 1605784; at += sizeof(huge))
		memcpy(record + at, &huge, sizeof(huge));
	sealed = ta_seal(key, record, FORMULA_RECORD_BYTES, &len);
	open_and_load();
	assert_int_equal(ta_load(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(job_infer(), OVERFLOW);
	assert_int_equal(work_dirt(), 0);
	TEEC_CloseSession(&session);
	free(sealed);
	free(record);
}

/* The test of what is freed can fail: a panic wipes nothing, it notices. */
static void what_is_not_wiped_is_noticed(void **state)
{
	size_t ways = 0;

	(void)state;
	open_and_load();
	secrets_freed = 0;
	standin_on_free(look_for_secrets);
	standin_fault(1, 99);
	assert_int_equal(job_encrypt(), TEEC_ERROR_TARGET_DEAD);
	assert_string_equal(standin_fault_struck(&ways),
			    "TEE_OpenPersistentObject");
	assert_true(secrets_freed > 0);
	TEEC_CloseSession(&session);
}

/* ---- resources ---- */

static void a_heap_for_one_model_keeps_it(void **state)
{
	const size_t model = nn_param_count(&nn_mnist) * sizeof(float);

	(void)state;
	standin_reset();
	standin_heap_limit(model + ENC_MNIST_TA_WORK_BYTES);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, container_len),
			 TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, second, container_len),
			 TEEC_ERROR_OUT_OF_MEMORY);
	check_labels(labels);
	TEEC_CloseSession(&session);
	assert_int_equal(standin_leaks(), 0);
}

static void loads_leave_the_heap_as_it_was(void **state)
{
	size_t heap = 0;

	(void)state;
	open_and_load();
	heap = standin_heap_used(&session);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
		assert_int_equal(ta_push(&session, container, 1000 * i),
				 TEEC_SUCCESS);
	}
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(standin_heap_used(&session), heap);
	TEEC_CloseSession(&session);
}

static void a_corrupt_key_is_said_and_can_be_replaced(void **state)
{
	(void)state;
	open_and_load();
	assert_true(standin_storage_corrupt("model-key"));
	assert_int_equal(ta_begin(&session), CORRUPT_OBJECT);
	assert_int_equal(ta_begin(&session), TEEC_ERROR_ITEM_NOT_FOUND);
	check_labels(labels);
	assert_int_equal(ta_store_key(&session, key), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, second, container_len),
			 TEEC_SUCCESS);
	check_labels(second_labels);
	TEEC_CloseSession(&session);
}

static void a_key_of_another_length_is_none(void **state)
{
	(void)state;
	open_and_load();
	assert_true(standin_storage_cut("model-key", ENC_MNIST_KEY_BYTES - 1));
	assert_int_equal(ta_begin(&session), CORRUPT_OBJECT);
	assert_int_equal(job_encrypt(), CORRUPT_OBJECT);
	check_labels(labels);
	TEEC_CloseSession(&session);
}

#define JOB(i)                                                          \
	{                                                               \
		"every_call_may_fail", every_call_may_fail, NULL, NULL, \
			(void *)(uintptr_t)&jobs[i]                     \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOB(0),
		JOB(1),
		JOB(2),
		JOB(3),
		JOB(4),
		JOB(5),
		cmocka_unit_test(memory_is_wiped_before_it_is_freed),
		cmocka_unit_test(working_memory_is_wiped_by_each_command),
		cmocka_unit_test(a_refused_load_is_wiped),
		cmocka_unit_test(an_overflow_leaves_nothing),
		cmocka_unit_test(what_is_not_wiped_is_noticed),
		cmocka_unit_test(a_heap_for_one_model_keeps_it),
		cmocka_unit_test(loads_leave_the_heap_as_it_was),
		cmocka_unit_test(a_corrupt_key_is_said_and_can_be_replaced),
		cmocka_unit_test(a_key_of_another_length_is_none),
	};

	return cmocka_run_group_tests_name("faults", tests, setup, teardown);
}
