/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: each node of the graph becomes one node of the network, after
 * NN_CONSTANT nodes for constants that the engine reads as tensors. Then the
 * arena is planned, and, when the bytes of all parameters are known, they are
 * packed in order.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuse.h"
#include "lower_ops.h"
#include "plan.h"

#define BATCH 8 /* of networks without convolutions */

const char *lower_op_name(const struct nn_node *node)
{
	const struct lower_names *variants = &lower_variants[node->op];

	return node->variant && node->variant < variants->count ?
		       variants->names[node->variant] :
		       lower_kinds[node->op].name;
}

bool lower_refuse(struct lower *l, const char *name, const char *what, ...)
{
	char text[1024] = "";
	char printable[128] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	snprintf(printable, sizeof(printable), "%s", name ? name : "");
	enc_printable(printable);
	return enc_fail(l->e, ENC_ERR_UNSUPPORTED, "%s: %s", printable, text);
}

/* --- tensors --- */

static bool set_quant(struct lower *l, const struct graph_value *v,
		      struct nn_tensor *t)
{
	if (v->quant.count != 1)
		return lower_refuse(
			l, v->name,
			"an int8 tensor with %zu scales; activations "
			"have one",
			v->quant.count);
	t->scale = v->quant.scale[0];
	if (!isnormal(t->scale) || t->scale < 0)
		return lower_refuse(l, v->name, "scale %g; it must be positive",
				    (double)t->scale);
	if (v->quant.zero[0] < -128 || v->quant.zero[0] > 127)
		return lower_refuse(l, v->name,
				    "zero point %" PRId32
				    "; it must be from -128 to 127",
				    v->quant.zero[0]);
	t->zero = (int8_t)v->quant.zero[0];
	return true;
}

static bool set_tensor(struct lower *l, const struct graph_value *v,
		       struct nn_tensor *t)
{
	*t = (struct nn_tensor){ .type = (uint8_t)v->type,
				 .rank = (uint8_t)(v->rank ? v->rank : 1) };
	if (v->rank > NN_RANK_MAX)
		return lower_refuse(l, v->name,
				    "%" PRIu32
				    " dimensions; at most %u are possible",
				    v->rank, NN_RANK_MAX);
	for (uint32_t d = 0; d < NN_RANK_MAX; d++) {
		t->dims[d] = d < v->rank ? v->dims[d] : 1;
		if (t->dims[d] < 1 || t->dims[d] > NN_DIM_MAX)
			return lower_refuse(l, v->name,
					    "a dimension of %" PRIu32
					    "; 1 to %u are possible",
					    t->dims[d], NN_DIM_MAX);
	}
	if (!graph_elements(v))
		return lower_refuse(l, v->name, "more than %u elements",
				    NN_ELEMENTS_MAX);
	return v->type != NN_INT8 || set_quant(l, v, t);
}

void lower_look(const struct lower *l, uint32_t n, struct nn_at *at)
{
	const struct nn_tensor *tensors = l->out->tensors;

	*at = (struct nn_at){ .node = &l->out->nodes[n] };
	for (uint32_t i = 0; i < at->node->sources; i++)
		at->in[i] = &tensors[at->node->source[i]];
	at->out = &tensors[l->out->head.inputs + n];
}

static size_t describe(const struct nn_tensor *t, char *text, size_t room)
{
	static const char *const types[] = { "?", "f32", "int8", "uint8",
					     "int32" };
	int len = snprintf(text, room, " %s(", types[t->type]);

	for (uint32_t d = 0; d < t->rank; d++)
		len += snprintf(text + len, room - (size_t)len, "%s%" PRIu32,
				d ? ", " : "", t->dims[d]);
	len += snprintf(text + len, room - (size_t)len, ")");
	if (t->type == NN_INT8)
		len += snprintf(text + len, room - (size_t)len,
				" of scale %g and zero point %d",
				(double)t->scale, t->zero);
	return (size_t)len;
}

/* The engine does not know the node: says what was asked for. */
static bool refuse_node(struct lower *l, uint32_t n, const char *name)
{
	char text[(NN_SOURCES_MAX + 1) * 128] = "";
	size_t len = 0;
	struct nn_at at = { 0 };

	lower_look(l, n, &at);
	for (uint32_t i = 0; i < at.node->sources; i++)
		len += describe(at.in[i], text + len, sizeof(text) - len);
	len += (size_t)snprintf(text + len, sizeof(text) - len, " to");
	describe(at.out, text + len, sizeof(text) - len);
	return lower_refuse(l, name, "the engine has no %s from%s",
			    lower_op_name(at.node), text);
}

