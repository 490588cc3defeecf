/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a graph smaller without changing what it computes, and gives it one
 * order.
 *
 * Activations, padding and constant factors move into the layer before or after
 * them. A factor changes the last bits of f32 weights; all else is exact.
 * Reshapes and transposes of each other become one or none. Nodes that no
 * output needs are removed. Then nodes stand where their output is first
 * needed, seen from the outputs.
 */
#ifndef HOST_IMPORT_FUSE_H
#define HOST_IMPORT_FUSE_H

#include "graph.h"

/* False if memory or the number of values runs out; the graph can be freed. */
bool fuse_graph(struct graph *g, struct enc_error *e);

#endif
