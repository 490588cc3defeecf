/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the model to the graph: inputs, then each needed node in the file's
 * order, then outputs, then passes over the graph.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "onnx_read.h"

#define NAME_SHOWN 80

static void name_copy(char out[NAME_SHOWN], struct onnx_str s)
{
	size_t n = s.len < NAME_SHOWN - 1 ? s.len : NAME_SHOWN - 1;

	memcpy(out, s.at, n);
	out[n] = '\0';
	enc_printable(out);
}

void onnx_explain(struct onnx_ctx *c, const char *what, ...)
{
	char text[512] = "", name[NAME_SHOWN] = "", op[NAME_SHOWN] = "";
	const struct onnx_node *n = c->node;
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	enc_printable(text);
	if (!n) {
		enc_fail(c->e, ENC_ERR_UNSUPPORTED, "%s", text);
		return;
	}
	if (!n->name.len && n->out[0] != ONNX_ABSENT)
		name_copy(name, c->m.values[n->out[0]].name);
	else
		name_copy(name, n->name);
	name_copy(op, n->op);
	enc_fail(c->e, ENC_ERR_UNSUPPORTED, "node '%s' (%s): %s", name, op,
		 text);
}

/* "(1, 3, 4)", after "and" if it is not the first: as much as has room. */
static size_t shape_put(const struct onnx_shape *s, bool is_first, char *text,
			size_t room)
{
	size_t len = 0;

	for (uint32_t d = 0; d < s->rank && len < room; d++)
		len += (size_t)snprintf(text + len, room - len, "%s%u",
					d	 ? ", " :
					is_first ? "(" :
						   " and (",
					s->dims[d]);
	if (len < room)
		len += (size_t)snprintf(text + len, room - len, ")");
	return len < room ? len : room - 1;
}

bool onnx_misfit(struct onnx_ctx *c)
{
	char text[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < c->node->in_count; i++) {
		const struct onnx_value *v = onnx_in(c, i);

		if (v && v->shape.rank)
			len += shape_put(&v->shape, !len, text + len,
					 sizeof(text) - len);
	}
	return onnx_refuse(c, "the shapes of its inputs do not fit: %s", text);
}

struct onnx_value *onnx_in(const struct onnx_ctx *c, size_t i)
{
	if (i >= c->node->in_count || c->node->in[i] == ONNX_ABSENT)
		return NULL;
	return &c->m.values[c->node->in[i]];
}

struct onnx_value *onnx_out(const struct onnx_ctx *c, size_t i)
{
	if (i >= c->node->out_count || c->node->out[i] == ONNX_ABSENT)
		return NULL;
	return &c->m.values[c->node->out[i]];
}

struct onnx_value *onnx_need(struct onnx_ctx *c, size_t i)
{
	struct onnx_value *v = onnx_in(c, i);

	if (!v)
		onnx_explain(c, "input %zu is missing", i);
	return v;
}

struct onnx_value *onnx_need_const(struct onnx_ctx *c, size_t i,
				   const char *what)
{
	struct onnx_value *v = onnx_need(c, i);

	if (v && !onnx_const(v)) {
		onnx_explain(c,
			     "%s (input %zu) is computed; a constant is "
			     "accepted",
			     what, i);
		return NULL;
	}
	return v;
}

const struct onnx_attr *onnx_attr(const struct onnx_ctx *c, const char *name)
{
	for (size_t i = 0; i < c->node->attr_count; i++) {
		if (onnx_is(c->node->attrs[i].name, name))
			return &c->node->attrs[i];
	}
	return NULL;
}

int64_t onnx_attr_int(const struct onnx_ctx *c, const char *name, int64_t none)
{
	const struct onnx_attr *a = onnx_attr(c, name);

	return a ? a->i : none;
}

float onnx_attr_float(const struct onnx_ctx *c, const char *name, float none)
{
	const struct onnx_attr *a = onnx_attr(c, name);

	return a ? a->f : none;
}

bool onnx_attr_is(const struct onnx_ctx *c, const char *name, const char *text,
		  bool none)
{
	const struct onnx_attr *a = onnx_attr(c, name);

	return a ? onnx_is(a->s, text) : none;
}

