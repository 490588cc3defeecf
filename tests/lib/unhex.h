/* SPDX-License-Identifier: Apache-2.0 */
/* Published test vectors, which are hexadecimal, as bytes. */
#ifndef TEST_UNHEX_H
#define TEST_UNHEX_H

#include <openssl/crypto.h>

#include "testkit/test.h"

/* Returns how many bytes there are: no more than `room`. */
static inline size_t unhex(const char *text, uint8_t *bytes, size_t room)
{
	size_t len = 0;

	assert_int_equal(OPENSSL_hexstr2buf_ex(bytes, room, &len, text, '\0'),
			 1);
	return len;
}

#endif
