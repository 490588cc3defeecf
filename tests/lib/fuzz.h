/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code shared by the fuzz targets. A target is one function that takes any
 * bytes and uses FUZZ_ASSERT for what must hold for all of them. All its
 * choices derive from the bytes, so that a reproducer reproduces.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FUZZ_ASSERT(condition)                                     \
	do {                                                       \
		if (!(condition))                                  \
			fuzz_fail(#condition, __FILE__, __LINE__); \
	} while (0)

static inline void fuzz_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* FNV-1a: the seed of a target's choices. */
static inline uint32_t fuzz_hash(const uint8_t *data, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * 16777619u;
	return h;
}

/* A number from 0 to n - 1. */
static inline uint32_t fuzz_draw(uint32_t *state, uint32_t n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % n;
}

/*
 * The length of the next piece of `left` bytes: mostly a few, often one, now
 * and then none, and rarely all. Without a state (NULL) it is always all.
 */
static inline size_t fuzz_piece_len(uint32_t *state, size_t left)
{
	uint32_t kind = state ? fuzz_draw(state, 64) : 0;
	size_t n = left;

	if (kind >= 1 && kind < 8)
		n = 0;
	else if (kind >= 8 && kind < 24)
		n = 1;
	else if (kind >= 24)
		n = 1 + fuzz_draw(state, 40);
	return n < left ? n : left;
}

static inline void *fuzz_alloc(size_t len)
{
	void *p = malloc(len ? len : 1);

	FUZZ_ASSERT(p);
	return p;
}

/* A copy without accessible memory around it; to be freed. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len);

	FUZZ_ASSERT(copy || !len);
	if (len)
		memcpy(copy, data, len);
	return copy;
}

/* A file in memory, rewritten for each input. */
struct fuzz_file {
	int fd;
	char path[32];
};

static inline void fuzz_file_write(struct fuzz_file *f, const void *data,
				   size_t len)
{
	if (!f->path[0]) {
		f->fd = memfd_create("fuzz", 0);
		FUZZ_ASSERT(f->fd >= 0);
		snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
	}
	FUZZ_ASSERT(!ftruncate(f->fd, 0));
	FUZZ_ASSERT(pwrite(f->fd, data, len, 0) == (ssize_t)len);
}

#endif
