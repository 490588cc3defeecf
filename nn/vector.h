/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of GCC and clang, the same on every processor. Private to nn/. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

#include <stdint.h>

#ifdef __aarch64__
#include <arm_neon.h>
#endif

#define NN_LANES 4u

typedef float nn_floats __attribute__((vector_size(16)));
typedef int32_t nn_ints __attribute__((vector_size(16)));
typedef uint32_t nn_uints __attribute__((vector_size(16)));
typedef int16_t nn_shorts __attribute__((vector_size(16)));
typedef int8_t nn_bytes __attribute__((vector_size(8)));
typedef int8_t nn_four_bytes __attribute__((vector_size(NN_LANES)));

/* In memory, at the address of a float. */
typedef float nn_floats_at
	__attribute__((vector_size(16), aligned(4), may_alias));

#endif
