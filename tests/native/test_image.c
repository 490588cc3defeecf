/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG, BMP and JPEG files come from stb_image_write. Those that it cannot write
 * are assembled by hand (with zlib, as PNG requires).
 */
#include <fcntl.h>
#include <malloc.h>
#include <stb/stb_image_write.h>
#include <sys/resource.h>
#include <zlib.h>

#include "tests/lib/picture.h"

static uint8_t pattern[ENC_IMAGE_PIXELS];

static int setup(void **state)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 37 + i / 28 * 11);
	return scratch_setup(state);
}

/* Every pixel is within `tolerance` of `value`. */
static void assert_flat(const uint8_t *px, int value, int tolerance)
{
	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++)
		if (abs(px[i] - value) > tolerance)
			fail_msg("pixel %zu is %d, expected %d", i, px[i],
				 value);
}

static void test_raw(void **state)
{
	static const uint8_t bytes[785] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_image_load_raw(scratch_write("r", pattern, 784), px,
				       ENC_IMAGE_PIXELS, &e));
	assert_memory_equal(px, pattern, 784);
	assert_false(enc_image_load_raw(scratch_write("r", bytes, 783), px,
					ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_FORMAT, "r: 783 bytes, a raw image has 784");
	assert_false(enc_image_load_raw(scratch_write("r", bytes, 785), px,
					ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_FORMAT, "r: more than 784 bytes");
	assert_false(enc_image_load_raw(scratch_write("r", bytes, 0), px,
					ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_FORMAT, "r: 0 bytes");
	assert_false(enc_image_load_raw(scratch_path("no"), px,
					ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_IO, "cannot open");
	assert_false(enc_image_load_raw(".", px, ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_IO, ".: cannot read: Is a directory");
}

/* --- 28 x 28 of 8-bit grey comes out bit for bit ----------------------- */

static const char *write_pgm(const char *header, const void *data, size_t len)
{
	uint8_t file[4096] = { 0 };
	size_t n = strlen(header);

	assert_true(n + len <= sizeof(file));
	memcpy(file, header, n);
	memcpy(file + n, data, len);
	return scratch_write("i.pgm", file, n + len);
}

static void test_identical(void **state)
{
	static uint8_t rgba[ENC_IMAGE_PIXELS][4];
	const char *png = scratch_path("i.png");
	const char *bmp = scratch_path("i.bmp");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	assert_true(stbi_write_png(png, 28, 28, 1, pattern, 28));
	accept(png, px);
	assert_memory_equal(px, pattern, 784);
	accept(write_pgm("P5 28 28 255\n", pattern, 784), px);
	assert_memory_equal(px, pattern, 784);
	assert_true(stbi_write_bmp(bmp, 28, 28, 1, pattern));
	accept(bmp, px); /* written as R = G = B */
	assert_memory_equal(px, pattern, 784);
	/* grey as colour, and opaque */
	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++) {
		memset(rgba[i], pattern[i], 3);
		rgba[i][3] = 255;
	}
	assert_true(stbi_write_png(png, 28, 28, 4, rgba, 112));
	accept(png, px);
	assert_memory_equal(px, pattern, 784);
}

static void invert_turns_dark_to_light(void **state)
{
	const char *png = scratch_path("i.png");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	assert_true(stbi_write_png(png, 28, 28, 1, pattern, 28));
	accept_with(&inverted, png, px);
	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++)
		assert_int_equal(px[i], 255 - pattern[i]);
}

/* --- Formats ------------------------------------------------------------ */

static void test_luma(void **state)
{
	static const struct {
		uint8_t rgb[3];
		int grey;
	} cases[] = {
		{ { 255, 255, 255 }, 255 }, { { 0, 0, 0 }, 0 },
		{ { 255, 0, 0 }, 76 },	    { { 0, 255, 0 }, 149 },
		{ { 0, 0, 255 }, 28 },
	};
	static uint8_t rgb[50 * 40][3];
	const char *path = scratch_path("i");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t k = 0; k < 50 * 40; k++)
			memcpy(rgb[k], cases[i].rgb, 3);
		assert_true(stbi_write_png(path, 50, 40, 3, rgb, 150));
		accept(path, px);
		assert_flat(px, cases[i].grey, 1);
		assert_true(stbi_write_bmp(path, 50, 40, 3, rgb));
		accept(path, px);
		assert_flat(px, cases[i].grey, 1);
		assert_true(stbi_write_jpg(path, 50, 40, 3, rgb, 95));
		accept(path, px);
		assert_flat(px, cases[i].grey, 4);
	}
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static size_t png_chunk(uint8_t *out, const char *type, const void *data,
			size_t len)
{
	put_be32(out, (uint32_t)len);
	memcpy(out + 4, type, 4);
	memcpy(out + 8, data, len);
	put_be32(out + 8 + len,
		 (uint32_t)crc32(0, out + 4, (unsigned int)(len + 4)));
	return len + 12;
}

/*
 * A PNG of any size, depth and colour type; `raw` are its filtered rows. For
 * colour type 3, a palette of 16 greys from 0 to 255.
 */
static const char *write_png(uint32_t w, uint32_t h, uint8_t depth,
			     uint8_t type, const uint8_t *raw, size_t len)
{
	uLongf packed_len = compressBound(len);
	uint8_t *packed = malloc(packed_len);
	uint8_t *file = malloc(packed_len + 256);
	uint8_t header[13] = { 0 };
	uint8_t palette[48] = { 0 };
	size_t at = 8;
	const char *path = NULL;

	assert_non_null(packed);
	assert_non_null(file);
	assert_int_equal(compress2(packed, &packed_len, raw, len, 9), Z_OK);
	memcpy(file, "\x89PNG\r\n\x1a\n", 8);
	put_be32(header, w);
	put_be32(header + 4, h);
	header[8] = depth;
	header[9] = type;
	at += png_chunk(file + at, "IHDR", header, sizeof(header));
	for (size_t i = 0; i < sizeof(palette); i++)
		palette[i] = (uint8_t)(i / 3 * 17);
	if (type == 3)
		at += png_chunk(file + at, "PLTE", palette, sizeof(palette));
	at += png_chunk(file + at, "IDAT", packed, packed_len);
	at += png_chunk(file + at, "IEND", "", 0);
	path = scratch_write("i.png", file, at);
	free(packed);
	free(file);
	return path;
}

/* On black paper, or on white paper and inverted: 0 where it is transparent. */
static void transparent_is_background(void **state)
{
	static const struct {
		uint8_t level, opacity, plain, inverted;
	} cases[] = {
		{ 255, 255, 255, 0 }, { 255, 0, 0, 0 },	  { 0, 0, 0, 0 },
		{ 0, 255, 0, 255 },   { 255, 90, 90, 0 }, { 0, 90, 0, 90 },
		{ 100, 51, 20, 31 },
	};
	static uint8_t grey[30 * 30][2];
	static uint8_t colour[30 * 30][4];
	static uint8_t deep[30 * (1 + 30 * 4)];
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *paths[3] = { scratch_path("ga.png"),
					 scratch_path("rgba.png"), NULL };

		for (size_t k = 0; k < COUNT(grey); k++) {
			grey[k][0] = cases[i].level;
			grey[k][1] = cases[i].opacity;
			memset(colour[k], cases[i].level, 3);
			colour[k][3] = cases[i].opacity;
			for (size_t b = 0; b < 4; b++)
				deep[k / 30 * 121 + 1 + k % 30 * 4 + b] =
					grey[k][b / 2];
		}
		assert_true(stbi_write_png(paths[0], 30, 30, 2, grey, 60));
		assert_true(stbi_write_png(paths[1], 30, 30, 4, colour, 120));
		paths[2] = write_png(30, 30, 16, 4, deep, sizeof(deep));
		for (size_t k = 0; k < COUNT(paths); k++) {
			accept(paths[k], px);
			assert_flat(px, cases[i].plain, 0);
			accept_with(&inverted, paths[k], px);
			assert_flat(px, cases[i].inverted, 0);
		}
	}
}

