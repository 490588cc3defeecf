/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph of f32 nodes between NN_DEQUANTIZE and NN_QUANTIZE becomes a graph of
 * int8 nodes with TFLite's arithmetic, wherever an operator has one. The nodes
 * are written anew, in their order: `q` of a float value is the int8 value with
 * the same numbers, and NN_DEQUANTIZE is written only if somebody needs floats.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_read.h"

struct place {
	int32_t q;     /* an int8 value with the same numbers, or GRAPH_NONE */
	int32_t same;  /* the value to read instead, or GRAPH_NONE */
	int32_t user;  /* a node that reads it */
	uint32_t uses; /* inputs of nodes, and outputs of the network */
	bool dequantised;
	bool outside; /* an input or an output of the network */
};

struct integers {
	struct graph *g;
	struct enc_error *e;
	struct graph_node *old;
	size_t old_count;
	bool *absorbed; /* of old nodes: a clamp that another node has done */
	struct place *at;
};

static bool fail_memory(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

static bool same_quant(const struct graph_value *a, const struct graph_value *b)
{
	return a->quant.scale && b->quant.scale && a->quant.count == 1 &&
	       b->quant.count == 1 && a->quant.zero[0] == b->quant.zero[0] &&
	       a->quant.scale[0] == b->quant.scale[0];
}

/* A new node with everything of an old one but its name. */
static struct graph_node *node_again(struct integers *s,
				     const struct graph_node *old)
{
	struct graph_node *n =
		graph_node(s->g, old->op, old->name, strlen(old->name), s->e);
	char *name = n ? n->name : NULL;

	if (n) {
		*n = *old;
		n->name = name;
	}
	return n;
}

/* An int8 value of a float value's shape, with the numbers of `like`. */
static int32_t value_int8(struct integers *s, int32_t shape, int32_t like)
{
	const char *name = s->g->values[shape].name;
	int32_t v = graph_value(s->g, name ? name : "", name ? strlen(name) : 0,
				s->e);
	struct graph_value *to = NULL;

	if (v < 0)
		return v;
	to = &s->g->values[v];
	to->type = NN_INT8;
	to->rank = s->g->values[shape].rank;
	memcpy(to->dims, s->g->values[shape].dims, sizeof(to->dims));
	to->quant.scale = malloc(sizeof(float));
	to->quant.zero = malloc(sizeof(int32_t));
	if (!to->quant.scale || !to->quant.zero) {
		fail_memory(s->e);
		return -1;
	}
	to->quant.scale[0] = s->g->values[like].quant.scale[0];
	to->quant.zero[0] = s->g->values[like].quant.zero[0];
	to->quant.count = 1;
	s->at[v] = (struct place){ .q = GRAPH_NONE, .same = GRAPH_NONE };
	return v;
}

/* ---- Floats. */

/* A quantised constant as f32. */
static bool constant_float(struct integers *s, struct graph_value *v)
{
	size_t n = graph_elements(v), inner = 1;
	float *data = calloc(n, sizeof(*data));

	if (!data)
		return fail_memory(s->e);
	for (uint32_t d = v->quant.axis + 1; d < v->rank; d++)
		inner *= v->dims[d];
	for (size_t i = 0; i < n; i++) {
		size_t c = v->quant.count > 1 ? i / inner % v->quant.count : 0;
		int64_t q = v->type == NN_INT8 ? ((int8_t *)v->data)[i] :
						 ((int32_t *)v->data)[i];

		data[i] = (float)(q - v->quant.zero[c]) * v->quant.scale[c];
	}
	free(v->data);
	free(v->quant.scale);
	free(v->quant.zero);
	memset(&v->quant, 0, sizeof(v->quant));
	v->data = data;
	v->type = NN_F32;
	return true;
}

/* Makes a value available as it is: dequantises what is only int8 so far. */
static bool need_value(struct integers *s, int32_t v)
{
	struct graph_node *n = NULL;

	if (v < 0)
		return true;
	if (s->g->values[v].data)
		return !s->g->values[v].quant.scale ||
		       constant_float(s, &s->g->values[v]);
	if (s->at[v].q < 0 || s->at[v].dequantised)
		return true;
	n = graph_node(s->g, NN_DEQUANTIZE, "DequantizeLinear", 16, s->e);
	if (!n)
		return false;
	n->in[0] = s->at[v].q;
	n->in_count = 1;
	n->out = v;
	n->low = -INFINITY;
	n->high = INFINITY;
	s->at[v].dequantised = true;
	return true;
}

static bool write_float(struct integers *s, const struct graph_node *old)
{
	struct graph_node *n = NULL;

	for (uint32_t i = 0; i < old->in_count; i++) {
		if (!need_value(s, old->in[i]))
			return false;
	}
	n = node_again(s, old);
	for (uint32_t i = 0; n && i < n->in_count; i++) {
		if (n->in[i] >= 0 && s->at[n->in[i]].same >= 0)
			n->in[i] = s->at[n->in[i]].same;
	}
	return n;
}

/* ---- Integers. */

/*
 * The QUANTIZE whose numbers the node may have itself: nothing but clamps and
 * changes of layout lie between. The output of it, or GRAPH_NONE.
 */
static int32_t target_find(const struct integers *s, const struct graph_node *n,
			   float *low, float *high, bool absorb)
{
	int32_t v = n->out;

	*low = n->low;
	*high = n->high;
	while (s->at[v].uses == 1 && !s->at[v].outside) {
		const struct graph_node *u = &s->old[s->at[v].user];
		bool clamp = u->op == NN_UNARY && u->variant == NN_CLAMP;

		if (u->op == NN_QUANTIZE)
			return u->out;
		if (!clamp && u->op != NN_RESHAPE && u->op != NN_TRANSPOSE)
			break;
		if (clamp) {
			*low = fmaxf(*low, u->low);
			*high = fminf(*high, u->high);
			s->absorbed[s->at[v].user] |= absorb;
		}
		v = u->out;
	}
	return GRAPH_NONE;
}

/* The node with int8 inputs and an int8 output of these numbers. */
static struct graph_node *write_int8(struct integers *s,
				     const struct graph_node *old,
				     uint32_t inputs, int32_t like)
{
	int32_t out = value_int8(s, old->out, like);
	struct graph_node *n = out < 0 ? NULL : node_again(s, old);

	if (!n)
		return NULL;
	for (uint32_t i = 0; i < inputs; i++)
		n->in[i] = s->at[old->in[i]].q;
	n->out = out;
	s->at[old->out].q = out;
	return n;
}

/* A layer's weights: symmetric, with a scale or one for each output. */
static bool weights_fit(const struct graph_node *n, const struct graph_value *w)
{
	uint32_t axis = n->op == NN_DEPTHWISE ? w->rank - 1 : 0;
	const int8_t *q = w->data;

	if (!q || w->type != NN_INT8 || !w->quant.scale ||
	    (w->quant.count > 1 && w->quant.axis != axis))
		return false;
	for (size_t i = 0; i < w->quant.count; i++) {
		if (w->quant.zero[i])
			return false;
	}
	for (size_t i = 0, count = graph_elements(w); i < count; i++) {
		if (q[i] == -128)
			return false;
	}
	return true;
}

/* A bias as an integer of scale x * w; false: out of range. */
static bool bias_int(const struct graph_value *b, size_t i, double scale,
		     int32_t *out)
{
	size_t c = b->quant.count > 1 ? i : 0;
	double r = 0, own = 0;

	if (b->type == NN_F32) {
		r = (double)((float *)b->data)[i] / scale;
	} else {
		r = b->type == NN_INT8 ? ((int8_t *)b->data)[i] :
					 ((int32_t *)b->data)[i];
		r -= b->quant.zero[c];
		own = (double)b->quant.scale[c];
		if (fabs(own - scale) > 1e-5 * scale)
			r = r * own / scale;
	}
	r = round(r);
	if (!(fabs(r) < 2147483648.0))
		return false;
	*out = (int32_t)r;
	return true;
}

/* Rewrites a layer's bias in place. False: it does not fit; nothing done. */
static bool bias_convert(struct graph_value *b, float x,
			 const struct graph_value *w)
{
	size_t n = graph_elements(b);
	int32_t *data = calloc(n, sizeof(*data));
	float *scale = calloc(n, sizeof(*scale));
	int32_t *zero = calloc(n, sizeof(*zero));
	bool ok = data && scale && zero;

	for (size_t i = 0; ok && i < n; i++) {
		double s = (double)x *
			   (double)w->quant.scale[w->quant.count > 1 ? i : 0];

		scale[i] = (float)s;
		ok = bias_int(b, i, s, &data[i]);
	}
	if (!ok) {
		free(data);
		free(scale);
		free(zero);
		return false;
	}
	free(b->data);
	free(b->quant.scale);
	free(b->quant.zero);
	b->type = NN_INT32;
	b->data = data;
	b->quant.scale = scale;
	b->quant.zero = zero;
	b->quant.count = n;
	b->quant.axis = 0;
	return true;
}

static bool layer_fits(struct integers *s, const struct graph_node *n)
{
	struct graph_value *v = s->g->values;
	const struct graph_value *w = &v[n->in[1]];

	return weights_fit(n, w) &&
	       (n->in[2] < 0 ||
		bias_convert(&v[n->in[2]], v[s->at[n->in[0]].q].quant.scale[0],
			     w));
}

/* True if an average over the whole input has another scale: NN_REDUCE. */
static bool average_whole(const struct integers *s, const struct graph_node *n)
{
	const struct graph_value *x = &s->g->values[n->in[0]];

	return x->rank == 3 && n->window.kernel[0] == x->dims[0] &&
	       n->window.kernel[1] == x->dims[1] && !n->window.pad[0] &&
	       !n->window.pad[1] && s->g->values[n->out].dims[0] == 1 &&
	       s->g->values[n->out].dims[1] == 1;
}

static bool inputs_int8(const struct integers *s, const struct graph_node *n,
			uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (n->in[i] < 0 || s->at[n->in[i]].q < 0)
			return false;
	}
	return true;
}

