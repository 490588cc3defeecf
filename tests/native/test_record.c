/* SPDX-License-Identifier: Apache-2.0 */
/* Reader and writer of Burn records, compared with each other and with Burn. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/burn.h"
#include "record/write/pack.h"
#include "testkit/test.h"
#include "tests/lib/bad_records.h"
#include "tests/lib/formula.h"

static uint8_t *good;
static float *params;

static int setup(void **state)
{
	(void)state;
	good = formula_record(1);
	params = calloc(nn_packed_count(&nn_mnist), sizeof(*params));
	return params ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(good);
	free(params);
	return 0;
}

/* Reads a record in pieces of `piece` bytes. */
static enum record_burn_error
read_in(struct record_burn *r, const uint8_t *record, size_t len, size_t piece)
{
	record_burn_begin(r, &nn_mnist, params);
	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (record_burn_push(r, record + at, n) != RECORD_BURN_OK)
			break;
	}
	return record_burn_end(r);
}

static void writer_gives_burns_bytes(void **state)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	unsigned int len = 0;
	char hex[65] = "";

	(void)state;
	EVP_Digest(good, FORMULA_RECORD_BYTES, digest, &len, EVP_sha256(),
		   NULL);
	for (unsigned int i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	assert_string_equal(hex, FORMULA_RECORD_SHA256);
}

static void reader_gives_the_parameters(void **state)
{
	const size_t pieces[] = { 1, 3, 16, 4096, 65536, FORMULA_RECORD_BYTES };
	size_t size = nn_packed_count(&nn_mnist) * sizeof(*params);
	float *plain = formula_params(1);
	float *expected = malloc(size);

	(void)state;
	record_pack(&nn_mnist, plain, expected);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct record_burn r = { 0 };

		memset(params, 0, size);
		assert_int_equal(
			read_in(&r, good, FORMULA_RECORD_BYTES, pieces[i]),
			RECORD_BURN_OK);
		assert_memory_equal(params, expected, size);
	}
	free(expected);
	free(plain);
}

static void reader_takes_what_burn_has_written(void **state)
{
	static const struct bad_record variants[] = {
		{ "Burn 0.14, UUIDs", 105, 42,
		  "0.14.0"
		  "\x15"
		  "FullPrecisionSettings"
		  "\x24"
		  "01234567-89ab-cdef-0123-456789abcdef",
		  65, RECORD_BURN_OK, 0 },
		{ "Burn 0.15, id of 6 bytes", 133, 14,
		  "\x0a"
		  "83h0200000",
		  11, RECORD_BURN_OK, 0 },
		{ "Burn 0.21", 105, 6, "0.21.0", 6, RECORD_BURN_OK, 0 },
		{ "a pre-release", 104, 7,
		  "\x0e"
		  "0.18.0-alpha.1",
		  15, RECORD_BURN_OK, 0 },
		{ "BinFileRecorder", 8, 96,
		  "\x5c"
		  "burn_core::record::file::BinFileRecorder<"
		  "burn_core::record::settings::FullPrecisionSettings>",
		  93, RECORD_BURN_OK, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(variants); i++) {
		struct record_burn r = { 0 };
		size_t len = 0;
		uint8_t *record = bad_record_make(&variants[i], good,
						  FORMULA_RECORD_BYTES, &len);
		enum record_burn_error error = read_in(&r, record, len, 4096);

		free(record);
		if (error != RECORD_BURN_OK)
			fail_msg("%s: error %d at %llu", variants[i].name,
				 error, (unsigned long long)r.report.offset);
	}
}

static void reader_refuses(void **state)
{
	const size_t pieces[] = { 1, 13, 4096, 4 << 20 };

	(void)state;
	for (size_t i = 0; i < bad_record_count; i++) {
		const struct bad_record *bad = &bad_records[i];
		size_t len = 0;
		uint8_t *record =
			bad_record_make(bad, good, FORMULA_RECORD_BYTES, &len);

		for (size_t p = 0; p < 4; p++) {
			struct record_burn r = { 0 };
			enum record_burn_error error =
				read_in(&r, record, len, pieces[p]);

			if (error != bad->error ||
			    r.report.offset != bad->offset)
				fail_msg("%s in pieces of %zu: error %d at "
					 "%llu, expected %d at %llu",
					 bad->name, pieces[p], error,
					 (unsigned long long)r.report.offset,
					 bad->error,
					 (unsigned long long)bad->offset);
		}
		free(record);
	}
}

static void reader_refuses_every_prefix(void **state)
{
	struct record_burn r = { 0 };

	(void)state;
	record_burn_begin(&r, &nn_mnist, params);
	for (size_t len = 0; len < FORMULA_RECORD_BYTES; len++) {
		struct record_burn cut = r;

		if (record_burn_end(&cut) != RECORD_BURN_SHORT ||
		    cut.report.offset != len)
			fail_msg("prefix of %zu bytes", len);
		record_burn_push(&r, good + len, 1);
	}
	assert_int_equal(record_burn_end(&r), RECORD_BURN_OK);
}

/* The report, too, is the same for every split. */
static void what_trails_is_reported_in_one_way(void **state)
{
	const size_t pieces[] = { 1, 2, 13, 4 << 20 };
	uint8_t *record = calloc(1, FORMULA_RECORD_BYTES + 5);

	(void)state;
	assert_non_null(record);
	memcpy(record, good, FORMULA_RECORD_BYTES);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct record_burn r = { 0 };

		assert_int_equal(read_in(&r, record, FORMULA_RECORD_BYTES + 5,
					 pieces[i]),
				 RECORD_BURN_TRAILING);
		assert_int_equal(r.report.offset, FORMULA_RECORD_BYTES);
		assert_int_equal(r.report.got, 0);
	}
	free(record);
}

static void an_error_stays(void **state)
{
	struct record_burn r = { 0 };

	(void)state;
	record_burn_begin(&r, &nn_mnist, params);
	assert_int_equal(record_burn_push(&r, (const uint8_t *)"\x04", 1),
			 RECORD_BURN_OK);
	assert_int_equal(record_burn_push(&r, (const uint8_t *)"f32x", 4),
			 RECORD_BURN_META);
	assert_int_equal(record_burn_push(&r, good, FORMULA_RECORD_BYTES),
			 RECORD_BURN_META);
	assert_int_equal(record_burn_end(&r), RECORD_BURN_META);
	assert_string_equal(r.report.text, "f32x");
}

static void no_record_is_longer_than_the_bound(void **state)
{
	(void)state;
	assert_true(record_burn_max_size(&nn_mnist) >=
		    FORMULA_RECORD_BYTES + 8 * (36 - 13) + 3 + 8);
	assert_true(record_burn_max_size(&nn_mnist) <
		    FORMULA_RECORD_BYTES + 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writer_gives_burns_bytes),
		cmocka_unit_test(reader_gives_the_parameters),
		cmocka_unit_test(reader_takes_what_burn_has_written),
		cmocka_unit_test(reader_refuses),
		cmocka_unit_test(reader_refuses_every_prefix),
		cmocka_unit_test(what_trails_is_reported_in_one_way),
		cmocka_unit_test(an_error_stays),
		cmocka_unit_test(no_record_is_longer_than_the_bound),
	};

	return cmocka_run_group_tests_name("record", tests, setup, teardown);
}
