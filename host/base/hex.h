/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as people write them. A key is 64 hexadecimal digits, upper or lower
 * case, for 32 bytes. No message of this file tells anything of a key but its
 * length.
 */
#ifndef HOST_BASE_HEX_H
#define HOST_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define ENC_KEY_BYTES  32u
#define ENC_KEY_DIGITS (2u * ENC_KEY_BYTES)

/* Writes `len` bytes as 2 len digits, and NUL. */
void enc_hex_text(const uint8_t *bytes, size_t len, char *text);

/*
 * Reads exactly ENC_KEY_DIGITS digits: no spaces, no 0x.
 *
 * text: `len` characters, need not end in NUL. The caller wipes it.
 * what: how the text is called in messages, such as "--key".
 * key: written on success, zeroed on failure.
 */
bool enc_hex_key(const char *what, const char *text, size_t len,
		 uint8_t key[ENC_KEY_BYTES], struct enc_error *e);

/*
 * Reads a key from a file ("-": standard input) that holds the digits and at
 * most one line end (LF or CRLF) after them. Leaves no copy in memory but
 * `key`, which is zeroed on failure.
 */
bool enc_hex_key_file(const char *path, uint8_t key[ENC_KEY_BYTES],
		      struct enc_error *e);

#endif
