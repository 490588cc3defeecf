/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: a change that breaks a rule is taken back, so that those which
 * are left add up. Changes of one size seldom fit, hence those of several.
 */
#include "vary.h"

#include "network.h"

#define TRIES 24

typedef void change(uint32_t *state, struct operators_tables *t);

static uint32_t any_size(uint32_t *state)
{
	static const uint16_t edges[] = { 1,   2,   3,	 4,   5,   7,	 8,
					  9,   12,  15,	 16,  17,  24,	 31,
					  32,  33,  48,	 63,  64,  65,	 70,
					  255, 257, 300, 513, 520, 1030, 2050 };
	const uint32_t count = sizeof(edges) / sizeof(*edges);

	if (network_draw(state, 2))
		return 1 + network_draw(state, 70);
	return edges[network_draw(state, count)];
}

static uint32_t tensors_of(const struct operators_tables *t)
{
	return t->head.inputs + 1u;
}

static struct nn_tensor *any_tensor(uint32_t *state, struct operators_tables *t)
{
	return &t->tensors[network_draw(state, tensors_of(t))];
}

static struct nn_tensor *any_input(uint32_t *state, struct operators_tables *t)
{
	return &t->tensors[network_draw(state, t->head.inputs)];
}

static struct nn_tensor *output(struct operators_tables *t)
{
	return &t->tensors[t->head.inputs];
}

static uint32_t *any_dim(uint32_t *state, struct nn_tensor *tensor)
{
	return &tensor->dims[network_draw(state, tensor->rank)];
}

static uint32_t *last_dim(struct nn_tensor *tensor)
{
	return &tensor->dims[tensor->rank - 1];
}

/* --- sizes --- */

/* All dimensions of one size. */
static void change_all(uint32_t *state, struct operators_tables *t)
{
	const uint32_t from = *any_dim(state, any_tensor(state, t));
	const uint32_t to = any_size(state);

	for (uint32_t i = 0; i < tensors_of(t); i++) {
		for (uint32_t d = 0; d < t->tensors[i].rank; d++) {
			if (t->tensors[i].dims[d] == from)
				t->tensors[i].dims[d] = to;
		}
	}
	if (t->node.op == NN_GATHER && t->node.gather.rows == from)
		t->node.gather.rows = to;
}

static void change_one(uint32_t *state, struct operators_tables *t)
{
	*any_dim(state, any_tensor(state, t)) = any_size(state);
}

/* As much more on both sides, as a product and as a sum. */
static void multiply(uint32_t *state, struct operators_tables *t)
{
	const uint32_t by = 2 + network_draw(state, 6);

	*any_dim(state, any_input(state, t)) *= by;
	*any_dim(state, output(t)) *= by;
}

static void add(uint32_t *state, struct operators_tables *t)
{
	const uint32_t more = 1 + network_draw(state, 20);

	*any_dim(state, any_input(state, t)) += more;
	*any_dim(state, output(t)) += more;
}

/* A dimension more, or one less, before the others. */
static void change_rank(uint32_t *state, struct operators_tables *t)
{
	const uint32_t first =
		network_draw(state, 2) ? 1 : 1 + network_draw(state, 5);
	const bool more = network_draw(state, 2);

	for (uint32_t i = 0; i < tensors_of(t); i++) {
		struct nn_tensor *tensor = &t->tensors[i];
		const size_t rest = (NN_RANK_MAX - 1) * sizeof(*tensor->dims);

		if (more) {
			memmove(tensor->dims + 1, tensor->dims, rest);
			tensor->dims[0] = first;
			tensor->rank++;
		} else {
			memmove(tensor->dims, tensor->dims + 1, rest);
			tensor->dims[NN_RANK_MAX - 1] = 1;
			tensor->rank--;
		}
	}
}

/* --- the node --- */

static void change_window(uint32_t *state, struct operators_tables *t)
{
	uint16_t *const of[] = { t->node.conv.window.kernel,
				 t->node.conv.window.stride,
				 t->node.conv.window.dilation,
				 t->node.conv.window.pad };
	const uint32_t most = network_draw(state, 8) ? 5 : 20;

	if (t->node.op >= NN_CONV && t->node.op <= NN_POOL_AVERAGE &&
	    t->node.op != NN_MATMUL)
		of[network_draw(state, 4)][network_draw(state, 2)] =
			(uint16_t)network_draw(state, most);
}

static void change_channels(uint32_t *state, struct operators_tables *t)
{
	const uint32_t groups =
		network_draw(state, 2) ? 1 : 1 + network_draw(state, 5);
	const uint32_t most = 72 / groups;

	if (t->node.op != NN_CONV)
		return;
	t->node.conv.groups = groups;
	*last_dim(&t->tensors[0]) = groups * (1 + network_draw(state, most));
	*last_dim(output(t)) = groups * (1 + network_draw(state, most));
}