/*
 * All grey and palette depths of PNG: 40 x 30 pixels, all alike. Where there is
 * opacity, it has the same value as the level.
 */
static void test_png_depths(void **state)
{
	static const struct {
		uint8_t depth, type, byte;
		int grey;
	} cases[] = {
		{ 1, 0, 0xff, 255 }, { 2, 0, 0x55, 85 },   { 4, 0, 0x99, 153 },
		{ 8, 0, 100, 100 },  { 16, 0, 0x80, 128 }, { 4, 3, 0x33, 51 },
		{ 8, 3, 9, 153 },    { 16, 2, 0x40, 64 },  { 8, 4, 77, 23 },
		{ 16, 6, 0x20, 4 },
	};
	static uint8_t raw[30 * (1 + 40 * 8)];
	static const size_t channels[] = { 1, 0, 3, 1, 2, 0, 4 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t row = 40 * channels[cases[i].type] * cases[i].depth / 8;

		memset(raw, cases[i].byte, sizeof(raw));
		for (size_t y = 0; y < 30; y++)
			raw[y * (row + 1)] = 0; /* filter: none */
		accept(write_png(40, 30, cases[i].depth, cases[i].type, raw,
				 30 * (row + 1)),
		       px);
		assert_flat(px, cases[i].grey, 0);
	}
}