bool onnx_list(struct onnx_ctx *c, const char *attr, size_t input,
	       int64_t *list, size_t max, size_t *count)
{
	const struct onnx_attr *a = onnx_attr(c, attr);
	struct onnx_value *v = a ? NULL : onnx_in(c, input);

	*count = 0;
	if (v && !onnx_const(v))
		return onnx_need_const(c, input, attr);
	if (a || v)
		*count = a ? a->int_count : onnx_len(v);
	if (*count > max)
		return onnx_refuse(c,
				   "%s has %zu number%s; accepted: up to %zu",
				   attr, *count, enc_s(*count), max);
	for (size_t i = 0; i < *count; i++)
		list[i] = a ? a->ints[i] : onnx_int(v, i);
	return true;
}

bool onnx_axis(struct onnx_ctx *c, int64_t axis, uint32_t rank, uint32_t *d)
{
	if (axis < -(int64_t)rank || axis >= (int64_t)rank)
		return onnx_refuse(c, "axis %lld of a tensor of rank %u",
				   (long long)axis, rank);
	*d = (uint32_t)(axis < 0 ? axis + rank : axis);
	return true;
}

/* ---- Inputs. */

/* The size that the user gave; 0: none. */
static uint32_t option_size(const struct onnx_ctx *c, const char *name)
{
	for (size_t i = 0; c->options && i < c->options->shape_count; i++) {
		if (!strcmp(c->options->shapes[i].name, name))
			return c->options->shapes[i].value;
	}
	return 0;
}

#define LABEL_SHOWN (NAME_SHOWN + 16)

/* What a user calls a dimension: its name, or INPUT[AXIS]. */
static void dim_label(const struct onnx_ctx *c, const struct onnx_input *in,
		      uint32_t d, char label[LABEL_SHOWN])
{
	char name[NAME_SHOWN] = "";

	name_copy(name, c->m.values[in->value].name);
	if (in->dims[d].name.len)
		name_copy(label, in->dims[d].name);
	else
		snprintf(label, LABEL_SHOWN, "%s[%u]", name, d);
}

static bool input_dim(struct onnx_ctx *c, const struct onnx_input *in,
		      uint32_t d, uint32_t *out)
{
	char name[NAME_SHOWN] = "", label[LABEL_SHOWN] = "";
	int64_t size = in->dims[d].value;

	name_copy(name, c->m.values[in->value].name);
	dim_label(c, in, d, label);
	if (size <= 0)
		size = option_size(c, label);
	if (!size && !d)
		size = 1;
	if (size < 1 || size > NN_DIM_MAX) {
		onnx_explain(c,
			     "dimension %u of input '%s' is not fixed, or "
			     "not 1 to %u",
			     d, name, NN_DIM_MAX);
		return enc_hint(
			c->e, "give it to `enc_mnist import': --shape %s=SIZE",
			label);
	}
	*out = (uint32_t)size;
	return true;
}

#define OPEN_SHOWN 256

/* Whether a dimension of this name is open; `open` lists those before it. */
static bool dim_is_open(const struct onnx_ctx *c, const char *name,
			char open[OPEN_SHOWN])
{
	size_t len = 0;

	for (size_t i = 0; i < c->m.input_count; i++) {
		const struct onnx_input *in = &c->m.inputs[i];

		for (uint32_t d = 0; d < in->rank; d++) {
			char label[LABEL_SHOWN] = "";

			dim_label(c, in, d, label);
			if (in->dims[d].value > 0)
				continue;
			if (!strcmp(label, name))
				return true;
			if (len < OPEN_SHOWN)
				len += (size_t)snprintf(
					open + len, OPEN_SHOWN - len, "%s%s",
					len ? ", " : "", label);
		}
	}
	return false;
}

/* A size for a dimension that is not there would be ignored. */
static bool options_fit(struct onnx_ctx *c)
{
	for (size_t i = 0; c->options && i < c->options->shape_count; i++) {
		const char *name = c->options->shapes[i].name;
		char open[OPEN_SHOWN] = "";

		if (!dim_is_open(c, name, open))
			return onnx_refuse(c,
					   "it leaves no dimension '%s' "
					   "open%s%s",
					   name, *open ? ", but: " : "", open);
	}
	return true;
}

/* The dimensions of a sample: without the batch. */
static uint32_t sample_dims(const struct onnx_shape *s, uint32_t *dims)
{
	uint32_t skip = s->rank > 1 && s->dims[0] == 1;
	uint32_t rank = s->rank - skip;

	dims[0] = 1;
	memcpy(dims, s->dims + skip, rank * sizeof(*dims));
	return rank ? rank : 1;
}