/* Exchanges two dimensions of a tensor. */
static void exchange(struct nn_tensor *tensor, uint32_t a, uint32_t b)
{
	const uint32_t dim = tensor->dims[a];

	tensor->dims[a] = tensor->dims[b];
	tensor->dims[b] = dim;
}

static void transpose(uint32_t *state, struct operators_tables *t)
{
	const uint32_t rank = output(t)->rank;
	const uint32_t a = network_draw(state, rank);
	const uint32_t b = network_draw(state, rank);
	uint8_t *from = t->node.transpose.from;
	const uint8_t from_a = from[a];

	exchange(output(t), a, b);
	from[a] = from[b];
	from[b] = from_a;
}

static void concat(uint32_t *state, struct operators_tables *t)
{
	struct nn_tensor *to = output(t);
	const uint32_t axis = network_draw(state, to->rank);

	t->node.concat.axis = axis;
	for (uint32_t i = 0; i < t->head.inputs; i++) {
		memcpy(t->tensors[i].dims, to->dims, sizeof(to->dims));
		t->tensors[i].dims[axis] = 1 + network_draw(state, 20);
	}
	to->dims[axis] = t->tensors[0].dims[axis] + t->tensors[1].dims[axis];
}

/* Other dimensions: what each operator names them by. */
static void change_axes(uint32_t *state, struct operators_tables *t)
{
	const uint32_t d = network_draw(state, output(t)->rank);
	const uint32_t side = network_draw(state, 2);
	struct nn_node *node = &t->node;

	switch (node->op) {
	case NN_MATMUL:
		node->matmul.transposed ^= 1u << side;
		exchange(&t->tensors[side], t->tensors[side].rank - 2,
			 t->tensors[side].rank - 1);
		break;
	case NN_BINARY:
		node->binary.axes ^= node->binary.has_constant << d;
		break;
	case NN_NORM:
		node->norm.constants ^= 1u << side;
		break;
	case NN_REDUCE:
		node->reduce.axes ^= 1u << d;
		output(t)->dims[d] =
			node->reduce.axes >> d & 1 ? 1 : t->tensors[0].dims[d];
		break;
	case NN_TRANSPOSE:
		transpose(state, t);
		break;
	case NN_CONCAT:
		concat(state, t);
		break;
	default:
		break;
	}
}

static void change_zeros(uint32_t *state, struct operators_tables *t)
{
	const int8_t zero = (int8_t)network_draw(state, 256);
	const uint32_t which = 1 + network_draw(state, 7);

	for (uint32_t i = 0; i < tensors_of(t); i++) {
		if (which >> i & 1)
			t->tensors[i].zero = zero;
	}
}

static void change_node(uint32_t *state, struct operators_tables *t)
{
	network_change(state, t->node.bytes, sizeof(t->node.bytes));
}

static void change_tensor(uint32_t *state, struct operators_tables *t)
{
	network_change(state, any_tensor(state, t), sizeof(struct nn_tensor));
}

/* --- all of it --- */

static bool repair(struct operators_tables *t)
{
	return network_repair(&t->head, t->tensors, &t->node) &&
	       t->head.arena <= VARY_ARENA_MAX &&
	       t->head.params <= VARY_PARAMS_MAX &&
	       t->head.macs <= VARY_MACS_MAX;
}

static void try(uint32_t *state, struct operators_tables *t, change *apply)
{
	struct operators_tables changed = *t;

	apply(state, &changed);
	if (repair(&changed))
		*t = changed;
}

/* Operators that only move elements also move indices. */
static void become_int32(uint32_t *state, struct operators_tables *t)
{
	(void)state;
	for (uint32_t i = 0; i < tensors_of(t); i++) {
		if (t->tensors[i].type == NN_F32)
			t->tensors[i].type = NN_INT32;
	}
}

void operators_vary(uint32_t *state, struct operators_tables *t)
{
	static change *const changes[] = {
		change_all,	 change_all,	change_one,
		change_one,	 multiply,	add,
		change_rank,	 change_window, change_window,
		change_channels, change_axes,	change_zeros,
		change_node,	 change_node,	change_tensor
	};
	const uint32_t count = sizeof(changes) / sizeof(*changes);

	if (!repair(t))
		abort();
	if (!network_draw(state, 4))
		try(state, t, become_int32);
	for (uint32_t i = 0; i < TRIES; i++)
		try(state, t, changes[network_draw(state, count)]);
}