static void test_pgm_depths(void **state)
{
	static const struct {
		const char *header;
		uint8_t high, low; /* of a pixel; low: only if two bytes */
		int grey;
	} cases[] = {
		{ "P5 28 28 1\n", 1, 1, 255 },
		{ "P5\n28 28\n15\n", 5, 5, 85 },
		{ "P5\n# made by hand\n28 # width\n28\n100\n", 50, 50, 128 },
		{ "P5 28 28 255\n", 200, 200, 200 },
		{ "P5 28 28 255\t", 255, 255, 255 },
		{ "P5 28 28 15\n", 99, 99, 255 }, /* over white */
		{ "P5 28 28 65535\n", 0x80, 0x00, 128 },
		{ "P5 28 28 65535\n", 0x00, 0x80, 0 },
		{ "P5 28 28 1000\n", 0x01, 0xf4, 128 },
		{ "P5 28 28 256\n", 0x01, 0x00, 255 },
	};
	uint8_t data[2 * ENC_IMAGE_PIXELS] = { 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = k % 2 ? cases[i].low : cases[i].high;
		accept(write_pgm(cases[i].header, data, sizeof(data)), px);
		assert_flat(px, cases[i].grey, 0);
	}
	refuse(write_pgm("P5 28 28 0\n", data, 784), ENC_ERR_FORMAT,
	       "the maximum of a PGM is 1 to 65535");
	refuse(write_pgm("P5 28 28 65536\n", data, 1568), ENC_ERR_FORMAT,
	       "the maximum of a PGM");
	refuse(write_pgm("P5 28 28", "", 0), ENC_ERR_FORMAT,
	       "the maximum of a PGM");
	refuse(write_pgm("P5 28 28 255\n", data, 783), ENC_ERR_FORMAT,
	       "a damaged image (bad PNM)");
	refuse(write_pgm("P5 28 28 65535\n", data, 1567), ENC_ERR_FORMAT,
	       "a damaged image (bad PNM)");
	refuse(write_pgm("P5 0 28 255\n", data, 784), ENC_ERR_FORMAT,
	       "i.pgm: ");
	refuse(write_pgm("P5 5000000 28 255\n", data, 784), ENC_ERR_LIMIT,
	       "5000000 x 28 pixels, more than 16384 a side");
	refuse(write_pgm("P6 28 28 255\n", data, 1000), ENC_ERR_FORMAT,
	       "not a PNG, JPEG, BMP or PGM image");
}

/* --- Resizing ----------------------------------------------------------- */

/* 56 x 56 in two halves: both keep their place, with one edge between. */
/* The picture of a P2 with two pixels, of the greys given, 14 columns each. */
static void accept_plain(const char *text, int left, int right)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	accept(scratch_write("i.pgm", text, strlen(text)), px);
	for (size_t y = 0; y < 28; y++) {
		assert_int_equal(px[28 * y], left);
		assert_int_equal(px[28 * y + 27], right);
	}
}

