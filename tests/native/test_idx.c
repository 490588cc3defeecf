/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "host/image/idx.h"
#include "tests/lib/scratch.h"

#define IMAGES	     5u
#define IMAGES_BYTES (16u + IMAGES * ENC_IMAGE_PIXELS)
#define LABELS_BYTES (8u + IMAGES)

static uint8_t images[IMAGES_BYTES + 1];
static uint8_t labels[LABELS_BYTES + 1];

static void put_be32(uint8_t *p, uint32_t v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A good pair of files in memory, for the tests to damage. */
static int setup(void **state)
{
	(void)state;
	put_be32(images, 0x803);
	put_be32(images + 4, IMAGES);
	put_be32(images + 8, 28);
	put_be32(images + 12, 28);
	for (size_t i = 16; i < sizeof(images); i++)
		images[i] = (uint8_t)(i * 31 + i / 256);
	put_be32(labels, 0x801);
	put_be32(labels + 4, IMAGES);
	for (size_t i = 8; i < sizeof(labels); i++)
		labels[i] = (uint8_t)((i * 3) % 10);
	return 0;
}

static const char *write_gz(const char *name, const uint8_t *data, size_t len)
{
	const char *path = scratch_path(name);
	gzFile gz = gzopen(path, "wb");

	assert_non_null(gz);
	assert_int_equal(gzwrite(gz, data, (unsigned int)len), len);
	assert_int_equal(gzclose(gz), Z_OK);
	return path;
}

/* Reads all of it in batches; false with *e set at the first error. */
static bool read_all(const char *i, const char *l, size_t batch,
		     struct enc_error *e)
{
	static uint8_t px[(IMAGES + 1) * ENC_IMAGE_PIXELS];
	uint8_t label[IMAGES + 1] = { 0 };
	struct enc_idx *idx = enc_idx_open(i, l, e);
	size_t done = 0;
	size_t n = 1;
	bool ok = idx != NULL;

	while (ok && n) {
		ok = enc_idx_next(idx, px, label, batch, &n, e);
		if (!ok)
			break;
		assert_true(n <= batch);
		assert_memory_equal(px, images + 16 + done * ENC_IMAGE_PIXELS,
				    n * ENC_IMAGE_PIXELS);
		if (l)
			assert_memory_equal(label, labels + 8 + done, n);
		done += n;
	}
	if (ok) {
		assert_int_equal(enc_idx_count(idx), IMAGES);
		assert_int_equal(done, IMAGES);
	}
	enc_idx_close(idx);
	return ok;
}

static void a_good_pair_is_read_in_any_batch(void **state)
{
	const char *i = scratch_write("i", images, IMAGES_BYTES);
	const char *l = scratch_write("l", labels, LABELS_BYTES);
	const char *igz = write_gz("i.gz", images, IMAGES_BYTES);
	const char *lgz = write_gz("l.gz", labels, LABELS_BYTES);
	struct enc_error e = { 0 };

	(void)state;
	for (size_t batch = 1; batch <= IMAGES + 1; batch++) {
		assert_true(read_all(i, l, batch, &e));
		assert_true(read_all(igz, lgz, batch, &e));
		assert_true(read_all(i, lgz, batch, &e));
	}
}

static void images_are_read_alone(void **state)
{
	struct enc_error e = { 0 };

	(void)state;
	for (size_t batch = 1; batch <= IMAGES + 1; batch++)
		assert_true(read_all(scratch_write("i", images, IMAGES_BYTES),
				     NULL, batch, &e));
	assert_false(read_all(scratch_write("i", images, IMAGES_BYTES - 1),
			      NULL, IMAGES, &e));
	assert_error(e, ENC_ERR_FORMAT, "ends too early");
	assert_false(read_all(scratch_write("i", images, IMAGES_BYTES + 1),
			      NULL, IMAGES, &e));
	assert_error(e, ENC_ERR_FORMAT, "goes on after its last element");
	assert_false(read_all(scratch_write("l", labels, LABELS_BYTES), NULL,
			      IMAGES, &e));
	assert_error(e, ENC_ERR_FORMAT, "not an IDX file of images");
}

/* Refuses images of `il` bytes with labels of `ll`, plain and compressed. */
static void refuse(size_t il, size_t ll, enum enc_error_code code,
		   const char *message)
{
	const char *i = scratch_write("i", images, il);
	const char *l = scratch_write("l", labels, ll);
	const char *igz = write_gz("i.gz", images, il);
	const char *lgz = write_gz("l.gz", labels, ll);
	struct enc_error e = { 0 };

	for (size_t batch = 1; batch <= IMAGES; batch += 2) {
		assert_false(read_all(i, l, batch, &e));
		assert_error(e, code, message);
		e = (struct enc_error){ 0 };
		assert_false(read_all(igz, lgz, batch, &e));
		assert_error(e, code, message);
	}
}

static void wrong_headers_are_refused(void **state)
{
	static const struct {
		unsigned int at; /* field of the images; + 100: of the labels */
		uint32_t value;
		enum enc_error_code code;
		const char *message;
	} cases[] = {
		{ 0, 0x801, ENC_ERR_FORMAT,
		  "not an IDX file of images: magic 0x00000801, expected "
		  "0x00000803" },
		{ 0, 0x89504e47, ENC_ERR_FORMAT, "magic 0x89504e47" },
		{ 100, 0x803, ENC_ERR_FORMAT, "not an IDX file of labels" },
		{ 4, IMAGES - 1, ENC_ERR_FORMAT, "4 images in " },
		{ 104, IMAGES + 1, ENC_ERR_FORMAT, "but 6 labels in " },
		{ 4, 0xffffffff, ENC_ERR_FORMAT, "4294967295 images in" },
		{ 8, 27, ENC_ERR_FORMAT, "images of 27 x 28, expected 28" },
		{ 12, 0xffffffff, ENC_ERR_FORMAT, "28 x 4294967295, expected" },
	};

	(void)state;
	for (size_t k = 0; k < COUNT(cases); k++) {
		unsigned int at = cases[k].at;

		setup(NULL);
		if (at < 100)
			put_be32(images + at, cases[k].value);
		else
			put_be32(labels + (at - 100), cases[k].value);
		refuse(IMAGES_BYTES, LABELS_BYTES, cases[k].code,
		       cases[k].message);
	}
}

static void none_and_too_many_are_refused(void **state)
{
	(void)state;
	put_be32(images + 4, 0);
	put_be32(labels + 4, 0);
	refuse(16, 8, ENC_ERR_FORMAT, "has no images");
	put_be32(images + 4, ENC_IDX_MAX_COUNT + 1);
	put_be32(labels + 4, ENC_IDX_MAX_COUNT + 1);
	refuse(IMAGES_BYTES, LABELS_BYTES, ENC_ERR_LIMIT, "10000001 images");
}

/* Every length that is too short, and one that is too long. */
static void wrong_lengths_are_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < IMAGES_BYTES; len += len < 20 ? 1 : 97)
		refuse(len, LABELS_BYTES, ENC_ERR_FORMAT, "ends too early");
	refuse(IMAGES_BYTES - 1, LABELS_BYTES, ENC_ERR_FORMAT,
	       "ends too early");
	for (size_t len = 0; len < LABELS_BYTES; len++)
		refuse(IMAGES_BYTES, len, ENC_ERR_FORMAT, "ends too early");
	refuse(IMAGES_BYTES + 1, LABELS_BYTES, ENC_ERR_FORMAT,
	       "goes on after its last element");
	refuse(IMAGES_BYTES, LABELS_BYTES + 1, ENC_ERR_FORMAT,
	       "goes on after its last element");
}

