/* SPDX-License-Identifier: Apache-2.0 */
#include "raise.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"
#include "nn/params.h"

/* A node on its way. */
struct raise {
	const struct lowered *net;
	struct graph *g;
	const uint8_t *params; /* of the node */
	char name[32];
	struct enc_error *e;
};

static struct graph_value *add_value(struct raise *r, enum nn_type type,
				     uint32_t rank, const uint32_t *dims)
{
	int32_t place = graph_value(r->g, r->name, strlen(r->name), r->e);
	struct graph_value *v = NULL;

	if (place < 0)
		return NULL;
	v = &r->g->values[place];
	v->type = type;
	v->rank = rank;
	memcpy(v->dims, dims, rank * sizeof(*dims));
	return v;
}

/* Memory for the elements of a constant. */
static void *make_data(struct raise *r, struct graph_value *v)
{
	size_t count = graph_elements(v);

	if (count)
		v->data = calloc(count, graph_type_bytes(v->type));
	if (!v->data)
		enc_fail(r->e, ENC_ERR_LIMIT, "%s: no memory for its constant",
			 r->name);
	return v->data;
}

/* Appends a source that is a constant, and gives its elements. */
static float *add_constant(struct raise *r, struct graph_node *to,
			   uint32_t rank, const uint32_t *dims)
{
	struct graph_value *v = add_value(r, NN_F32, rank, dims);

	if (!v)
		return NULL;
	to->in[to->in_count++] = (int32_t)(v - r->g->values);
	return make_data(r, v);
}

static bool copy_constant(struct raise *r, struct graph_node *to, uint32_t rank,
			  const uint32_t *dims)
{
	float *data = add_constant(r, to, rank, dims);

	if (data)
		memcpy(data, r->params,
		       graph_elements(&r->g->values[to->in[to->in_count - 1]]) *
			       sizeof(*data));
	return data;
}

static void swap_sources(struct graph_node *to)
{
	int32_t first = to->in[0];

	to->in[0] = to->in[1];
	to->in[1] = first;
}

/* --- each kind of node, whose sources are set --- */

static bool raise_plain(struct raise *r, const struct nn_at *at,
			struct graph_node *to)
{
	(void)r;
	(void)at;
	(void)to;
	return true;
}

static bool raise_image(struct raise *r, const struct nn_at *at,
			struct graph_node *to)
{
	(void)r;
	to->divisor = at->node->image.divisor;
	memcpy(to->mean, at->node->image.mean, sizeof(to->mean));
	memcpy(to->deviation, at->node->image.deviation, sizeof(to->deviation));
	return true;
}

static bool raise_pool(struct raise *r, const struct nn_at *at,
		       struct graph_node *to)
{
	(void)r;
	to->window = at->node->conv.window;
	to->low = at->node->conv.clamp.f32[0];
	to->high = at->node->conv.clamp.f32[1];
	return true;
}

/* An output's bias, and its weights in the order of the graph. */
static void unpack_output(const struct raise *r, const struct nn_conv_shape *s,
			  size_t o, float *weights, float *bias)
{
	const size_t lane = o % s->outs % NN_TILE;
	const size_t number =
		o / s->outs * nn_conv_tiles(s) + o % s->outs / NN_TILE;
	const uint8_t *tile = r->params + number * nn_conv_tile_bytes(s);

	memcpy(bias + o, tile + lane * sizeof(*bias), sizeof(*bias));
	for (size_t k = 0; k < nn_conv_k(s); k++)
		memcpy(weights + o * nn_conv_k(s) + k,
		       tile + nn_conv_weight(s, lane, k), sizeof(*weights));
}

static bool raise_conv(struct raise *r, const struct nn_at *at,
		       struct graph_node *to)
{
	const uint16_t *kernel = at->node->conv.window.kernel;
	const struct nn_conv_shape s = nn_conv_shape(at, at->node->conv.groups);
	const uint32_t outs = (uint32_t)(s.groups * s.outs);
	const uint32_t picture[] = { outs, kernel[0], kernel[1],
				     (uint32_t)s.ins };
	const uint32_t rows[] = { outs, (uint32_t)s.ins };
	const bool is_dense = at->in[0]->rank != 3;
	float *weights = add_constant(r, to, is_dense ? 2 : 4,
				      is_dense ? rows : picture);
	float *bias = weights ? add_constant(r, to, 1, &outs) : NULL;

