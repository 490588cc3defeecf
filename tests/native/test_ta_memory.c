/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of the TA: how much of its heap a model takes, and what is wiped.
 * Freed memory, and memory kept besides the parameters, contains neither keys
 * nor weights.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/crypto.h"
#include "nn/model.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/freed.h"
#include "tests/lib/models.h"
#include "tests/standin/standin.h"

#define CHUNK BOX_HEAD_CHUNK_BYTES

/* Upper limit of a session's heap besides parameters, in bytes. */
#define SEALED_MOST (192u << 10)
#define CBC_MOST    (96u << 10)

static TEEC_Context context;
static TEEC_Session session;
static struct standin_storage *stored;		 /* a device with both keys */
static uint8_t stream_key[BOX_STREAM_KEY_BYTES]; /* of models[1].sealed */

/* Of the parameters alone, as the TA allocates them. */
static size_t size_of(const uint8_t *sealed)
{
	struct box_head head = { 0 };

	assert_int_equal(box_head_read(sealed, &head), BOX_OK);
	return (size_t)head.params;
}

static size_t params_size(void)
{
	return size_of(models[0].sealed);
}

static size_t small_size(void)
{
	return size_of(models[0].small);
}

static int setup(void **state)
{
	const uint8_t *sealed = NULL;

	(void)state;
	models_make();
	sealed = models[1].sealed;
	assert_true(enc_hkdf(models_owner.key, sealed + BOX_HEAD_BYTES + 1,
			     sealed, BOX_HEAD_BOUND_BYTES, stream_key));
	freed_add(models_key, sizeof(models_key));
	freed_add(models_owner.key, sizeof(models_owner.key));
	freed_add(stream_key, sizeof(stream_key));
	standin_reset();
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, 1);
	TEEC_CloseSession(&session);
	stored = standin_storage_save();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	models_free();
	free(stored);
	return 0;
}

static int open_session(void **state)
{
	(void)state;
	standin_reset();
	standin_storage_restore(stored);
	return ta_open(&context, &session) == TEEC_SUCCESS ? 0 : -1;
}

static int close_session(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	return standin_leaks() ? -1 : 0;
}

static TEEC_Result load(const struct model *model)
{
	return ta_load(&session, model->container, model->container_len);
}

static TEEC_Result load_sealed(const struct model *model)
{
	return ta_load_sealed(&session, model->sealed, model->sealed_len);
}

static TEEC_Result load_small(const struct model *model)
{
	return ta_load_sealed(&session, model->small, model->small_len);
}

static TEEC_Result infer(uint8_t labels[MODELS_IMAGES])
{
	return ta_infer(&session, models_images, MODELS_IMAGES, labels);
}

static void check_labels(const struct model *model)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	assert_int_equal(infer(answer), TEEC_SUCCESS);
	assert_memory_equal(answer, model->labels, MODELS_IMAGES);
}

static void check_small_labels(const struct model *model)
{
	uint8_t answer[MODELS_IMAGES] = { 0 };

	assert_int_equal(infer(answer), TEEC_SUCCESS);
	assert_memory_equal(answer, model->small_labels, MODELS_IMAGES);
}

/* ---- freed memory is wiped ---- */

/*
 * Working memory and chunk: every block larger than parameters of the small
 * network, and smaller than the others.
 */
static void check_work(void)
{
	assert_int_equal(standin_heap_dirt(&session, small_size() + 4096,
					   params_size() - 1),
			 0);
}

static void loads_are_wiped_before_they_are_freed(void **state)
{
	const uint8_t *container = models[0].container;
	const size_t len = models[0].container_len;

	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	freed_watch();
	assert_int_equal(load(&models[1]), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, len - 1),
			 TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
		assert_int_equal(ta_push(&session, container, len / 2),
				 TEEC_SUCCESS);
	}
	check_labels(&models[0]);
	models_decrypt(&session);
	TEEC_CloseSession(&session);
	assert_int_equal(freed_secrets(), 0);
	open_session(state);
}

