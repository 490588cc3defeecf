/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <string.h>

#include "nn/arch.h"
#include "nn/op.h"

#define PASS  8u /* images of a pass */
#define NODES 5

_Static_assert(BENCH_ALIGN == NN_ALIGN, "one alignment");

struct network {
	struct nn_head head;
	struct nn_tensor tensors[1 + NODES];
	struct nn_node nodes[NODES];
};

/* f32: ReLU behind all layers but the last. */
static union nn_clamp clamp_of(enum nn_type type, uint16_t n)
{
	const float infinite = __builtin_inff();

	if (type == NN_INT8)
		return (union nn_clamp){ .int8 = { INT8_MIN, INT8_MAX } };
	return (union nn_clamp){ .f32 = { n < NODES - 1 ? 0 : -infinite,
					  infinite } };
}

static struct nn_node node_of(enum nn_type type, uint16_t n)
{
	struct nn_node node = { .op = n ? NN_CONV : NN_IMAGE,
				.sources = 1,
				.source = { n } };

	if (n) {
		node.conv.window = (struct nn_window){
			{ 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }
		};
		node.conv.clamp = clamp_of(type, n);
		node.conv.groups = 1;
	} else {
		node.image.divisor = 255;
		node.image.deviation[0] = 1;
	}
	return node;
}

static struct nn_net make_network(enum nn_type type, struct network *w)
{
	const uint32_t inputs = nn_inputs(&nn_mnist);

	*w = (struct network){ .head = { .nodes = NODES, .inputs = 1 } };
	for (uint16_t t = 0; t <= NODES; t++) {
		const uint32_t width =
			t < 2 ? inputs : nn_mnist.layers[t - 2].out;
		const uint8_t of = (uint8_t)(t ? type : NN_UINT8);

		w->tensors[t] = (struct nn_tensor){
			.type = of,
			.rank = 1,
			.dims = { width, 1, 1, 1, 1, 1 },
			.offset = w->head.arena,
			.scale = of == NN_INT8,
		};
		w->head.arena +=
			(uint32_t)(width * nn_type_size(of) + NN_ALIGN - 1) /
			NN_ALIGN * NN_ALIGN;
		if (t < NODES)
			w->nodes[t] = node_of(type, t);
	}
	return (struct nn_net){ &w->head, w->tensors, w->nodes };
}

size_t bench_network_params(enum nn_type type)
{
	struct network w;
	const struct nn_net net = make_network(type, &w);
	size_t size = NN_SLACK;

	for (uint32_t n = 0; n < NODES; n++)
		size += (size_t)nn_params_size(&net, n);
	return size;
}

size_t bench_network_work(enum nn_type type)
{
	struct network w;
	const struct nn_net net = make_network(type, &w);

	return nn_work_bytes(&net, PASS);
}

void bench_network(enum nn_type type, const void *params, const uint8_t *images,
		   size_t n, size_t times, void *work)
{
	const size_t inputs = nn_inputs(&nn_mnist);
	struct network w;
	const struct nn_net net = make_network(type, &w);

	for (size_t done = 0; done < n * times;) {
		const size_t first = done % n;
		const size_t pass = n - first < PASS ? n - first : PASS;

		memcpy(nn_tensor_at(&net, work, 0, pass),
		       images + first * inputs, pass * inputs);
		nn_net_run(&net, params, work, pass);
		done += pass;
	}
}
