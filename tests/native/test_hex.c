/* SPDX-License-Identifier: Apache-2.0 */
#include "host/base/hex.h"
#include "tests/lib/scratch.h"

#define DIGITS \
	"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1EfF"

static void check_key(const uint8_t *key)
{
	for (unsigned int i = 0; i < ENC_KEY_BYTES - 1; i++)
		assert_int_equal(key[i], i);
	assert_int_equal(key[ENC_KEY_BYTES - 1], 0xff);
}

static void check_zero(const uint8_t *key)
{
	for (unsigned int i = 0; i < ENC_KEY_BYTES; i++)
		assert_int_equal(key[i], 0);
}

static void a_key_has_64_digits(void **state)
{
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_hex_key("--key", DIGITS, 64, key, &e));
	check_key(key);
	assert_false(enc_hex_key("--key", DIGITS, 63, key, &e));
	assert_error(e, ENC_ERR_FORMAT, "--key: the key has 63 characters");
	check_zero(key);
	assert_false(enc_hex_key("--key", DIGITS "0", 65, key, &e));
	assert_error(e, ENC_ERR_FORMAT, "65 characters, expected 64");
	assert_false(enc_hex_key("--key", "", 0, key, &e));
	assert_error(e, ENC_ERR_FORMAT, "has 0 characters");
}

/* What a file has that was made large and never written. */
static void zeros_are_no_key(void **state)
{
	char text[ENC_KEY_DIGITS + 1] = "";
	uint8_t key[ENC_KEY_BYTES] = "not zero";
	struct enc_error e = { 0 };

	(void)state;
	memset(text, '0', ENC_KEY_DIGITS);
	assert_false(enc_hex_key("k", text, ENC_KEY_DIGITS, key, &e));
	assert_error(e, ENC_ERR_FORMAT, "k: all digits of the key are 0");
	check_zero(key);
	for (size_t i = 0; i < ENC_KEY_DIGITS; i++) {
		text[i] = '1';
		assert_true(enc_hex_key("k", text, ENC_KEY_DIGITS, key, &e));
		text[i] = '0';
	}
}

/* The ASCII neighbours of the digits, at each place. */
static void what_is_no_digit_is_refused_with_its_place(void **state)
{
	static const char bad[] = "/:@G`g \n\xff";
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	for (size_t i = 0; i < 64; i++) {
		for (const char *b = bad; *b; b++) {
			char text[] = DIGITS;
			char where[32] = "";

			text[i] = *b;
			snprintf(where, sizeof(where), "character %zu of",
				 i + 1);
			assert_false(enc_hex_key("k", text, 64, key, &e));
			assert_error(e, ENC_ERR_FORMAT, where);
			check_zero(key);
		}
	}
	/* A message may be logged, so it contains no part of the key. */
	assert_null(strstr(e.what, "0102"));
}

static void a_file_may_end_in_a_line_end(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* NULL: it is a key */
	} cases[] = {
		{ DIGITS, NULL },
		{ DIGITS "\n", NULL },
		{ DIGITS "\r\n", NULL },
		{ "", "has 0 characters" },
		{ "\n", "has 0 characters" },
		{ DIGITS "\r", "has 65 characters" },
		{ DIGITS "\n\n", "has 65 characters" },
		{ DIGITS "\n\r\n", "longer than a key" },
		{ DIGITS DIGITS, "longer than a key" },
		{ "0x" DIGITS, "has 66 characters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].text);
		const char *path = scratch_write("key", cases[i].text, len);
		uint8_t key[ENC_KEY_BYTES] = { 1 };
		struct enc_error e = { 0 };
		bool ok = enc_hex_key_file(path, key, &e);

		assert_int_equal(ok, !cases[i].message);
		if (ok) {
			check_key(key);
			continue;
		}
		check_zero(key);
		assert_error(e, ENC_ERR_FORMAT, cases[i].message);
	}
}

static void a_missing_file_leaves_no_key(void **state)
{
	uint8_t key[ENC_KEY_BYTES] = { 1 };
	struct enc_error e = { 0 };

	(void)state;
	assert_false(enc_hex_key_file(scratch_path("none"), key, &e));
	assert_error(e, ENC_ERR_IO, "none: cannot open: No such file");
	check_zero(key);
	assert_false(enc_hex_key_file(scratch_dir, key, &e));
	assert_error(e, ENC_ERR_IO, "cannot read: Is a directory");
}

static void a_key_comes_from_standard_input(void **state)
{
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	scratch_stdin(DIGITS "\n", 65);
	assert_true(enc_hex_key_file("-", key, &e));
	check_key(key);
	scratch_stdin("abc\n", 4);
	assert_false(enc_hex_key_file("-", key, &e));
	assert_error(e, ENC_ERR_FORMAT,
		     "standard input: the key has 3 characters");
}

static void a_uuid_is_read_as_it_is_written(void **state)
{
	const char *text = "00112233-4455-6677-8899-aabbccddeeff";
	uint8_t uuid[ENC_UUID_BYTES] = { 0 };
	char written[ENC_UUID_TEXT] = "";

	(void)state;
	assert_true(
		enc_uuid_read("00112233-4455-6677-8899-AABBccDDeEFf", uuid));
	for (unsigned int i = 0; i < ENC_UUID_BYTES; i++)
		assert_int_equal(uuid[i], 0x11 * i);
	enc_uuid_text(uuid, written);
	assert_string_equal(written, text);
}

static void what_is_no_uuid_is_refused(void **state)
{
	static const char good[] = "00112233-4455-6677-8899-aabbccddeeff";
	char text[sizeof(good) + 1] = "";
	uint8_t uuid[ENC_UUID_BYTES] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(good); i++) {
		strcpy(text, good);
		text[i] = i == sizeof(good) - 1 || good[i] == '-' ? '0' : '-';
		assert_false(enc_uuid_read(text, uuid));
		text[i] = 'g';
		assert_false(enc_uuid_read(text, uuid));
		text[i] = '\0'; /* too short, but the whole one */
		assert_int_equal(enc_uuid_read(text, uuid),
				 i == sizeof(good) - 1);
	}
	assert_false(
		enc_uuid_read("00000000-0000-0000-0000-000000000000", uuid));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_are_no_key),
		cmocka_unit_test(a_key_has_64_digits),
		cmocka_unit_test(what_is_no_digit_is_refused_with_its_place),
		cmocka_unit_test(a_file_may_end_in_a_line_end),
		cmocka_unit_test(a_missing_file_leaves_no_key),
		cmocka_unit_test(a_key_comes_from_standard_input),
		cmocka_unit_test(a_uuid_is_read_as_it_is_written),
		cmocka_unit_test(what_is_no_uuid_is_refused),
	};

	return cmocka_run_group_tests_name("hex", tests, scratch_setup,
					   scratch_teardown);
}
