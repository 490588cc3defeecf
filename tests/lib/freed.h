/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that memory which the TA frees on the stand-in was wiped. */
#ifndef TEST_FREED_H
#define TEST_FREED_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "testkit/test.h"
#include "tests/standin/standin.h"

/* Blocks of at least this size must be zeros; smaller ones hold no secret. */
#define FREED_LARGE 1024

static struct {
	const void *bytes;
	size_t size;
} freed_known[4];
static size_t freed_known_count;
static size_t freed_found;

/* A secret to look for; `bytes` stay the caller's. */
static inline void freed_add(const void *bytes, size_t size)
{
	assert_true(freed_known_count < COUNT(freed_known));
	freed_known[freed_known_count].bytes = bytes;
	freed_known[freed_known_count++].size = size;
}

static inline void freed_look(const void *memory, size_t size)
{
	const unsigned char *bytes = memory;
	bool found = size >= FREED_LARGE &&
		     (bytes[0] || memcmp(bytes, bytes + 1, size - 1) != 0);

	for (size_t i = 0; i < freed_known_count; i++)
		found |= memmem(memory, size, freed_known[i].bytes,
				freed_known[i].size) != NULL;
	freed_found += found;
}

/* Starts checking; to be called after standin_reset(). */
static inline void freed_watch(void)
{
	freed_found = 0;
	standin_on_free(freed_look);
}

/* Stops checking. Returns the number of blocks freed with a secret in them. */
static inline size_t freed_secrets(void)
{
	standin_on_free(NULL);
	return freed_found;
}

#endif
