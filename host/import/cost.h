/* SPDX-License-Identifier: Apache-2.0 */
/* What each node of a network takes, and when each tensor is in use. */
#ifndef HOST_IMPORT_COST_H
#define HOST_IMPORT_COST_H

#include "lower.h"

struct node_cost {
	uint64_t macs;
	uint64_t params; /* bytes */
	uint64_t arena;	 /* bytes of the tensors in use while it computes */
};

/* Nodes while a tensor is in use, both included. */
struct tensor_span {
	uint32_t first;
	uint32_t last;
};

struct cost {
	struct node_cost nodes[NN_NODES_MAX];
	struct tensor_span spans[NN_INPUTS_MAX + NN_NODES_MAX];
};

/* Of a network that nn_net_check() accepts. */
void cost_network(const struct nn_net *net, struct cost *cost);

/* Bytes of a tensor in the arena. */
uint64_t cost_tensor(const struct nn_tensor *t);

#endif