static void test_plain_pgm(void **state)
{
	static const struct {
		const char *text;
		enum enc_error_code code;
		const char *message;
	} bad[] = {
		{ "P2", ENC_ERR_FORMAT, "not a PNG, JPEG, BMP or PGM image" },
		{ "P22 1 9 1 2", ENC_ERR_FORMAT, "not a PNG, JPEG, BMP or" },
		{ "P2 2 1", ENC_ERR_FORMAT, "the maximum of a PGM is 1 to" },
		{ "P2 2 1 0 0 0", ENC_ERR_FORMAT, "the maximum of a PGM" },
		{ "P2 2 1 65536 0 0", ENC_ERR_FORMAT, "the maximum of a" },
		{ "P2 2 1 4294967297 0 0", ENC_ERR_FORMAT, "the maximum" },
		{ "P2 2 1 -9 1 2", ENC_ERR_FORMAT, "the maximum of a PGM" },
		{ "P2 0 1 9 1 2", ENC_ERR_FORMAT, "without pixels" },
		{ "P2 16385 1 9 1 2", ENC_ERR_LIMIT, "16385 x 1 pixels" },
		{ "P2 4294967297 1 9 1", ENC_ERR_LIMIT, "1000000 x 1 pixels" },
		{ "P2 5000 5000 9 1 2", ENC_ERR_FORMAT, "a truncated image" },
		{ "P2 2 1 9 1", ENC_ERR_FORMAT, "a level of grey is missing" },
		{ "P2 2 1 9 1 #2", ENC_ERR_FORMAT, "a level of grey is miss" },
		{ "P2 2 1 9 1 10", ENC_ERR_FORMAT, "or over the maximum" },
		{ "P2 2 1 9 1 4294967296", ENC_ERR_FORMAT, "or over the max" },
		{ "P2 2 1 9 1 -2", ENC_ERR_FORMAT, "a level of grey is miss" },
		{ "P2 2 1 9 1,2", ENC_ERR_FORMAT, "a level of grey is miss" },
		{ "P2 2 1 9 1 2 3", ENC_ERR_FORMAT, "goes on after its last" },
		{ "P2 2 1 9 1 2x", ENC_ERR_FORMAT, "goes on after its last" },
	};

	(void)state;
	accept_plain("P2 2 1 255 7 200", 7, 200);
	accept_plain("P2\n# made by hand\n2 1 # size\n1\n0 1\n", 0, 255);
	accept_plain("P2#\r2\t1\f15#\n5#five\n00015 # white", 85, 255);
	accept_plain("P2 2 1 65535 32768 65535\n\n", 128, 255);
	accept_plain("P2 2 1 1000 500 2", 128, 1);
	for (size_t i = 0; i < COUNT(bad); i++)
		refuse(scratch_write("i.pgm", bad[i].text, strlen(bad[i].text)),
		       bad[i].code, bad[i].message);
}

static void test_triangle(void **state)
{
	static uint8_t big[56 * 56];
	const char *path = scratch_path("i.png");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i % 56 < 28 ? 0 : 200;
	assert_true(stbi_write_png(path, 56, 56, 1, big, 56));
	accept(path, px);
	for (size_t y = 0; y < 28; y++) {
		const uint8_t *row = px + 28 * y;

		assert_int_equal(row[0], 0);
		assert_int_equal(row[12], 0);
		/* A triangle 4 pixels wide: 1/8 of it lies over the edge. */
		assert_in_range(row[13], 24, 26);
		assert_in_range(row[14], 174, 176);
		assert_int_equal(row[15], 200);
		assert_int_equal(row[27], 200);
	}
}

/* Smaller, longer and wider than the square. */
static void test_shapes(void **state)
{
	static const int shapes[][2] = { { 1, 1 },   { 2, 3 },	   { 27, 29 },
					 { 28, 1 },  { 16384, 1 }, { 1, 16384 },
					 { 3000, 7 } };
	static uint8_t grey[3000 * 7];
	const char *path = scratch_path("i.png");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	memset(grey, 123, sizeof(grey));
	for (size_t i = 0; i < COUNT(shapes); i++) {
		assert_true(stbi_write_png(path, shapes[i][0], shapes[i][1], 1,
					   grey, shapes[i][0]));
		accept(path, px);
		assert_flat(px, 123, 0);
	}
}

/* --- Bad files ---------------------------------------------------------- */

static void test_not_an_image(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_image_found found = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	refuse(scratch_write("x", "", 0), ENC_ERR_FORMAT, "x: is empty");
	refuse(scratch_write("x", "hello", 5), ENC_ERR_FORMAT,
	       "not a PNG, JPEG, BMP or PGM image");
	refuse(scratch_write("x", "BM", 2), ENC_ERR_FORMAT, "truncated");
	refuse(scratch_write("x", "\x89PNG\r\n\x1a\n", 8), ENC_ERR_FORMAT,
	       "damaged");
	refuse(scratch_write("x", "\xff\xd8\xff\xe0", 4), ENC_ERR_FORMAT,
	       "damaged");
	refuse(scratch_path("no"), ENC_ERR_IO, "no: cannot open");
	assert_false(enc_image_load(scratch_write("x", pattern, 784), &as_it_is,
				    px, &found, &e));
	assert_non_null(strstr(e.hint, "`enc_mnist infer --binary` takes"));
}

