/* SPDX-License-Identifier: Apache-2.0 */
#include "int8.h"

#include <string.h>

#include "nn/arch.h"
#include "nn/net.h"

#define PASS  8u /* images of a pass */
#define NODES 5

_Static_assert(BENCH_ALIGN == NN_ALIGN, "one alignment");

struct network {
	struct nn_head head;
	struct nn_tensor tensors[1 + NODES];
	struct nn_node nodes[NODES];
};

static struct nn_node node_of(uint16_t n)
{
	struct nn_node node = { .op = n ? NN_CONV : NN_IMAGE,
				.sources = 1,
				.source = { n } };

	if (n) {
		node.conv.window = (struct nn_window){
			{ 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }
		};
		node.conv.clamp.int8[0] = INT8_MIN;
		node.conv.clamp.int8[1] = INT8_MAX;
		node.conv.groups = 1;
	} else {
		node.image.divisor = 255;
		node.image.deviation[0] = 1;
	}
	return node;
}

static struct nn_net make_network(struct network *w)
{
	const uint32_t inputs = nn_inputs(&nn_mnist);

	*w = (struct network){ .head = { .nodes = NODES, .inputs = 1 } };
	for (uint16_t t = 0; t <= NODES; t++) {
		const uint32_t width =
			t < 2 ? inputs : nn_mnist.layers[t - 2].out;

		w->tensors[t] = (struct nn_tensor){
			.type = t ? NN_INT8 : NN_UINT8,
			.rank = 1,
			.dims = { width, 1, 1, 1, 1, 1 },
			.offset = w->head.arena,
			.scale = t ? 1 : 0,
		};
		w->head.arena += (width + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
		if (t < NODES)
			w->nodes[t] = node_of(t);
	}
	return (struct nn_net){ &w->head, w->tensors, w->nodes };
}

size_t bench_int8_params(void)
{
	struct network w;
	const struct nn_net net = make_network(&w);
	size_t size = NN_SLACK;

	for (uint32_t n = 0; n < NODES; n++)
		size += (size_t)nn_params_size(&net, n);
	return size;
}

size_t bench_int8_work(void)
{
	struct network w;
	const struct nn_net net = make_network(&w);

	return nn_work_bytes(&net, PASS);
}

void bench_int8(const void *params, const uint8_t *images, size_t n,
		size_t times, void *work)
{
	const size_t inputs = nn_inputs(&nn_mnist);
	struct network w;
	const struct nn_net net = make_network(&w);

	for (size_t done = 0; done < n * times;) {
		const size_t first = done % n;
		const size_t pass = n - first < PASS ? n - first : PASS;

		memcpy(nn_tensor_at(&net, work, 0, pass),
		       images + first * inputs, pass * inputs);
		nn_net_run(&net, params, work, pass);
		done += pass;
	}
}
