/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/import/onnx*.c: any bytes as a model. A refusal has a message and leaves
 * an empty graph. In a graph that was read, each node reads inputs, constants
 * and the outputs of nodes before it; dimensions and constants are in range.
 */
#include "host/import/onnx.h"

#include "tests/lib/fuzz.h"

static void value_check(const struct graph_value *v)
{
	FUZZ_ASSERT(v->rank >= 1 && v->rank <= GRAPH_RANK_MAX);
	FUZZ_ASSERT(graph_elements(v));
	FUZZ_ASSERT(!v->quant.scale || (v->quant.zero && v->quant.count));
	FUZZ_ASSERT(v->type != NN_INT8 || v->quant.scale);
}

static void node_check(const struct graph *g, const struct graph_node *n,
		       bool *ready)
{
	FUZZ_ASSERT(n->op > 0 && n->op < NN_OPS && n->name);
	FUZZ_ASSERT(n->in_count >= 1 && n->in_count <= GRAPH_INPUTS_MAX);
	for (uint32_t i = 0; i < n->in_count; i++) {
		int32_t v = n->in[i];

		FUZZ_ASSERT(v >= GRAPH_NONE && v < (int32_t)g->value_count);
		FUZZ_ASSERT(v < 0 || ready[v] || g->values[v].data);
		if (v >= 0)
			value_check(&g->values[v]);
	}
	FUZZ_ASSERT(n->out >= 0 && n->out < (int32_t)g->value_count);
	FUZZ_ASSERT(!ready[n->out] && !g->values[n->out].data);
	value_check(&g->values[n->out]);
	ready[n->out] = true;
}

static void graph_check(const struct graph *g)
{
	bool *ready = calloc(g->value_count + 1, sizeof(*ready));

	FUZZ_ASSERT(ready && g->input_count && g->output_count);
	for (size_t i = 0; i < g->input_count; i++)
		ready[g->inputs[i]] = true;
	for (size_t i = 0; i < g->node_count; i++)
		node_check(g, &g->nodes[i], ready);
	for (size_t i = 0; i < g->output_count; i++)
		FUZZ_ASSERT(ready[g->outputs[i]]);
	free(ready);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct enc_error e;
	struct graph g = { .values = NULL };

	e.what[0] = '\0';
	if (onnx_read(data, len, NULL, &g, &e)) {
		graph_check(&g);
		graph_free(&g);
	} else {
		FUZZ_ASSERT(e.what[0] && !g.values && !g.nodes);
	}
	return 0;
}
