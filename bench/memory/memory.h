/* SPDX-License-Identifier: Apache-2.0 */
/* A command that the TA of the product has where its memory is measured. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

/*
 * What the session has used at most since it was opened.
 * out value[0]: a: bytes of heap, b: bytes of stack
 */
#define BENCH_CMD_MEMORY 1000

#endif
