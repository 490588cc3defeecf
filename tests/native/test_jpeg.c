/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JPEGs as cameras write them: rotated by EXIF, or truncated. The files are
 * assembled from the output of stb_image_write.
 */
#include <stb/stb_image_write.h>

#include "host/image/picture.h"
#include "tests/lib/picture.h"

#define SIDE 28u

static uint8_t pattern[SIDE * SIDE];

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i / SIDE * 7 + (i % SIDE > 9 ? 60 : 0));
	return scratch_setup(state);
}

static void put_be16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Levels of grey as a nearly lossless JPEG. */
static size_t write_jpeg(const uint8_t *grey, int width, int height,
			 uint8_t *file, size_t max)
{
	const char *path = scratch_path("i.jpg");

	assert_true(stbi_write_jpg(path, width, height, 1, grey, 100));
	return slurp(path, file, max);
}

/* Writes a JPEG with an extra segment behind SOI. */
static const char *with_segment(const uint8_t *file, size_t len, uint8_t marker,
				const uint8_t *content, size_t n)
{
	static uint8_t longer[16384];

	assert_true(len + n + 4 <= sizeof(longer));
	memcpy(longer, file, 2);
	longer[2] = 0xff;
	longer[3] = marker;
	put_be16(longer + 4, n + 2);
	memcpy(longer + 6, content, n);
	memcpy(longer + 6 + n, file + 2, len - 2);
	return scratch_write("i.jpg", longer, len + n + 4);
}

/* --- EXIF -------------------------------------------------------------- */

enum {
	TOP,
	BOTTOM,
	LEFT,
	RIGHT
};

/* EXIF 2.3, 4.6.4 A: the side of the picture where row 0 and column 0 are. */
static const int sides[9][2] = { { 0, 0 },	   { TOP, LEFT },
				 { TOP, RIGHT },   { BOTTOM, RIGHT },
				 { BOTTOM, LEFT }, { LEFT, TOP },
				 { RIGHT, TOP },   { RIGHT, BOTTOM },
				 { LEFT, BOTTOM } };

/* A line of pixels, and its distance from the side where counting starts. */
static size_t from_side(int side, size_t n, size_t length)
{
	return side == TOP || side == LEFT ? n : length - 1 - n;
}

/*
 * The stored pixels for which a viewer shows `upright`, width * height pixels.
 * With the rows at the top or bottom, a stored row is as long as a row of it,
 * else as a column.
 */
static void store(const uint8_t *upright, size_t width, size_t height,
		  unsigned int orientation, uint8_t *stored)
{
	const int *side = sides[orientation];
	const bool lying = side[0] == LEFT || side[0] == RIGHT;
	const size_t rows = lying ? width : height;
	const size_t columns = lying ? height : width;

	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < columns; c++) {
			const size_t a = from_side(side[0], r, rows);
			const size_t b = from_side(side[1], c, columns);

			stored[r * columns + c] =
				upright[lying ? b * width + a : a * width + b];
		}
	}
}

/* A TIFF file of one directory with two entries; this is the second one. */
#define TIFF 38u
static size_t make_exif(bool big, unsigned int orientation, uint8_t *exif)
{
	static const uint8_t little_end[6 + TIFF] = {
		"Exif\0\0II*\0\10\0\0\0\2\0"
		"\x0f\1\2\0\4\0\0\0CAM\0"
		"\x12\1\3\0\1\0\0\0\0\0\0\0"
	};
	static const uint8_t big_end[6 + TIFF] = { "Exif\0\0MM\0*\0\0\0\10\0\2"
						   "\1\x0f\0\2\0\0\0\4CAM\0"
						   "\1\x12\0\3\0\0\0\1" };

	memcpy(exif, big ? big_end : little_end, 6 + TIFF);
	exif[big ? 37 : 36] = (uint8_t)orientation;
	return 6 + TIFF;
}

/* Compression changes a level a little. */
static void assert_close(const uint8_t *px, const uint8_t *expected)
{
	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++)
		if (abs(px[i] - expected[i]) > 6)
			fail_msg("pixel %zu is %d, expected %d", i, px[i],
				 expected[i]);
}

static void the_orientation_of_exif_is_followed(void **state)
{
	uint8_t stored[SIDE * SIDE] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t exif[6 + TIFF] = { 0 };
	static uint8_t file[8192];

	(void)state;
	for (unsigned int o = 1; o <= 8; o++) {
		size_t len = 0;

		store(pattern, SIDE, SIDE, o, stored);
		len = write_jpeg(stored, SIDE, SIDE, file, sizeof(file));
		for (unsigned int big = 0; big < 2; big++) {
			size_t n = make_exif(big, o, exif);

			accept(with_segment(file, len, 0xe1, exif, n), px);
			assert_close(px, pattern);
		}
	}
}

