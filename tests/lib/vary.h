/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other shapes and parameters for the networks of operators.h, which the engine
 * still accepts: sizes beside the widths of vectors and tiles, windows that
 * hang over, other ranks, groups, zero points, and bytes that are set to
 * anything.
 */
#ifndef TEST_VARY_H
#define TEST_VARY_H

#include "operators.h"

/* Of a sample: bytes of tensors and of parameters, and what work it is. */
#define VARY_ARENA_MAX	32768u
#define VARY_PARAMS_MAX 131072u
#define VARY_MACS_MAX	262144u

/* state: of network_draw(); the same one gives the same tables. */
void operators_vary(uint32_t *state, struct operators_tables *t);

#endif
