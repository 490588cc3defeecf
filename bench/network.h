/* SPDX-License-Identifier: Apache-2.0 */
/* nn_mnist as a network of f32 or int8: pixels, then its layers. */
#ifndef BENCH_NETWORK_H
#define BENCH_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include "nn/net.h"

#define BENCH_ALIGN 64u /* of the memory below */

/* Bytes of parameters, and of working memory for any number of images. */
size_t bench_network_params(enum nn_type type);
size_t bench_network_work(enum nn_type type);

/* As the TA does it: images are copied to the arena, pass by pass. */
void bench_network(enum nn_type type, const void *params, const uint8_t *images,
		   size_t n, size_t times, void *work);

#endif
