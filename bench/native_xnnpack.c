/* SPDX-License-Identifier: Apache-2.0 */
/* XNNPACK: fully connected operators, bias and ReLU in the same pass. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <xnnpack.h>

#include "native.h"

#define LAYERS_MAX 8

struct network {
	const struct nn_arch *arch;
	size_t n;
	xnn_operator_t layers[LAYERS_MAX];
	float *rows[LAYERS_MAX + 1];
};

static void check(bool ok)
{
	if (!ok) {
		fprintf(stderr, "XNNPACK has failed\n");
		exit(1);
	}
}

/* Debian 13's version, which has this flag, takes two more arguments ... */
#ifdef XNN_FLAG_KEEP_DIMS
#define NO_CACHES NULL, NULL,
#else
#define NO_CACHES
#endif

static xnn_operator_t create(const struct nn_layer *layer, const float *w,
			     const float *bias)
{
	xnn_operator_t op = NULL;

	/* clang-format off */
	check(xnn_create_fully_connected_nc_f32(
		      layer->in, layer->out, layer->in, layer->out, w, bias,
		      layer->relu ? 0 : -INFINITY, INFINITY,
		      XNN_FLAG_TRANSPOSE_WEIGHTS,
		      NO_CACHES &op) == xnn_status_success);
	/* clang-format on */
	return op;
}

/* ... and needs one more step. */
static bool setup(xnn_operator_t op, size_t n, const float *x, float *y)
{
#ifdef XNN_FLAG_KEEP_DIMS
	return xnn_reshape_fully_connected_nc_f32(op, n, NULL) ==
		       xnn_status_success &&
	       xnn_setup_fully_connected_nc_f32(op, x, y) == xnn_status_success;
#else
	return xnn_setup_fully_connected_nc_f32(op, n, x, y, NULL) ==
	       xnn_status_success;
#endif
}

void *native_xnnpack(const struct nn_arch *arch, const float *params, size_t n)
{
	struct network *net = calloc(1, sizeof(*net));

	check(net && xnn_initialize(NULL) == xnn_status_success);
	net->arch = arch;
	net->n = n;
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		const struct nn_layer *layer = &arch->layers[l];
		const float *bias = params + (size_t)layer->in * layer->out;

		net->layers[l] = create(layer, params, bias);
		net->rows[l] =
			calloc(n * layer->out + XNN_EXTRA_BYTES, sizeof(float));
		check(net->rows[l]);
		params = bias + layer->out;
	}
	return net;
}

void native_xnnpack_run(void *network, const float *x, float *y)
{
	struct network *net = network;
	uint32_t last = net->arch->layer_count - 1;

	for (uint32_t l = 0; l <= last; l++) {
		float *to = l == last ? y : net->rows[l];

		check(setup(net->layers[l], net->n, x, to) &&
		      xnn_run_operator(net->layers[l], NULL) ==
			      xnn_status_success);
		x = to;
	}
}
