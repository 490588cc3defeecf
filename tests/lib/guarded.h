/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory between two pages that nobody may touch: a step over either end is a
 * fault. What lies around the data is filled before, and compared afterwards.
 *
 * Data at the begin shows steps in front of it, data at the end those behind
 * it: NN_ALIGN leaves up to 63 bytes there. AddressSanitizer shows each byte.
 */
#ifndef TEST_GUARDED_H
#define TEST_GUARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define GUARDED_EXACT
#endif
#endif

struct guarded {
	const char *name;
	uint8_t *begin;
	size_t room;   /* whole pages from `begin` on, between the two */
	uint8_t *data; /* aligned to NN_ALIGN */
	size_t size;
	size_t slack; /* bytes behind the data that may be read */
};

enum guarded_filling {
	GUARDED_ZEROS,
	GUARDED_ONES, /* all bits: as f32 not a number */
	GUARDED_PATTERN,
	GUARDED_FILLINGS
};

/* room: bytes, at least; aborts if there are none. */
void guarded_make(struct guarded *g, const char *name, size_t room);

/* Places `size` bytes of data, which fit with `slack`. */
void guarded_place(struct guarded *g, size_t size, size_t slack, bool at_end);

/* Fills the data and what lies around it. */
void guarded_fill(struct guarded *g, enum guarded_filling filling);

/*
 * From one to the other, AddressSanitizer reports all but the data and the
 * slack behind it.
 */
void guarded_close(const struct guarded *g);
void guarded_open(const struct guarded *g);

/* False, and says where, if what lies around the data is not its filling. */
bool guarded_is_intact(const struct guarded *g, enum guarded_filling filling);

/* Says how far from the data an address lies, if it is in or beside `g`. */
void guarded_explain(const struct guarded *g, const void *address);

#endif
