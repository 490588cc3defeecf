/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass of nn_mnist for measurements in either world: the engine and
 * its plain reference. No figure depends on a value: all bytes of parameters
 * and images are the same.
 */
#ifndef BENCH_FORWARD_H
#define BENCH_FORWARD_H

#include <stddef.h>
#include <stdint.h>

enum bench_forward {
	BENCH_F32,	 /* a network */
	BENCH_INT8,	 /* the same layers in int8 */
	BENCH_BURN,	 /* the engine for Burn records */
	BENCH_PLAIN_F32, /* the plain reference of that */
	BENCH_FORWARDS
};

/* Bytes that bench_forward() needs for a batch of n images. */
size_t bench_forward_size(enum bench_forward what, size_t n);

/*
 * Computes a batch `times` times. memory: bench_forward_size() bytes, filled by
 * bench_forward_fill()
 */
void bench_forward(enum bench_forward what, size_t n, size_t times,
		   uint8_t *memory);

void bench_forward_fill(uint8_t *memory, size_t size);

#endif
