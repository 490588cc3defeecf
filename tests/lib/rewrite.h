/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that writes one byte of memory to and fro between two values, A and
 * B, as fast as it can. Whoever reads the byte once sees either; whoever reads
 * it twice sees, half of the time, one of each.
 */
#ifndef TEST_REWRITE_H
#define TEST_REWRITE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Starts it on `memory`, the last byte of which nobody else may look at. The
 * caller stays on another processor.
 */
void rewrite_start(void *memory, size_t size);
void rewrite_end(void);

/* Returns when it writes these, and no longer what it wrote before. */
void rewrite_byte(size_t at, uint8_t a, uint8_t b);

/* The same with the last byte. */
void rewrite_nothing(void);

/* Bytes that it has written so far. */
unsigned int rewrite_turns(void);

#endif
