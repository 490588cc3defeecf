/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a load, measured one by one with the TA of bench/ta. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Measures and prints them for a record; on failure prints why. */
bool bench_parts(const uint8_t *record, size_t len);

#endif