static void another_format_is_named(void **state)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *name;
	} cases[] = {
		{ "GIF87a\1\0\1\0", 10, "GIF" },
		{ "GIF89a\1\0\1\0", 10, "GIF" },
		{ "RIFF\x24\0\0\0WEBPVP8 ", 16, "WebP" },
		{ "\0\0\0\30ftypheic\0\0\0\0", 16, "HEIC" },
		{ "\0\0\0\30ftypmif1\0\0\0\0", 16, "HEIF" },
		{ "\0\0\0\30ftypavif\0\0\0\0", 16, "AVIF" },
		{ "II*\0\x08\0\0\0", 8, "TIFF" },
		{ "MM\0*\0\0\0\x08", 8, "TIFF" },
		{ "\xff\n\xfa\x7f", 4, "JPEG XL" },
		{ "\0\0\0\14JXL \r\n\x87\n", 12, "JPEG XL" },
		{ "\0\0\0\14jP  \r\n\x87\n", 12, "JPEG 2000" },
		{ "8BPS\0\1", 6, "Photoshop" },
		{ "%PDF-1.7\n", 9, "PDF" },
		{ "<svg xmlns=", 11, "SVG" },
		{ "<?xml version='1.0'?>\n<!-- . -->\n<svg>", 39, "SVG" },
		{ "P1\n1 1\n0\n", 9, "PBM" },
		{ "P4\n1 1\n\0", 8, "PBM" },
		{ "P3\n1 1\n1\n0 0 0", 13, "PPM" },
		{ "P6\n1 1\n1\n\0\0\0", 12, "PPM" },
	};
	char message[96] = "";

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(message, sizeof(message),
			 "x: a %s file, not a PNG, JPEG, BMP or PGM image",
			 cases[i].name);
		refuse(scratch_write("x", cases[i].magic, cases[i].len),
		       ENC_ERR_FORMAT, message);
		refuse(scratch_write("x", cases[i].magic, 3), ENC_ERR_FORMAT,
		       "not a PNG, JPEG, BMP or PGM image");
	}
}

/* A truncated file is refused, wherever it ends, not filled with grey. */
static void truncate_all(const char *path)
{
	static uint8_t file[16384];
	size_t len = slurp(path, file, sizeof(file));

	for (size_t n = 0; n < len; n++)
		refuse(scratch_write("cut", file, n), ENC_ERR_FORMAT, "");
}

static void test_truncated(void **state)
{
	static uint8_t grey[40 * 30];
	const char *path = scratch_path("i");

	(void)state;
	for (size_t i = 0; i < sizeof(grey); i++)
		grey[i] = (uint8_t)(i * i);
	assert_true(stbi_write_png(path, 40, 30, 1, grey, 40));
	truncate_all(path);
	assert_true(stbi_write_bmp(path, 40, 30, 1, grey));
	truncate_all(path);
}

static void test_damaged(void **state)
{
	static uint8_t raw[28 * 29];
	const char *path = write_png(28, 28, 8, 0, raw, sizeof(raw) - 1);

	(void)state;
	refuse(path, ENC_ERR_FORMAT, "a damaged image (not enough pixels)");
	refuse(write_png(28, 28, 3, 0, raw, sizeof(raw)), ENC_ERR_FORMAT,
	       "a damaged image");
	raw[0] = 9; /* no such filter */
	refuse(write_png(28, 28, 8, 0, raw, sizeof(raw)), ENC_ERR_FORMAT,
	       "a damaged image");
}

/*
 * A JPEG of three components with a scan of the second only. The first, which
 * is the grey, is never written, and must not show old memory contents.
 */
static void test_missing_scan(void **state)
{
	static const uint8_t scan[] = {
		0xff, 0xda, 0, 8, 1, 2, 0x11, 0, 63, 0
	};
	const char *path = scratch_path("i");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t file[4096] = { 0 };
	size_t len = 0;
	uint8_t *sos = NULL;

	(void)state;
	assert_true(stbi_write_jpg(path, 28, 28, 1, pattern, 80));
	len = slurp(path, file, sizeof(file));
	sos = memmem(file, len, scan, 2);
	assert_non_null(sos);
	memcpy(sos, scan, sizeof(scan));
	mallopt(M_PERTURB, 0x5a);
	accept(scratch_write("i", file, len), px);
	mallopt(M_PERTURB, 0);
	assert_flat(px, 0, 0);
}

