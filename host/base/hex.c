/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* The value of a digit, or -1. */
static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void enc_hex_text(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

void enc_uuid_text(const uint8_t uuid[ENC_UUID_BYTES], char text[ENC_UUID_TEXT])
{
	char hex[2 * ENC_UUID_BYTES + 1] = "";

	enc_hex_text(uuid, ENC_UUID_BYTES, hex);
	snprintf(text, ENC_UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
		 hex + 12, hex + 16, hex + 20);
}

bool enc_uuid_read(const char *text, uint8_t uuid[ENC_UUID_BYTES])
{
	size_t n = 0;
	int any = 0;

	for (size_t i = 0; i < ENC_UUID_TEXT - 1; i++) {
		const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		const int v = digit_value(text[i]);

		if (is_dash ? text[i] != '-' : v < 0)
			return false;
		if (is_dash)
			continue;
		uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | v);
		any |= v;
		n++;
	}
	return any && !text[ENC_UUID_TEXT - 1];
}

bool enc_hex_key(const char *what, const char *text, size_t len,
		 uint8_t key[ENC_KEY_BYTES], struct enc_error *e)
{
	int any = 0;

	explicit_bzero(key, ENC_KEY_BYTES);
	if (len != ENC_KEY_DIGITS)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: the key has %zu character%s, expected %u "
				"hexadecimal digits",
				what, len, enc_s(len), ENC_KEY_DIGITS);

	for (size_t i = 0; i < ENC_KEY_DIGITS; i++) {
		int v = digit_value(text[i]);

		if (v < 0) {
			explicit_bzero(key, ENC_KEY_BYTES);
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: character %zu of the key is not "
					"a hexadecimal digit",
					what, i + 1);
		}
		key[i / 2] = (uint8_t)(key[i / 2] << 4 | v);
		any |= v;
	}
	if (any)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%s: all digits of the key are 0", what);
	return enc_hint(e, "`enc_mnist model-key` makes one on the owner's "
			   "machine");
}

/* Length of `text` without one line end. */
static size_t without_line_end(const char *text, size_t len)
{
	if (len > 0 && text[len - 1] == '\n') {
		len--;
		if (len > 0 && text[len - 1] == '\r')
			len--;
	}
	return len;
}

bool enc_hex_key_file(const char *path, uint8_t key[ENC_KEY_BYTES],
		      struct enc_error *e)
{
	char text[ENC_KEY_DIGITS + 3] = { 0 }; /* CR, LF, one byte too many */
	const char *label = enc_file_label(path);
	int fd = enc_file_open(path, e);
	ssize_t n = 0;
	bool ok = false;

	explicit_bzero(key, ENC_KEY_BYTES);
	if (fd < 0)
		return false;
	n = enc_file_fill(fd, text, sizeof(text));
	if (n < 0)
		enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", label,
			 strerror(errno));
	else if ((size_t)n == sizeof(text))
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: longer than a key of %u hexadecimal digits",
			 label, ENC_KEY_DIGITS);
	else
		ok = enc_hex_key(label, text, without_line_end(text, (size_t)n),
				 key, e);
	close(fd);
	explicit_bzero(text, sizeof(text));
	return ok;
}
