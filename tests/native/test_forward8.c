/* SPDX-License-Identifier: Apache-2.0 */
/* The engine for 8-bit weights, compared with plain sums, bit for bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/forward.h"
#include "record/int8.h"
#include "testkit/test.h"
#include "tests/lib/formula.h"
#include "tests/lib/formula8.h"

#define IMAGES	   (2 * NN_BLOCK_IMAGES + 3)
#define GUARD	   64
#define GUARD_BYTE 0x5a

#if defined(__x86_64__) && !defined(__FMA__)
#define EPSILON 0 /* the compiler must not fuse this */
#else
#define EPSILON 1e-2f /* an activation may round the other way */
#endif

struct network {
	const struct nn_arch *arch;
	uint8_t *record;
	size_t len;
	uint8_t *packed;
};

static struct network network(const struct nn_arch *arch, uint64_t factor)
{
	struct network n = { .arch = arch };

	n.record = formula8_record(arch, factor, &n.len);
	n.packed = calloc(1, nn_dense8_size(arch));
	return n;
}

/* To be called after a test has changed the record. */
static void pack(struct network *n)
{
	struct record_int8 r = { 0 };

	record_int8_begin(&r, n->arch, n->packed);
	record_int8_push(&r, n->record, n->len);
	assert_int_equal(record_int8_end(&r), RECORD_INT8_OK);
}

static void free_network(struct network *n)
{
	free(n->packed);
	free(n->record);
}

/* With memory of exactly the size asked for, and a guard. */
static void logits_of(const struct network *n, const uint8_t *images,
		      size_t count, float *logits)
{
	size_t size = nn_work_size(n->arch, count);
	uint8_t *work = malloc(size + GUARD);

	memset(work, GUARD_BYTE, size + GUARD);
	nn_logits8(n->arch, n->packed, images, count, logits, work);
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(work[size + i], GUARD_BYTE);
	free(work);
}

static bool same(float a, float b)
{
	if (!EPSILON)
		return !memcmp(&a, &b, sizeof(a));
	return fabsf(a - b) <= EPSILON * (1 + fabsf(b));
}

/* Compares a batch and single images with the plain sums. */
static void check_images(const struct network *n, const uint8_t *images)
{
	const size_t in = nn_inputs(n->arch);
	const size_t out = nn_outputs(n->arch);
	float *batch = calloc(IMAGES * out, sizeof(*batch));
	float *single = calloc(IMAGES * out, sizeof(*single));
	float *plain = calloc(IMAGES * out, sizeof(*plain));

	formula8_logits(n->arch, n->record, images, IMAGES, plain);
	for (size_t i = 0; i < IMAGES; i++)
		logits_of(n, images + i * in, 1, single + i * out);
	logits_of(n, images, IMAGES, batch);
	assert_memory_equal(batch, single, IMAGES * out * sizeof(*batch));
	for (size_t i = 0; i < IMAGES * out; i++) {
		if (!same(batch[i], plain[i]))
			fail_msg("%zu to %zu, image %zu, output %zu: %.9g, "
				 "expected %.9g",
				 in, out, i / out, i % out, (double)batch[i],
				 (double)plain[i]);
	}
	free(batch);
	free(single);
	free(plain);
}

static void check_arch(const struct nn_arch *arch)
{
	const size_t in = nn_inputs(arch);
	struct network n = network(arch, 1);
	uint8_t *images = calloc(IMAGES, in);

	pack(&n);
	for (size_t i = 0; i < IMAGES * in; i++)
		images[i] = (uint8_t)(i * 2654435761u >> 7);
	check_images(&n, images);
	free(images);
	free_network(&n);
}

static void logits_are_those_of_plain_sums(void **state)
{
	(void)state;
	check_arch(&nn_mnist);
}

static void any_batch_gives_the_bits_of_single_images(void **state)
{
	static uint8_t images[IMAGES][784];
	float batch[IMAGES][10];
	float single[IMAGES][10];
	struct network n = network(&nn_mnist, 3);

	(void)state;
	pack(&n);
	for (size_t k = 0; k < IMAGES; k++) {
		formula_image(k, images[k]);
		logits_of(&n, images[k], 1, single[k]);
	}
	for (size_t count = 0; count <= IMAGES; count++) {
		memset(batch, 0xff, sizeof(batch));
		logits_of(&n, images[0], count, batch[0]);
		assert_memory_equal(batch, single, count * sizeof(batch[0]));
	}
	free_network(&n);
}

