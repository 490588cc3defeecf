/* SPDX-License-Identifier: Apache-2.0 */
/* A command that measures memory; the product does not have it. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

/*
 * Peak memory of the session since it was opened. out value[0]: a: bytes of
 * heap, b: bytes of stack
 */
#define BENCH_CMD_MEMORY 1000

#endif
