/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret on its way to the board is written in the letters g to v, for the
 * digits 0 to f. A search of the board's memory for the digits then does not
 * find the copies that brought them.
 */
#ifndef TEST_LETTERS_H
#define TEST_LETTERS_H

#include <stdbool.h>
#include <string.h>

#include "host/base/hex.h"

static inline bool letters_to_digits(const char *letters,
				     char digits[ENC_KEY_DIGITS + 1])
{
	const size_t len = strlen(letters);

	if (len > ENC_KEY_DIGITS || strspn(letters, "ghijklmnopqrstuv") != len)
		return false;
	for (size_t i = 0; i < len; i++)
		digits[i] = "0123456789abcdef"[letters[i] - 'g'];
	digits[len] = '\0';
	return true;
}

#endif