	for (size_t o = 0; bias && o < outs; o++)
		unpack_output(r, &s, o, weights, bias);
	to->groups = at->node->conv.groups;
	return raise_pool(r, at, to) && bias;
}

static bool raise_depthwise(struct raise *r, const struct nn_at *at,
			    struct graph_node *to)
{
	const uint16_t *kernel = at->node->conv.window.kernel;
	const struct nn_conv_shape s = nn_conv_shape(at, 1);
	const uint32_t dims[] = { kernel[0], kernel[1], (uint32_t)s.ins };
	float *weights = add_constant(r, to, 3, dims);
	float *bias = weights ? add_constant(r, to, 1, &dims[2]) : NULL;

	if (!bias)
		return false;
	memcpy(bias, r->params, s.ins * sizeof(*bias));
	for (size_t tap = 0; tap < s.taps; tap++)
		memcpy(weights + tap * s.ins,
		       r->params + nn_depthwise_weight(&s, tap, 0),
		       s.ins * sizeof(*weights));
	return raise_pool(r, at, to);
}

static bool raise_matmul(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	(void)r;
	to->transposed = at->node->matmul.transposed;
	to->factor = at->node->matmul.scale;
	return true;
}

/* Operators whose operands stand the other way round become plain ones. */
static bool raise_binary(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	const struct nn_node *from = at->node;
	uint32_t dims[NN_RANK_MAX] = { 0 };

	to->low = from->binary.clamp.f32[0];
	to->high = from->binary.clamp.f32[1];
	for (uint32_t d = 0; d < at->out->rank; d++)
		dims[d] = from->binary.axes >> d & 1 ? at->out->dims[d] : 1;
	if (from->binary.has_constant &&
	    !copy_constant(r, to, at->out->rank, dims))
		return false;
	if (from->variant != NN_SUB_FROM && from->variant != NN_DIV_INTO)
		return true;
	to->variant = from->variant == NN_SUB_FROM ? NN_SUB : NN_DIV;
	swap_sources(to);
	return true;
}

static bool raise_unary(struct raise *r, const struct nn_at *at,
			struct graph_node *to)
{
	const bool is_clamp = at->node->variant == NN_CLAMP;

	(void)r;
	*(is_clamp ? &to->low : &to->alpha) = at->node->unary.alpha;
	*(is_clamp ? &to->high : &to->beta) = at->node->unary.beta;
	return true;
}

/* Gain, then offset, as they are stored. */
static bool raise_norm(struct raise *r, const struct nn_at *at,
		       struct graph_node *to)
{
	const uint32_t width = at->out->dims[at->out->rank - 1];

	to->alpha = at->node->norm.epsilon;
	for (uint32_t i = 0; i < 2; i++) {
		if (!(at->node->norm.constants >> i & 1)) {
			to->in[to->in_count++] = GRAPH_NONE;
			continue;
		}
		if (!copy_constant(r, to, 1, &width))
			return false;
		r->params += nn_params_bytes(width * sizeof(float));
	}
	return true;
}

static bool raise_reduce(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	(void)r;
	to->axes = at->node->reduce.axes;
	return true;
}

static bool raise_transpose(struct raise *r, const struct nn_at *at,
			    struct graph_node *to)
{
	(void)r;
	memcpy(to->from, at->node->transpose.from, NN_RANK_MAX);
	return true;
}

static bool raise_slice(struct raise *r, const struct nn_at *at,
			struct graph_node *to)
{
	(void)r;
	for (uint32_t d = 0; d < NN_RANK_MAX; d++) {
		to->begin[d] = at->node->slice.begin[d];
		to->step[d] = at->node->slice.step[d];
	}
	return true;
}

static bool raise_pad(struct raise *r, const struct nn_at *at,
		      struct graph_node *to)
{
	(void)r;
	memcpy(to->before, at->node->pad.before, sizeof(at->node->pad.before));
	to->fill = at->node->pad.f32;
	return true;
}

static bool raise_concat(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	(void)r;
	to->axis = at->node->concat.axis;
	return true;
}

