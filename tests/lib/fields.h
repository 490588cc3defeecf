/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of heads of fixed fields share: bytes, and changes to them. */
#ifndef TEST_FIELDS_H
#define TEST_FIELDS_H

#include <stdlib.h>
#include <string.h>

#include "box/error.h"
#include "testkit/test.h"

static inline void fields_count_up(uint8_t *bytes, size_t len, uint8_t from)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(from + i);
}

struct fields_change {
	const char *what;
	size_t at;
	size_t len;
	uint8_t bytes[8];
	enum box_error error;
};

typedef enum box_error (*fields_read)(const uint8_t *bytes);

/*
 * Each change by itself gives its error; the `len` bytes at `good` give none.
 */
static inline void fields_assert_errors(const uint8_t *good, size_t len,
					const struct fields_change *changes,
					size_t count, fields_read read)
{
	uint8_t *bytes = malloc(len);

	assert_int_equal(read(good), BOX_OK);
	for (size_t i = 0; i < count; i++) {
		const struct fields_change *c = &changes[i];
		enum box_error error = BOX_OK;

		memcpy(bytes, good, len);
		memcpy(bytes + c->at, c->bytes, c->len);
		error = read(bytes);
		if (error != c->error)
			fail_msg("%s: error %d, expected %d", c->what, error,
				 c->error);
	}
	free(bytes);
}

#endif
