/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's access to the TA, host/device/ and host/compat/device/, with the
 * stand-in as TEE: images and chunks pass through memory that a session shares
 * once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "host/base/file.h"
#include "host/compat/device/source.h"
#include "host/compat/json.h"
#include "host/image/image.h"
#include "host/import/import.h"
#include "host/owner/seal.h"
#include "ta/user_ta_header_defines.h"
#include "testkit/sealed_client.h"
#include "tests/lib/models.h"
#include "tests/lib/networks.h"
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
static const struct enc_network *network; /* of the model that was loaded */
static struct enc_labels names;
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
		must(enc_image_load_raw(path, digits + i * IMAGE,
					ENC_IMAGE_PIXELS, &e));
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
	uint8_t *net = NULL;
	size_t net_len = 0;

	models_make();
	net = read_network(&net_len);
	sealed = sealed_make(&models_owner, net, net_len, &sealed_len);
	free(net);
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
	must(enc_tee_open(&tee, NULL, &e));
	return 0;
}

static int close_session(void **state)
{
	(void)state;
	enc_tee_close(tee);
	enc_labels_free(&names);
	assert_int_equal(standin_leaks(), 0);
	return 0;
}

static void load_file(const char *path)
{
	must(enc_load_model(tee, sources, path, &names, &e));
	network = enc_tee_network(tee, &e);
	must(network);
}

static void load(const uint8_t *model, size_t len)
{
	load_file(scratch_write("sealed", model, len));
}

/* Digits, up to a batch, in the session's memory, again and again. */
static void put_digits(size_t n)
{
	for (size_t i = 0; i < n; i++)
		memcpy(enc_tee_samples(tee) + i * IMAGE,
		       digits + i % DIGITS * IMAGE, IMAGE);
}

static uint32_t label(size_t i)
{
	return box_load32(enc_tee_answers(tee) + 4 * i);
}

/* The trained model recognises them, wherever they are. */
static void check_digits(size_t n)
{
	memset(enc_tee_answers(tee), 0xee, 4 * BATCH);
	must(enc_tee_run(tee, n, &e));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(label(i), i % DIGITS);
	if (n < BATCH)
		assert_int_equal(label(n), 0xeeeeeeee);
}

static void save_json(const char *name)
{
	FILE *f = fopen(scratch_path(name), "wb");
	int closed = 0;

	assert_non_null(f);
	must(enc_model_json_write(f, container, container_len, &e));
	closed = fclose(f);
	assert_int_equal(closed, 0);
}

/* Seals the network; *len is the file's length. The caller frees it. */
static uint8_t *seal_as(enum box_policy policy, uint32_t amount,
			const char *class_names, size_t *len)
{
	const struct enc_sealed how = {
		.key = models_owner.key,
		.owner = &models_owner.owner,
		.model_id = "named",
		.model_version = 1,
		.security_version = 2,
		.policy = policy,
		.amount = amount,
		.names = class_names,
		.names_len = class_names ? strlen(class_names) : 0,
	};
	struct box_head head = { 0 };
	uint8_t *record = read_network(len);
	uint8_t *file = NULL;

	must(enc_seal_network(&how, record, *len, scratch_path("made"), &head,
			      &e));
	free(record);
	must(enc_file_read(scratch_path("made"), 4u << 20, &file, len, &e));
	return file;
}

static void load_policy(enum box_policy policy, uint32_t amount)
{
	size_t len = 0;
	uint8_t *file = seal_as(policy, amount, NULL, &len);

	load(file, len);
	free(file);
}

static void a_network_is_described(void **state)
{
	(void)state;
	assert_null(enc_tee_network(tee, &e));
	assert_error(e, ENC_ERR_TEE, "cannot describe the model: bad state");
	load(sealed, sealed_len);
	assert_int_equal(network->policy, BOX_LABEL);
	assert_int_equal(network->classes, DIGITS);
	assert_int_equal(network->sample_bytes, IMAGE);
	assert_int_equal(network->answer_bytes, 4);
	assert_int_equal(network->room, BATCH);
	assert_int_equal(network->input[0].type, BOX_UINT8);
	assert_int_equal(network->input[0].dims[1], 28);
	assert_int_equal(network->output[0].type, BOX_F32);
}

