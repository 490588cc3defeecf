/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine as the TA of the product uses it, for measurements in either
 * world.
 */
#ifndef BENCH_NETWORK_H
#define BENCH_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the record of a network and computes `n` samples, in passes of the
 * network's batch, `times` times. No figure depends on a value: all bytes of
 * the samples are the same. Fails on another record, or without memory.
 */
bool bench_network(const uint8_t *record, size_t len, size_t n, size_t times);

#endif
