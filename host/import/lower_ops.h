/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lower.c and the operators in lower_ops.c share. Private to both.
 *
 * lower.c goes through the graph; lower_ops.c knows what each kind of node
 * becomes. Functions that return bool or a tensor set *e when they return false
 * or -1.
 */
#ifndef HOST_IMPORT_LOWER_OPS_H
#define HOST_IMPORT_LOWER_OPS_H

#include "lower.h"
#include "nn/op.h"

struct lower {
	const struct graph *g;
	struct lowered *out;
	struct enc_error *e;
	int32_t tensor[GRAPH_VALUES_MAX]; /* of each value; -1: none yet */
	/*
	 * Of each node: its name, for messages; where it comes from; a
	 * constant, for NN_CONSTANT.
	 */
	const char *name[NN_NODES_MAX];
	const struct graph_node *from[NN_NODES_MAX];
	const struct graph_value *constant[NN_NODES_MAX];
};

/*
 * A kind of node. lower() fills the sources and the union of a node that is 0
 * but for its operator and variant; NULL: no graph has such a node. pack() is
 * called when the tables are complete; NULL: the node has no parameters.
 */
struct lower_kind {
	const char *name;
	bool (*lower)(struct lower *l, const struct graph_node *from,
		      struct nn_node *to);
	bool (*pack)(struct lower *l, uint32_t node, uint8_t *params);
};

extern const struct lower_kind lower_kinds[NN_OPS];

/* Names of an operator's variants, by number. */
struct lower_names {
	const char *const *names; /* 0 has none */
	size_t count;
};

extern const struct lower_names lower_variants[NN_OPS];

/* "NAME: message". Always false. */
bool lower_refuse(struct lower *l, const char *name, const char *what, ...)
	__attribute__((format(printf, 3, 4)));

/* Appends a node that computes `t`, and checks it: the number of its output. */
int32_t lower_emit(struct lower *l, const struct nn_node *node,
		   const struct nn_tensor *t, const char *name);

/* The tensor of a value; a constant becomes a node. */
int32_t lower_tensor(struct lower *l, int32_t v);

/* A node with the shapes around it. */
void lower_look(const struct lower *l, uint32_t n, struct nn_at *at);

static inline const struct graph_value *lower_value(const struct lower *l,
						    int32_t v)
{
	return &l->g->values[v];
}

#endif
