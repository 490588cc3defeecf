/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The committed model on all 10,000 test images inside the TEE. In the current
 * directory: model.json under the key of the TA, the test set, and the labels
 * that the engine gave in the normal world of the workstation
 * ("labels.workstation") and, by tests/tools/labels.c again, of this board
 * ("labels.board").
 */
#include <stdlib.h>
#include <string.h>

#include "host/lib/file.h"
#include "host/lib/idx.h"
#include "host/lib/load.h"
#include "tests/lib/test.h"

#define IMAGES 10000

static uint8_t images[IMAGES * ENC_IMAGE_PIXELS];
static uint8_t truth[IMAGES];
static uint8_t answers[IMAGES];

static void must(bool good, const struct enc_error *e)
{
	if (!good)
		fail_msg("%s (%s)", e->what, e->hint);
}

static void the_test_set_goes_through_the_tee(void **state)
{
	struct enc_error e = { 0 };
	struct enc_tee *tee = NULL;
	struct enc_idx *idx = enc_idx_open("t10k-images-idx3-ubyte.gz",
					   "t10k-labels-idx1-ubyte.gz", &e);
	size_t n = 0;

	(void)state;
	must(idx, &e);
	must(enc_idx_next(idx, images, truth, IMAGES, &n, &e), &e);
	assert_int_equal(n, IMAGES);
	enc_idx_close(idx);
	must(enc_tee_open(&tee, &e), &e);
	must(enc_load_model(tee, "model.json", &e), &e);
	memset(answers, 0xee, sizeof(answers));
	must(enc_tee_infer(tee, images, IMAGES, answers, &e), &e);
	enc_tee_close(tee);
}

static void at_least_99_percent_are_right(void **state)
{
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < IMAGES; i++)
		right += answers[i] == truth[i];
	print_message("# %zu of %d right\n", right, IMAGES);
	assert_true(right >= 9900);
}

static void check_same(const char *path)
{
	struct enc_error e = { 0 };
	uint8_t *labels = NULL;
	size_t len = 0;

	must(enc_file_read(path, IMAGES, &labels, &len, &e), &e);
	assert_int_equal(len, IMAGES);
	assert_memory_equal(labels, answers, IMAGES);
	free(labels);
}

static void the_workstation_says_the_same(void **state)
{
	(void)state;
	check_same("labels.workstation");
}

static void the_normal_world_says_the_same(void **state)
{
	(void)state;
	check_same("labels.board");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_test_set_goes_through_the_tee),
		cmocka_unit_test(at_least_99_percent_are_right),
		cmocka_unit_test(the_workstation_says_the_same),
		cmocka_unit_test(the_normal_world_says_the_same),
	};

	return cmocka_run_group_tests_name("mnist", tests, NULL, NULL);
}
