/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: nn_net_check() goes through tensors, then through nodes, then
 * through pairs of tensors. What it accepts needs no check later: all sizes
 * follow from shapes, and all offsets lie inside of the arena.
 *
 * Working memory: the arena, for a batch; NN_SLACK; scratch memory.
 */
#include "net.h"

#include <string.h>

#include "rules.h"

#define MACS_MAX   ((uint64_t)1 << 40) /* of a batch */
#define PARAMS_MAX ((uint64_t)1 << 31)
#define ARENA_MAX  ((uint64_t)1 << 30) /* of a batch */

const struct nn_operator *const nn_operators[NN_OPS] = {
	[NN_IMAGE] = &nn_op_image,
	[NN_QUANTIZE] = &nn_op_quantize,
	[NN_DEQUANTIZE] = &nn_op_dequantize,
	[NN_CONV] = &nn_op_conv,
	[NN_DEPTHWISE] = &nn_op_depthwise,
	[NN_MATMUL] = &nn_op_matmul,
	[NN_POOL_MAX] = &nn_op_pool_max,
	[NN_POOL_AVERAGE] = &nn_op_pool_average,
	[NN_BINARY] = &nn_op_binary,
	[NN_UNARY] = &nn_op_unary,
	[NN_SOFTMAX] = &nn_op_softmax,
	[NN_NORM] = &nn_op_norm,
	[NN_REDUCE] = &nn_op_reduce,
	[NN_RESHAPE] = &nn_op_reshape,
	[NN_TRANSPOSE] = &nn_op_transpose,
	[NN_SLICE] = &nn_op_slice,
	[NN_PAD] = &nn_op_pad,
	[NN_CONCAT] = &nn_op_concat,
	[NN_EXPAND] = &nn_op_expand,
	[NN_GATHER] = &nn_op_gather,
	[NN_RESIZE] = &nn_op_resize,
	[NN_CONSTANT] = &nn_op_constant,
};

_Static_assert(sizeof(struct nn_tensor) == 40, "as it is stored");
_Static_assert(sizeof(struct nn_node) == 64, "as it is stored");
_Static_assert(sizeof(struct nn_head) == 64, "as it is stored");

static uint32_t tensor_count(const struct nn_head *head)
{
	return (uint32_t)head->inputs + head->nodes;
}

size_t nn_tables_size(const struct nn_head *head)
{
	return tensor_count(head) * sizeof(struct nn_tensor) +
	       head->nodes * sizeof(struct nn_node);
}

enum nn_error nn_head_check(const struct nn_head *head)
{
	if (memcmp(head->magic, NN_MAGIC, sizeof(head->magic)) != 0 ||
	    head->version != NN_VERSION)
		return NN_ERROR_HEAD;
	if (head->nodes < 1 || head->nodes > NN_NODES_MAX || head->inputs < 1 ||
	    head->inputs > NN_INPUTS_MAX || head->batch < 1 ||
	    head->batch > NN_BATCH_MAX)
		return NN_ERROR_HEAD;
	if (head->arena % NN_ALIGN ||
	    (uint64_t)head->arena * head->batch > ARENA_MAX ||
	    head->params > PARAMS_MAX || head->macs > MACS_MAX / head->batch)
		return NN_ERROR_HEAD;
	if (head->reserved ||
	    !nn_all_zero(head->reserved2, sizeof(head->reserved2)))
		return NN_ERROR_HEAD;
	return NN_OK;
}

/* --- tensors --- */

static bool dims_are_valid(const struct nn_tensor *t)
{
	uint64_t elements = 1;

	if (t->rank < 1 || t->rank > NN_RANK_MAX)
		return false;
	for (size_t d = 0; d < NN_RANK_MAX; d++) {
		if (t->dims[d] < 1 || t->dims[d] > NN_DIM_MAX ||
		    (d >= t->rank && t->dims[d] != 1))
			return false;
		elements *= t->dims[d];
		if (elements > NN_ELEMENTS_MAX)
			return false;
	}
	return true;
}

