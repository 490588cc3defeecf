/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forward pass of nn_mnist for measurements in either world: the engine for
 * Burn records and its plain reference. No figure depends on a value: all bytes
 * of parameters and images are the same.
 */
#ifndef BENCH_FORWARD_H
#define BENCH_FORWARD_H

#include <stdbool.h>
#include <stddef.h>

enum bench_forward {
	BENCH_BURN,
	BENCH_PLAIN_F32,
	BENCH_FORWARDS
};

/* Computes n images, `times` times. Fails without memory. */
bool bench_forward(enum bench_forward what, size_t n, size_t times);

#endif
