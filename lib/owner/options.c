/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "owner.h"

bool lib_options(const void *from, void *to, size_t size, struct enc_error *e)
{
	const uint8_t *bytes = from;
	size_t given = 0;

	memcpy(&given, from, sizeof(given));
	if (given < sizeof(given))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the options do not begin with their size");
	for (size_t i = size; i < given; i++) {
		if (bytes[i])
			return enc_fail(e, ENC_ERR_UNSUPPORTED,
					"the program uses an option that this "
					"library does not have");
	}
	memcpy(to, from, given < size ? given : size);
	return true;
}
