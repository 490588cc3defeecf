/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hexadecimal digits, upper or lower case. A key of 32 bytes is 64 of them. Of
 * a key, messages tell only its length and where it is not a digit.
 */
#ifndef HOST_BASE_HEX_H
#define HOST_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define ENC_KEY_BYTES  32u
#define ENC_KEY_DIGITS (2u * ENC_KEY_BYTES)

/* Writes `len` bytes as 2 * len digits and a NUL. */
void enc_hex_text(const uint8_t *bytes, size_t len, char *text);

#define ENC_UUID_BYTES 16u
#define ENC_UUID_TEXT  37u /* 8-4-4-4-12 digits and a NUL */

/* A UUID, whose bytes are in the order of its text (RFC 4122). */
void enc_uuid_text(const uint8_t uuid[ENC_UUID_BYTES],
		   char text[ENC_UUID_TEXT]);

/* Reads one. Only zeros are none. */
bool enc_uuid_read(const char *text, uint8_t uuid[ENC_UUID_BYTES]);

/*
 * Reads exactly ENC_KEY_DIGITS digits: no spaces, no 0x. Only zeros are no key,
 * but what a file has that was never written.
 *
 * text: `len` characters; needs no NUL. The caller wipes it.
 * what: name of the text in messages, such as "--key".
 * key: written on success, zeroed on failure.
 */
bool enc_hex_key(const char *what, const char *text, size_t len,
		 uint8_t key[ENC_KEY_BYTES], struct enc_error *e);

/*
 * Reads a key from a file ("-": standard input) that holds the digits and at
 * most one line end (LF or CRLF). Leaves no copy in memory but `key`, which is
 * zeroed on failure.
 */
bool enc_hex_key_file(const char *path, uint8_t key[ENC_KEY_BYTES],
		      struct enc_error *e);

#endif
