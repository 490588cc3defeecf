/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sealed_bits HEAD STEP: flips every HEAD-th bit of a sealed model's head, one
 * at a time, and every STEP-th bit behind it, and cuts the model at such
 * lengths. It also extends the model by every STEP-th length. None is accepted:
 * BEGIN_SEALED notices errors in the head, PUSH errors in a chunk, and FINALIZE
 * missing chunks. The previous models answer after each attempt.
 *
 * It is built with a network so small that all of its bits take minutes
 * (tests/mutants/tiny-network.patch), and with equally small chunks. It needs
 * empty trusted storage, and the tests run in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/sealed_client.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/networks.h"

#define IMAGES	 16
#define MODEL_ID "bits"

static TEEC_Context context;
static TEEC_Session session; /* the previous model, and attempts at another */
static TEEC_Session other;   /* has a model all the time */
static uint8_t images[IMAGES * ENC_MNIST_IMAGE_BYTES];
static uint8_t before[IMAGES]; /* labels */
static uint8_t after[IMAGES];
static uint8_t *model;
static size_t len;
static size_t head_step;
static size_t step;

/* A file's fate: how far it gets, and the answer there. */
struct outcome {
	TEEC_Result res;
	size_t chunks; /* the number accepted */
	bool begun;
};

static struct outcome load_into(TEEC_Session *s, const uint8_t *sealed,
				size_t size)
{
	struct outcome o = { 0 };
	const size_t chunks = size > BOX_HEAD_BYTES ? sealed_chunks(size) : 0;

	o.res = ta_begin_sealed(s, sealed, size);
	o.begun = o.res == TEEC_SUCCESS;
	while (o.res == TEEC_SUCCESS && o.chunks < chunks) {
		o.res = ta_push(s, sealed + sealed_chunk_at(o.chunks),
				sealed_chunk_size(size, o.chunks));
		o.chunks += o.res == TEEC_SUCCESS;
	}
	if (o.res == TEEC_SUCCESS)
		o.res = ta_finalize(s);
	return o;
}

static struct outcome load(const uint8_t *sealed, size_t size)
{
	return load_into(&session, sealed, size);
}

static void check_labels(TEEC_Session *s, const uint8_t *labels)
{
	uint8_t answer[IMAGES] = { 0 };

	assert_int_equal(ta_infer(s, images, IMAGES, answer), TEEC_SUCCESS);
	assert_memory_equal(answer, labels, IMAGES);
}

static void check_before(void)
{
	check_labels(&session, before);
	check_labels(&other, before);
}

static uint8_t *make(struct sealed_maker *owner, const char *id,
		     uint64_t factor)
{
	size_t record_len = 0;
	uint8_t *record = networks_mnist(factor, &record_len);
	uint8_t *sealed = NULL;

	sealed_set_id(owner, id);
	sealed = sealed_make(owner, record, record_len, &len);
	free(record);
	return sealed;
}

static int setup(void **state)
{
	struct sealed_maker owner = { 0 };
	uint8_t image[784] = { 0 };
	uint8_t *first = NULL;
	int failed = 0;

	(void)state;
	for (uint64_t i = 0; i < IMAGES; i++) {
		formula_image(i, image);
		memcpy(images + i * ENC_MNIST_IMAGE_BYTES, image,
		       ENC_MNIST_IMAGE_BYTES);
	}
	formula_labels(1, images, IMAGES, before);
	formula_labels(3, images, IMAGES, after);
	sealed_owner(&owner);
	first = make(&owner, "first", 1);
	model = make(&owner, MODEL_ID, 3);
	failed = TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
		 ta_open(&context, &session) != TEEC_SUCCESS ||
		 ta_open(&context, &other) != TEEC_SUCCESS ||
		 ta_provision_epoch(&session, &owner, 1) != TEEC_SUCCESS ||
		 load(first, len).res != TEEC_SUCCESS ||
		 load_into(&other, first, len).res != TEEC_SUCCESS;
	free(first);
	sealed_free(&owner);
	return failed;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	TEEC_CloseSession(&other);
	TEEC_FinalizeContext(&context);
	free(model);
	return 0;
}

