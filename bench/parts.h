/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a load, each by itself: by the bench's own TA. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Measures them for a record, and prints; says why if it could not. */
bool bench_parts(const uint8_t *record, size_t len);

#endif