/* Its commands are others, and nothing of it is said by the TA. */
static void a_model_of_json_is_described_alike(void **state)
{
	struct enc_network same = { 0 };

	(void)state;
	load(sealed, sealed_len);
	same = *network;
	save_json("json");
	load_file(scratch_path("json"));
	same.batch = network->batch;
	same.macs = network->macs;
	memset(same.model_id, 0, sizeof(same.model_id));
	same.model_version = same.security_version = 0;
	assert_memory_equal(network, &same, sizeof(same));
	put_digits(BATCH);
	check_digits(BATCH);
	check_digits(1);
}

/* Of the answer to sample i. */
static float score(size_t i, size_t c)
{
	float value = 0;

	memcpy(&value,
	       enc_tee_answers(tee) + i * network->answer_bytes +
		       c * sizeof(value),
	       sizeof(value));
	return value;
}

static void check_scores(enum box_policy policy, uint32_t amount)
{
	load_policy(policy, amount);
	assert_int_equal(network->answer_bytes, DIGITS * sizeof(float));
	put_digits(DIGITS);
	must(enc_tee_run(tee, DIGITS, &e));
	for (size_t i = 0; i < DIGITS; i++) {
		for (size_t c = 0; c < DIGITS; c++)
			assert_true(score(i, c) <= score(i, i));
	}
}

static void answers_are_what_the_owner_allows(void **state)
{
	(void)state;
	load_policy(BOX_TOP, 3);
	assert_int_equal(network->answer_bytes, 12);
	put_digits(2);
	must(enc_tee_run(tee, 2, &e));
	assert_int_equal(label(0), 0);
	assert_int_equal(label(3), 1);
	check_scores(BOX_SCORES, 16);
	check_scores(BOX_RAW, 0);
}

/* --- class names --- */

#define NAMES "zero\none\ntwo\nthr\33e\nfour\nfive\nsix\nseven\neight\nnine\n"

static void class_names_are_read_and_can_be_printed(void **state)
{
	size_t len = 0;
	uint8_t *file = seal_as(BOX_LABEL, 0, NAMES, &len);

	(void)state;
	load(file, len);
	assert_int_equal(names.count, DIGITS);
	assert_string_equal(names.names[0], "zero");
	assert_string_equal(names.names[3], "thr?e");
	assert_string_equal(names.names[9], "nine");
	put_digits(DIGITS);
	check_digits(DIGITS);
	free(file);
}

static void refuse(const char *name, const uint8_t *file, size_t len,
		   const char *why)
{
	assert_false(enc_load_model(
		tee, sources, scratch_write(name, file, len), &names, &e));
	assert_error(e, ENC_ERR_FORMAT, why);
	assert_null(names.names);
}

static void other_class_names_are_refused(void **state)
{
	size_t len = 0;
	uint8_t *file = seal_as(BOX_LABEL, 0, NAMES, &len);

	(void)state;
	file[BOX_HEAD_BYTES] ^= 1;
	refuse("changed", file, len,
	       "changed: its class names are not as they were sealed");
	refuse("cut", file, BOX_HEAD_BYTES + 3, "cut: ends too early");
	free(file);
	file = seal_as(BOX_LABEL, 0, "zero\none\n", &len);
	refuse("few", file, len,
	       "few: 2 names, and the network has 10 classes");
	free(file);
}

/* --- memory --- */

static void of_a_sealed_model_its_head_alone_is_shared_anew(void **state)
{
	const size_t before = standin_temporary();

	(void)state;
	load(sealed, sealed_len);
	/* and its description */
	assert_int_equal(standin_temporary(), before + 2);
	put_digits(DIGITS);
	check_digits(DIGITS);
}

static void of_samples_in_place_nothing_is_shared_anew(void **state)
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

static void no_samples_have_no_answer(void **state)
{
	(void)state;
	load(sealed, sealed_len);
	put_digits(BATCH);
	assert_false(enc_tee_run(tee, 0, &e));
	assert_error(e, ENC_ERR_TEE, "cannot compute: bad parameters");
	check_digits(BATCH);
}

static void a_load_leaves_samples_alone(void **state)
{
	(void)state;
	load(sealed, sealed_len);
	put_digits(BATCH);
	must(enc_load_model(tee, sources, scratch_path("sealed"), &names, &e));
	check_digits(BATCH);
}

static void the_model_that_was_loaded_last_answers(void **state)
{
	const struct model *other = &models[1];

	(void)state;
	load(sealed, sealed_len);
	load(other->sealed, other->sealed_len);
	memcpy(enc_tee_samples(tee), models_images, IMAGE);
	must(enc_tee_run(tee, 1, &e));
	assert_int_equal(label(0), other->labels[0]);
}

