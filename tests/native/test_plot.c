/* SPDX-License-Identifier: Apache-2.0 */
#include <cairo.h>

#include "host/base/file.h"
#include "host/image/plot.h"
#include "tests/lib/scratch.h"

/* One of 10,000 zeros was classified as a three; there are no other digits. */
static uint32_t counts[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES] = {
	[0] = { [0] = 9999, [3] = 1 },
};

static const uint32_t (*matrix(void))[ENC_PLOT_CLASSES]
{
	return (const uint32_t(*)[ENC_PLOT_CLASSES])counts;
}

static void only_png_and_svg_are_drawn(void **state)
{
	static const char *const good[] = { "a.png", "a.SVG", "x.y.b.Png" };
	static const char *const bad[] = { "a.pdf",  "png", ".png", "a.png/",
					   "a.svgz", "",    "a.pn" };
	struct enc_error e = { 0 };
	size_t before = scratch_count();

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(enc_plot_check(scratch_path(good[i]), &e));
	assert_int_equal(scratch_count(), before);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(enc_plot_check(bad[i], &e));
		assert_error(e, ENC_ERR_UNSUPPORTED, "cannot draw this kind");
		assert_non_null(strstr(e.hint, ".png or .svg"));
	}
	assert_false(enc_plot_check(scratch_path("no/a.png"), &e));
	assert_error(e, ENC_ERR_IO, "no/a.png: cannot create: No such file");
	assert_false(enc_plot_confusion("a.pdf", matrix(), &e));
	assert_error(e, ENC_ERR_UNSUPPORTED, "a.pdf: cannot draw");
}

/* The colour of the pixel in the corner of a cell, as 0xRRGGBB. */
static uint32_t cell_colour(cairo_surface_t *s, size_t row, size_t col)
{
	const uint8_t *px = cairo_image_surface_get_data(s);
	int stride = cairo_image_surface_get_stride(s);
	size_t x = (84 + 50 * col + 5) * 2;
	size_t y = (92 + 50 * row + 5) * 2;
	uint32_t v = 0;

	memcpy(&v, px + y * (size_t)stride + 4 * x, sizeof(v));
	return v & 0xffffff;
}

static void a_png_has_the_colours_of_the_counts(void **state)
{
	const char *path = scratch_path("m.png");
	cairo_surface_t *s = NULL;
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_plot_confusion(path, matrix(), &e));
	s = cairo_image_surface_create_from_png(path);
	assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
	assert_int_equal(cairo_image_surface_get_width(s), 1280);
	assert_int_equal(cairo_image_surface_get_height(s), 1384);
	/*
	 * Rows are true digits. Right is blue, wrong is orange, empty is nearly
	 * white.
	 */
	assert_in_range(cell_colour(s, 0, 0) & 0xff, 0x90, 0xb0);
	assert_in_range(cell_colour(s, 0, 0) >> 16, 0, 0x10);
	assert_in_range(cell_colour(s, 0, 3) & 0xff, 0xc0, 0xe8);
	assert_in_range(cell_colour(s, 0, 3) >> 16, 0xf0, 0xff);
	assert_int_equal(cell_colour(s, 3, 0) & 0xf0f0f0, 0xf0f0f0);
	assert_int_equal(cell_colour(s, 9, 9) & 0xf0f0f0, 0xf0f0f0);
	cairo_surface_destroy(s);
}

static void an_svg_is_whole(void **state)
{
	const char *path = scratch_path("m.svg");
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_true(enc_plot_confusion(path, matrix(), &e));
	assert_true(enc_file_read(path, 1 << 24, &data, &len, &e));
	assert_memory_equal(data, "<?xml", 5);
	assert_memory_equal(data + len - 7, "</svg>\n", 7);
	free(data);
}

/* Nothing classified; and counts that hardly fit a cell. */
static void any_counts_can_be_drawn(void **state)
{
	static const uint32_t none[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES];
	static uint32_t many[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES];
	struct enc_error e = { 0 };

	(void)state;
	memset(many, 0xff, sizeof(many));
	assert_true(enc_plot_confusion(scratch_path("m.png"), none, &e));
	assert_true(enc_plot_confusion(
		scratch_path("m.svg"),
		(const uint32_t(*)[ENC_PLOT_CLASSES])many, &e));
}

static void a_missing_folder_is_an_error(void **state)
{
	size_t before = scratch_count();
	struct enc_error e = { 0 };

	(void)state;
	assert_false(
		enc_plot_confusion(scratch_path("no/m.png"), matrix(), &e));
	assert_error(e, ENC_ERR_IO, "cannot create: No such file");
	assert_int_equal(scratch_count(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_png_and_svg_are_drawn),
		cmocka_unit_test(a_png_has_the_colours_of_the_counts),
		cmocka_unit_test(an_svg_is_whole),
		cmocka_unit_test(any_counts_can_be_drawn),
		cmocka_unit_test(a_missing_folder_is_an_error),
	};

	return cmocka_run_group_tests_name("plot", tests, scratch_setup,
					   scratch_teardown);
}
