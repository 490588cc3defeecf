/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits as people draw them: on paper, large, anywhere. Tests the notices
 * about them, and the network's answers once they are inverted and fitted. They
 * are MNIST's own digits, redrawn.
 */
#include <stb/stb_image_write.h>

#include "host/image/fit.h"
#include "host/image/idx.h"
#include "host/image/look.h"
#include "host/record/check.h"
#include "nn/forward.h"
#include "nn/label.h"
#include "tests/lib/picture.h"

#define WIDTH  600u /* of the paper */
#define HEIGHT 800u
#define DIGITS 10u
#define IMAGES "tests/data/t10k-images-idx3-ubyte.gz"
#define LABELS "tests/data/t10k-labels-idx1-ubyte.gz"

static const struct enc_image_options fitted = { .fit = true };
static const struct enc_image_options both = { .invert = true, .fit = true };

static uint8_t digits[DIGITS][ENC_IMAGE_PIXELS]; /* samples/N.bin */
static uint8_t paper[WIDTH * HEIGHT];
static struct enc_record_file record;
static void *work;

static int setup(void **state)
{
	struct enc_error e = { 0 };

	for (char d = 0; d < (char)DIGITS; d++) {
		char path[] = "samples/0.bin";

		path[8] = (char)('0' + d);
		if (!enc_image_load_raw(path, digits[(size_t)d],
					ENC_IMAGE_PIXELS, &e))
			return -1;
	}
	work = aligned_alloc(16, nn_work_size(&nn_mnist, 1));
	if (!work ||
	    !enc_record_read(&nn_mnist, "models/mnist.bin", &record, &e))
		return -1;
	return scratch_setup(state);
}

static int teardown(void **state)
{
	enc_record_file_free(&record);
	free(work);
	return scratch_teardown(state);
}

static uint8_t label(const uint8_t px[ENC_IMAGE_PIXELS])
{
	float logits[DIGITS] = { 0 };
	uint8_t answer = 255;

	nn_logits(&nn_mnist, record.packed, px, 1, logits, work);
	assert_true(nn_label(logits, DIGITS, &answer));
	return answer;
}

/*
 * A digit in `ink` on the paper, over whatever is there. Each of its pixels
 * becomes a square, sharp like a pen's stroke.
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
	const char *path = scratch_path("drawn.bmp");

	assert_true(stbi_write_bmp(path, WIDTH, HEIGHT, 1, paper));
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

/* --- Notices ----------------------------------------------------------- */

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
		for (size_t i = 0; i < sizeof(paper); i++) /* light from left */
			paper[i] = (uint8_t)(paper[i] + 20 - i % WIDTH / 30);
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
		for (size_t i = 0; i < sizeof(paper); i++)
			paper[i] = (uint8_t)(level * 9 / 10 +
					     (int)(i % WIDTH) / 30);
		assert_found(accept(save(), px), "faint ");
	}
}

/* --- Fitted ------------------------------------------------------------ */

static void assert_labels(const char *how, const char *path,
			  const struct enc_image_options *options, size_t d)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	accept_with(options, path, px);
	if (label(px) != d)
		fail_msg("%s, %zu: label %d", how, d, label(px));
}

static void ten_digits_on_white_paper_get_their_labels(void **state)
{
	static const uint32_t places[][3] = {
		/* left, top, size of one MNIST pixel */
		{ 230, 60, 13 }, { 0, 0, 20 },	  { 460, 650, 5 },
		{ 5, 700, 3 },	 { 20, 130, 20 },
	};

	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		for (size_t i = 0; i < COUNT(places); i++) {
			memset(paper, 255, sizeof(paper));
			draw(digits[d], places[i][0], places[i][1],
			     places[i][2], 0);
			assert_labels("on white", save(), &both, d);
		}
	}
}

static void so_do_they_in_other_colours_and_files(void **state)
{
	const char *jpeg = scratch_path("drawn.jpg");

	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		draw_on(0, digits[d], 255);
		assert_labels("white on black", save(), &fitted, d);
		assert_labels("dark alpha", save_alpha(0), &both, d);
		assert_labels("light alpha", save_alpha(255), &fitted, d);
		draw_on(170, digits[d], 100);
		for (size_t i = 0; i < sizeof(paper); i++)
			paper[i] = (uint8_t)(paper[i] + i * i * 7 % 17);
		assert_labels("grey paper", save(), &both, d);
		assert_true(stbi_write_jpg(jpeg, WIDTH, HEIGHT, 1, paper, 40));
		assert_labels("a JPEG", jpeg, &both, d);
	}
}