/* A table that is a constant has one dimension for rows. */
static bool raise_gather(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	const struct nn_tensor *indices = at->in[at->node->sources - 1];
	uint32_t dims[1 + NN_RANK_MAX] = { at->node->gather.rows };
	const uint32_t rank = at->out->rank - indices->rank;

	memcpy(dims + 1, at->out->dims + indices->rank, rank * sizeof(*dims));
	if (at->node->sources == 2)
		return true;
	if (!copy_constant(r, to, 1 + rank, dims))
		return false;
	swap_sources(to);
	return true;
}

static bool raise_resize(struct raise *r, const struct nn_at *at,
			 struct graph_node *to)
{
	(void)r;
	memcpy(to->ratio, at->node->resize.scale, sizeof(to->ratio));
	memcpy(to->shift, at->node->resize.offset, sizeof(to->shift));
	return true;
}

static bool (*const kinds[NN_OPS])(struct raise *r, const struct nn_at *at,
				   struct graph_node *to) = {
	[NN_IMAGE] = raise_image,
	[NN_CONV] = raise_conv,
	[NN_DEPTHWISE] = raise_depthwise,
	[NN_MATMUL] = raise_matmul,
	[NN_POOL_MAX] = raise_pool,
	[NN_POOL_AVERAGE] = raise_pool,
	[NN_BINARY] = raise_binary,
	[NN_UNARY] = raise_unary,
	[NN_SOFTMAX] = raise_plain,
	[NN_NORM] = raise_norm,
	[NN_REDUCE] = raise_reduce,
	[NN_RESHAPE] = raise_plain,
	[NN_TRANSPOSE] = raise_transpose,
	[NN_SLICE] = raise_slice,
	[NN_PAD] = raise_pad,
	[NN_CONCAT] = raise_concat,
	[NN_EXPAND] = raise_plain,
	[NN_GATHER] = raise_gather,
	[NN_RESIZE] = raise_resize,
};

/* --- all of it --- */

static bool raise_tensors(struct raise *r)
{
	const struct nn_head *head = &r->net->head;

	for (uint32_t t = 0; t < (uint32_t)head->inputs + head->nodes; t++) {
		const struct nn_tensor *from = &r->net->tensors[t];

		snprintf(r->name, sizeof(r->name), "tensor %" PRIu32, t);
		if (!add_value(r, (enum nn_type)from->type, from->rank,
			       from->dims))
			return false;
		if (t < head->inputs)
			r->g->inputs[r->g->input_count++] = (int32_t)t;
		if (!from->is_output)
			continue;
		if (r->g->output_count == NN_INPUTS_MAX)
			return enc_fail(r->e, ENC_ERR_UNSUPPORTED,
					"more than %u outputs", NN_INPUTS_MAX);
		r->g->outputs[r->g->output_count++] = (int32_t)t;
	}
	return true;
}

static bool raise_node(struct raise *r, uint32_t n)
{
	const uint32_t out = r->net->head.inputs + n;
	const struct nn_node *from = &r->net->nodes[n];
	struct nn_at at = { .node = from, .out = &r->net->tensors[out] };
	struct graph_value *v = &r->g->values[out];
	struct graph_node *to = NULL;

	snprintf(r->name, sizeof(r->name), "node %" PRIu32 ", %s", n,
		 lower_op_name(from));
	if (from->op == NN_CONSTANT)
		return make_data(r, v) &&
		       memcpy(v->data, r->params,
			      graph_elements(v) * graph_type_bytes(v->type));
	to = graph_node(r->g, (enum nn_op)from->op, r->name, strlen(r->name),
			r->e);
	if (!to)
		return false;
	to->variant = from->variant;
	to->out = (int32_t)out;
	for (uint32_t i = 0; i < from->sources; i++) {
		at.in[i] = &r->net->tensors[from->source[i]];
		to->in[to->in_count++] = from->source[i];
	}
	return kinds[from->op](r, &at, to);
}

bool raise_network(const struct lowered *net, struct graph *g,
		   struct enc_error *e)
{
	struct raise r = { .net = net, .g = g, .e = e };
	const uint8_t *params = net->params;

	if (!raise_tensors(&r))
		return false;
	for (uint32_t n = 0; n < net->head.nodes; n++) {
		r.params = params;
		if (!raise_node(&r, n))
			return false;
		params += nn_params_size(&net->net, n);
	}
	return true;
}
