/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TA whose heap has room for one model: a second load is refused, and the
 * previous model still answers. In the current directory: model.json under the
 * key of the TA, and samples/.
 */
#include <string.h>

#include "host/compat/device/source.h"
#include "host/image/image.h"
#include "testkit/test.h"

static const struct enc_source *const sources[] = { &enc_source_json, NULL };

static void the_first_model_answers_when_a_second_has_no_room(void **state)
{
	struct enc_error e = { 0 };
	struct enc_labels names = { 0 };
	struct enc_tee *tee = NULL;

	(void)state;
	assert_true(enc_tee_open(&tee, NULL, &e));
	assert_true(enc_load_model(tee, sources, "model.json", &names, &e));
	assert_non_null(enc_tee_network(tee, &e));
	assert_true(enc_image_load_raw("samples/7.bin", enc_tee_samples(tee),
				       ENC_IMAGE_PIXELS, &e));
	assert_false(enc_load_model(tee, sources, "model.json", &names, &e));
	assert_non_null(strstr(e.what, "out of memory"));
	assert_true(enc_tee_run(tee, 1, &e));
	assert_int_equal(enc_tee_answers(tee)[0], 7);
	enc_tee_close(tee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_model_answers_when_a_second_has_no_room),
	};

	return cmocka_run_group_tests_name("one model", tests, NULL, NULL);
}
