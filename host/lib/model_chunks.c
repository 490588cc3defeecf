/* SPDX-License-Identifier: Apache-2.0 */
#include "model_chunks.h"

#include <inttypes.h>
#include <stdlib.h>

#define FIRST_ROOM 64u /* chunks */

bool enc_chunks_add(struct enc_chunks *c, const struct enc_chunk *chunk,
		    const char *name, struct enc_error *e)
{
	size_t room = c->room ? c->room * 2 : FIRST_ROOM;

	if (c->count == c->room) {
		struct enc_chunk *more = realloc(c->list, room * sizeof(*more));

		if (!more)
			return enc_fail(e, ENC_ERR_MEMORY,
					"%s: no memory for %zu chunks", name,
					room);
		c->list = more;
		c->room = room;
	}
	c->list[c->count] = *chunk;
	c->list[c->count].at = (uint32_t)c->count;
	c->count++;
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const struct enc_chunk *x = a;
	const struct enc_chunk *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* In order of the ids, each at most once. */
static bool check_order(const struct enc_chunks *c, const char *name,
			struct enc_error *e)
{
	for (size_t i = 1; i < c->count; i++)
		if (c->list[i].id == c->list[i - 1].id)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: chunk %" PRIu64 " is there twice "
					"(chunks[%u] and chunks[%u])",
					name, c->list[i].id, c->list[i - 1].at,
					c->list[i].at);
	return true;
}

/* The ids, known to ascend, are 0, 1, ... total - 1. */
static bool check_ids(const struct enc_chunks *c, uint64_t total,
		      const char *name, struct enc_error *e)
{
	if (c->count > total)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: total_chunks is %" PRIu64
				", but there are %zu chunks",
				name, total, c->count);
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].id >= total)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: chunks[%u]: id %" PRIu64
					" is out of range, total_chunks is "
					"%" PRIu64,
					name, c->list[i].at, c->list[i].id,
					total);
	for (uint64_t i = 0; i < total; i++)
		if (i >= c->count || c->list[i].id != i)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: chunk %" PRIu64 " of 0 to %" PRIu64
					" is missing",
					name, i, total - 1);
	return true;
}

static bool check_sizes(const struct enc_chunks *c, uint64_t chunk_size,
			const char *name, struct enc_error *e)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].bytes > chunk_size)
			return enc_fail(e, ENC_ERR_FORMAT,
					"%s: chunks[%u]: size is %u, more than "
					"chunk_size, %" PRIu64,
					name, c->list[i].at, c->list[i].bytes,
					chunk_size);
	return true;
}

bool enc_chunks_check(struct enc_chunks *c, uint64_t total_chunks,
		      uint64_t chunk_size, const char *name,
		      struct enc_error *e)
{
	if (c->count)
		qsort(c->list, c->count, sizeof(*c->list), compare_ids);
	return check_order(c, name, e) && check_ids(c, total_chunks, name, e) &&
	       check_sizes(c, chunk_size, name, e);
}
