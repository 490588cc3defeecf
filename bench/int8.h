/* SPDX-License-Identifier: Apache-2.0 */
/* nn_mnist as an int8 network: pixels, then its layers. */
#ifndef BENCH_INT8_H
#define BENCH_INT8_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_ALIGN 64u /* of the memory below */

/* Bytes of parameters, and of working memory for any number of images. */
size_t bench_int8_params(void);
size_t bench_int8_work(void);

/* As the TA does it: images are copied to the arena, pass by pass. */
void bench_int8(const void *params, const uint8_t *images, size_t n,
		size_t times, void *work);

#endif