static bool input_type(struct onnx_ctx *c, const struct onnx_value *v,
		       struct graph_value *g)
{
	switch ((int)v->type) {
	case ONNX_FLOAT:
		g->type = NN_F32;
		return true;
	case ONNX_INT32:
	case ONNX_INT64:
		g->type = NN_INT32;
		return true;
	case ONNX_INT8:
		g->type = NN_INT8;
		return true;
	case ONNX_UINT8:
		g->type = NN_UINT8;
		return true;
	default:
		return onnx_refuse(c,
				   "input '%s' has element type %d%s; FLOAT, "
				   "INT8, UINT8, INT32 and INT64 are "
				   "accepted",
				   g->name, (int)v->type,
				   v->type == ONNX_FLOAT16 ? ", FLOAT16" : "");
	}
}

/* The type, and the dimensions of a sample. */
static bool input_fill(struct onnx_ctx *c, const struct onnx_value *v,
		       const struct onnx_shape *s, struct graph_value *g)
{
	uint32_t dims[GRAPH_RANK_MAX + 1] = { 0 };
	uint32_t rank = sample_dims(s, dims);

	if (!input_type(c, v, g))
		return false;
	/* Pixels: NN_IMAGE wants channels, here one. */
	if (g->type == NN_UINT8 && dims[rank - 1] > 4)
		dims[rank++] = 1;
	if (rank > NN_RANK_MAX)
		return onnx_refuse(c,
				   "input '%s' has rank %u without its batch; "
				   "%u is accepted",
				   g->name, rank, NN_RANK_MAX);
	memcpy(g->dims, dims, rank * sizeof(*dims));
	g->rank = rank;
	return true;
}

static bool input_add(struct onnx_ctx *c, const struct onnx_input *in)
{
	struct onnx_value *v = &c->m.values[in->value];
	struct onnx_shape s = { .rank = in->rank };
	struct onnx_layout plain;
	struct graph_value *g = NULL;
	size_t count = 0;
	int32_t place = 0;

	for (uint32_t d = 0; d < s.rank; d++) {
		if (!input_dim(c, in, d, &s.dims[d]))
			return false;
	}
	if (!in->has_shape || v->known || !onnx_count(&s, &count))
		return onnx_refuse(c,
				   "an input has no shape, too many "
				   "elements, or a name that is not its own");
	if (c->g->input_count == NN_INPUTS_MAX)
		return onnx_refuse(c, "more than %u inputs", NN_INPUTS_MAX);
	place = graph_value(c->g, v->name.at, v->name.len, c->e);
	if (place < 0)
		return false;
	g = &c->g->values[place];
	c->g->inputs[c->g->input_count++] = place;
	plain = onnx_layout_plain(&s);
	return input_fill(c, v, &s, g) && onnx_bind(c, v, place, &plain, &s);
}

static bool inputs_add(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->m.input_count; i++) {
		if (!onnx_const(&c->m.values[c->m.inputs[i].value]) &&
		    !input_add(c, &c->m.inputs[i]))
			return false;
	}
	return true;
}

/* ---- Nodes. */