/* A picture that is not square: it keeps its shape when rotated and fitted. */
static void what_is_fitted_is_turned_first(void **state)
{
	static const struct enc_image_options fitted = { .fit = true };
	static uint8_t upright[90 * 150];
	static uint8_t stored[sizeof(upright)];
	static uint8_t file[16000];
	uint8_t expected[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t exif[6 + TIFF] = { 0 };

	(void)state;
	/* A 7: 40 pixels wide, 70 high. */
	for (size_t y = 30; y < 100; y++)
		for (size_t x = 20; x < 60; x++)
			if (y < 42 || x > 48)
				upright[y * 90 + x] = 255;
	write_jpeg(upright, 90, 150, file, sizeof(file));
	accept_with(&fitted, scratch_path("i.jpg"), expected);
	for (unsigned int o = 1; o <= 8; o++) {
		const bool lying = o > 4;
		size_t len = 0;

		store(upright, 90, 150, o, stored);
		len = write_jpeg(stored, lying ? 150 : 90, lying ? 90 : 150,
				 file, sizeof(file));
		accept_with(&fitted,
			    with_segment(file, len, 0xe1, exif,
					 make_exif(o % 2, o, exif)),
			    px);
		for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++)
			assert_in_range(px[i] + 40, expected[i],
					expected[i] + 80);
	}
}

/* Only one good entry rotates a picture; everything else does no harm. */
static void damaged_exif_is_none(void **state)
{
	static const struct {
		uint8_t at, value;
	} changes[] = {
		{ 3, 'F' },   { 6, 'M' }, { 8, 43 }, { 10, 200 },  { 11, 1 },
		{ 13, 0x80 }, { 14, 0 },  { 14, 1 }, { 28, 0x13 }, { 30, 4 },
		{ 32, 2 },    { 36, 0 },  { 36, 9 }, { 37, 1 },
	};
	static uint8_t file[8192];
	const size_t len = write_jpeg(pattern, SIDE, SIDE, file, sizeof(file));
	uint8_t exif[6 + TIFF] = { 0 };
	uint8_t turned[SIDE * SIDE] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	const size_t n = make_exif(false, 3, exif);

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		make_exif(false, 3, exif);
		exif[changes[i].at] = changes[i].value;
		accept(with_segment(file, len, 0xe1, exif, n), px);
		assert_close(px, pattern);
	}
	make_exif(false, 3, exif);
	for (size_t cut = 0; cut < 40; cut++) { /* within its entry */
		accept(with_segment(file, len, 0xe1, exif, cut), px);
		assert_close(px, pattern);
	}
	accept(with_segment(file, len, 0xe2, exif, n), px); /* not APP1 */
	assert_close(px, pattern);
	/*
	 * The maximum number of entries in a directory: the second one counts.
	 */
	exif[14] = exif[15] = 255;
	store(pattern, SIDE, SIDE, 3, turned);
	accept(with_segment(file, len, 0xe1, exif, n), px);
	assert_close(px, turned);
}

/* --- Truncated --------------------------------------------------------- */

/* However much is cut off, the picture is the same, or it is refused. */
static void only_the_end_may_be_missing(const uint8_t *file, size_t len)
{
	uint8_t whole[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	assert_false(accept(scratch_write("i.jpg", file, len), whole).no_end);
	for (size_t n = 0; n < len; n++) {
		const char *path = scratch_write("cut.jpg", file, n);
		struct enc_image_found found = { 0 };
		struct enc_error e = { 0 };

		if (enc_image_load(path, &as_it_is, px, &found, &e)) {
			assert_true(found.no_end);
			assert_memory_equal(px, whole, sizeof(px));
		} else {
			assert_int_equal(e.code, ENC_ERR_FORMAT);
			assert_true(n < len - 2); /* the end itself */
		}
	}
}

static void a_jpeg_that_lacks_only_its_end_is_taken(void **state)
{
	static uint8_t grey[40 * 30];
	static uint8_t file[8192];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(grey); i++)
		grey[i] = (uint8_t)(i * i);
	len = write_jpeg(grey, 40, 30, file, sizeof(file));
	only_the_end_may_be_missing(file, len);
	assert_true(stbi_write_jpg(scratch_path("i.jpg"), 40, 30, 1, grey, 50));
	len = slurp(scratch_path("i.jpg"), file, sizeof(file));
	only_the_end_may_be_missing(file, len);
}

static size_t find(const uint8_t *file, size_t len, uint8_t marker)
{
	const uint8_t what[2] = { 0xff, marker };
	const uint8_t *at = memmem(file, len, what, 2);

	assert_non_null(at);
	return (size_t)(at - file);
}

