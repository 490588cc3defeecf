/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/import/tflite*.c: any bytes as a .tflite file.
 *
 * A graph that is accepted is whole: each node reads constants and what nodes
 * before it compute, and all data are as long as the shapes say. A refusal
 * names its reason on one line, and leaves no graph.
 */
#include "host/import/tflite.h"

#include "tests/lib/fuzz.h"

/* Reads every byte of a value. */
static void check_value(const struct graph_value *v)
{
	const volatile uint8_t *data = v->data;
	size_t bytes = graph_elements(v) * graph_type_bytes(v->type);

	FUZZ_ASSERT(bytes && v->rank <= GRAPH_RANK_MAX);
	for (size_t i = 0; data && i < bytes; i++)
		(void)data[i];
	for (size_t i = 0; i < v->quant.count; i++)
		FUZZ_ASSERT(v->quant.scale[i] > 0 &&
			    v->quant.zero[i] >= INT8_MIN &&
			    v->quant.zero[i] <= INT8_MAX);
	FUZZ_ASSERT((v->type == NN_INT8) == !!v->quant.count);
	FUZZ_ASSERT(strlen(v->name) < 4096);
}

static void check_node(const struct graph *g, const struct graph_node *node,
		       const bool *known)
{
	FUZZ_ASSERT(node->op > 0 && node->op < NN_OPS);
	FUZZ_ASSERT(node->in_count > 0 && node->in_count <= GRAPH_INPUTS_MAX);
	for (uint32_t i = 0; i < node->in_count; i++) {
		int32_t v = node->in[i];

		if (v == GRAPH_NONE)
			continue;
		FUZZ_ASSERT(v >= 0 && (size_t)v < g->value_count);
		FUZZ_ASSERT(known[v] || g->values[v].data);
	}
	FUZZ_ASSERT(node->out >= 0 && (size_t)node->out < g->value_count);
	FUZZ_ASSERT(!known[node->out] && !g->values[node->out].data);
	FUZZ_ASSERT(node->low < node->high);
}

static void check_graph(const struct graph *g, bool *known)
{
	for (size_t i = 0; i < g->input_count; i++)
		known[g->inputs[i]] = true;
	for (size_t i = 0; i < g->node_count; i++) {
		check_node(g, &g->nodes[i], known);
		known[g->nodes[i].out] = true;
	}
	FUZZ_ASSERT(g->output_count > 0);
	for (size_t i = 0; i < g->output_count; i++)
		FUZZ_ASSERT(known[g->outputs[i]]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *file = fuzz_copy(data, len);
	struct enc_error e = { 0 };
	struct graph g = { 0 };
	bool *known = NULL;

	if (!tflite_read(file, len, &g, &e)) {
		FUZZ_ASSERT(!g.values && !g.nodes && e.code != ENC_OK);
		FUZZ_ASSERT(*e.what && !strchr(e.what, '\n'));
		free(file);
		return 0;
	}
	free(file); /* the graph does not need it */
	known = calloc(g.value_count, sizeof(*known));
	FUZZ_ASSERT(known && e.code == ENC_OK);
	check_graph(&g, known);
	for (size_t i = 0; i < g.value_count; i++)
		check_value(&g.values[i]);
	free(known);
	graph_free(&g);
	FUZZ_ASSERT(!g.values && !g.nodes);
	return 0;
}