int32_t lower_emit(struct lower *l, const struct nn_node *node,
		   const struct nn_tensor *t, const char *name)
{
	struct nn_head *head = &l->out->head;
	uint32_t n = head->nodes;
	struct nn_at at = { 0 };

	if (n == NN_NODES_MAX) {
		lower_refuse(l, name, "the network has more than %u nodes",
			     NN_NODES_MAX);
		return -1;
	}
	l->out->nodes[n] = *node;
	l->out->tensors[head->inputs + n] = *t;
	l->name[n] = name;
	head->nodes++;
	lower_look(l, n, &at);
	if (nn_operators[node->op]->check(&at))
		return (int32_t)(head->inputs + n);
	refuse_node(l, n, name);
	return -1;
}

int32_t lower_tensor(struct lower *l, int32_t v)
{
	const struct graph_value *value = lower_value(l, v);
	const struct nn_node node = { .op = NN_CONSTANT };
	struct nn_tensor t = { 0 };

	if (l->tensor[v] >= 0)
		return l->tensor[v];
	if (!value->data) {
		lower_refuse(l, value->name, "nothing computes this tensor");
		return -1;
	}
	if (!set_tensor(l, value, &t))
		return -1;
	l->tensor[v] = lower_emit(l, &node, &t, value->name);
	if (l->tensor[v] >= 0)
		l->constant[l->out->head.nodes - 1] = value;
	return l->tensor[v];
}

/* --- the network --- */

static bool lower_inputs(struct lower *l)
{
	const struct graph *g = l->g;

	l->out->head.inputs = (uint8_t)g->input_count;
	for (size_t i = 0; i < g->input_count; i++) {
		if (!set_tensor(l, lower_value(l, g->inputs[i]),
				&l->out->tensors[i]))
			return false;
		l->tensor[g->inputs[i]] = (int32_t)i;
	}
	return true;
}

static bool lower_node(struct lower *l, const struct graph_node *from)
{
	struct nn_node node = { .op = (uint8_t)from->op,
				.variant = from->variant };
	struct nn_tensor t = { 0 };
	int32_t made = 0;

	if (from->op < 1 || from->op >= NN_OPS || !lower_kinds[from->op].lower)
		return lower_refuse(l, from->name, "unknown operator %d",
				    from->op);
	if (!set_tensor(l, lower_value(l, from->out), &t) ||
	    !lower_kinds[from->op].lower(l, from, &node))
		return false;
	made = lower_emit(l, &node, &t, from->name);
	if (made < 0)
		return false;
	l->tensor[from->out] = made;
	l->from[l->out->head.nodes - 1] = from;
	return true;
}

/* The same tensor behind all others. */
static int32_t copy_tensor(struct lower *l, int32_t tensor, const char *name)
{
	const struct nn_tensor t = l->out->tensors[tensor];
	const struct nn_node copy = { .op = NN_RESHAPE,
				      .sources = 1,
				      .source = { (uint16_t)tensor } };

	return lower_emit(l, &copy, &t, name);
}

/*
 * Outputs keep their order: one that another is computed from is copied. So is
 * an input: a network has a node.
 */
static bool lower_outputs(struct lower *l)
{
	int32_t tensors[NN_INPUTS_MAX] = { 0 };
	int32_t last = l->out->head.inputs - 1;

	for (size_t i = 0; i < l->g->output_count; i++) {
		int32_t v = l->g->outputs[i];

		tensors[i] = lower_tensor(l, v);
		if (tensors[i] >= 0 && tensors[i] <= last)
			tensors[i] = copy_tensor(l, tensors[i],
						 lower_value(l, v)->name);
		if (tensors[i] < 0)
			return false;
		last = tensors[i];
	}
	for (size_t i = 0; i < l->g->output_count; i++)
		l->out->tensors[tensors[i]].is_output = 1;
	return true;
}

