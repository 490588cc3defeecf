/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that must be refused, as changes to the record of formula.h: at byte
 * `at`, `cut` bytes are replaced by `put_len` others. doc/FORMAT.md gives the
 * offsets of the fields.
 */
#ifndef TEST_BAD_RECORDS_H
#define TEST_BAD_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "record/burn.h"

struct bad_record {
	const char *name;
	size_t at;
	size_t cut;
	const char *put;
	size_t put_len;
	enum record_burn_error error; /* the one expected */
	uint64_t offset;	      /* where it must be reported */
};

extern const struct bad_record bad_records[];
extern const size_t bad_record_count;

/* The changed record; the caller frees it. *len: its bytes. */
uint8_t *bad_record_make(const struct bad_record *bad, const uint8_t *good,
			 size_t good_len, size_t *len);

#endif