static void labels_are_digits(void **state)
{
	(void)state;
	labels[8 + 3] = 10;
	refuse(IMAGES_BYTES, LABELS_BYTES, ENC_ERR_FORMAT,
	       "label 3 is 10, expected 0 to 9");
	labels[8 + 3] = 255;
	refuse(IMAGES_BYTES, LABELS_BYTES, ENC_ERR_FORMAT, "label 3 is 255");
}

static size_t load(const char *path, uint8_t *buf, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0;

	assert_non_null(f);
	n = fread(buf, 1, size, f);
	fclose(f);
	return n;
}

/* Cut anywhere, or with one bit wrong in the data or its checksum. */
static void damaged_gzip_is_refused(void **state)
{
	static uint8_t gz[2 * IMAGES_BYTES];
	const char *l = scratch_write("l", labels, LABELS_BYTES);
	size_t len =
		load(write_gz("i.gz", images, IMAGES_BYTES), gz, sizeof(gz));
	struct enc_error e = { 0 };

	(void)state;
	for (size_t cut = 0; cut < len; cut += cut < 20 ? 1 : 61)
		assert_false(read_all(scratch_write("i.gz", gz, cut), l, IMAGES,
				      &e));
	for (size_t cut = len - 9; cut < len; cut++) {
		assert_false(
			read_all(scratch_write("i.gz", gz, cut), l, 2, &e));
		assert_error(e, ENC_ERR_FORMAT, "i.gz: ");
	}
	gz[len - 6] ^= 1; /* CRC-32, then the length, end the file */
	assert_false(read_all(scratch_write("i.gz", gz, len), l, IMAGES, &e));
	assert_error(e, ENC_ERR_FORMAT, "damaged gzip data");
	gz[len - 6] ^= 1;
	assert_true(read_all(scratch_write("i.gz", gz, len), l, IMAGES, &e));
}

static void a_missing_file_is_an_error(void **state)
{
	const char *i = scratch_write("i", images, IMAGES_BYTES);
	struct enc_error e = { 0 };

	(void)state;
	assert_null(enc_idx_open(i, scratch_path("no"), &e));
	assert_error(e, ENC_ERR_IO, "no: cannot open: No such file");
	assert_null(enc_idx_open(scratch_path("no"), i, &e));
	assert_error(e, ENC_ERR_IO, "no: cannot open: No such file");
	assert_null(enc_idx_open(scratch_dir, i, &e));
	assert_error(e, ENC_ERR_IO, "cannot read: Is a directory");
	enc_idx_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_good_pair_is_read_in_any_batch, setup),
		cmocka_unit_test_setup(images_are_read_alone, setup),
		cmocka_unit_test_setup(wrong_headers_are_refused, setup),
		cmocka_unit_test_setup(none_and_too_many_are_refused, setup),
		cmocka_unit_test_setup(wrong_lengths_are_refused, setup),
		cmocka_unit_test_setup(labels_are_digits, setup),
		cmocka_unit_test_setup(damaged_gzip_is_refused, setup),
		cmocka_unit_test_setup(a_missing_file_is_an_error, setup),
	};

	return cmocka_run_group_tests_name("idx", tests, scratch_setup,
					   scratch_teardown);
}