/* Constant nodes, first of all: patterns look at numbers. */
static bool constant_node(struct onnx_ctx *c)
{
	struct onnx_value *y = onnx_out(c, 0);
	const struct onnx_attr *a = c->node->attrs;
	struct onnx_shape s = { .rank = 0 };
	bool list = false;

	if (c->node->attr_count != 1 || !y || onnx_const(y))
		return onnx_refuse(c, "one attribute and one output are "
				      "accepted");
	if (onnx_is(a->name, "value") && a->tensor) {
		y->known = true;
		y->type = a->tensor->type;
		y->shape = a->tensor->shape;
		y->data = a->tensor->data;
		return true;
	}
	list = onnx_is(a->name, "value_ints") ||
	       onnx_is(a->name, "value_floats");
	s.rank = list;
	s.dims[0] = (uint32_t)(a->int_count + a->float_count);
	if (onnx_is(a->name, "value_int") || onnx_is(a->name, "value_ints")) {
		s.dims[0] = (uint32_t)a->int_count;
		if (!onnx_make(c, y, ONNX_INT64, &s))
			return false;
		for (size_t i = 0; i < onnx_len(y); i++)
			onnx_set(y, i, 0, list ? a->ints[i] : a->i);
		return true;
	}
	if (!list && !onnx_is(a->name, "value_float"))
		return onnx_refuse(c, "the attribute must be value, value_int, "
				      "value_ints, value_float or "
				      "value_floats");
	s.dims[0] = (uint32_t)a->float_count;
	if (!onnx_make(c, y, ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0; i < onnx_len(y); i++)
		onnx_set(y, i, (double)(list ? a->floats[i] : a->f), 0);
	return true;
}

bool onnx_default_domain(const struct onnx_node *n)
{
	return !n->domain.len || onnx_is(n->domain, "ai.onnx");
}

static bool constants_read(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->m.node_count; i++) {
		c->node = &c->m.nodes[i];
		/* Names of onnx_pattern.c, which no file may use. */
		if (c->node->op.len >= 4 && !memcmp(c->node->op.at, "enc.", 4))
			return onnx_refuse(c, "this operator is not accepted");
		if (onnx_is(c->node->op, "Constant") &&
		    onnx_default_domain(c->node) && !constant_node(c))
			return false;
	}
	c->node = NULL;
	return true;
}

/* Each value's maker; nodes that the outputs need; readers of each value. */
static void nodes_mark(struct onnx_ctx *c)
{
	struct onnx_model *m = &c->m;

	for (size_t i = 0; i < m->output_count; i++)
		m->values[m->outputs[i]].uses++;
	for (size_t i = m->node_count; i-- > 0;) {
		struct onnx_node *n = &m->nodes[i];

		for (size_t o = 0; o < n->out_count; o++)
			n->needed |= n->out[o] != ONNX_ABSENT &&
				     m->values[n->out[o]].uses;
		for (size_t k = 0; n->needed && k < n->in_count; k++) {
			if (n->in[k] != ONNX_ABSENT)
				m->values[n->in[k]].uses++;
		}
	}
}

static void makers_mark(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->m.node_count; i++) {
		const struct onnx_node *n = &c->m.nodes[i];

		for (size_t o = 0; o < n->out_count; o++) {
			if (n->out[o] != ONNX_ABSENT)
				c->m.values[n->out[o]].maker = (uint32_t)i;
		}
	}
}

static const struct onnx_op *op_find(struct onnx_str name)
{
	static const struct onnx_op *const tables[] = {
		onnx_ops_math, onnx_ops_window, onnx_ops_dense,
		onnx_ops_move, onnx_ops_shape,	onnx_ops_quant,
		onnx_ops_norm, onnx_ops_resize, onnx_ops_recurrent,
		NULL
	};

	for (const struct onnx_op *const *t = tables; *t; t++) {
		for (const struct onnx_op *op = *t; op->name; op++) {
			if (onnx_is(name, op->name))
				return op;
		}
	}
	return NULL;
}

/* Operators with more than one output. */
static bool has_outputs(const struct onnx_node *n)
{
	static const char *const ops[] = { "Split",
					   "LayerNormalization",
					   "DynamicQuantizeLinear",
					   "LSTM",
					   "GRU",
					   "RNN" };
	bool has = false;

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		has |= onnx_is(n->op, ops[i]);
	return has;
}

/* Inputs exist, outputs do not. */
static bool node_wired(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->node->in_count; i++) {
		const struct onnx_value *x = onnx_in(c, i);
		char name[NAME_SHOWN] = "";

		if (!x || x->known)
			continue;
		name_copy(name, x->name);
		return onnx_refuse(c,
				   "input '%s' is not an input, a weight, "
				   "or the output of a node before it",
				   name);
	}
	for (size_t i = 0; i < c->node->out_count; i++) {
		const struct onnx_value *y = onnx_out(c, i);

		if (y && y->known)
			return onnx_refuse(c, "output %zu exists already", i);
		if (i && y && y->uses && !has_outputs(c->node))
			return onnx_refuse(c,
					   "output %zu is used; only "
					   "output 0 is accepted",
					   i);
	}
	return true;
}

