/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits as people have them, on paper, large, anywhere: what is told of them.
 * They are MNIST's own, drawn anew.
 */
#include <stb/stb_image_write.h>

#include "host/image/idx.h"
#include "host/image/look.h"
#include "tests/lib/picture.h"

#define WIDTH  600u /* of the paper */
#define HEIGHT 800u
#define DIGITS 10u
#define IMAGES "tests/data/t10k-images-idx3-ubyte.gz"
#define LABELS "tests/data/t10k-labels-idx1-ubyte.gz"

static uint8_t digits[DIGITS][ENC_IMAGE_PIXELS]; /* samples/N.bin */
static uint8_t paper[WIDTH * HEIGHT];

static int setup(void **state)
{
	struct enc_error e = { 0 };

	for (char d = 0; d < (char)DIGITS; d++) {
		char path[] = "samples/0.bin";

		path[8] = (char)('0' + d);
		if (!enc_image_load_raw(path, digits[(size_t)d], &e))
			return -1;
	}
	return scratch_setup(state);
}

/*
 * A digit in `ink` on paper that is empty but for what is on it already: each
 * of its pixels a square, sharp like a pen's stroke.
 */
static void draw(const uint8_t *digit, uint32_t left, uint32_t top,
		 uint32_t square, uint8_t ink)
{
	const uint32_t side = ENC_IMAGE_SIDE * square;

	assert_true(left + side <= WIDTH && top + side <= HEIGHT);
	for (uint32_t y = 0; y < side; y++)
		for (uint32_t x = 0; x < side; x++)
			if (digit[y / square * ENC_IMAGE_SIDE + x / square] >
			    110)
				paper[(top + y) * WIDTH + left + x] = ink;
}

static void draw_on(uint8_t level, const uint8_t *digit, uint8_t ink)
{
	memset(paper, level, sizeof(paper));
	draw(digit, 230, 60, 13, ink);
}

static const char *save(void)
{
	const char *path = scratch_path("drawn.png");

	assert_true(stbi_write_png(path, WIDTH, HEIGHT, 1, paper, WIDTH));
	return path;
}

/* The paper as opacity of one colour. */
static const char *save_alpha(uint8_t colour)
{
	static uint8_t pixels[WIDTH * HEIGHT][4];
	const char *path = scratch_path("alpha.png");

	for (size_t i = 0; i < sizeof(paper); i++) {
		memset(pixels[i], colour, 3);
		pixels[i][3] = paper[i];
	}
	assert_true(stbi_write_png(path, WIDTH, HEIGHT, 4, pixels, 4 * WIDTH));
	return path;
}

static void assert_found(struct enc_image_found found, const char *expected)
{
	char text[64] = "";

	snprintf(text, sizeof(text), "%s%s%s%s%s", found.light ? "light " : "",
		 found.faint ? "faint " : "", found.hidden ? "hidden " : "",
		 found.stray ? "stray " : "", found.no_end ? "no end " : "");
	assert_string_equal(text, expected);
}

/* --- What is told ------------------------------------------------------ */

static void of_a_digit_like_those_of_mnist_nothing_is_told(void **state)
{
	static uint8_t images[500][ENC_IMAGE_PIXELS];
	static uint8_t labels[500];
	struct enc_error e = { 0 };
	struct enc_idx *idx = enc_idx_open(IMAGES, LABELS, &e);
	size_t told = 0;
	size_t n = 0;

	(void)state;
	assert_non_null(idx);
	do {
		assert_true(enc_idx_next(idx, images[0], labels, 500, &n, &e));
		for (size_t i = 0; i < n; i++) {
			struct enc_image_found found = { 0 };

			look(images[i], &found);
			assert_found(found, "");
			for (size_t k = 0; k < ENC_IMAGE_PIXELS; k++)
				images[i][k] = (uint8_t)(255 - images[i][k]);
			look(images[i], &found);
			assert_found(found, "light ");
			told++;
		}
	} while (n);
	assert_int_equal(told, 10000);
	enc_idx_close(idx);
}

static void a_digit_on_white_paper_is_told_as_dark_on_light(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		draw_on(255, digits[d], 0);
		assert_found(accept(save(), px), "light ");
		draw_on(150, digits[d], 70); /* grey paper, a pencil */
		assert_found(accept(save(), px), "light ");
	}
}

static void its_negative_is_told_as_out_of_place(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		draw_on(0, digits[d], 255);
		assert_found(accept(save(), px), "stray ");
		assert_found(accept_with(&inverted, save(), px), "light ");
		draw_on(255, digits[d], 0);
		assert_found(accept_with(&inverted, save(), px), "stray ");
	}
}

static void a_digit_in_the_alpha_channel_is_told_as_hidden(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	draw_on(0, digits[5], 255);
	assert_found(accept(save_alpha(0), px), "faint hidden ");
	assert_found(accept_with(&inverted, save_alpha(0), px), "stray ");
	assert_found(accept(save_alpha(255), px), "stray ");
	assert_found(accept_with(&inverted, save_alpha(255), px),
		     "faint hidden ");
}

static void an_empty_sheet_is_told_as_faint(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (int level = 0; level < 256; level += 51) {
		memset(paper, level, sizeof(paper));
		assert_found(accept(save(), px), "faint ");
		for (size_t i = 0; i < sizeof(paper); i++)
			paper[i] = (uint8_t)(paper[i] ^ (i * i * 7 % 11));
		assert_found(accept(save(), px), "faint ");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			of_a_digit_like_those_of_mnist_nothing_is_told),
		cmocka_unit_test(
			a_digit_on_white_paper_is_told_as_dark_on_light),
		cmocka_unit_test(its_negative_is_told_as_out_of_place),
		cmocka_unit_test(
			a_digit_in_the_alpha_channel_is_told_as_hidden),
		cmocka_unit_test(an_empty_sheet_is_told_as_faint),
	};

	return cmocka_run_group_tests_name("drawn", tests, setup,
					   scratch_teardown);
}
