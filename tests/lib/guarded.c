/* SPDX-License-Identifier: Apache-2.0 */
#include "guarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nn/net.h"

#ifdef GUARDED_EXACT
#define POISON(at, size)   __asan_poison_memory_region(at, size)
#define UNPOISON(at, size) __asan_unpoison_memory_region(at, size)
#else
#define POISON(at, size)   ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

#define AROUND 256u /* bytes that are filled on either side of the data */

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void guarded_make(struct guarded *g, const char *name, size_t room)
{
	const size_t page = page_size();
	uint8_t *map = NULL;

	g->name = name;
	g->room = (room + page - 1) / page * page;
	map = mmap(NULL, g->room + 2 * page, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED ||
	    mprotect(map + page, g->room, PROT_READ | PROT_WRITE))
		abort();
	g->begin = map + page;
}

void guarded_place(struct guarded *g, size_t size, size_t slack, bool at_end)
{
	if (size + slack > g->room)
		abort();
	g->size = size;
	g->slack = slack;
	g->data = g->begin;
	if (at_end)
		g->data += (g->room - size - slack) / NN_ALIGN * NN_ALIGN;
}

static uint8_t *end_of(const struct guarded *g)
{
	return g->data + g->size;
}

/* The first byte that is filled, and the end of those that are. */
static uint8_t *first_around(const struct guarded *g)
{
	return (size_t)(g->data - g->begin) > AROUND ? g->data - AROUND :
						       g->begin;
}

static uint8_t *end_around(const struct guarded *g)
{
	uint8_t *const end = g->begin + g->room;

	return (size_t)(end - end_of(g)) > AROUND ? end_of(g) + AROUND : end;
}

static uint8_t byte_at(const uint8_t *at, enum guarded_filling filling)
{
	if (filling == GUARDED_PATTERN)
		return (uint8_t)((uintptr_t)at * 37 + 11);
	return filling == GUARDED_ONES ? 0xff : 0;
}

void guarded_fill(struct guarded *g, enum guarded_filling filling)
{
	uint8_t *const first = first_around(g);
	uint8_t *const end = end_around(g);

	if (filling != GUARDED_PATTERN)
		memset(first, byte_at(first, filling), (size_t)(end - first));
	for (uint8_t *at = first; at < end && filling == GUARDED_PATTERN; at++)
		*at = byte_at(at, GUARDED_PATTERN);
}

void guarded_close(const struct guarded *g)
{
	const uint8_t *const readable = end_of(g) + g->slack;

	POISON(g->begin, (size_t)(g->data - g->begin));
	POISON(readable, (size_t)(g->begin + g->room - readable));
}

void guarded_open(const struct guarded *g)
{
	UNPOISON(g->begin, g->room);
}

bool guarded_is_intact(const struct guarded *g, enum guarded_filling filling)
{
	for (const uint8_t *at = first_around(g); at < end_around(g); at++) {
		if (at == g->data)
			at = end_of(g);
		if (at == end_around(g) || *at == byte_at(at, filling))
			continue;
		guarded_explain(g, at);
		return false;
	}
	return true;
}

void guarded_explain(const struct guarded *g, const void *address)
{
	const uint8_t *at = address;
	const size_t page = page_size();

	if (at < g->begin - page || at >= g->begin + g->room + page)
		return;
	if (at < g->data)
		fprintf(stderr, "%s: %td bytes in front of its data\n", g->name,
			g->data - at);
	else if (at < end_of(g))
		fprintf(stderr, "%s: byte %td of its data\n", g->name,
			at - g->data);
	else
		fprintf(stderr, "%s: byte %td behind its data\n", g->name,
			at - end_of(g) + 1);
}