static uint32_t seen_version(void)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(&session, &status), TEEC_SUCCESS);
	return ta_find_model(&status, MODEL_ID)->security_version;
}

/* The chunk that a byte behind the head is in. */
static size_t chunk_of(size_t at)
{
	return (at - BOX_HEAD_BYTES) / BOX_HEAD_CHUNK_BYTES;
}

static void flip(size_t bit)
{
	const size_t at = bit / 8;
	struct outcome o = { 0 };

	model[at] ^= (uint8_t)(1 << bit % 8);
	o = load(model, len);
	model[at] ^= (uint8_t)(1 << bit % 8);
	if (o.res == TEEC_SUCCESS || o.begun != (at >= BOX_HEAD_BYTES) ||
	    (o.begun && o.chunks != chunk_of(at)))
		fail_msg("bit %zu: 0x%x after %zu chunks", bit, o.res,
			 o.chunks);
	check_before();
}

static void no_bit_may_flip(void **state)
{
	const size_t head = 8 * BOX_HEAD_BYTES;
	size_t in_head = 0;
	size_t behind = 0;

	(void)state;
	for (size_t bit = 0; bit < head; bit += head_step, in_head++)
		flip(bit);
	for (size_t bit = head; bit < 8 * len; bit += step, behind++)
		flip(bit);
	assert_int_equal(seen_version(), 0);
	printf("# figure: a sealed model of %zu bits in %zu chunks, with a bit "
	       "flipped: %zu of the head, %zu behind it, 0 accepted\n",
	       8 * len, sealed_chunks(len), in_head, behind);
}

/* Complete chunks are accepted; then one is incomplete, or missing. */
static void no_prefix_is_enough(void **state)
{
	size_t cuts = 0;

	(void)state;
	for (size_t size = 0; size < len; cuts++) {
		struct outcome o = load(model, size);

		assert_int_not_equal(o.res, TEEC_SUCCESS);
		assert_int_equal(o.begun, size >= BOX_HEAD_BYTES);
		assert_int_equal(o.chunks, o.begun ? chunk_of(size) : 0);
		check_before();
		size += size < BOX_HEAD_BYTES ? head_step : step;
	}
	assert_int_equal(seen_version(), 0);
	printf("# figure: the same, cut at %zu lengths: 0 accepted\n", cuts);
}

static void nothing_may_follow(void **state)
{
	const size_t more = 2 * BOX_HEAD_CHUNK_BYTES;
	uint8_t *longer = calloc(1, len + more);

	(void)state;
	assert_non_null(longer);
	memcpy(longer, model, len);
	for (size_t n = 1; n <= more; n += step) {
		assert_int_not_equal(load(longer, len + n).res, TEEC_SUCCESS);
		check_before();
	}
	assert_int_equal(seen_version(), 0);
	free(longer);
}

/* The model is still good: none of the attempts has spoilt it. */
static void the_model_itself_is_taken(void **state)
{
	(void)state;
	assert_memory_not_equal(before, after, IMAGES);
	assert_int_equal(load(model, len).res, TEEC_SUCCESS);
	check_labels(&session, after);
	check_labels(&other, before);
	assert_int_equal(ta_commit(&session), TEEC_SUCCESS);
	assert_int_equal(seen_version(), 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_bit_may_flip),
		cmocka_unit_test(no_prefix_is_enough),
		cmocka_unit_test(nothing_may_follow),
		cmocka_unit_test(the_model_itself_is_taken),
	};

	if (argc != 3)
		return 2;
	head_step = (size_t)atol(argv[1]);
	step = (size_t)atol(argv[2]);
	return cmocka_run_group_tests_name("sealed_bits", tests, setup,
					   teardown);
}