static void a_model_that_is_refused_leaves_the_one_of_before(void **state)
{
	const struct model *other = &models[1];
	const char *cut =
		scratch_write("cut", other->sealed, other->sealed_len - 1);

	(void)state;
	load(sealed, sealed_len);
	assert_false(enc_load_model(tee, sources, cut, &names, &e));
	assert_error(e, ENC_ERR_TEE, "cut: ");
	put_digits(DIGITS);
	check_digits(DIGITS);
}

static void load_network(uint8_t *(*make)(uint32_t, size_t *), uint32_t count)
{
	size_t len = 0;
	uint8_t *record = make(count, &len);
	uint8_t *file = NULL;

	models_owner.head.policy = BOX_RAW;
	file = sealed_make(&models_owner, record, len, &len);
	free(record);
	load(file, len);
	free(file);
}

/* Whole batches, if one fits in a MiB; always one sample. */
static void a_call_has_a_bounded_size(void **state)
{
	size_t bytes = 0;

	(void)state;
	load_network(networks_negate, 4);
	assert_int_equal(network->room, BATCH);
	load_network(networks_negate, 7000);
	bytes = (size_t)(network->sample_bytes + network->answer_bytes);
	assert_int_equal(bytes, 56000);
	assert_int_equal(network->room % network->batch, 0);
	assert_in_range(network->room, 18 - network->batch + 1, 18);
	load_network(networks_negate, 65536);
	assert_in_range(network->room, 1, 2);
	memset(enc_tee_samples(tee), 0, (size_t)network->sample_bytes);
	must(enc_tee_run(tee, 1, &e));
}

/* --- commit --- */

static void a_model_is_committed_once_it_has_answered(void **state)
{
	size_t len = 0;
	uint8_t *file = seal_as(BOX_LABEL, 0, NULL, &len);
	struct enc_status status = { 0 };

	(void)state;
	assert_false(enc_tee_commit(tee, &e));
	assert_error(e, ENC_ERR_TEE, "cannot commit the model: bad state");
	load(file, len);
	assert_false(enc_tee_commit(tee, &e));
	put_digits(1);
	check_digits(1);
	must(enc_tee_commit(tee, &e));
	must(enc_tee_status(tee, &status, &e));
	assert_int_equal(status.model_count, 1);
	assert_string_equal(status.models[0].id, "named");
	assert_int_equal(status.models[0].security_version, 2);
	free(file);
}

/* --- the heap of the TA --- */

static void the_heap_that_a_model_needs_is_said(void **state)
{
	struct box_head head = { 0 };
	struct enc_heap heap = { 0 };
	const char *path = NULL;
	char need[32] = "";
	size_t len = 0;
	uint8_t *record = networks_wide(2048, &len);
	uint8_t *file = NULL;

	(void)state;
	models_owner.head.policy = BOX_RAW;
	file = sealed_make(&models_owner, record, len, &len);
	assert_int_equal(box_head_read(file, &head), BOX_OK);
	heap = enc_heap_of(&head);
	path = scratch_write("heap", file, len);
	assert_false(enc_load_model(tee, sources, path, &names, &e));
	assert_error(e, ENC_ERR_TEE, "cannot load the model: out of memory");
	snprintf(need, sizeof(need), "it needs %" PRIu64 " bytes",
		 heap.model + heap.session);
	assert_non_null(strstr(e.hint, need));
	assert_non_null(strstr(e.hint, "make ta MODEL=file"));
	free(file);
	free(record);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_session, close_session)
	const struct CMUnitTest tests[] = {
		TEST(a_network_is_described),
		TEST(a_model_of_json_is_described_alike),
		TEST(answers_are_what_the_owner_allows),
		TEST(class_names_are_read_and_can_be_printed),
		TEST(other_class_names_are_refused),
		TEST(of_a_sealed_model_its_head_alone_is_shared_anew),
		TEST(of_samples_in_place_nothing_is_shared_anew),
		TEST(no_samples_have_no_answer),
		TEST(a_load_leaves_samples_alone),
		TEST(the_model_that_was_loaded_last_answers),
		TEST(a_model_that_is_refused_leaves_the_one_of_before),
		TEST(a_call_has_a_bounded_size),
		TEST(a_model_is_committed_once_it_has_answered),
		TEST(the_heap_that_a_model_needs_is_said),
	};

	return cmocka_run_group_tests_name("tee", tests, setup, teardown);
}
