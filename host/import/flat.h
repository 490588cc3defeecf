/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of FlatBuffers that nobody has checked: tables, vectors, numbers.
 *
 * Whatever would lie outside of the file sets `damaged` and reads as absent. So
 * results may be used at once, and `damaged` looked at later. Nothing here
 * recurses or allocates, and every call follows at most one reference: a file
 * that refers to itself is read as often as the caller asks. All positions are
 * those in the file; 0 means absent. Bytes may lie at any address.
 */
#ifndef HOST_IMPORT_FLAT_H
#define HOST_IMPORT_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flat {
	const uint8_t *data;
	size_t len;
	bool damaged; /* stays set */
};

struct flat_table {
	size_t at;
	size_t vtable;
	size_t vtable_bytes;
	size_t bytes;
};

struct flat_vector {
	size_t at; /* of the first element */
	uint32_t count;
};

struct flat_table flat_root(struct flat *f);

/* Fields of a table, by their number in the schema. */
struct flat_table flat_table(struct flat *f, const struct flat_table *t,
			     unsigned int field);
struct flat_vector flat_vector(struct flat *f, const struct flat_table *t,
			       unsigned int field, size_t element_bytes);
bool flat_has(struct flat *f, const struct flat_table *t, unsigned int field);
/* A number of 1, 2, 4 or 8 bytes; `absent` if the field is. */
uint64_t flat_number(struct flat *f, const struct flat_table *t,
		     unsigned int field, size_t bytes, uint64_t absent);
int32_t flat_i32(struct flat *f, const struct flat_table *t, unsigned int field,
		 int32_t absent);
float flat_f32(struct flat *f, const struct flat_table *t, unsigned int field,
	       float absent);

/* Elements of a vector; i: any number. */
struct flat_table flat_table_in(struct flat *f, const struct flat_vector *v,
				uint32_t i);
uint64_t flat_number_in(struct flat *f, const struct flat_vector *v, uint32_t i,
			size_t bytes);
int32_t flat_i32_in(struct flat *f, const struct flat_vector *v, uint32_t i);
float flat_f32_in(struct flat *f, const struct flat_vector *v, uint32_t i);

#endif
