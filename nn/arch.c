/* SPDX-License-Identifier: Apache-2.0 */
#include "arch.h"

/* clang-format off */
static const struct nn_layer mnist_layers[] = {
	{ "linear1", 784, 512, true },
	{ "linear2", 512, 256, true },
	{ "linear3", 256, 128, true },
	{ "output",  128,  10, false },
};
/* clang-format on */

const struct nn_arch nn_mnist = {
	.layers = mnist_layers,
	.layer_count = sizeof(mnist_layers) / sizeof(mnist_layers[0]),
	.mean = 0.1307f,
	.std = 0.3081f,
};

uint32_t nn_inputs(const struct nn_arch *arch)
{
	return arch->layers[0].in;
}

uint32_t nn_outputs(const struct nn_arch *arch)
{
	return arch->layers[arch->layer_count - 1].out;
}

size_t nn_param_count(const struct nn_arch *arch)
{
	size_t count = 0;

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];

		count += ((size_t)layer->in + 1) * layer->out;
	}
	return count;
}