static __attribute__((noinline)) void dirty_stack(void)
{
	uint8_t dirt[100000];

	memset(dirt, 0x5a, sizeof(dirt));
	__asm__ volatile("" : : "r"(dirt) : "memory");
}

/* A colour index beyond the palette is read as black. */
static void test_missing_colours(void **state)
{
	/* 8 x 1 pixels of 8 bits, one palette entry */
	static const uint8_t bmp[] = "BM\0\0\0\0\0\0\0\0\x3a\0\0\0"
				     "\x28\0\0\0\x08\0\0\0\x01\0\0\0"
				     "\x01\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0"
				     "\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\0"
				     "\7\7\7\7\7\7\7\7";
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t raw[28 * 29] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = i % 29 ? 16 : 0; /* 16 there are */
	dirty_stack();
	accept(write_png(28, 28, 8, 3, raw, sizeof(raw)), px);
	assert_flat(px, 0, 0);
	dirty_stack();
	accept(scratch_write("i", bmp, sizeof(bmp) - 1), px);
	assert_flat(px, 0, 0);
}

/* Runs with so little memory that a decompression bomb fails. */
static void with_little_memory(void (*what)(void))
{
#ifdef MEMORY_IS_SHADOWED
	what();
#else
	struct rlimit old = { 0 };
	struct rlimit small = { 0 };

	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	small = old;
	small.rlim_cur = 64u << 20;
	assert_int_equal(setrlimit(RLIMIT_AS, &small), 0);
	what();
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
#endif
}

static void refuse_bombs(void)
{
	static const uint8_t little[1000];

	refuse(write_png(20000, 20000, 8, 0, little, sizeof(little)),
	       ENC_ERR_LIMIT,
	       "20000 x 20000 pixels, more than 16384 a side or 50 million");
	refuse(write_png(16384, 16384, 1, 0, little, sizeof(little)),
	       ENC_ERR_LIMIT, "16384 x 16384 pixels, more than");
	refuse(write_png(16385, 1, 8, 0, little, sizeof(little)), ENC_ERR_LIMIT,
	       "16385 x 1 pixels, more than");
	refuse(write_png(7072, 7072, 8, 0, little, sizeof(little)),
	       ENC_ERR_LIMIT, "7072 x 7072 pixels, more than");
	refuse(write_png(0x7fffffff, 0x7fffffff, 16, 6, little, 1000),
	       ENC_ERR_LIMIT, "2147483647 x 2147483647 pixels, more than");
	refuse(write_png(0xffffffff, 1, 16, 6, little, 1000), ENC_ERR_LIMIT,
	       "4294967295 x 1 pixels, more than");
	refuse(write_png(20000, 20000, 16, 6, little, 1000), ENC_ERR_LIMIT,
	       "20000 x 20000 pixels, more than");
}

/* A small picture, followed by 16 MB of compressed zeros. */
static void refuse_long_stream(void)
{
	refuse(scratch_path("i.png"), ENC_ERR_MEMORY,
	       "needs more memory than there is, or than its size allows");
}

static void test_bombs(void **state)
{
	const size_t len = 16u << 20;
	uint8_t *zeros = calloc(1, len);

	(void)state;
	with_little_memory(refuse_bombs);
	assert_non_null(zeros);
	write_png(28, 28, 8, 0, zeros, len);
	refuse_long_stream();
	/* Within the limits, but with fewer pixels than its header says. */
	refuse(write_png(4000, 4000, 8, 0, zeros, 1000), ENC_ERR_FORMAT,
	       "a damaged image (not enough pixels)");
	free(zeros);
}

/* A BMP may claim any height: the most negative one has no negation. */
static void test_bmp_header(void **state)
{
	static uint8_t file[54 + 28 * 84 + 1];
	const char *path = scratch_path("i.bmp");
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	const size_t len = sizeof(file) - 1;

	(void)state;
	assert_true(stbi_write_bmp(path, 28, 28, 1, pattern));
	assert_int_equal(slurp(path, file, sizeof(file)), len);
	memcpy(file + 22, "\xe4\xff\xff\xff", 4); /* -28: top row first */
	accept(scratch_write("i.bmp", file, len), px);
	assert_memory_equal(px, pattern + 27 * 28, 28);
	assert_memory_equal(px + 27 * 28, pattern, 28);
	memcpy(file + 22, "\0\0\0\x80", 4);
	refuse(scratch_write("i.bmp", file, len), ENC_ERR_LIMIT,
	       "28 x 2147483648 pixels");
	memcpy(file + 22, "\x1d\0\0\0", 4); /* one row more than there is */
	refuse(scratch_write("i.bmp", file, len), ENC_ERR_FORMAT,
	       "a truncated image");
	memcpy(file + 22, "\0\0\0\0", 4);
	refuse(scratch_write("i.bmp", file, len), ENC_ERR_FORMAT, "i.bmp: ");
}

