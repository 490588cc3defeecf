/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How FlatBuffers are stored: a table begins with a signed 32-bit distance back
 * to its vtable. The vtable has its own size, that of the table, and for each
 * field its offset in the table, 0 if it is absent; all of 16 bits. A reference
 * is the 32-bit distance from itself to a table or vector behind it. A vector
 * begins with its count.
 */
#include "flat.h"

#include <string.h>

static bool is_inside(const struct flat *f, size_t at, size_t bytes)
{
	return at <= f->len && bytes <= f->len - at;
}

static size_t damage(struct flat *f)
{
	f->damaged = true;
	return 0;
}

/* The bytes are in the file. */
static uint64_t load(const struct flat *f, size_t at, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = bytes; i--;)
		v = v << 8 | f->data[at + i];
	return v;
}

/* Where a reference leads: into the file, or 0. */
static size_t follow(struct flat *f, size_t at)
{
	uint64_t distance = 0;

	if (!is_inside(f, at, 4))
		return damage(f);
	distance = load(f, at, 4);
	if (distance < 4 || distance > f->len - at)
		return damage(f);
	return at + (size_t)distance;
}

static struct flat_table table_at(struct flat *f, size_t at)
{
	struct flat_table t = { .at = at };
	int64_t vtable = 0;

	if (!is_inside(f, at, 4))
		t.at = damage(f);
	if (!t.at)
		return t;
	vtable = (int64_t)at - (int32_t)load(f, at, 4);
	if (vtable >= 0 && is_inside(f, (size_t)vtable, 4)) {
		t.vtable = (size_t)vtable;
		t.vtable_bytes = (size_t)load(f, t.vtable, 2);
		t.bytes = (size_t)load(f, t.vtable + 2, 2);
	}
	if (t.vtable_bytes < 4 || t.vtable_bytes % 2 || t.bytes < 4 ||
	    !is_inside(f, t.vtable, t.vtable_bytes) ||
	    !is_inside(f, at, t.bytes))
		t.at = damage(f);
	return t;
}

/* Where a field of this size lies; 0: absent. */
static size_t field_at(struct flat *f, const struct flat_table *t,
		       unsigned int field, size_t bytes)
{
	size_t slot = 4 + 2 * (size_t)field;
	size_t offset = 0;

	if (!t->at || slot >= t->vtable_bytes)
		return 0;
	offset = (size_t)load(f, t->vtable + slot, 2);
	if (!offset)
		return 0;
	if (offset < 4 || offset > t->bytes || bytes > t->bytes - offset)
		return damage(f);
	return t->at + offset;
}

static size_t target(struct flat *f, const struct flat_table *t,
		     unsigned int field)
{
	size_t at = field_at(f, t, field, 4);

	return at ? follow(f, at) : 0;
}

static float to_float(uint64_t bits)
{
	uint32_t word = (uint32_t)bits;
	float v = 0;

	memcpy(&v, &word, sizeof(v));
	return v;
}

struct flat_table flat_root(struct flat *f)
{
	return table_at(f, follow(f, 0));
}

struct flat_table flat_table(struct flat *f, const struct flat_table *t,
			     unsigned int field)
{
	return table_at(f, target(f, t, field));
}

struct flat_vector flat_vector(struct flat *f, const struct flat_table *t,
			       unsigned int field, size_t element_bytes)
{
	struct flat_vector v = { 0 };
	size_t at = target(f, t, field);

	if (!at)
		return v;
	if (!is_inside(f, at, 4)) {
		damage(f);
		return v;
	}
	v.at = at + 4;
	v.count = (uint32_t)load(f, at, 4);
	if (v.count > (f->len - v.at) / element_bytes) {
		v.count = 0;
		v.at = damage(f);
	}
	return v;
}

bool flat_has(struct flat *f, const struct flat_table *t, unsigned int field)
{
	return field_at(f, t, field, 1);
}

uint64_t flat_number(struct flat *f, const struct flat_table *t,
		     unsigned int field, size_t bytes, uint64_t absent)
{
	size_t at = field_at(f, t, field, bytes);

	return at ? load(f, at, bytes) : absent;
}

int32_t flat_i32(struct flat *f, const struct flat_table *t, unsigned int field,
		 int32_t absent)
{
	return (int32_t)flat_number(f, t, field, 4, (uint32_t)absent);
}

float flat_f32(struct flat *f, const struct flat_table *t, unsigned int field,
	       float absent)
{
	size_t at = field_at(f, t, field, 4);

	return at ? to_float(load(f, at, 4)) : absent;
}

struct flat_table flat_table_in(struct flat *f, const struct flat_vector *v,
				uint32_t i)
{
	return table_at(f, i < v->count ? follow(f, v->at + 4 * (size_t)i) :
					  damage(f));
}

uint64_t flat_number_in(struct flat *f, const struct flat_vector *v, uint32_t i,
			size_t bytes)
{
	size_t at = v->at + bytes * i;

	return i < v->count && is_inside(f, at, bytes) ? load(f, at, bytes) :
							 damage(f);
}

int32_t flat_i32_in(struct flat *f, const struct flat_vector *v, uint32_t i)
{
	return (int32_t)flat_number_in(f, v, i, 4);
}

float flat_f32_in(struct flat *f, const struct flat_vector *v, uint32_t i)
{
	return to_float(flat_number_in(f, v, i, 4));
}
