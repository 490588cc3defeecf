/* SPDX-License-Identifier: Apache-2.0 */
#include "cost.h"

#include "nn/op.h"

uint64_t cost_tensor(const struct nn_tensor *t)
{
	const uint64_t bytes = (uint64_t)nn_elements(t) * nn_type_size(t->type);

	return (bytes + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
}

static void find_spans(const struct nn_net *net, struct tensor_span *spans)
{
	const uint32_t inputs = net->head->inputs;

	for (uint32_t t = 0; t < inputs + net->head->nodes; t++) {
		spans[t].first = t < inputs ? 0 : t - inputs;
		spans[t].last = net->tensors[t].is_output ?
					net->head->nodes - 1u :
					spans[t].first;
	}
	for (uint32_t n = 0; n < net->head->nodes; n++) {
		for (uint32_t s = 0; s < net->nodes[n].sources; s++) {
			struct tensor_span *span =
				&spans[net->nodes[n].source[s]];

			span->last = span->last < n ? n : span->last;
		}
	}
}

/* The output of a node that works in place has no memory of its own. */
static uint64_t arena_in_use(const struct nn_net *net,
			     const struct tensor_span *spans, uint32_t n)
{
	const uint32_t inputs = net->head->inputs;
	const struct nn_node *node = &net->nodes[n];
	const bool in_place =
		node->sources && net->tensors[node->source[0]].offset ==
					 net->tensors[inputs + n].offset;
	uint64_t sum = 0;

	for (uint32_t t = 0; t < inputs + net->head->nodes; t++) {
		if (spans[t].first <= n && n <= spans[t].last &&
		    !(in_place && t == inputs + n))
			sum += cost_tensor(&net->tensors[t]);
	}
	return sum;
}

void cost_network(const struct nn_net *net, struct cost *cost)
{
	find_spans(net, cost->spans);
	for (uint32_t n = 0; n < net->head->nodes; n++) {
		const struct nn_node *node = &net->nodes[n];
		struct nn_at at = { .node = node };

		for (uint32_t s = 0; s < node->sources; s++)
			at.in[s] = &net->tensors[node->source[s]];
		at.out = &net->tensors[net->head->inputs + n];
		cost->nodes[n] = (struct node_cost){
			.macs = nn_operators[node->op]->macs(&at),
			.params = nn_params_size(net, n),
			.arena = arena_in_use(net, cost->spans, n),
		};
	}
}