/* Positive and normal for int8, else 0 (not -0). */
static bool scale_is_valid(const struct nn_tensor *t)
{
	if (t->type == NN_INT8)
		return nn_is_normal(t->scale) && !(nn_to_bits(t->scale) >> 31);
	return !nn_to_bits(t->scale) && !t->zero;
}

static bool tensor_is_valid(const struct nn_tensor *t, bool is_input)
{
	return t->type >= NN_F32 && t->type <= NN_INT32 &&
	       (t->type != NN_UINT8 || is_input) && t->is_output <= 1 &&
	       !t->reserved && dims_are_valid(t) && scale_is_valid(t);
}

/* Of a sample. */
static uint64_t tensor_bytes(const struct nn_tensor *t)
{
	return (uint64_t)nn_elements(t) * nn_type_size(t->type);
}

static bool tensor_is_in_arena(const struct nn_tensor *t, uint32_t arena)
{
	return t->offset % NN_ALIGN == 0 && t->offset <= arena &&
	       tensor_bytes(t) <= arena - t->offset;
}

static enum nn_error check_tensors(const struct nn_net *net, uint32_t *at)
{
	bool has_output = false;

	for (uint32_t t = 0; t < tensor_count(net->head); t++) {
		const struct nn_tensor *tensor = &net->tensors[t];

		*at = t;
		if (!tensor_is_valid(tensor, t < net->head->inputs))
			return NN_ERROR_TENSOR;
		if (!tensor_is_in_arena(tensor, net->head->arena))
			return NN_ERROR_ARENA;
		has_output |= tensor->is_output;
	}
	return has_output ? NN_OK : NN_ERROR_OUTPUT;
}

/* --- nodes --- */

/* The number of the tensor that a node computes. */
static uint32_t output_of(const struct nn_net *net, uint32_t node)
{
	return net->head->inputs + node;
}

static struct nn_at node_at(const struct nn_net *net, uint32_t node)
{
	struct nn_at at = { .node = &net->nodes[node] };

	for (size_t i = 0; i < at.node->sources; i++)
		at.in[i] = &net->tensors[at.node->source[i]];
	at.out = &net->tensors[output_of(net, node)];
	return at;
}

static bool sources_are_valid(const struct nn_node *node, uint32_t tensors)
{
	if (node->sources > NN_SOURCES_MAX)
		return false;
	for (size_t i = 0; i < NN_SOURCES_MAX; i++) {
		if (i < node->sources ? node->source[i] >= tensors :
					node->source[i] != 0)
			return false;
	}
	return true;
}

static bool node_is_valid(const struct nn_net *net, uint32_t n)
{
	const struct nn_node *node = &net->nodes[n];
	struct nn_at at = { 0 };

	if (node->op < 1 || node->op >= NN_OPS || node->reserved ||
	    !sources_are_valid(node, output_of(net, n)))
		return false;
	at = node_at(net, n);
	return nn_operators[node->op]->check(&at);
}

static enum nn_error check_nodes(const struct nn_net *net, uint32_t *at)
{
	uint64_t params = 0;
	uint64_t macs = 0;

	for (uint32_t n = 0; n < net->head->nodes; n++) {
		struct nn_at node = { 0 };
		uint64_t size = 0;
		uint64_t work = 0;

		*at = n;
		if (!node_is_valid(net, n))
			return NN_ERROR_NODE;
		node = node_at(net, n);
		size = nn_params_size(net, n);
		if (size > net->head->params - params)
			return NN_ERROR_PARAMS;
		params += size;
		work = nn_operators[node.node->op]->macs(&node);
		if (work > net->head->macs - macs)
			return NN_ERROR_MACS;
		macs += work;
	}
	if (params != net->head->params)
		return NN_ERROR_PARAMS;
	return macs == net->head->macs ? NN_OK : NN_ERROR_MACS;
}

/* --- liveness --- */

static bool node_reads(const struct nn_node *node, uint32_t tensor)
{
	for (size_t i = 0; i < node->sources; i++) {
		if (node->source[i] == tensor)
			return true;
	}
	return false;
}

