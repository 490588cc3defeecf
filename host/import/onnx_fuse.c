/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A constant for each channel, added or multiplied after a layer or a norm,
 * moves into its parameters: biases of MatMul, BatchNormalization, gains.
 */
#include <stdlib.h>
#include <string.h>

#include "onnx_read.h"

struct fuse {
	struct graph *g;
	struct enc_error *e;
	uint32_t *uses; /* of values */
	int32_t *maker; /* nodes */
};

/* True if it is one number, or one for each of the last m elements. */
static bool channel_constant(const struct graph_value *v, uint32_t m)
{
	size_t n = graph_elements(v);

	return v->data && v->type == NN_F32 &&
	       (n == 1 || (n == m && v->dims[v->rank - 1] == m));
}

/* A parameter of m elements that is `none` everywhere, if there is none yet. */
static bool param_need(struct fuse *f, int32_t node, uint32_t in, uint32_t m,
		       float none)
{
	struct graph_value *v = NULL;
	int32_t at = 0;

	if (f->g->nodes[node].in[in] >= 0)
		return true;
	at = graph_value(f->g, "", 0, f->e);
	if (at < 0)
		return false;
	v = &f->g->values[at];
	v->type = NN_F32;
	v->rank = 1;
	v->dims[0] = m;
	v->data = calloc(m, sizeof(float));
	if (!v->data)
		return enc_fail(f->e, ENC_ERR_MEMORY, "out of memory");
	for (uint32_t i = 0; i < m; i++)
		((float *)v->data)[i] = none;
	f->g->nodes[node].in[in] = at;
	return true;
}

/* v = v * factor + term, for each index along its `axis`. */
static void param_change(struct graph_value *v, uint32_t axis,
			 const struct graph_value *c, bool multiply, float sign)
{
	size_t n = graph_elements(v), inner = 1, m = v->dims[axis];
	const float *by = c->data;
	bool one = graph_elements(c) == 1;
	float *data = v->data;

	for (uint32_t d = axis + 1; d < v->rank; d++)
		inner *= v->dims[d];
	for (size_t i = 0; i < n; i++) {
		float k = by[one ? 0 : i / inner % m];

		data[i] = multiply ? data[i] * k : data[i] + sign * k;
	}
}

static bool param_float(const struct fuse *f, int32_t v)
{
	return v < 0 || f->g->values[v].type == NN_F32;
}

/* Parameters that a product scales, and the one that a sum goes to. */
static bool layer_change(struct fuse *f, int32_t node, uint32_t m,
			 int32_t constant, enum nn_binary what)
{
	const struct graph_node *n = &f->g->nodes[node];
	bool norm = n->op == NN_NORM, multiply = what == NN_MUL;
	struct graph_value *v = NULL;
	uint32_t axis = 0;

	if (!param_float(f, n->in[2]) ||
	    ((multiply || norm) && !param_float(f, n->in[1])))
		return false;
	if ((multiply && norm && !param_need(f, node, 1, m, 1)) ||
	    (!multiply && !param_need(f, node, 2, m, 0)))
		return false;
	n = &f->g->nodes[node];
	v = f->g->values;
	if (n->in[2] >= 0)
		param_change(&v[n->in[2]], 0, &v[constant], multiply,
			     what == NN_SUB ? -1.0f : 1.0f);
	if (multiply) {
		axis = n->op == NN_DEPTHWISE ? v[n->in[1]].rank - 1 : 0;
		param_change(&v[n->in[1]], axis, &v[constant], true, 1);
	}
	return true;
}

/* The layer or norm before a value, with nothing else in between. */
static int32_t layer_before(const struct fuse *f, int32_t value, uint32_t m,
			    int32_t *last)
{
	const struct graph *g = f->g;

	for (*last = f->maker[value]; *last >= 0;
	     value = g->nodes[f->maker[value]].in[0]) {
		int32_t node = f->maker[value];
		enum nn_op op = NN_OPS;

		if (node < 0 || f->uses[value] != 1)
			return GRAPH_NONE;
		op = g->nodes[node].op;
		if (op == NN_CONV || op == NN_DEPTHWISE || op == NN_NORM)
			return g->values[value].dims[g->values[value].rank -
						     1] == m ?
				       node :
				       GRAPH_NONE;
		if (op != NN_RESHAPE)
			return GRAPH_NONE;
	}
	return GRAPH_NONE;
}

static bool same_shape(const struct graph_value *a, const struct graph_value *b)
{
	return a->rank == b->rank &&
	       !memcmp(a->dims, b->dims, a->rank * sizeof(*a->dims));
}

static void fuse_node(struct fuse *f, size_t i)
{
	struct graph *g = f->g;
	struct graph_node *n = &g->nodes[i];
	bool swap = n->variant != NN_SUB && g->values[n->in[0]].data;
	int32_t x = n->in[swap], constant = n->in[!swap], last = 0, node = 0;
	const struct graph_value *out = &g->values[n->out];
	uint32_t m = out->dims[out->rank - 1];

	if (n->op != NN_BINARY ||
	    (n->variant != NN_ADD && n->variant != NN_SUB &&
	     n->variant != NN_MUL) ||
	    !channel_constant(&g->values[constant], m) ||
	    !same_shape(out, &g->values[x]))
		return;
	node = layer_before(f, x, m, &last);
	if (node < 0 ||
	    !layer_change(f, node, m, constant, (enum nn_binary)n->variant))
		return;
	/* The binary node is left without a reader: its output has moved. */
	g->nodes[last].out = n->out;
	f->maker[n->out] = last;
	n->out = x;
	f->maker[x] = GRAPH_NONE;
}

bool onnx_fuse(struct graph *g, struct enc_error *e)
{
	struct fuse f = { .g = g, .e = e };

	f.uses = calloc(GRAPH_VALUES_MAX + 1, sizeof(*f.uses));
	f.maker = calloc(GRAPH_VALUES_MAX + 1, sizeof(*f.maker));
	if (!f.uses || !f.maker) {
		free(f.uses);
		free(f.maker);
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i <= GRAPH_VALUES_MAX; i++)
		f.maker[i] = GRAPH_NONE;
	for (size_t i = 0; i < g->output_count; i++)
		f.uses[g->outputs[i]]++;
	for (size_t i = 0; i < g->node_count; i++) {
		f.maker[g->nodes[i].out] = (int32_t)i;
		for (uint32_t k = 0; k < g->nodes[i].in_count; k++) {
			if (g->nodes[i].in[k] >= 0)
				f.uses[g->nodes[i].in[k]]++;
		}
	}
	for (size_t i = 0; i < g->node_count; i++) {
		if (g->nodes[i].op == NN_BINARY)
			fuse_node(&f, i);
	}
	free(f.uses);
	free(f.maker);
	onnx_prune(g);
	return true;
}
