/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a graph to a network of nn/net.h: tables, a plan of the arena, and
 * parameters packed as the engine reads them. A graph has one network: the
 * same bytes on every machine.
 */
#ifndef HOST_IMPORT_LOWER_H
#define HOST_IMPORT_LOWER_H

#include "graph.h"

struct lowered {
	struct nn_net net; /* in the next three */
	struct nn_head head;
	struct nn_tensor tensors[NN_INPUTS_MAX + NN_NODES_MAX];
	struct nn_node nodes[NN_NODES_MAX];
	uint8_t *params;      /* head.params and NN_SLACK bytes, aligned */
	uint64_t arena_bound; /* no plan needs less than this */
};

/*
 * Fuses the graph (fuse.h) and lowers it. The result passes nn_net_check() and,
 * for each node, nn_values_check(). NULL with *e set if an operator, a shape or
 * a number is not one that the engine computes.
 */
struct lowered *lower_graph(struct graph *g, struct enc_error *e);

/* Wipes and frees; NULL is allowed. */
void lower_free(struct lowered *l);

/*
 * "CONV" and the like; of a node whose variant has a name, that: "SIGMOID".
 * node: its operator is 1 to NN_OPS - 1.
 */
const char *lower_op_name(const struct nn_node *node);

#endif
