/* SPDX-License-Identifier: Apache-2.0 */
/* The network in other libraries, for bench/native.c. */
#ifndef BENCH_NATIVE_H
#define BENCH_NATIVE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "nn/arch.h"

/*
 * Prepares a network for batches of n images. It stays until the program ends.
 * params: in the order of a Burn record
 */
void *native_dnnl(const struct nn_arch *arch, const float *params, size_t n);
void *native_xnnpack(const struct nn_arch *arch, const float *params, size_t n);

/* Computes a batch. x: (n, inputs), normalised; y: (n, outputs) */
void native_dnnl_run(void *network, const float *x, float *y);
void native_xnnpack_run(void *network, const float *x, float *y);

#ifdef __cplusplus
}
#endif

#endif
