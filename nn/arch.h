/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack of dense layers over 8-bit pixels, which is what enc_mnist-rs's
 * format holds. pack.h, dense.h, forward.h and label.h are about it; net.h runs
 * any network.
 *
 * Layer l maps x (in) to y (out): y = x W + b, then max(y, 0) if `relu`.
 * Parameters are f32. A Burn record has, for each layer, the weight (in, out),
 * row-major, then the bias (out); the engine keeps them in another order, see
 * pack.h. Freestanding; no state; every function may be called from any thread.
 */
#ifndef NN_ARCH_H
#define NN_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nn_layer {
	const char *name; /* as the record's author named it */
	uint32_t in;	  /* inputs, 1 to 65,535 */
	uint32_t out;	  /* outputs, 1 to 65,535; the next layer's `in` */
	bool relu;
};

struct nn_arch {
	const struct nn_layer *layers;
	uint32_t layer_count;
	float mean; /* of pixel / 255 over the training set */
	float std;  /* its standard deviation */
};

/* 784-512-256-128-10, the network of enc_mnist: 567,434 parameters. */
extern const struct nn_arch nn_mnist;

/* Inputs (pixels, one byte each) and outputs (classes) of the network. */
uint32_t nn_inputs(const struct nn_arch *arch);
uint32_t nn_outputs(const struct nn_arch *arch);

/* Number of f32 parameters in all layers. */
size_t nn_param_count(const struct nn_arch *arch);

#endif
