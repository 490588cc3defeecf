/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mnist N: the committed model inside the TEE, on the first N test images
 * as enc_mnist-rs has it, 250 or a multiple of that, and on all 10,000 as a
 * sealed network, f32 and int8. In the current directory: mnist.bin, model.json
 * under the key of the TA, the test set, and the labels that the engine gave in
 * the normal world: on the workstation ("labels.workstation") and, by
 * tests/tools/labels.c again, on this board ("labels.board", perhaps of the
 * first images only); and int8.net with int8.workstation.
 *
 * test_mnist int8: the latter alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "host/compat/device/source.h"
#include "host/image/idx.h"
#include "host/import/import.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"

static const struct enc_source *const sources[] = { &enc_source_json, NULL };

#define IMAGES	     10000
#define PIECE	     250 /* images of a call */
#define IMAGES_BOARD 500 /* at least, that the board's normal world labels */

static uint8_t images[IMAGES * ENC_IMAGE_PIXELS];
static uint8_t truth[IMAGES];
static uint8_t answers[IMAGES];
static size_t labelled;	   /* images of which there are answers */
static size_t json_images; /* as enc_mnist-rs has it */
static size_t sealed_images;
static const struct import_options no_options;

static void must(bool good, const struct enc_error *e)
{
	if (!good)
		fail_msg("%s (%s)", e->what, e->hint);
}

static int read_test_set(void **state)
{
	struct enc_error e = { 0 };
	struct enc_idx *idx = enc_idx_open("t10k-images-idx3-ubyte.gz",
					   "t10k-labels-idx1-ubyte.gz", &e);
	size_t n = 0;

	(void)state;
	must(idx, &e);
	must(enc_idx_next(idx, images, truth, IMAGES, &n, &e), &e);
	assert_int_equal(n, IMAGES);
	enc_idx_close(idx);
	return 0;
}

static void the_test_set_goes_through_the_tee(void **state)
{
	struct enc_error e = { 0 };
	struct enc_labels names = { 0 };
	struct enc_tee *tee = NULL;

	(void)state;
	must(enc_tee_open(&tee, NULL, &e), &e);
	must(enc_load_model(tee, sources, "model.json", &names, &e), &e);
	must(enc_tee_network(tee, &e), &e);
	memset(answers, 0xee, sizeof(answers));
	for (size_t i = 0; i < json_images; i += PIECE) {
		memcpy(enc_tee_samples(tee), images + i * ENC_IMAGE_PIXELS,
		       PIECE * ENC_IMAGE_PIXELS);
		must(enc_tee_run(tee, PIECE, &e), &e);
		for (size_t k = 0; k < PIECE; k++)
			answers[i + k] = enc_tee_answers(tee)[4 * k];
	}
	enc_tee_close(tee);
	labelled = json_images;
}

/* Sealed by the owner, whose key this device is given first. state: the file */
static void the_same_as_a_sealed_network(void **state)
{
	static uint32_t epoch;
	TEEC_Context context = { 0 };
	TEEC_Session session = { 0 };
	struct sealed_maker owner = { 0 };
	struct enc_error e = { 0 };
	enum import_kind kind = IMPORT_OTHER;
	uint8_t *record = NULL;
	uint8_t *sealed = NULL;
	size_t len = 0;

	sealed_owner(&owner);
	record = import_to_memory(import_file(*state, &no_options, &kind, &e),
				  &len, &e);
	must(record, &e);
	sealed = sealed_make(&owner, record, len, &len);
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(&session, &owner, ++epoch),
			 TEEC_SUCCESS);
	assert_int_equal(ta_load_sealed(&session, sealed, len), TEEC_SUCCESS);
	memset(answers, 0xee, sizeof(answers));
	for (size_t i = 0; i < sealed_images; i += PIECE)
		assert_int_equal(ta_infer(&session,
					  images + i * ENC_IMAGE_PIXELS, PIECE,
					  answers + i),
				 TEEC_SUCCESS);
	labelled = sealed_images;
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	sealed_free(&owner);
	free(sealed);
	free(record);
}

static void at_least_99_percent_are_right(void **state)
{
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < labelled; i++)
		right += answers[i] == truth[i];
	print_message("# %zu of %zu right\n", right, labelled);
	assert_true(100 * right >= 99 * labelled);
}

/* The labels in a file, of at least so many images, are those of the TEE. */
static void check_same(const char *path, size_t at_least)
{
	struct enc_error e = { 0 };
	uint8_t *labels = NULL;
	size_t len = 0;

	must(enc_file_read(path, IMAGES, &labels, &len, &e), &e);
	assert_in_range(len, at_least, IMAGES);
	assert_memory_equal(labels, answers, len < labelled ? len : labelled);
	free(labels);
}

static void the_workstation_says_the_same(void **state)
{
	check_same(*state, IMAGES);
}

static void the_normal_world_says_the_same(void **state)
{
	check_same(*state, IMAGES_BOARD);
}

/* Of no image at all, everything would be true. */
static bool read_count(const char *text, size_t *count)
{
	*count = strtoul(text, NULL, 10);
	if (*count && *count <= IMAGES && *count % PIECE == 0)
		return true;
	fprintf(stderr, "images: %d to %d, by %d, not `%s'\n", PIECE, IMAGES,
		PIECE, text);
	return false;
}

#define WITH(test, path) cmocka_unit_test_prestate(test, path)
#define INT8_TESTS	 3 /* the last ones */

int main(int argc, char **argv)
{
	static char paths[][24] = { "labels.workstation", "labels.board",
				    "mnist.bin", "int8.net",
				    "int8.workstation" };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_test_set_goes_through_the_tee),
		cmocka_unit_test(at_least_99_percent_are_right),
		WITH(the_workstation_says_the_same, paths[0]),
		WITH(the_normal_world_says_the_same, paths[1]),
		WITH(the_same_as_a_sealed_network, paths[2]),
		cmocka_unit_test(at_least_99_percent_are_right),
		WITH(the_workstation_says_the_same, paths[0]),
		WITH(the_normal_world_says_the_same, paths[1]),
		WITH(the_same_as_a_sealed_network, paths[3]),
		cmocka_unit_test(at_least_99_percent_are_right),
		WITH(the_workstation_says_the_same, paths[4]),
	};
	struct CMUnitTest int8[INT8_TESTS];

	if (argc != 3 || !read_count(argv[2], &sealed_images))
		return 2;
	memcpy(int8, tests + COUNT(tests) - INT8_TESTS, sizeof(int8));
	if (!strcmp(argv[1], "int8"))
		return cmocka_run_group_tests_name("mnist", int8, read_test_set,
						   NULL);
	if (!read_count(argv[1], &json_images))
		return 2;
	return cmocka_run_group_tests_name("mnist", tests, read_test_set, NULL);
}
