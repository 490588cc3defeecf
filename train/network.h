/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network while it learns: forward, loss, and backward to the gradient of
 * every parameter. Parameters and gradients lie as nn/arch.h has them.
 */
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"
#include "random.h"

#define NETWORK_LAYERS_MAX 8

/* A batch on its way through the network. */
struct batch {
	const struct nn_arch *arch;
	size_t size;	 /* images */
	uint8_t *labels; /* (size) */
	/* [0]: normalised images; [l + 1]: what layer l gives. (size, width) */
	float *values[NETWORK_LAYERS_MAX + 1];
	/* The loss's derivatives by values[l + 1], (size, width). */
	float *slopes[NETWORK_LAYERS_MAX];
};

struct score {
	double loss; /* sum over the images */
	size_t right;
};

/* Room for `size` images; false if out of memory, or too many layers. */
bool batch_create(struct batch *batch, const struct nn_arch *arch, size_t size);
void batch_free(struct batch *batch);

/* Random weights to start from (He et al. 2015), biases 0. */
void network_init(const struct nn_arch *arch, float *params,
		  struct random *random);

/*
 * Runs a batch forward, with dropout, and backward.
 * gradient: (nn_param_count), set to the sum over the images of the batch
 */
struct score network_learn(struct batch *batch, const float *params,
			   float *gradient, struct random *random);

#endif
