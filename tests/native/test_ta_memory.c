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
#include "host/public/network.h"
#include "nn/forward.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/freed.h"
#include "tests/lib/models.h"
#include "tests/lib/networks.h"
#include "tests/standin/inside.h"
#include "tests/standin/standin.h"

/* Upper limit of what a session takes besides parameters, in bytes. */
#define MOST (100u << 10)

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

/* ---- dropped loads are wiped ---- */

/* Whatever is not of a model is 0. */
static void check_work(void)
{
	assert_int_equal(inside_of(&session).dirt, 0);
}

static void dropped_loads_are_wiped(void **state)
{
	const uint8_t *container = models[0].container;
	const size_t len = models[0].container_len;

	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	freed_watch();
	assert_int_equal(load(&models[1]), TEEC_SUCCESS);
	assert_int_equal(ta_load(&session, container, len - 1),
			 TEEC_ERROR_BAD_FORMAT);
	check_work();
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

static void dropped_sealed_loads_are_wiped(void **state)
{
	uint8_t *last = models[1].sealed + models[1].sealed_len - 1;

	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	freed_watch();
	assert_int_equal(load_sealed(&models[1]), TEEC_SUCCESS);
	*last ^= 1;
	assert_int_equal(load_sealed(&models[1]), ENC_TEE_MAC_INVALID);
	check_work();
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
	check_work();
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
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&models_owner, envelope);
	assert_int_equal(ta_provision(&session, envelope), ENC_TEE_MAC_INVALID);
	check_keys();
	envelope[BOX_ENVELOPE_SIGNED_BYTES - 1] ^= 1;
	sealed_sign_envelope(&models_owner, envelope);
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

/* What a network takes besides its parameters, with the rest of the heap. */
static size_t besides(size_t params)
{
	struct inside in = inside_of(&session);

	assert_true(in.models >= params);
	return in.models - params +
	       (in.work > ENC_MNIST_TA_LOAD_BYTES ? in.work :
						    ENC_MNIST_TA_LOAD_BYTES) +
	       ENC_MNIST_TA_OTHER_BYTES;
}

static void a_network_takes_its_parameters_and_100_kib(void **state)
{
	(void)state;
	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	assert_in_range(besides(params_size()), 1, MOST);
	printf("# figure: heap of a session: parameters and %zu bytes\n",
	       besides(params_size()));
	/* while one is loaded */
	push_chunks(&models[1], 1);
	assert_in_range(besides(2 * params_size()), 1, MOST);
	assert_int_equal(load_small(&models[0]), TEEC_SUCCESS);
	assert_in_range(besides(small_size()), 1, MOST);
	push_chunks(&models[1], 1);
	assert_in_range(besides(params_size() + small_size()), 1, MOST);
}

/* As `inspect` and `make ta MODEL=file` say: not less, and little more. */
static void check_heap(const uint8_t *sealed, size_t len)
{
	struct box_head head = { 0 };
	struct enc_heap heap = { 0 };
	size_t taken = 0;

	assert_int_equal(box_head_read(sealed, &head), BOX_OK);
	heap = enc_heap_of(&head);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	taken = inside_of(&session).models;
	assert_in_range(heap.model, taken, taken + 2048);
	assert_int_equal(heap.session, besides(taken));
}

static void the_heap_that_is_said_is_the_heap_that_is_taken(void **state)
{
	static uint8_t *(*const make[])(uint32_t, size_t *) = {
		networks_negate, networks_negate, networks_wide, networks_two
	};
	static const uint32_t counts[] = { 4, 65536, 64, 5 };

	(void)state;
	check_heap(models[0].sealed, models[0].sealed_len);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		size_t len = 0;
		uint8_t *record = make[i](counts[i], &len);
		uint8_t *sealed = NULL;

		models_owner.head.policy = BOX_RAW;
		sealed = sealed_make(&models_owner, record, len, &len);
		check_heap(sealed, len);
		free(sealed);
		free(record);
	}
}

static void a_model_of_one_shape_takes_its_parameters_and_100_kib(void **state)
{
	(void)state;
	assert_int_equal(load(&models[0]), TEEC_SUCCESS);
	assert_in_range(besides(params_size()), 1, MOST);
}

/* Nothing is ever in the way of the next model. */
static void models_follow_one_another_in_any_order(void **state)
{
	unsigned int order = 0x2b7e1516;

	(void)state;
	for (size_t i = 0; i < 32; i++, order >>= 1) {
		const struct model *model = &models[order & 1];

		switch (i % 8 < 4 ? order & 3 : order & 1) {
		case 0:
			assert_int_equal(load_small(model), TEEC_SUCCESS);
			check_small_labels(model);
			break;
		case 1:
			assert_int_equal(load_sealed(model), TEEC_SUCCESS);
			check_labels(model);
			break;
		default:
			assert_int_equal(load(model), TEEC_SUCCESS);
			check_labels(model);
		}
		check_work();
	}
}

/* It stays, and a small one can take its place, and then a large one again. */
static void a_model_may_leave_no_room_for_another(void **state)
{
	size_t record_len = 0;
	size_t len = 0;
	uint8_t *record = networks_wide(1000, &record_len);
	uint8_t *sealed = NULL;

	(void)state;
	models_owner.head.policy = BOX_RAW;
	sealed = sealed_make(&models_owner, record, record_len, &len);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(load_sealed(&models[0]), TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(load(&models[0]), TEEC_ERROR_OUT_OF_MEMORY);
	check_work();
	assert_int_equal(load_small(&models[1]), TEEC_SUCCESS);
	check_small_labels(&models[1]);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	assert_int_equal(load_small(&models[0]), TEEC_SUCCESS);
	assert_int_equal(load_sealed(&models[0]), TEEC_SUCCESS);
	check_labels(&models[0]);
	free(sealed);
	free(record);
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
		TEST(dropped_loads_are_wiped),
		TEST(dropped_sealed_loads_are_wiped),
		TEST(loads_of_either_size_are_wiped),
		TEST(what_is_not_wiped_is_noticed),
		TEST(working_memory_is_wiped_by_each_command),
		TEST(a_sealed_load_leaves_nothing_between_commands),
		TEST(provisioning_leaves_nothing),
		TEST(a_refused_load_is_wiped),
		TEST(an_overflow_leaves_nothing),
		TEST(a_network_takes_its_parameters_and_100_kib),
		TEST(the_heap_that_is_said_is_the_heap_that_is_taken),
		TEST(a_model_of_one_shape_takes_its_parameters_and_100_kib),
		TEST(models_follow_one_another_in_any_order),
		TEST(a_model_may_leave_no_room_for_another),
		TEST(loads_leave_the_heap_as_it_was),
	};

	return cmocka_run_group_tests_name("memory", tests, setup, teardown);
}