static void put_le(uint8_t *p, unsigned int bytes, uint32_t v)
{
	for (unsigned int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* 28 x 28 pixels of 16 bits: the pattern, in as many bits of green as given. */
static const char *write_bmp16(uint32_t header, uint32_t gap, bool six)
{
	static const uint32_t masks[2][3] = { { 0x7c00, 0x3e0, 0x1f },
					      { 0xf800, 0x7e0, 0x1f } };
	static uint8_t file[256 + 2 * ENC_IMAGE_PIXELS];
	const uint32_t end = 14 + header + (six && header == 40 ? 12 : 0);
	const uint32_t offset = end + gap;

	memset(file, 0, sizeof(file));
	memcpy(file, "BM", 2);
	put_le(file + 10, 4, offset);
	put_le(file + 14, 4, header);
	put_le(file + 18, 4, 28);
	put_le(file + 22, 4, 28);
	put_le(file + 26, 2, 1);
	put_le(file + 28, 2, 16);
	put_le(file + 30, 4, six ? 3 : 0);
	for (size_t i = 0; i < 3; i++)
		put_le(file + 54 + 4 * i, 4, masks[six][i]);
	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++) {
		const uint32_t v = pattern[(27 - i / 28) * 28 + i % 28];

		put_le(file + offset + 2 * i, 2,
		       six ? v >> 3 << 11 | v >> 2 << 5 | v >> 3 :
			     v >> 3 << 10 | v >> 3 << 5 | v >> 3);
	}
	return scratch_write("i.bmp", file, offset + 2 * ENC_IMAGE_PIXELS);
}

/* Five or six bits of green, in each header with room for masks. */
static void a_bmp_of_16_bits_is_read(void **state)
{
	static const uint32_t headers[] = { 40, 52, 56, 108, 124 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	for (size_t i = 0; i < 4 * COUNT(headers); i++) {
		accept(write_bmp16(headers[i / 4], i % 4 < 2 ? 0 : 6, i % 2),
		       px);
		for (size_t k = 0; k < ENC_IMAGE_PIXELS; k++)
			if (abs(px[k] - pattern[k]) > 8)
				fail_msg("header %u: pixel %zu is %d, not %d",
					 headers[i / 4], k, px[k], pattern[k]);
	}
}

/* A changed field of a BMP's header makes the file invalid. */
static void refuse_bmp(uint32_t at, unsigned int bytes, uint32_t v,
		       const char *message)
{
	static uint8_t file[4096];
	const size_t len = slurp(write_bmp16(40, 0, true), file, sizeof(file));

	put_le(file + at, bytes, v);
	refuse(scratch_write("i.bmp", file, len), ENC_ERR_FORMAT, message);
}

static void a_bmp_that_is_not_read_is_named(void **state)
{
	(void)state;
	refuse_bmp(10, 4, 54,
		   "i.bmp: a BMP of 16 bits a pixel, compression 3, with a "
		   "header of 40 bytes: its pixels begin within its header");
	refuse_bmp(30, 4, 1,
		   "compression 1, with a header of 40 bytes: this "
		   "kind is not supported");
	refuse_bmp(14, 4, 64,
		   "a header of 64 bytes: this kind is not supported");
	refuse_bmp(14, 4, 12,
		   "a header of 12 bytes: this kind is not supported");
	refuse_bmp(28, 2, 2, "a BMP of 2 bits a pixel, compression 3");
	refuse_bmp(28, 2, 24, "a BMP of 24 bits a pixel, compression 3");
	refuse_bmp(10, 4, 0xffffffff, "a damaged image (its header)");
	refuse_bmp(10, 4, 0x7fffffff, "a truncated image");
	refuse_bmp(10, 4, 68, "a truncated image");
}

static void test_stdin(void **state)
{
	static uint8_t file[13 + 784] = "P5 28 28 255\n";
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	memcpy(file + 13, pattern, 784);
	scratch_stdin(file, sizeof(file));
	accept("-", px);
	assert_memory_equal(px, pattern, 784);
	scratch_stdin(file, 783);
	assert_false(enc_image_load_raw("-", px, ENC_IMAGE_PIXELS, &e));
	assert_error(e, ENC_ERR_FORMAT, "standard input: 783 bytes");
}

/* --- On a terminal ------------------------------------------------------ */

static char rows[ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES];

/* Black, but for a white pixel above, below and both in the first columns. */
static void test_rows(void **state)
{
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };

	(void)state;
	px[0] = px[28 + 1] = px[2] = px[28 + 2] = 255;
	px[3] = px[28 + 3] = 80;
	enc_image_rows(px, ENC_IMAGE_ASCII, rows);
	assert_string_equal(rows[0], "::#.                        ");
	assert_string_equal(rows[13], "                            ");
	enc_image_rows(px, ENC_IMAGE_BLOCKS, rows);
	assert_string_equal(rows[0], "\u2580\u2584\u2588\u2591"
				     "                        ");
	assert_string_equal(rows[13], "                            ");
	enc_image_rows(px, ENC_IMAGE_GREY, rows);
	assert_memory_equal(rows[0],
			    "\033[38;5;255;48;5;232m\u2580"
			    "\033[38;5;232;48;5;255m\u2580",
			    46);
	assert_string_equal(rows[0] + strlen(rows[0]) - 4, "\033[0m");
	/* The longest possible text. */
	memset(px, 255, sizeof(px));
	enc_image_rows(px, ENC_IMAGE_GREY, rows);
	assert_int_equal(strlen(rows[13]), 28 * 23 + 4);
	assert_string_equal(rows[13] + 28 * 23, "\033[0m");
	enc_image_rows(px, ENC_IMAGE_ASCII, rows);
	assert_string_equal(rows[7], "############################");
}

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void test_style(void **state)
{
	static const struct {
		const char *all, *ctype, *lang;
		enum enc_image_style style;
	} cases[] = {
		{ NULL, NULL, NULL, ENC_IMAGE_ASCII },
		{ NULL, NULL, "C", ENC_IMAGE_ASCII },
		{ NULL, NULL, "C.UTF-8", ENC_IMAGE_BLOCKS },
		{ "", "", "en_GB.utf8", ENC_IMAGE_BLOCKS },
		{ NULL, "de_DE.UTF-8@euro", "C", ENC_IMAGE_BLOCKS },
		{ "C", "C.UTF-8", "C.UTF-8", ENC_IMAGE_ASCII },
		{ "de_DE.ISO-8859-1", NULL, "C.UTF-8", ENC_IMAGE_ASCII },
	};
	FILE *f = fopen("/dev/null", "w");
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	FILE *tty = NULL;

	(void)state;
	assert_non_null(f);
	set("TERM", "xterm");
	set("NO_COLOR", NULL);
	for (size_t i = 0; i < COUNT(cases); i++) {
		set("LC_ALL", cases[i].all);
		set("LC_CTYPE", cases[i].ctype);
		set("LANG", cases[i].lang);
		assert_int_equal(enc_image_style_for(f), cases[i].style);
	}
	fclose(f);

	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	tty = fopen(ptsname(master), "w");
	assert_non_null(tty);
	assert_int_equal(enc_image_style_for(tty), ENC_IMAGE_ASCII);
	set("LC_ALL", "C.UTF-8");
	assert_int_equal(enc_image_style_for(tty), ENC_IMAGE_GREY);
	set("NO_COLOR", "1");
	assert_int_equal(enc_image_style_for(tty), ENC_IMAGE_BLOCKS);
	set("NO_COLOR", NULL);
	set("TERM", "dumb");
	assert_int_equal(enc_image_style_for(tty), ENC_IMAGE_BLOCKS);
	fclose(tty);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_identical),
		cmocka_unit_test(invert_turns_dark_to_light),
		cmocka_unit_test(test_luma),
		cmocka_unit_test(test_png_depths),
		cmocka_unit_test(transparent_is_background),
		cmocka_unit_test(test_pgm_depths),
		cmocka_unit_test(test_plain_pgm),
		cmocka_unit_test(test_triangle),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_not_an_image),
		cmocka_unit_test(another_format_is_named),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_missing_scan),
		cmocka_unit_test(test_missing_colours),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_bmp_header),
		cmocka_unit_test(a_bmp_of_16_bits_is_read),
		cmocka_unit_test(a_bmp_that_is_not_read_is_named),
		cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_style),
	};

	return cmocka_run_group_tests_name("image", tests, setup,
					   scratch_teardown);
}
