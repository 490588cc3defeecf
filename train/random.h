/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers that are the same on every machine: PCG32 (XSH RR 64/32) of
 * O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
 * Algorithms for Random Number Generation", 2014. Not for secrets.
 */
#ifndef TRAIN_RANDOM_H
#define TRAIN_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
	uint64_t increment;
};

/* Seeds a generator. Streams of one seed are independent of each other. */
void random_seed(struct random *r, uint64_t seed, uint64_t stream);

uint32_t random_bits(struct random *r);

/* In [0, n); n > 0. */
uint32_t random_below(struct random *r, uint32_t n);

/* In [-limit, limit). */
float random_within(struct random *r, float limit);

#endif