/*
 * How many nodes begin while the tensor is in use: the last one of them reads
 * it. 0: nothing reads it.
 */
static uint32_t last_use(const struct nn_net *net, uint32_t tensor)
{
	uint32_t n = net->head->nodes;

	if (net->tensors[tensor].is_output)
		return n;
	while (n > 0 && !node_reads(&net->nodes[n - 1], tensor))
		n--;
	return n;
}

static bool share_memory(const struct nn_tensor *a, const struct nn_tensor *b)
{
	return a->offset < b->offset + tensor_bytes(b) &&
	       b->offset < a->offset + tensor_bytes(a);
}

/* True if a node may write its output over `tensor`, which it reads last. */
static bool is_in_place(const struct nn_net *net, uint32_t n, uint32_t tensor)
{
	const struct nn_node *node = &net->nodes[n];
	const struct nn_tensor *from = &net->tensors[tensor];
	const struct nn_tensor *to = &net->tensors[output_of(net, n)];

	return nn_operators[node->op]->in_place && node->sources > 0 &&
	       node->source[0] == tensor && from->offset == to->offset &&
	       tensor_bytes(from) == tensor_bytes(to);
}

/*
 * Each tensor with those that are written while it is in use. Inputs are
 * written before the first node.
 */
static enum nn_error check_overlaps(const struct nn_net *net, uint32_t *at)
{
	const uint32_t inputs = net->head->inputs;

	for (uint32_t a = 0; a < tensor_count(net->head); a++) {
		uint32_t last = last_use(net, a);

		*at = a;
		if (!last)
			return NN_ERROR_OUTPUT;
		for (uint32_t b = a + 1; b < inputs + last; b++) {
			if (!share_memory(&net->tensors[a], &net->tensors[b]))
				continue;
			if (b != inputs + last - 1 ||
			    net->tensors[a].is_output || b < inputs ||
			    !is_in_place(net, b - inputs, a))
				return NN_ERROR_OVERLAP;
		}
	}
	return NN_OK;
}

enum nn_error nn_net_check(const struct nn_net *net, uint32_t *at)
{
	enum nn_error error = nn_head_check(net->head);

	*at = 0;
	if (!error)
		error = check_tensors(net, at);
	if (!error)
		error = check_nodes(net, at);
	if (!error)
		error = check_overlaps(net, at);
	return error;
}

/* --- parameters --- */

uint64_t nn_params_size(const struct nn_net *net, uint32_t node)
{
	const struct nn_at at = node_at(net, node);
	const struct nn_operator *op = nn_operators[at.node->op];

	return op->params ? op->params(&at) : 0;
}

bool nn_values_check(const struct nn_net *net, uint32_t node,
		     const void *params)
{
	const struct nn_at at = node_at(net, node);
	const struct nn_operator *op = nn_operators[at.node->op];

	return !op->values || op->values(&at, params);
}

/* --- computation --- */

size_t nn_work_bytes(const struct nn_net *net, size_t batch)
{
	return net->head->arena * batch + NN_SLACK + NN_SCRATCH;
}

void *nn_tensor_at(const struct nn_net *net, void *work, uint32_t tensor,
		   size_t batch)
{
	return (uint8_t *)work + net->tensors[tensor].offset * batch;
}

void nn_net_run(const struct nn_net *net, const void *params, void *work,
		size_t batch)
{
	const uint8_t *next = params;
	void *scratch = (uint8_t *)work + net->head->arena * batch + NN_SLACK;

	for (uint32_t n = 0; n < net->head->nodes; n++) {
		struct nn_call call = { .at = node_at(net, n),
					.params = next,
					.batch = batch,
					.scratch = scratch };

		for (size_t i = 0; i < call.at.node->sources; i++)
			call.in[i] = nn_tensor_at(
				net, work, call.at.node->source[i], batch);
		call.out = nn_tensor_at(net, work, output_of(net, n), batch);
		nn_operators[call.at.node->op]->run(&call);
		next += nn_params_size(net, n);
	}
}