/* Widths around those of steps, groups, tiles and padding. */
static void any_stack_of_layers_works(void **state)
{
	static const uint32_t widths[][3] = {
		{ 1, 1, 1 },	  { 3, 5, 2 },	     { 4, 8, 9 },
		{ 15, 16, 17 },	  { 17, 15, 33 },    { 31, 32, 63 },
		{ 257, 7, 8 },	  { 255, 63, 15 },   { 784, 64, 10 },
		{ 512, 65, 63 },  { 513, 127, 129 }, { 1000, 130, 7 },
		{ 2, 1000, 300 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		for (int relu = 0; relu < 2; relu++) {
			const struct nn_layer layers[] = {
				{ "a", widths[i][0], widths[i][1], !relu },
				{ "b", widths[i][1], widths[i][2], relu },
			};
			const struct nn_arch arch = { layers, 2, 0.1307f,
						      0.3081f };

			check_arch(&arch);
		}
	}
}

/* Each of 65,535 products is 127 * 127, or else each is 127 * -127. */
static void the_largest_sums_have_room(void **state)
{
	static const struct nn_layer layers[] = { { "a", 65535, 2, false } };
	const struct nn_arch arch = { layers, 1, 0, 1 };
	struct network n = network(&arch, 1);
	uint8_t *images = malloc(IMAGES * 65535);

	(void)state;
	memset(n.record + formula8_tensor(&arch, 0, 2), 127, 65535);
	memset(n.record + formula8_tensor(&arch, 0, 2) + 65535, -127, 65535);
	pack(&n);
	memset(images, 255, IMAGES * 65535);
	check_images(&n, images);
	free(images);
	free_network(&n);
}

/*
 * Activations halfway between two integers; the second layer shows how they
 * were rounded.
 */
static void halves_are_rounded_to_even(void **state)
{
	static const struct nn_layer layers[] = { { "a", 1, 8, false },
						  { "b", 8, 8, false } };
	const struct nn_arch arch = { layers, 2, 0, 1 };
	const float activations[8] = { 127,   0.5f,  1.5f,  2.5f,
				       -0.5f, -1.5f, -2.5f, 3 };
	const float rounded[8] = { 127, 0, 2, 2, 0, -2, -2, 3 };
	const float one = 1;
	struct network n = network(&arch, 1);
	uint8_t images[IMAGES] = { 0 };
	float logits[8] = { 0 };

	(void)state;
	memset(n.record + formula8_tensor(&arch, 0, 2), 0, 8);
	memcpy(n.record + formula8_tensor(&arch, 0, 1), activations,
	       sizeof(activations));
	memset(n.record + formula8_tensor(&arch, 1, 1), 0,
	       8 * sizeof(float) + 64);
	for (size_t o = 0; o < 8; o++) {
		memcpy(n.record + formula8_tensor(&arch, 1, 0) + 4 * o, &one,
		       sizeof(one));
		n.record[formula8_tensor(&arch, 1, 2) + 9 * o] = 1;
	}
	pack(&n);
	logits_of(&n, images, 1, logits);
	assert_memory_equal(logits, rounded, sizeof(rounded));
	check_images(&n, images);
	free_network(&n);
}

/* An image equal to the mean, so zeros after normalisation; and black ones. */
static void images_without_anything_work(void **state)
{
	static const struct nn_layer layers[] = { { "a", 40, 9, true },
						  { "b", 9, 3, false } };
	const struct nn_arch arch = { layers, 2, 0, 1 };
	struct network n = network(&arch, 1);
	uint8_t images[IMAGES * 40] = { 0 };

	(void)state;
	pack(&n);
	check_images(&n, images);
	for (size_t i = 0; i < IMAGES; i++)
		images[40 * i + i] = (uint8_t)(1 + i);
	check_images(&n, images);
	free_network(&n);
}

static const struct nn_layer loose_layers[] = { { "a", 20, 5, false },
						{ "b", 5, 3, true } };
static const struct nn_arch loose = { loose_layers, 2, 0.1307f, 0.3081f };

/* A network whose first layer has this scale for each output. */
static struct network scaled(float scale)
{
	struct network n = network(&loose, 1);

	for (size_t o = 0; o < 5; o++)
		memcpy(n.record + formula8_tensor(&loose, 0, 0) + 4 * o, &scale,
		       sizeof(scale));
	pack(&n);
	return n;
}

static void make_images(uint8_t images[IMAGES * 20])
{
	for (size_t i = 0; i < IMAGES * 20; i++)
		images[i] = (uint8_t)(i * 77);
}

static void extremes_are_no_exception(void **state)
{
	static const float scales[] = { 0x1p-126f, 1e-30f, 1e30f };
	uint8_t images[IMAGES * 20] = { 0 };

	(void)state;
	make_images(images);
	for (size_t i = 0; i < COUNT(scales); i++) {
		struct network n = scaled(scales[i]);

		check_images(&n, images);
		free_network(&n);
	}
}

/* An infinite value between two layers makes the logits not finite. */
static void an_overflow_comes_out(void **state)
{
	struct network n = scaled(0x1p127f);
	uint8_t images[IMAGES * 20] = { 0 };
	float logits[IMAGES * 3] = { 0 };

	(void)state;
	make_images(images);
	logits_of(&n, images, IMAGES, logits);
	for (size_t i = 0; i < COUNT(logits); i++)
		assert_true(!isfinite(logits[i]));
	for (size_t i = 0; i < IMAGES; i++) {
		logits_of(&n, images + i * 20, 1, logits);
		assert_true(!isfinite(logits[0]));
	}
	free_network(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logits_are_those_of_plain_sums),
		cmocka_unit_test(any_batch_gives_the_bits_of_single_images),
		cmocka_unit_test(any_stack_of_layers_works),
		cmocka_unit_test(the_largest_sums_have_room),
		cmocka_unit_test(halves_are_rounded_to_even),
		cmocka_unit_test(images_without_anything_work),
		cmocka_unit_test(extremes_are_no_exception),
		cmocka_unit_test(an_overflow_comes_out),
	};

	return cmocka_run_group_tests_name("forward8", tests, NULL, NULL);
}