/* Operators that keep numbers as they are: any user may be integer. */
static bool moves_only(const struct integers *s, const struct graph_node *n)
{
	const struct graph_value *v = s->g->values;

	switch (n->op) {
	case NN_RESHAPE:
	case NN_TRANSPOSE:
	case NN_SLICE:
	case NN_POOL_MAX:
		return inputs_int8(s, n, 1);
	case NN_PAD:
		return inputs_int8(s, n, 1) && (n->variant != NN_PAD_CONSTANT ||
						fabsf(n->fill) < 1e-30f);
	case NN_CONCAT:
		for (uint32_t i = 0; i < n->in_count; i++) {
			if (!inputs_int8(s, n, i + 1) ||
			    !same_quant(&v[s->at[n->in[i]].q],
					&v[s->at[n->in[0]].q]))
				return false;
		}
		return true;
	default:
		return false;
	}
}

/* Operators with integer arithmetic, between int8 and int8. */
static bool computes(struct integers *s, struct graph_node *n, int32_t target)
{
	const struct graph_value *v = s->g->values;

	switch (n->op) {
	case NN_CONV:
	case NN_DEPTHWISE:
		return inputs_int8(s, n, 1) && layer_fits(s, n);
	case NN_BINARY:
		return (n->variant == NN_ADD || n->variant == NN_SUB ||
			n->variant == NN_MUL) &&
		       inputs_int8(s, n, 2);
	case NN_REDUCE:
		return n->variant == NN_MEAN && inputs_int8(s, n, 1);
	case NN_POOL_AVERAGE:
		if (!inputs_int8(s, n, 1))
			return false;
		if (same_quant(&v[s->at[n->in[0]].q], &v[target]))
			return true;
		if (!average_whole(s, n))
			return false;
		n->op = NN_REDUCE;
		n->variant = NN_MEAN;
		n->axes = 3;
		memset(&n->window, 0, sizeof(n->window));
		return true;
	default:
		return false;
	}
}