/*
 * Eight blocks in a row, with a restart marker between neighbours. They are the
 * data between SOS and EOI of eight pictures of one block.
 */
static size_t make_restarts(uint8_t *file, size_t max)
{
	static const uint8_t interval[] = { 0xff, 0xdd, 0, 4, 0, 1 };
	uint8_t one[2048] = { 0 };
	size_t at = 0;

	for (uint8_t i = 0; i < 8; i++) {
		uint8_t block[64] = { 0 };
		size_t len = 0;
		size_t sos = 0;

		for (size_t k = 0; k < sizeof(block); k++)
			block[k] = (uint8_t)(k * k * (i + 3u));
		len = write_jpeg(block, 8, 8, one, sizeof(one));
		sos = find(one, len, 0xda);
		if (!i) {
			put_be16(one + find(one, len, 0xc0) + 7, 64);
			memcpy(file, one, sos);
			memcpy(file + sos, interval, sizeof(interval));
			memcpy(file + sos + sizeof(interval), one + sos, 14);
			at = sos + sizeof(interval) + 14;
		} else {
			file[at++] = 0xff;
			file[at++] = (uint8_t)(0xd0 + (i - 1) % 8);
		}
		assert_true(at + len - sos <= max);
		memcpy(file + at, one + sos + 14, len - sos - 16);
		at += len - sos - 16;
	}
	file[at++] = 0xff;
	file[at++] = 0xd9;
	return at;
}

/* A thumbnail is a JPEG of its own, in a segment before the scan. */
static void the_end_of_a_thumbnail_is_not_the_end(void **state)
{
	static uint8_t file[8192];
	static uint8_t thumb[2048];
	const size_t len = write_jpeg(pattern, SIDE, SIDE, file, sizeof(file));
	const size_t thumb_len =
		write_jpeg(pattern, 8, 8, thumb, sizeof(thumb));
	const char *both = with_segment(file, len, 0xe1, thumb, thumb_len);

	(void)state;
	assert_int_equal(slurp(both, file, sizeof(file)), len + 4 + thumb_len);
	only_the_end_may_be_missing(file, len + 4 + thumb_len);
}

static void a_jpeg_cut_at_a_restart_marker_is_refused(void **state)
{
	static uint8_t file[8192];

	(void)state;
	only_the_end_may_be_missing(file, make_restarts(file, sizeof(file)));
}

static bool can_be_ended(const uint8_t *file, size_t len)
{
	struct picture p = { .file = malloc(len), .len = len };
	bool ok = false;

	assert_non_null(p.file);
	memcpy(p.file, file, len);
	ok = jpeg_end(&p);
	assert_int_equal(p.no_end, ok);
	free(p.file);
	return ok;
}

/* With more than one scan, the missing part cannot be known. */
static void another_kind_of_jpeg_needs_its_end(void **state)
{
	static uint8_t file[8192];
	const size_t len =
		write_jpeg(pattern, SIDE, SIDE, file, sizeof(file)) - 2;
	const size_t sof = find(file, len, 0xc0);
	const size_t sos = find(file, len, 0xda);

	(void)state;
	assert_true(can_be_ended(file, len));
	file[sof + 1] = 0xc1; /* extended sequential */
	assert_true(can_be_ended(file, len));
	file[sof + 1] = 0xc2; /* progressive */
	assert_false(can_be_ended(file, len));
	refuse(scratch_write("i.jpg", file, len), ENC_ERR_FORMAT,
	       "a truncated image");
	file[sof + 1] = 0xc0;
	file[sos + 4]--; /* components in the scan */
	assert_false(can_be_ended(file, len));
	file[sos + 4]++;
	file[sof + 6] = 0; /* height, to be given behind the scan */
	assert_false(can_be_ended(file, len));
	file[sof + 6] = SIDE;
	file[len - 2] = 0xff; /* a segment behind the scan */
	file[len - 1] = 0xfe;
	assert_false(can_be_ended(file, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_orientation_of_exif_is_followed),
		cmocka_unit_test(what_is_fitted_is_turned_first),
		cmocka_unit_test(damaged_exif_is_none),
		cmocka_unit_test(a_jpeg_that_lacks_only_its_end_is_taken),
		cmocka_unit_test(the_end_of_a_thumbnail_is_not_the_end),
		cmocka_unit_test(a_jpeg_cut_at_a_restart_marker_is_refused),
		cmocka_unit_test(another_kind_of_jpeg_needs_its_end),
	};

	return cmocka_run_group_tests_name("jpeg", tests, setup,
					   scratch_teardown);
}
