/* SPDX-License-Identifier: Apache-2.0 */
/* The engine, compared with real Burn's logits and with plain sums. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/forward.h"
#include "nn/label.h"
#include "record/write/pack.h"
#include "testkit/plain.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"

#define IMAGES	   (2 * NN_BLOCK_IMAGES + 3)
#define IMAGE	   784
#define CLASSES	   10
#define GUARD	   64
#define GUARD_BYTE 0x5a

#if defined(__x86_64__) && !defined(__FMA__)
#define EPSILON 0 /* the compiler must not fuse this */
#else
#define EPSILON 1e-6f
#endif

static float from_bits(uint32_t bits)
{
	float v = 0;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* nn_logits() with memory of exactly the size asked for, and a guard. */
static void logits_of(const struct nn_arch *arch, const float *params,
		      const uint8_t *images, size_t n, float *logits)
{
	size_t size = nn_work_size(arch, n);
	uint8_t *work = aligned_alloc(16, size + GUARD);
	float *packed = malloc(nn_packed_count(arch) * sizeof(*packed));

	memset(work, GUARD_BYTE, size + GUARD);
	record_pack(arch, params, packed);
	nn_logits(arch, packed, images, n, logits, work);
	free(packed);
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(work[size + i], GUARD_BYTE);
	free(work);
}

static void logits_are_burns(void **state)
{
	uint8_t images[FORMULA_IMAGES][IMAGE];
	float logits[FORMULA_IMAGES][CLASSES] = { { 0 } };
	float *params = formula_params(1);

	(void)state;
	for (size_t k = 0; k < FORMULA_IMAGES; k++)
		formula_image(k, images[k]);
	logits_of(&nn_mnist, params, images[0], FORMULA_IMAGES, logits[0]);
	for (size_t k = 0; k < FORMULA_IMAGES; k++) {
		for (size_t c = 0; c < CLASSES; c++) {
			float burn = from_bits(formula_logits[k][c]);

			if (!(fabsf(logits[k][c] - burn) <= 1e-6f))
				fail_msg("image %zu, class %zu: %.9g, Burn "
					 "says %.9g",
					 k, c, (double)logits[k][c],
					 (double)burn);
		}
	}
	free(params);
}

static void a_batch_gives_the_bits_of_single_images(void **state)
{
	static uint8_t images[IMAGES][IMAGE];
	float batch[IMAGES][CLASSES];
	float single[IMAGES][CLASSES];
	float *params = formula_params(1);

	(void)state;
	for (size_t k = 0; k < IMAGES; k++) {
		formula_image(k, images[k]);
		logits_of(&nn_mnist, params, images[k], 1, single[k]);
	}
	for (size_t n = 0; n <= IMAGES; n++) {
		memset(batch, 0xff, sizeof(batch));
		logits_of(&nn_mnist, params, images[0], n, batch[0]);
		assert_memory_equal(batch, single, n * sizeof(batch[0]));
	}
	free(params);
}

/*
 * Equal to the bit if both round once after multiplying and adding, or both
 * round twice. A compiler may choose differently for the two.
 */
static bool same(float a, float b)
{
	return fabsf(a - b) <= EPSILON * (1 + fabsf(b));
}

static void check_arch(const struct nn_arch *arch)
{
	size_t in = nn_inputs(arch);
	size_t out = nn_outputs(arch);
	float *params = calloc(nn_param_count(arch), sizeof(*params));
	uint8_t *images = calloc(IMAGES, in);
	float *logits = calloc(IMAGES * out, sizeof(*logits));
	float *plain = calloc(IMAGES * out, sizeof(*plain));
	float *work = calloc(plain_work(arch), sizeof(*work));

	for (size_t i = 0; i < nn_param_count(arch); i++)
		params[i] = formula_param(i, 1) * 8;
	for (size_t i = 0; i < IMAGES * in; i++)
		images[i] = (uint8_t)(i * 2654435761u >> 7);
	logits_of(arch, params, images, IMAGES, logits);
	plain_logits(arch, params, images, IMAGES, plain, work);
	for (size_t i = 0; i < IMAGES * out; i++) {
		if (!same(logits[i], plain[i]))
			fail_msg("%zu to %zu, image %zu, output %zu: "
				 "%.9g, expected %.9g",
				 in, out, i / out, i % out, (double)logits[i],
				 (double)plain[i]);
	}
	free(params);
	free(images);
	free(logits);
	free(plain);
	free(work);
}

/* Widths around those of the tiles, and sums around the block of 256. */
static void any_stack_of_layers_works(void **state)
{
	static const uint32_t widths[][3] = {
		{ 1, 1, 1 },	 { 3, 5, 2 },	    { 257, 7, 8 },
		{ 256, 8, 9 },	 { 255, 63, 15 },   { 784, 64, 10 },
		{ 512, 65, 63 }, { 513, 127, 129 }, { 1000, 130, 7 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		const struct nn_layer layers[] = {
			{ "a", widths[i][0], widths[i][1], true },
			{ "b", widths[i][1], widths[i][2], false },
		};
		const struct nn_arch arch = { layers, 2, 0.1307f, 0.3081f };

		check_arch(&arch);
	}
}

static void the_label_is_the_largest_logit(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < CLASSES; c++) {
		float logits[CLASSES] = { -5, -4, -3, -100, 0,
					  1,  2,  3,  -87,  -1e30f };
		uint8_t label = 99;

		logits[c] = 4;
		assert_true(nn_label(logits, CLASSES, &label));
		assert_int_equal(label, c);
	}
}

/* Burn takes the first of equal probabilities, after softmax has rounded. */
static void ties_go_to_the_first(void **state)
{
	const float equal[] = { 1, 7, 7, 2 };
	const float merged[] = { 1, 0x1.bffffep2f, 7, 2 }; /* one ulp apart */
	const float apart[] = { 1, 0x1.bfff00p2f, 7, 2 };
	uint8_t label = 99;

	(void)state;
	assert_true(nn_label(equal, 4, &label));
	assert_int_equal(label, 1);
	assert_true(nn_label(apart, 4, &label));
	assert_int_equal(label, 2);
	/* e^-4.8e-7 rounds to 1 - 8 * 2^-24, so these two stay apart */
	assert_true(nn_label(merged, 4, &label));
	assert_int_equal(label, 2);
	/* and e^-2^-26 rounds to 1 */
	assert_true(nn_label((const float[]){ -0x1p-26f, 0 }, 2, &label));
	assert_int_equal(label, 0);
}

static void a_logit_that_is_not_finite_gives_no_label(void **state)
{
	const float bad[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		for (uint32_t c = 0; c < CLASSES; c++) {
			float logits[CLASSES] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
			uint8_t label = 99;

			logits[c] = bad[i];
			assert_false(nn_label(logits, CLASSES, &label));
			assert_int_equal(label, 99);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logits_are_burns),
		cmocka_unit_test(a_batch_gives_the_bits_of_single_images),
		cmocka_unit_test(any_stack_of_layers_works),
		cmocka_unit_test(the_label_is_the_largest_logit),
		cmocka_unit_test(ties_go_to_the_first),
		cmocka_unit_test(a_logit_that_is_not_finite_gives_no_label),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
