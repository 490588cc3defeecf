/* SPDX-License-Identifier: Apache-2.0 */
#include "graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A copy, cut to its limit, that ends with a NUL; NULL with *e set. */
static char *copy_name(const char *name, size_t len, struct enc_error *e)
{
	char *copy = NULL;

	if (len > GRAPH_NAME_MAX)
		len = GRAPH_NAME_MAX;
	copy = malloc(len + 1);
	if (!copy) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (len)
		memcpy(copy, name, len);
	copy[len] = '\0';
	return copy;
}

/*
 * Room for one more element of an array that is allocated once, as long as it
 * may become: pointers into it stay valid.
 */
static bool has_room(void **array, size_t count, size_t max, size_t bytes,
		     const char *what, struct enc_error *e)
{
	if (count == max)
		return enc_fail(e, ENC_ERR_LIMIT,
				"the network has more than %zu %s", max, what);
	if (!*array)
		*array = calloc(max, bytes);
	return *array || enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

int32_t graph_value(struct graph *g, const char *name, size_t name_len,
		    struct enc_error *e)
{
	void *values = g->values;
	char *copy = NULL;

	if (!has_room(&values, g->value_count, GRAPH_VALUES_MAX,
		      sizeof(*g->values), "tensors", e))
		return -1;
	g->values = values;
	copy = copy_name(name, name_len, e);
	if (!copy)
		return -1;
	g->values[g->value_count].name = copy;
	return (int32_t)g->value_count++;
}

struct graph_node *graph_node(struct graph *g, enum nn_op op, const char *name,
			      size_t name_len, struct enc_error *e)
{
	struct graph_node *node = NULL;
	void *nodes = g->nodes;
	char *copy = NULL;

	if (!has_room(&nodes, g->node_count, GRAPH_NODES_MAX, sizeof(*g->nodes),
		      "operators", e))
		return NULL;
	g->nodes = nodes;
	copy = copy_name(name, name_len, e);
	if (!copy)
		return NULL;
	node = &g->nodes[g->node_count++];
	node->op = op;
	node->name = copy;
	node->out = INT32_MIN;
	node->low = -INFINITY;
	node->high = INFINITY;
	return node;
}

bool graph_rename(struct graph_value *v, const char *name, size_t name_len,
		  struct enc_error *e)
{
	char *copy = copy_name(name, name_len, e);

	if (!copy)
		return false;
	free(v->name);
	v->name = copy;
	return true;
}

size_t graph_elements(const struct graph_value *v)
{
	size_t n = 1;

	for (uint32_t d = 0; d < v->rank; d++) {
		if (v->dims[d] > NN_ELEMENTS_MAX / n)
			return 0;
		n *= v->dims[d];
		if (!n)
			return 0;
	}
	return n;
}

size_t graph_type_bytes(enum nn_type type)
{
	return type == NN_F32 || type == NN_INT32 ? 4 : 1;
}

/* Constants are the owner's secret. */
static void free_value(struct graph_value *v)
{
	if (v->data)
		explicit_bzero(v->data,
			       graph_elements(v) * graph_type_bytes(v->type));
	free(v->data);
	free(v->quant.scale);
	free(v->quant.zero);
	free(v->name);
}

double graph_half(uint16_t bits)
{
	int exponent = bits >> 10 & 31;
	double m = bits & 1023;
	double r = 0;

	if (exponent == 31)
		r = m > 0 ? (double)NAN : (double)INFINITY;
	else if (exponent)
		r = ldexp(m + 1024, exponent - 25);
	else
		r = ldexp(m, -24);
	return bits >> 15 ? -r : r;
}

void graph_free(struct graph *g)
{
	for (size_t i = 0; i < g->value_count; i++)
		free_value(&g->values[i]);
	for (size_t i = 0; i < g->node_count; i++)
		free(g->nodes[i].name);
	free(g->values);
	free(g->nodes);
	*g = (struct graph){ 0 };
}
