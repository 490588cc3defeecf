/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each tensor lies in the arena.
 *
 * A tensor is live from the node that computes it to the last node that reads
 * it; inputs from the first node on, outputs until the end. Two tensors that
 * are live at once do not share memory, except where a node computes its output
 * in place. The plan depends on shapes and order only, and is the same on every
 * machine.
 */
#ifndef HOST_IMPORT_PLAN_H
#define HOST_IMPORT_PLAN_H

#include "host/base/error.h"
#include "nn/net.h"

/*
 * Sets the offset of each tensor, and head->arena. head: nodes and inputs are
 * set; tensors: all but their offsets; nodes: complete.
 *
 * *bound: bytes of the tensors that are live at once, where they are most. No
 * plan needs less.
 */
bool plan_arena(struct nn_head *head, struct nn_tensor *tensors,
		const struct nn_node *nodes, uint64_t *bound,
		struct enc_error *e);

#endif
