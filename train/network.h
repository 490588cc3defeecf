/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network in training: forward, loss, and backward to the gradient of every
 * parameter. Parameters and gradients are in the order of nn/arch.h.
 */
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"
#include "random.h"

#define NETWORK_LAYERS_MAX 8

/* The activations and slopes of a batch. */
struct batch {
	const struct nn_arch *arch;
	size_t size;	 /* images */
	uint8_t *labels; /* (size) */
	/* [0]: normalised images; [l + 1]: outputs of layer l. (size, width) */
	float *values[NETWORK_LAYERS_MAX + 1];
	/* Derivatives of the loss by values[l + 1], (size, width). */
	float *slopes[NETWORK_LAYERS_MAX];
};

struct score {
	double loss; /* sum over the images */
	size_t right;
};

/*
 * Allocates a batch of `size` images; false: out of memory, or too many layers.
 */
bool batch_create(struct batch *batch, const struct nn_arch *arch, size_t size);
void batch_free(struct batch *batch);

/* Sets random initial weights (He et al. 2015) and biases of 0. */
void network_init(const struct nn_arch *arch, float *params,
		  struct random *random);

/*
 * Runs a batch forward, with dropout, and backward.
 * gradient: (nn_param_count), set to the sum over the images of the batch
 */
struct score network_learn(struct batch *batch, const float *params,
			   float *gradient, struct random *random);

#endif