/* QUANTIZE of numbers that are int8 already, in these very steps. */
static bool write_quantize(struct integers *s, const struct graph_node *n)
{
	int32_t q = s->at[n->in[0]].q;
	char *name = NULL;

	if (q < 0 || (s->at[q].outside && s->at[n->out].outside) ||
	    !same_quant(&s->g->values[q], &s->g->values[n->out]))
		return write_float(s, n);
	s->at[n->out].same = q;
	if (s->at[n->out].outside) {
		name = s->g->values[q].name;
		s->g->values[q].name = s->g->values[n->out].name;
		s->g->values[n->out].name = name;
		s->at[q].outside = true;
	}
	return true;
}

static bool write_node(struct integers *s, size_t i)
{
	struct graph_node *n = &s->old[i];
	struct graph_node *out = NULL;
	float low = 0, high = 0;
	int32_t target = GRAPH_NONE, x = n->in[0];

	if (n->op == NN_DEQUANTIZE) {
		s->at[n->out].q = s->at[x].same >= 0 ? s->at[x].same : x;
		return true;
	}
	if (n->op == NN_QUANTIZE)
		return write_quantize(s, n);
	if (s->absorbed[i]) {
		s->at[n->out].q = s->at[x].q;
		return true;
	}
	if (moves_only(s, n))
		return write_int8(s, n, n->in_count, s->at[x].q);
	target = target_find(s, n, &low, &high, false);
	if (target < 0 || !computes(s, n, target))
		return write_float(s, n);
	(void)target_find(s, n, &low, &high, true);
	out = write_int8(s, n, n->op == NN_BINARY ? 2 : 1, target);
	if (!out)
		return false;
	out->low = low;
	out->high = high;
	return true;
}

