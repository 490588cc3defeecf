/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key on its way to the board in the letters g to v, for the digits 0 to f:
 * who searches the board's memory for these does not find what brought them.
 */
#ifndef TEST_LETTERS_H
#define TEST_LETTERS_H

#include <stdbool.h>
#include <string.h>

#include "host/lib/hex.h"

static inline bool letters_to_digits(const char *letters,
				     char digits[ENC_KEY_DIGITS + 1])
{
	if (strlen(letters) != ENC_KEY_DIGITS ||
	    strspn(letters, "ghijklmnopqrstuv") != ENC_KEY_DIGITS)
		return false;
	for (size_t i = 0; i < ENC_KEY_DIGITS; i++)
		digits[i] = "0123456789abcdef"[letters[i] - 'g'];
	digits[ENC_KEY_DIGITS] = '\0';
	return true;
}

#endif