/* Several samples at once pay where a layer sees each of them once. */
static uint16_t find_batch(const struct lowered *net)
{
	for (uint32_t n = 0; n < net->head.nodes; n++) {
		const struct nn_tensor *out =
			&net->tensors[net->head.inputs + n];
		const struct nn_window *window = &net->nodes[n].conv.window;
		uint8_t op = net->nodes[n].op;
		size_t channels = out->dims[out->rank - 1];

		if (op == NN_DEPTHWISE || op == NN_MATMUL ||
		    (op == NN_CONV &&
		     (window->kernel[0] > 1 || window->kernel[1] > 1 ||
		      nn_elements(out) != channels)))
			return 1;
	}
	return BATCH;
}

static void count_work(struct lower *l)
{
	struct nn_head *head = &l->out->head;

	for (uint32_t n = 0; n < head->nodes; n++) {
		const struct nn_operator *op =
			nn_operators[l->out->nodes[n].op];
		struct nn_at at = { 0 };

		lower_look(l, n, &at);
		head->macs += op->macs(&at);
		head->params += op->params ? op->params(&at) : 0;
	}
}

static bool pack_params(struct lower *l)
{
	struct lowered *net = l->out;
	size_t room = (size_t)(net->head.params + NN_SLACK + NN_ALIGN - 1) /
		      NN_ALIGN * NN_ALIGN;
	uint8_t *params = aligned_alloc(NN_ALIGN, room);

	net->params = params;
	if (!params)
		return enc_fail(l->e, ENC_ERR_MEMORY, "out of memory");
	memset(params, 0, room);
	for (uint32_t n = 0; n < net->head.nodes; n++) {
		const struct lower_kind *how = &lower_kinds[net->nodes[n].op];

		if (how->pack && !how->pack(l, n, params))
			return false;
		if (!nn_values_check(&net->net, n, params))
			return lower_refuse(l, l->name[n],
					    "a constant is infinite, not a "
					    "number, or out of range");
		params += nn_params_size(&net->net, n);
	}
	return true;
}

/* What no single node shows: an unused input, and sizes. */
static bool check_network(struct lower *l)
{
	uint32_t at = 0;
	enum nn_error error = nn_net_check(&l->out->net, &at);

	if (error == NN_OK)
		return true;
	if (error == NN_ERROR_OUTPUT && at < l->g->input_count)
		return lower_refuse(l, lower_value(l, l->g->inputs[at])->name,
				    "the network does not use this input");
	if (error == NN_ERROR_HEAD)
		return enc_fail(l->e, ENC_ERR_LIMIT,
				"the network is too large: %" PRIu32
				" bytes of activations, %" PRIu64
				" of parameters, %" PRIu64 " multiplications",
				l->out->head.arena, l->out->head.params,
				l->out->head.macs);
	return enc_fail(l->e, ENC_ERR_UNSUPPORTED,
			"the engine refuses the network: error %d at %" PRIu32,
			error, at);
}

static bool lower_all(struct lower *l)
{
	struct lowered *net = l->out;

	if (!lower_inputs(l))
		return false;
	for (size_t n = 0; n < l->g->node_count; n++) {
		if (!lower_node(l, &l->g->nodes[n]))
			return false;
	}
	if (!lower_outputs(l) ||
	    !plan_arena(&net->head, net->tensors, net->nodes, &net->arena_bound,
			l->e))
		return false;
	net->head.batch = find_batch(net);
	count_work(l);
	return check_network(l) && pack_params(l);
}

struct lowered *lower_graph(struct graph *g, struct enc_error *e)
{
	struct lowered *net = calloc(1, sizeof(*net));
	struct lower *l = calloc(1, sizeof(*l));
	bool ok = net && l;

	if (!ok)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	if (ok && fuse_graph(g, e)) {
		*l = (struct lower){ .g = g, .out = net, .e = e };
		memset(l->tensor, -1, sizeof(l->tensor));
		net->net =
			(struct nn_net){ &net->head, net->tensors, net->nodes };
		memcpy(net->head.magic, NN_MAGIC, sizeof(net->head.magic));
		net->head.version = NN_VERSION;
		ok = lower_all(l);
	} else {
		ok = false;
	}
	free(l);
	if (ok)
		return net;
	lower_free(net);
	return NULL;
}

void lower_free(struct lowered *l)
{
	if (l && l->params)
		explicit_bzero(l->params, (size_t)l->head.params);
	if (l)
		free(l->params);
	free(l);
}
