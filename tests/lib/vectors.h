/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test vectors for readers of sealed models and envelopes,
 * tests/data/sealed/vectors.txt: how they are written.
 */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define VECTORS_SMALL 240   /* bytes of plaintext: one chunk */
#define VECTORS_LARGE 65544 /* one full chunk, and one of 64 bytes */

/* Byte i of any plaintext there. */
static inline uint8_t vectors_plain(size_t i)
{
	return (uint8_t)(i * 167 + 13);
}

/* Writes the file; the output is always the same. */
void vectors_write(FILE *out);

#endif