static void places_mark(struct integers *s)
{
	for (size_t i = 0; i < s->g->value_count; i++)
		s->at[i] =
			(struct place){ .q = GRAPH_NONE, .same = GRAPH_NONE };
	for (size_t i = 0; i < s->g->input_count; i++)
		s->at[s->g->inputs[i]].outside = true;
	for (size_t i = 0; i < s->g->output_count; i++) {
		s->at[s->g->outputs[i]].uses++;
		s->at[s->g->outputs[i]].outside = true;
	}
	for (size_t i = 0; i < s->old_count; i++) {
		for (uint32_t k = 0; k < s->old[i].in_count; k++) {
			if (s->old[i].in[k] < 0)
				continue;
			s->at[s->old[i].in[k]].uses++;
			s->at[s->old[i].in[k]].user = (int32_t)i;
		}
	}
}

static bool outputs_write(struct integers *s)
{
	for (size_t i = 0; i < s->g->output_count; i++) {
		int32_t *out = &s->g->outputs[i];

		if (!need_value(s, *out))
			return false;
		if (s->at[*out].same >= 0)
			*out = s->at[*out].same;
	}
	for (size_t i = 0; i < s->g->input_count; i++) {
		const struct graph_value *v = &s->g->values[s->g->inputs[i]];

		if (v->type == NN_INT8 && !v->quant.scale)
			return enc_fail(s->e, ENC_ERR_UNSUPPORTED,
					"an INT8 input has no scale; "
					"DequantizeLinear or a QLinear "
					"operator must read it");
	}
	return true;
}

static bool integers_write(struct integers *s)
{
	places_mark(s);
	for (size_t i = 0; i < s->old_count; i++) {
		if (!write_node(s, i))
			return false;
	}
	return outputs_write(s);
}

bool onnx_integers(struct graph *g, struct enc_error *e)
{
	struct integers s = {
		.g = g, .e = e, .old = g->nodes, .old_count = g->node_count
	};
	bool ok = false;

	s.absorbed = calloc(s.old_count + 1, sizeof(*s.absorbed));
	s.at = calloc(GRAPH_VALUES_MAX + 1, sizeof(*s.at));
	if (s.absorbed && s.at) {
		g->nodes = NULL;
		g->node_count = 0;
		ok = integers_write(&s);
		for (size_t i = 0; i < s.old_count; i++)
			free(s.old[i].name);
		free(s.old);
	} else {
		fail_memory(e);
	}
	free(s.absorbed);
	free(s.at);
	if (ok)
		onnx_prune(g);
	return ok;
}

void onnx_prune(struct graph *g)
{
	bool *needed = calloc(g->value_count + 1, sizeof(*needed));
	size_t kept = 0;

	if (!needed)
		return;
	for (size_t i = 0; i < g->output_count; i++)
		needed[g->outputs[i]] = true;
	for (size_t i = g->node_count; i-- > 0;) {
		const struct graph_node *n = &g->nodes[i];

		for (uint32_t k = 0; needed[n->out] && k < n->in_count; k++) {
			if (n->in[k] >= 0)
				needed[n->in[k]] = true;
		}
	}
	for (size_t i = 0; i < g->node_count; i++) {
		if (needed[g->nodes[i].out])
			g->nodes[kept++] = g->nodes[i];
		else
			free(g->nodes[i].name);
	}
	g->node_count = kept;
	free(needed);
}