/* Begins a load and pushes this many chunks. */
static void push_chunks(const struct model *model, size_t chunks)
{
	assert_int_equal(
		ta_begin_sealed(&session, model->sealed, model->sealed_len),
		TEEC_SUCCESS);
	for (size_t chunk = 0; chunk < chunks; chunk++)
		assert_int_equal(
			ta_push(&session,
				model->sealed + sealed_chunk_at(chunk),
				sealed_chunk_size(model->sealed_len, chunk)),
			TEEC_SUCCESS);
}

static void sealed_loads_are_wiped_before_they_are_freed(void **state)
{
	uint8_t *last = models[1].sealed + models[1].sealed_len - 1;

	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	freed_watch();
	assert_int_equal(load_sealed(&models[1]), TEEC_SUCCESS);
	*last ^= 1;
	assert_int_equal(load_sealed(&models[1]), ENC_TEE_MAC_INVALID);
	*last ^= 1;
	for (size_t chunks = 0; chunks < 3; chunks++)
		push_chunks(&models[1], chunks);
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
	push_chunks(&models[1], 5);
	TEEC_CloseSession(&session);
	assert_int_equal(freed_secrets(), 0);
	open_session(state);
}

/*
 * Alternates the sizes: each load runs while a model of the other size is
 * active.
 */
static void loads_of_either_size_are_wiped(void **state)
{
	uint8_t *last = models[1].small + models[1].small_len - 1;

	assert_int_equal(load_small(&models[0]), TEEC_SUCCESS);
	freed_watch();
	assert_int_equal(load_small(&models[1]), TEEC_SUCCESS);
	check_small_labels(&models[1]);
	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	check_labels(&models[0]);
	*last ^= 1;
	assert_int_equal(load_small(&models[1]), ENC_TEE_MAC_INVALID);
	*last ^= 1;
	check_labels(&models[0]);
	assert_int_equal(load_small(&models[0]), TEEC_SUCCESS);
	check_small_labels(&models[0]);
	check_work();
	push_chunks(&models[1], 2);
	assert_int_equal(load_small(&models[1]), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	assert_int_equal(freed_secrets(), 0);
	open_session(state);
}

/* Shows that the check of freed memory can fail: a panic wipes nothing. */
static void what_is_not_wiped_is_noticed(void **state)
{
	size_t ways = 0;

	(void)state;
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	freed_watch();
	standin_fault(1, 99);
	assert_int_equal(models_encrypt(&session), TEEC_ERROR_TARGET_DEAD);
	assert_string_equal(standin_fault_struck(&ways),
			    "TEE_OpenPersistentObject");
	assert_true(freed_secrets() > 0);
}

/* ---- kept memory is wiped ---- */

static void working_memory_is_wiped_by_each_command(void **state)
{
	uint8_t *container = models[0].container;
	uint8_t answer[MODELS_IMAGES] = { 0 };

	(void)state;
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	check_work();
	infer(answer);
	check_work();
	models_encrypt(&session);
	check_work();
	models_decrypt(&session);
	check_work();
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	for (size_t n = 1; n < 200000; n += 13131) {
		assert_int_equal(ta_push(&session, container, n), TEEC_SUCCESS);
		check_work();
		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	}
	container[20] ^= 1;
	assert_int_equal(ta_push(&session, container, 100000),
			 TEEC_ERROR_BAD_FORMAT);
	container[20] ^= 1;
	check_work();
}

/* None of the keys is anywhere in the heap. */
static void check_keys(void)
{
	assert_false(standin_heap_holds(&session, models_owner.key,
					sizeof(models_owner.key)));
	assert_false(
		standin_heap_holds(&session, stream_key, sizeof(stream_key)));
}

static void a_sealed_load_leaves_nothing_between_commands(void **state)
{
	const size_t len = models[1].sealed_len;
	uint8_t *sealed = models[1].sealed;

	(void)state;
	for (size_t chunks = 0; chunks <= sealed_chunks(len); chunks++) {
		push_chunks(&models[1], chunks);
		check_work();
		check_keys();
	}
	assert_int_equal(ta_finalize(&session), TEEC_SUCCESS);
	check_work();
	check_keys();
	check_labels(&models[1]);
	check_work();
	/* bytes that the TEE decrypted before it saw the wrong tag */
	for (size_t chunk = 0; chunk < sealed_chunks(len); chunk += 5) {
		uint8_t *tag = sealed + sealed_chunk_at(chunk) +
			       sealed_chunk_size(len, chunk) - 1;

		push_chunks(&models[1], chunk);
		*tag ^= 1;
		assert_int_equal(ta_push(&session,
					 sealed + sealed_chunk_at(chunk),
					 sealed_chunk_size(len, chunk)),
				 ENC_TEE_MAC_INVALID);
		*tag ^= 1;
		check_work();
		check_keys();
	}
}

static void provisioning_leaves_nothing(void **state)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	uint8_t device[BOX_X25519_BYTES] = { 0 };

	(void)state;
	assert_int_equal(ta_device_key(&session, device), TEEC_SUCCESS);
	sealed_envelope(&models_owner, device, 2, NULL, envelope);
	freed_watch();
	envelope[BOX_ENVELOPE_BYTES - 1] ^= 1;
	assert_int_equal(ta_provision(&session, envelope), ENC_TEE_MAC_INVALID);
	check_keys();
	envelope[BOX_ENVELOPE_BYTES - 1] ^= 1;
	assert_int_equal(ta_provision(&session, envelope), TEEC_SUCCESS);
	check_keys();
	check_work();
	assert_int_equal(freed_secrets(), 0);
}

