/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's access to the TA, host/device/ and host/compat/device/, with the
 * stand-in as TEE: images and chunks pass through memory that a session shares
 * once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/compat/device/source.h"
#include "host/compat/json.h"
#include "host/image/image.h"
#include "host/import/import.h"
#include "host/owner/seal.h"
#include "testkit/sealed_client.h"
#include "tests/lib/models.h"
#include "tests/lib/scratch.h"
#include "tests/standin/standin.h"

static const struct enc_source *const sources[] = { &enc_source_sealed,
						    &enc_source_json, NULL };

#define IMAGE ENC_MNIST_IMAGE_BYTES
#define BATCH ENC_MNIST_BATCH_MAX

/* The samples, and a model that tells them apart: see setup(). */
#define DIGITS 10

static uint8_t digits[DIGITS * IMAGE];
static uint8_t *sealed;
static size_t sealed_len;
static uint8_t *container; /* of the same model */
static size_t container_len;
static struct enc_tee *tee;
static struct enc_error e;
static const struct import_options no_options;

static void must(bool good)
{
	if (!good)
		fail_msg("%s (%s)", e.what, e.hint);
}

/* The committed model, and the digits that it recognises. */
static uint8_t *read_trained(size_t *len)
{
	uint8_t *record = NULL;

	for (size_t i = 0; i < DIGITS; i++) {
		char path[] = "samples/0.bin";

		path[strlen("samples/")] = (char)('0' + i);
		must(enc_image_load_raw(path, digits + i * IMAGE, IMAGE, &e));
	}
	must(enc_file_read("models/mnist.bin", ENC_MNIST_RECORD_MAX, &record,
			   len, &e));
	return record;
}

/* The record of its network. */
static uint8_t *read_network(size_t *len)
{
	enum import_kind kind = IMPORT_OTHER;
	uint8_t *record = import_to_memory(
		import_file("models/mnist.bin", &no_options, &kind, &e), len,
		&e);

	must(record);
	return record;
}

/* A device with both keys, and the trained model in both formats. */
static int setup(void **state)
{
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	size_t len = 0;
	uint8_t *record = read_trained(&len);
	uint8_t *network = NULL;
	size_t network_len = 0;

	models_make();
	network = read_network(&network_len);
	sealed = sealed_make(&models_owner, network, network_len, &sealed_len);
	free(network);
	container = ta_seal(models_key, record, len, &container_len);
	free(record);
	standin_reset();
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	models_store_keys(&session, 1);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return scratch_setup(state);
}

static int teardown(void **state)
{
	models_free();
	free(sealed);
	free(container);
	return scratch_teardown(state);
}

static int open_session(void **state)
{
	(void)state;
	e = (struct enc_error){ 0 };
	must(enc_tee_open(&tee, &e));
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	enc_tee_close(tee);
	assert_int_equal(standin_leaks(), 0);
	return 0;
}

static void load(const uint8_t *model, size_t len)
{
	must(enc_load_model(tee, sources, scratch_write("sealed", model, len),
			    &e));
}

/* Digits, up to a batch, in the session's memory, again and again. */
static void put_digits(size_t n)
{
	for (size_t i = 0; i < n; i++)
		memcpy(enc_tee_images(tee) + i * IMAGE,
		       digits + i % DIGITS * IMAGE, IMAGE);
}

/* The trained model recognises them, wherever they are. */
static void check_digits(size_t n)
{
	uint8_t labels[BATCH + 1] = { 0 };

	memset(labels, 0xee, sizeof(labels));
	must(enc_tee_infer(tee, n, labels, &e));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(labels[i], i % DIGITS);
	assert_int_equal(labels[n], 0xee);
}

/* With class names behind the head, which are not for the TA. */
static void load_named(void)
{
	const struct enc_sealed how = {
		.key = models_owner.key,
		.owner = &models_owner.owner,
		.model_id = "named",
		.model_version = 1,
		.names = "zero\none\n",
		.names_len = 9,
	};
	struct box_head head = { 0 };
	uint8_t *network = NULL;
	size_t len = 0;

	network = read_network(&len);
	must(enc_seal_network(&how, network, len, scratch_path("named"), &head,
			      &e));
	free(network);
	must(enc_load_model(tee, sources, scratch_path("named"), &e));
}

