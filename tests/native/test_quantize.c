/* SPDX-License-Identifier: Apache-2.0 */
/* Converts f32 weights to int8. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/owner/quantize.h"
#include "record/int8.h"
#include "record/write/int8.h"
#include "tests/lib/formula.h"
#include "tests/lib/scratch.h"

#define IN  37
#define OUT 11

static const struct nn_layer layers[] = {
	{ "a", IN, OUT, true },
	{ "b", OUT, 3, false },
};

static const struct nn_arch arch = { layers, 2, 0, 1 };

static float *packed;
static uint8_t *packed8;

static int setup(void **state)
{
	packed = calloc(nn_packed_count(&arch), sizeof(*packed));
	packed8 = malloc(nn_dense8_size(&arch));
	return packed && packed8 ? scratch_setup(state) : -1;
}

static int teardown(void **state)
{
	free(packed);
	free(packed8);
	return scratch_teardown(state);
}

/* The weight of layer a from input k to output o. */
static float *weight(size_t k, size_t o)
{
	size_t run = 0;

	return packed + nn_packed_weight(&layers[0], k * OUT + o, &run);
}

static void fill(float (*value)(size_t k, size_t o))
{
	for (size_t o = 0; o < OUT; o++) {
		for (size_t k = 0; k < IN; k++)
			*weight(k, o) = value(k, o);
	}
	memset(packed8, 0x5a, nn_dense8_size(&arch));
	enc_quantize(&arch, packed, packed8);
}

static float scale(size_t o)
{
	float scale = 0;

	memcpy(&scale, packed8 + nn_dense8_scales(&layers[0]) + 4 * o,
	       sizeof(scale));
	return scale;
}

static int integer(size_t k, size_t o)
{
	return (int8_t)packed8[nn_dense8_weight(&layers[0], o, k)];
}

/*
 * The largest weight becomes 127 or -127, no weight is off by more than half a
 * step, and the reader accepts the result.
 */
static void check_close(void)
{
	for (size_t o = 0; o < OUT; o++) {
		int most = 0;

		assert_true(scale(o) >= FLT_MIN);
		for (size_t k = 0; k < IN; k++) {
			double step = (double)scale(o);
			double off = (double)*weight(k, o) / step;

			off -= integer(k, o);
			if (!(fabs(off) <= 0.5 + 1e-5))
				fail_msg("output %zu, input %zu: %g steps off",
					 o, k, off);
			if (abs(integer(k, o)) > most)
				most = abs(integer(k, o));
		}
		assert_int_equal(most, 127);
	}
}

static bool push(void *ctx, const void *data, size_t len)
{
	return record_int8_push(ctx, data, len) == RECORD_INT8_OK;
}

/* The quantised model is a record, and can be read back. */
static void check_record(void)
{
	uint8_t *again = calloc(1, nn_dense8_size(&arch));
	struct record_int8 r = { 0 };

	record_int8_begin(&r, &arch, again);
	assert_true(record_int8_write(&arch, packed8, push, &r));
	assert_int_equal(record_int8_end(&r), RECORD_INT8_OK);
	assert_memory_equal(again, packed8, nn_dense8_size(&arch));
	free(again);
}

static float ordinary(size_t k, size_t o)
{
	return formula_param(k * OUT + o, 1) * (float)(1 + o * o);
}

static void no_weight_is_farther_off_than_half_a_step(void **state)
{
	(void)state;
	fill(ordinary);
	check_close();
	check_record();
}

/*
 * Each output has its own scale: a small one keeps its precision beside a large
 * one.
 */
static float unequal(size_t k, size_t o)
{
	return ordinary(k, o) * powf(10, (float)o * 3 - 15);
}

static void outputs_have_scales_of_their_own(void **state)
{
	(void)state;
	fill(unequal);
	check_close();
	check_record();
}

static float zero(size_t k, size_t o)
{
	(void)k;
	return o % 2 ? -0.0f : 0.0f;
}

static void an_output_without_weights_has_the_smallest_scale(void **state)
{
	(void)state;
	fill(zero);
	for (size_t o = 0; o < OUT; o++) {
		assert_true(scale(o) == FLT_MIN);
		for (size_t k = 0; k < IN; k++)
			assert_int_equal(integer(k, o), 0);
	}
	check_record();
}

static float extreme(size_t k, size_t o)
{
	static const float values[OUT] = {
		FLT_MAX,      -FLT_MAX,	  FLT_MIN,	 -FLT_MIN,
		0x1p-149f,    -0x1p-149f, 127,		 -127,
		127.4f / 127, 0x1p-120f,  FLT_MIN * 127,
	};

	return k % 3 ? values[o] : -values[o];
}

static void extremes_stay_in_range(void **state)
{
	(void)state;
	fill(extreme);
	for (size_t o = 0; o < OUT; o++) {
		for (size_t k = 0; k < IN; k++) {
			double back = integer(k, o) * (double)scale(o);
			double was = (double)*weight(k, o);

			assert_in_range(integer(k, o) + 127, 0, 254);
			assert_true(fabs(back - was) <=
				    (double)scale(o) * (0.5 + 1e-5));
		}
	}
	assert_int_equal(integer(1, 0), 127);
	assert_int_equal(integer(0, 0), -127);
	assert_int_equal(integer(1, 1), -127);
	assert_int_equal(integer(1, 7), -127);
	check_record();
}

static void biases_stay_as_they_are(void **state)
{
	size_t run = 0;
	float *bias = packed + nn_packed_bias(&layers[0], 0, &run);

	(void)state;
	for (size_t o = 0; o < OUT; o++)
		bias[o] = formula_param(o, 7);
	fill(ordinary);
	assert_memory_equal(packed8 + nn_dense8_bias(&layers[0]), bias,
			    OUT * sizeof(*bias));
	check_record();
}

static void a_file_has_the_record_and_is_private(void **state)
{
	const char *path = scratch_path("record8");
	struct enc_error e = { 0 };
	uint8_t *again = calloc(1, nn_dense8_size(&arch));
	struct record_int8 r = { 0 };
	FILE *f = NULL;
	int c = 0;

	(void)state;
	fill(ordinary);
	assert_true(enc_quantize_write(&arch, packed8, path, &e));
	record_int8_begin(&r, &arch, again);
	f = fopen(path, "rb");
	while ((c = getc(f)) != EOF) {
		uint8_t byte = (uint8_t)c;

		record_int8_push(&r, &byte, 1);
	}
	fclose(f);
	assert_int_equal(record_int8_end(&r), RECORD_INT8_OK);
	assert_memory_equal(again, packed8, nn_dense8_size(&arch));
	free(again);
	assert_false(enc_quantize_write(&arch, packed8, scratch_dir, &e));
	assert_false(enc_quantize_write(&arch, packed8, "/dev/full", &e));
	assert_int_equal(scratch_count(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_weight_is_farther_off_than_half_a_step),
		cmocka_unit_test(outputs_have_scales_of_their_own),
		cmocka_unit_test(
			an_output_without_weights_has_the_smallest_scale),
		cmocka_unit_test(extremes_stay_in_range),
		cmocka_unit_test(biases_stay_as_they_are),
		cmocka_unit_test(a_file_has_the_record_and_is_private),
	};

	return cmocka_run_group_tests_name("quantize", tests, setup, teardown);
}
