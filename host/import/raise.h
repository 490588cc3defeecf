/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back of lower.h: from a network to a graph, which can be changed and
 * lowered anew.
 */
#ifndef HOST_IMPORT_RAISE_H
#define HOST_IMPORT_RAISE_H

#include "lower.h"

/*
 * net: without int8 tensors, but for constants of any type. Value t of the
 * graph is tensor t; constants that are no tensors follow. A node is named by
 * its number. False if memory runs out, or a constant is larger than a graph's;
 * *g, empty before, is to be freed in any case.
 */
bool raise_network(const struct lowered *net, struct graph *g,
		   struct enc_error *e);

#endif
