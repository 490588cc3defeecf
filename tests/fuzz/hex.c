/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/base/hex.c: any bytes as a key and as a key file. Only 64 digits, not
 * all 0, are accepted, and give their value; otherwise the key is zero.
 */
#include "host/base/hex.h"

#include <ctype.h>

#include "tests/lib/fuzz.h"

static bool is_key(const uint8_t *text, size_t len)
{
	bool any = false;

	if (len != ENC_KEY_DIGITS)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] > 127 || !isxdigit(text[i]))
			return false;
		any |= text[i] != '0';
	}
	return any;
}

/* Without the line end of a file, LF or CRLF. */
static size_t line_len(const uint8_t *text, size_t len)
{
	if (len && text[len - 1] == '\n')
		return len >= 2 && text[len - 2] == '\r' ? len - 2 : len - 1;
	return len;
}

static void check_key(const uint8_t key[ENC_KEY_BYTES], const uint8_t *text,
		      bool good)
{
	for (size_t i = 0; i < ENC_KEY_BYTES; i++) {
		const char digits[] = { good ? (char)text[2 * i] : '0',
					good ? (char)text[2 * i + 1] : '0',
					'\0' };

		FUZZ_ASSERT(key[i] == strtoul(digits, NULL, 16));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct fuzz_file file;
	uint8_t *text = fuzz_copy(data, len);
	uint8_t key[ENC_KEY_BYTES] = "not zero";
	struct enc_error e = { 0 };
	bool good = is_key(data, len);

	FUZZ_ASSERT(enc_hex_key("key", (char *)text, len, key, &e) == good);
	check_key(key, data, good);
	memset(key, 1, sizeof(key));
	fuzz_file_write(&file, data, len);
	good = is_key(data, line_len(data, len));
	FUZZ_ASSERT(enc_hex_key_file(file.path, key, &e) == good);
	check_key(key, data, good);
	free(text);
	return 0;
}
