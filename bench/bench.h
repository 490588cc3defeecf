/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clock and output of the bench programs. They print one figure a line, a name
 * and a number, for bench/report. On a board that was booted with --icount, a
 * nanosecond is an instruction.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* Nanoseconds of the monotonic clock. */
static inline double bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static inline void bench_print(const char *name, double figure)
{
	printf("%s %.0f\n", name, figure);
}

#endif