/* Dust and lines of other writing are not part of a digit. */
static void specks_do_not_count(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		draw_on(255, digits[d], 0);
		for (uint32_t i = 0; i < 12; i++)
			memset(paper + (20 + i * 63) * WIDTH + i * 211 % 580, 0,
			       9);
		assert_labels("with specks", save(), &both, d);
	}
}

/* A fitted picture stays as it is, except for rounding. */
static void a_digit_of_mnist_is_hardly_changed(void **state)
{
	static uint8_t images[500][ENC_IMAGE_PIXELS];
	static uint8_t labels[500];
	struct enc_error e = { 0 };
	struct enc_idx *idx = enc_idx_open(IMAGES, LABELS, &e);
	size_t before = 0;
	size_t after = 0;
	size_t n = 0;

	(void)state;
	assert_non_null(idx);
	assert_true(enc_idx_next(idx, images[0], labels, 500, &n, &e));
	assert_int_equal(n, 500);
	enc_idx_close(idx);
	for (size_t i = 0; i < n; i++) {
		uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

		before += label(images[i]) == labels[i];
		assert_true(fit_digit(images[i], ENC_IMAGE_SIDE, ENC_IMAGE_SIDE,
				      px, "", &e));
		after += label(px) == labels[i];
	}
	print_message("of 500: %zu right, fitted %zu\n", before, after);
	assert_true(after + 3 >= before);
}

/*
 * 20 pixels high or wide, with the centre of mass within half a pixel of (14,
 * 14).
 */
static void assert_placed(const uint8_t *px)
{
	uint32_t edges[2][2] = { { 27, 0 }, { 27, 0 } };
	uint32_t moment[2] = { 0, 0 };
	uint32_t mass = 0;
	uint32_t most = 0;

	for (uint32_t i = 0; i < ENC_IMAGE_PIXELS; i++) {
		const uint32_t at[2] = { i % 28, i / 28 };

		mass += px[i];
		for (size_t k = 0; px[i] && k < 2; k++) {
			uint32_t *edge = edges[k];

			moment[k] += px[i] * at[k];
			edge[0] = at[k] < edge[0] ? at[k] : edge[0];
			edge[1] = at[k] > edge[1] ? at[k] : edge[1];
			most = edge[1] - edge[0] + 1 > most ?
				       edge[1] - edge[0] + 1 :
				       most;
		}
	}
	assert_int_equal(most, 20);
	for (size_t k = 0; k < 2; k++)
		assert_in_range(moment[k], 13.5 * mass, 14.5 * mass);
}

static void what_is_fitted_has_the_margins_of_mnist(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t d = 0; d < DIGITS; d++) {
		draw_on(255, digits[d], 0);
		accept_with(&both, save(), px);
		assert_placed(px);
	}
}

/* Lines and dots: all that is known of them is that they are lighter. */
static void any_shape_is_fitted(void **state)
{
	static const uint32_t shapes[][4] = {
		/* left, top, width, height */
		{ 0, 0, 1, 1 },	    { 599, 799, 1, 1 }, { 0, 400, 600, 1 },
		{ 300, 0, 1, 800 }, { 599, 0, 1, 800 }, { 100, 100, 400, 600 },
		{ 10, 10, 580, 9 },
	};
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++) {
		const uint32_t *s = shapes[i];

		memset(paper, 0, sizeof(paper));
		for (uint32_t y = 0; y < s[3]; y++)
			memset(paper + (s[1] + y) * WIDTH + s[0], 255, s[2]);
		accept_with(&fitted, save(), px);
		assert_int_equal(px[14 * 28 + 14], 255);
	}
}

static void nothing_to_be_fitted_is_refused(void **state)
{
	struct enc_image_found found = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (int level = 0; level < 256; level += 51) {
		memset(paper, level, sizeof(paper));
		refuse_with(&fitted, save(), ENC_ERR_FORMAT,
			    "drawn.bmp: has no digit that is lighter than "
			    "its background");
		refuse_with(&both, save(), ENC_ERR_FORMAT, "has no digit");
	}
	draw_on(255, digits[5], 0);
	assert_false(enc_image_load(save(), &fitted, px, &found, &e));
	assert_error(e, ENC_ERR_FORMAT, "has no digit");
	assert_non_null(strstr(e.hint, "try --invert"));
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
		cmocka_unit_test(ten_digits_on_white_paper_get_their_labels),
		cmocka_unit_test(so_do_they_in_other_colours_and_files),
		cmocka_unit_test(specks_do_not_count),
		cmocka_unit_test(a_digit_of_mnist_is_hardly_changed),
		cmocka_unit_test(what_is_fitted_has_the_margins_of_mnist),
		cmocka_unit_test(any_shape_is_fitted),
		cmocka_unit_test(nothing_to_be_fitted_is_refused),
	};

	return cmocka_run_group_tests_name("drawn", tests, setup, teardown);
}