static void a_network_is_described_and_run(void **state)
{
	struct enc_network network = { 0 };
	uint32_t labels[DIGITS] = { 0 };

	(void)state;
	assert_false(enc_tee_describe(tee, &network, &e));
	load_named();
	put_digits(DIGITS);
	check_digits(DIGITS);
	must(enc_tee_describe(tee, &network, &e));
	assert_int_equal(network.policy, ENC_MNIST_OUTPUT_LABEL);
	assert_int_equal(network.classes, DIGITS);
	assert_int_equal(network.sample_bytes, IMAGE);
	assert_int_equal(network.answer_bytes, sizeof(*labels));
	assert_int_equal(network.input[0].dims[1], 28);
	assert_int_equal(network.output[0].type, BOX_F32);
	assert_string_equal(network.model_id, "named");
	must(enc_tee_run(tee, &network, digits, DIGITS, labels, &e));
	for (uint32_t i = 0; i < DIGITS; i++)
		assert_int_equal(labels[i], i);
	assert_false(enc_tee_run(tee, &network, digits, 0, labels, &e));
}

static void of_a_sealed_model_its_head_alone_is_shared_anew(void **state)
{
	const size_t before = standin_temporary();

	(void)state;
	load(sealed, sealed_len);
	assert_int_equal(standin_temporary(), before + 1);
	put_digits(DIGITS);
	check_digits(DIGITS);
}

static void of_a_model_in_json_nothing_is_shared_anew(void **state)
{
	const size_t before = standin_temporary();
	FILE *f = fopen(scratch_path("json"), "wb");
	int closed = 0;

	(void)state;
	assert_non_null(f);
	must(enc_model_json_write(f, container, container_len, &e));
	closed = fclose(f);
	assert_int_equal(closed, 0);
	must(enc_load_model(tee, sources, scratch_path("json"), &e));
	assert_int_equal(standin_temporary(), before);
	put_digits(DIGITS);
	check_digits(DIGITS);
}

static void of_images_in_place_nothing_is_shared_anew(void **state)
{
	static const size_t counts[] = { 1, 2, DIGITS, 255, BATCH, 1 };
	size_t before = 0;

	(void)state;
	load(sealed, sealed_len);
	put_digits(BATCH);
	before = standin_temporary();
	for (size_t i = 0; i < COUNT(counts); i++)
		check_digits(counts[i]);
	assert_int_equal(standin_temporary(), before);
}

static void no_more_than_a_batch_is_classified_at_once(void **state)
{
	uint8_t labels[BATCH + 1] = { 0 };

	(void)state;
	load(sealed, sealed_len);
	put_digits(BATCH);
	assert_false(enc_tee_infer(tee, BATCH + 1, labels, &e));
	assert_error(e, ENC_ERR_TEE, "cannot classify");
	check_digits(BATCH);
}

static void a_load_leaves_images_alone(void **state)
{
	(void)state;
	put_digits(BATCH);
	load(sealed, sealed_len);
	check_digits(BATCH);
}

static void the_model_that_was_loaded_last_answers(void **state)
{
	const struct model *other = &models[1];
	uint8_t label = 0xee;

	(void)state;
	load(sealed, sealed_len);
	load(other->sealed, other->sealed_len);
	memcpy(enc_tee_images(tee), models_images, IMAGE);
	must(enc_tee_infer(tee, 1, &label, &e));
	assert_int_equal(label, other->labels[0]);
}

static void a_model_that_is_refused_leaves_the_one_of_before(void **state)
{
	const struct model *other = &models[1];
	const char *cut =
		scratch_write("cut", other->sealed, other->sealed_len - 1);

	(void)state;
	load(sealed, sealed_len);
	assert_false(enc_load_model(tee, sources, cut, &e));
	assert_error(e, ENC_ERR_TEE, "cut: ");
	put_digits(DIGITS);
	check_digits(DIGITS);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_session, close_session)
	const struct CMUnitTest tests[] = {
		TEST(a_network_is_described_and_run),
		TEST(of_a_sealed_model_its_head_alone_is_shared_anew),
		TEST(of_a_model_in_json_nothing_is_shared_anew),
		TEST(of_images_in_place_nothing_is_shared_anew),
		TEST(no_more_than_a_batch_is_classified_at_once),
		TEST(a_load_leaves_images_alone),
		TEST(the_model_that_was_loaded_last_answers),
		TEST(a_model_that_is_refused_leaves_the_one_of_before),
	};

	return cmocka_run_group_tests_name("tee", tests, setup, teardown);
}
