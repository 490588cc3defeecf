/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdint.h>
#include <string.h>

bool lib_options(const void *from, void *to, size_t size, const char *begin,
		 struct enc_error *e)
{
	const uint8_t *bytes = from;
	size_t given = 0;

	if (from)
		memcpy(&given, from, sizeof(given));
	if (given < sizeof(given))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the options have no size: begin with %s",
				begin);
	for (size_t i = size; i < given; i++) {
		if (bytes[i])
			return enc_fail(e, ENC_ERR_UNSUPPORTED,
					"the program uses an option that this "
					"library does not have");
	}
	memcpy(to, from, given < size ? given : size);
	return true;
}