static bool node_attrs(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->node->attr_count; i++) {
		char name[NAME_SHOWN] = "";

		if (!c->node->attrs[i].other)
			continue;
		name_copy(name, c->node->attrs[i].name);
		return onnx_refuse(c,
				   "attribute %s is a graph, a sparse "
				   "tensor, or a list of tensors or of many "
				   "texts; numbers, texts or a tensor are "
				   "accepted",
				   name);
	}
	return true;
}

static bool domain_known(const struct onnx_node *n)
{
	return onnx_default_domain(n) ||
	       (onnx_is(n->domain, "com.microsoft") &&
		(onnx_is(n->op, "QLinearAdd") || onnx_is(n->op, "QLinearMul") ||
		 onnx_is(n->op, "Gelu")));
}

static bool node_read(struct onnx_ctx *c)
{
	const struct onnx_op *op = op_find(c->node->op);
	char domain[NAME_SHOWN] = "";
	bool done = false;

	if (!domain_known(c->node)) {
		name_copy(domain, c->node->domain);
		return onnx_refuse(c,
				   "domain '%s'; operators of the default "
				   "domain are accepted",
				   domain);
	}
	if (!node_attrs(c) || !node_wired(c))
		return false;
	if (!onnx_out(c, 0) && !has_outputs(c->node))
		return onnx_refuse(c, "output 0 has no name");
	if (!onnx_fold(c, &done))
		return false;
	if (done)
		return true;
	if (!op) {
		onnx_explain(c, "this operator is not accepted");
		return enc_hint(c->e, "doc/MODELS.md lists the operators");
	}
	return op->run(c, op->arg);
}

static bool nodes_read(struct onnx_ctx *c)
{
	for (size_t i = 0; i < c->m.node_count; i++) {
		c->node = &c->m.nodes[i];
		if (c->node->needed && !onnx_is(c->node->op, "Constant") &&
		    !node_read(c))
			return false;
	}
	c->node = NULL;
	return true;
}

/* ---- Outputs. */

/* True if a value must be copied to be an output: an input, or one already. */
static bool output_shared(const struct graph *g, int32_t place)
{
	for (size_t i = 0; i < g->input_count; i++) {
		if (g->inputs[i] == place)
			return true;
	}
	for (size_t i = 0; i < g->output_count; i++) {
		if (g->outputs[i] == place)
			return true;
	}
	return false;
}

static bool output_add(struct onnx_ctx *c, struct onnx_value *v)
{
	uint32_t dims[GRAPH_RANK_MAX] = { 0 };
	struct onnx_layout plain;
	uint32_t rank = 0;
	int32_t place = 0;

	if (!v->known || onnx_const(v))
		return onnx_refuse(c, "an output does not depend on the "
				      "inputs");
	plain = onnx_layout_plain(&v->shape);
	rank = sample_dims(&v->shape, dims);
	if (!onnx_take(c, v, &plain, dims, rank, &place))
		return false;
	if (output_shared(c->g, place)) {
		if (!onnx_emit(c, NN_RESHAPE, &place, 1, dims, rank))
			return false;
		place = c->g->nodes[c->g->node_count - 1].out;
	}
	c->g->outputs[c->g->output_count++] = place;
	/* It bears the file's name for it. */
	return graph_rename(&c->g->values[place], v->name.at, v->name.len,
			    c->e);
}

static bool outputs_add(struct onnx_ctx *c)
{
	if (!c->m.output_count || !c->g->input_count)
		return onnx_refuse(c, "the model has no input or no output");
	for (size_t i = 0; i < c->m.output_count; i++) {
		if (!output_add(c, &c->m.values[c->m.outputs[i]]))
			return false;
	}
	return true;
}

static bool read_all(struct onnx_ctx *c, const uint8_t *file, size_t len)
{
	if (!onnx_model_read(&c->m, file, len, c->e) || !constants_read(c))
		return false;
	if (!options_fit(c))
		return false;
	makers_mark(c);
	onnx_patterns(c);
	nodes_mark(c);
	return inputs_add(c) && nodes_read(c) && outputs_add(c) &&
	       onnx_fuse(c->g, c->e) && onnx_integers(c->g, c->e);
}

bool onnx_read(const uint8_t *file, size_t len, const struct onnx_options *o,
	       struct graph *g, struct enc_error *e)
{
	struct onnx_ctx c = { .options = o, .g = g, .e = e };
	bool ok = read_all(&c, file, len);

	onnx_model_free(&c.m);
	if (!ok)
		graph_free(g);
	return ok;
}
