/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that keeps switching one byte of memory between two values, A and B,
 * as fast as it can. A single read of the byte sees either value. Two reads
 * see, half of the time, one of each.
 */
#ifndef TEST_REWRITE_H
#define TEST_REWRITE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Starts the thread on `memory`, whose last byte is only for the thread. The
 * caller stays on another processor.
 */
void rewrite_start(void *memory, size_t size);
void rewrite_end(void);

/* Returns when the thread writes the new values and no longer the old ones. */
void rewrite_byte(size_t at, uint8_t a, uint8_t b);

/* The same for the last byte. */
void rewrite_nothing(void);

/* The number of bytes written so far. */
unsigned int rewrite_turns(void);

#endif