/* A load that is refused half-way through a name leaves none of it behind. */
static void a_refused_load_is_wiped(void **state)
{
	uint8_t *container = models[0].container;

	(void)state;
	assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
	assert_int_equal(ta_push(&session, container, 80), TEEC_SUCCESS);
	assert_true(standin_heap_holds(&session, "burn_core", 9));
	container[80] ^= 1;
	assert_int_equal(ta_push(&session, container + 80, 160),
			 TEEC_ERROR_BAD_FORMAT);
	container[80] ^= 1;
	assert_false(standin_heap_holds(&session, "burn_core", 9));
}

/* Finite weights with infinite sums: no answer, and nothing stays behind. */
static void an_overflow_leaves_nothing(void **state)
{
	const float huge = 3e38f;
	uint8_t *record = formula_record(1);
	uint8_t *sealed = NULL;
	uint8_t answer[MODELS_IMAGES] = { 0 };
	size_t len = 0;

	(void)state;
	for (size_t at = 152; at < 1605784; at += sizeof(huge))
		memcpy(record + at, &huge, sizeof(huge));
	sealed = ta_seal(models_key, record, FORMULA_RECORD_BYTES, &len);
	assert_int_equal(ta_load(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(infer(answer), ENC_TEE_OVERFLOW);
	check_work();
	free(sealed);
	free(record);
}

/* ---- memory use ---- */

static void a_sealed_load_takes_its_parameters_and_192_kib(void **state)
{
	(void)state;
	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	assert_in_range(standin_heap_peak(&session), params_size(),
			params_size() + SEALED_MOST);
	assert_in_range(standin_heap_peak(&session), params_size(),
			params_size() + ENC_MNIST_TA_WORK_BYTES);
	printf("# figure: peak heap of a sealed load: parameters and %zu "
	       "bytes\n",
	       standin_heap_peak(&session) - params_size());
	/* while one is active */
	assert_int_equal(load_sealed(&models[1]), TEEC_SUCCESS);
	assert_in_range(standin_heap_peak(&session), 2 * params_size(),
			2 * params_size() + ENC_MNIST_TA_WORK_BYTES);
	assert_in_range(standin_heap_used(&session), params_size(),
			params_size() + CBC_MOST);
}

static void a_small_network_takes_little(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	standin_heap_limit(2 * small_size() + ENC_MNIST_TA_WORK_BYTES);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(load_small(&models[0]), TEEC_SUCCESS);
	assert_in_range(standin_heap_peak(&session), small_size(),
			small_size() + ENC_MNIST_TA_WORK_BYTES);
	printf("# figure: peak heap of a load of one layer: %zu bytes\n",
	       standin_heap_peak(&session));
	/* while one is active */
	assert_int_equal(load_small(&models[1]), TEEC_SUCCESS);
	assert_in_range(standin_heap_peak(&session), 2 * small_size(),
			2 * small_size() + ENC_MNIST_TA_WORK_BYTES);
	assert_in_range(standin_heap_used(&session), small_size(),
			small_size() + CBC_MOST);
	check_small_labels(&models[1]);
}

/* What is too large for the heap is refused; then a small one works. */
static void a_heap_for_two_small_ones_takes_them(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	standin_heap_limit(2 * small_size() + ENC_MNIST_TA_WORK_BYTES);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(load_small(&models[i % 2]), TEEC_SUCCESS);
	assert_int_equal(load_sealed(&models[0]), TEEC_ERROR_OUT_OF_MEMORY);
	check_small_labels(&models[1]);
}

static void a_load_takes_its_parameters_and_96_kib(void **state)
{
	(void)state;
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	assert_in_range(standin_heap_peak(&session), params_size(),
			params_size() + CBC_MOST);
	printf("# figure: peak heap of a load: parameters and %zu bytes\n",
	       standin_heap_peak(&session) - params_size());
}

static void a_heap_for_one_model_keeps_it(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	standin_heap_limit(params_size() + ENC_MNIST_TA_WORK_BYTES);
	for (int sealed = 0; sealed < 2; sealed++) {
		assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
		assert_int_equal(sealed ? load_sealed(&models[0]) :
					  load(&models[0]),
				 TEEC_SUCCESS);
		assert_int_equal(load(&models[1]), TEEC_ERROR_OUT_OF_MEMORY);
		assert_int_equal(load_sealed(&models[1]),
				 TEEC_ERROR_OUT_OF_MEMORY);
		check_labels(&models[0]);
		TEEC_CloseSession(&session);
	}
	open_session(state);
}

/* Enough for the parameters, but not for a chunk besides. */
static void a_heap_without_room_for_a_chunk_is_too_small(void **state)
{
	size_t heap = 0;

	(void)state;
	TEEC_CloseSession(&session);
	standin_heap_limit(params_size() + CBC_MOST);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	heap = standin_heap_used(&session);
	assert_int_equal(load_sealed(&models[0]), TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(standin_heap_used(&session), heap);
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	check_labels(&models[0]);
}

static void loads_leave_the_heap_as_it_was(void **state)
{
	size_t heap = 0;

	(void)state;
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	push_chunks(&models[1], 1); /* takes more working memory */
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
	heap = standin_heap_used(&session);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(ta_begin(&session), TEEC_SUCCESS);
		assert_int_equal(
			ta_push(&session, models[0].container, 1000 * i),
			TEEC_SUCCESS);
		push_chunks(&models[1], i % 4);
	}
	assert_int_equal(ta_finalize(&session), TEEC_ERROR_BAD_FORMAT);
	assert_int_equal(standin_heap_used(&session), heap);
}

#define TEST(test) \
	cmocka_unit_test_setup_teardown(test, open_session, close_session)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_are_wiped_before_they_are_freed),
		TEST(sealed_loads_are_wiped_before_they_are_freed),
		TEST(loads_of_either_size_are_wiped),
		TEST(what_is_not_wiped_is_noticed),
		TEST(working_memory_is_wiped_by_each_command),
		TEST(a_sealed_load_leaves_nothing_between_commands),
		TEST(provisioning_leaves_nothing),
		TEST(a_refused_load_is_wiped),
		TEST(an_overflow_leaves_nothing),
		TEST(a_sealed_load_takes_its_parameters_and_192_kib),
		TEST(a_small_network_takes_little),
		TEST(a_heap_for_two_small_ones_takes_them),
		TEST(a_load_takes_its_parameters_and_96_kib),
		TEST(a_heap_for_one_model_keeps_it),
		TEST(a_heap_without_room_for_a_chunk_is_too_small),
		TEST(loads_leave_the_heap_as_it_was),
	};

	return cmocka_run_group_tests_name("memory", tests, setup, teardown);
}
