/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of node becomes. */
#include "lower_ops.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nn/params.h"
#include "quant.h"
#include "record/write/params.h"

static const struct graph_value *
source_value(const struct lower *l, const struct graph_node *node, uint32_t i)
{
	return i < node->in_count && node->in[i] != GRAPH_NONE ?
		       lower_value(l, node->in[i]) :
		       NULL;
}

/* 0 if it has none: no factor can be made of it. */
static float scale_of(const struct graph_value *v)
{
	return v->quant.count ? v->quant.scale[0] : 0;
}

static bool add_source(struct lower *l, int32_t v, struct nn_node *to)
{
	int32_t t = -1;

	if (v == GRAPH_NONE || to->sources == NN_SOURCES_MAX)
		return lower_refuse(l, lower_op_name(to),
				    "a source is missing, or one too many");
	t = lower_tensor(l, v);
	if (t < 0)
		return false;
	to->source[to->sources++] = (uint16_t)t;
	return true;
}

static bool add_sources(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	for (uint32_t i = 0; i < from->in_count; i++) {
		if (!add_source(l, from->in[i], to))
			return false;
	}
	return true;
}

static void set_clamp(const struct lower *l, const struct graph_node *from,
		      union nn_clamp *clamp)
{
	const struct graph_value *out = lower_value(l, from->out);

	if (out->type == NN_INT8 && out->quant.count == 1) {
		quant_clamp(from->low, from->high, out->quant.scale[0],
			    out->quant.zero[0], clamp->int8);
	} else {
		clamp->f32[0] = from->low;
		clamp->f32[1] = from->high;
	}
}

/* Packs a constant that is all of a node's parameters. */
static bool copy_data(struct lower *l, uint32_t n, const struct graph_value *v,
		      uint8_t *params)
{
	size_t bytes = graph_elements(v) * graph_type_bytes(v->type);
	struct nn_at at = { 0 };

	lower_look(l, n, &at);
	if (v->type != at.out->type ||
	    nn_params_bytes(bytes) != nn_params_size(&l->out->net, n))
		return lower_refuse(l, v->name,
				    "a constant of another shape or type than "
				    "its operator has");
	memcpy(params, v->data, bytes);
	return true;
}

/* --- layers --- */

/* One channel for each group is a depthwise layer, if there are several. */
static bool lower_layer(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	const struct graph_value *w = source_value(l, from, 1);
	const struct graph_value *out = lower_value(l, from->out);
	uint32_t channels = out->rank ? out->dims[out->rank - 1] : 1;
	bool is_depthwise = from->op == NN_DEPTHWISE;

	if (!w || !w->data)
		return lower_refuse(l, from->name, "weights must be constant");
	if (w->rank == 4 && w->dims[3] == 1)
		is_depthwise |= from->groups == channels;
	to->op = is_depthwise && channels > 1 ? NN_DEPTHWISE : NN_CONV;
	to->conv.window = from->window;
	if (from->op == NN_CONV && w->rank == 2)
		to->conv.window = (struct nn_window){
			{ 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }
		};
	if (to->op == NN_CONV)
		to->conv.groups = from->groups > 1 ? from->groups : 1;
	set_clamp(l, from, &to->conv.clamp);
	return add_source(l, from->in[0], to);
}

/* (channels, kh, kw) to (kh, kw, channels), elements of `bytes`. */
static void turn_weights(const struct graph_value *w, size_t bytes,
			 uint8_t *turned)
{
	size_t channels = w->dims[0];
	size_t taps = graph_elements(w) / channels;
	const uint8_t *from = w->data;

	for (size_t i = 0; i < channels * taps; i++)
		memcpy(turned + (i % taps * channels + i / taps) * bytes,
		       from + i * bytes, bytes);
}

/* The factor of each channel from its sum to the output. */
static bool layer_scales(struct lower *l, const struct graph_node *from,
			 size_t channels, struct nn_scale *scales)
{
	float x = scale_of(source_value(l, from, 0));
	float y = scale_of(lower_value(l, from->out));
	const struct graph_value *w = source_value(l, from, 1);
	bool dense = w->rank == 2 && w->quant.count == 1;

	if (w->quant.count != 1 && w->quant.count != channels)
		return lower_refuse(
			l, w->name,
			"%zu scale%s of %zu channel%s; one, or one for "
			"each, is possible",
			w->quant.count, enc_s(w->quant.count), channels,
			enc_s(channels));
	for (size_t c = 0; c < channels; c++) {
		float scale = w->quant.scale[w->quant.count == 1 ? 0 : c];

		if (!quant_scale(quant_layer_factor(x, scale, y, dense),
				 &scales[c]))
			return lower_refuse(
				l, from->name,
				"scale %g of channel %zu is out of range",
				(double)scale, c);
	}
	return true;
}

/* Weights and bias have the shape and the type that the node asks for. */
static bool check_constants(struct lower *l, const struct graph_node *from,
			    const struct nn_at *at)
{
	const struct graph_value *w = source_value(l, from, 1);
	const struct graph_value *bias = source_value(l, from, 2);
	const struct nn_conv_shape s = nn_conv_shape(
		at, at->node->op == NN_CONV ? at->node->conv.groups : 1);
	size_t channels = s.groups * s.outs;
	size_t inputs = at->node->op == NN_CONV ? nn_conv_k(&s) : s.taps;

	if (w->type != at->out->type || graph_elements(w) != channels * inputs)
		return lower_refuse(
			l, w->name,
			"weights must be %zu, of the type of the output",
			channels * inputs);
	if (bias && (!bias->data || graph_elements(bias) != channels ||
		     bias->type != (s.int8 ? NN_INT32 : NN_F32)))
		return lower_refuse(
			l, bias->name,
			"a bias must be %zu constant%s, f32 or, of int8 "
			"layers, int32",
			channels, enc_s(channels));
	return true;
}

/* With room for scales and for weights in the order of the record. */
static bool pack_into(struct lower *l, const struct graph_node *from,
		      const struct nn_at *at, struct nn_scale *scales,
		      uint8_t *turned, uint8_t *params)
{
	const struct graph_value *w = source_value(l, from, 1);
	const struct graph_value *bias = source_value(l, from, 2);
	const struct record_weights weights = { turned,
						bias ? bias->data : NULL,
						scales };
	size_t bytes = graph_type_bytes(w->type);

	if (!check_constants(l, from, at) ||
	    (at->out->type == NN_INT8 &&
	     !layer_scales(l, from, at->out->dims[at->out->rank - 1], scales)))
		return false;
	if (at->node->op == NN_DEPTHWISE && from->op == NN_CONV)
		turn_weights(w, bytes, turned);
	else
		memcpy(turned, w->data, graph_elements(w) * bytes);
	return record_params_pack(at, &weights, params) ||
	       lower_refuse(l, from->name,
			    "a weight or a bias is out of range");
}

static bool pack_layer(struct lower *l, uint32_t n, uint8_t *params)
{
	const struct graph_node *from = l->from[n];
	const struct graph_value *w = source_value(l, from, 1);
	size_t bytes = graph_elements(w) * graph_type_bytes(w->type);
	struct nn_at at = { 0 };
	struct nn_scale *scales = NULL;
	uint8_t *turned = NULL;
	bool ok = false;

	lower_look(l, n, &at);
	scales = calloc(at.out->dims[at.out->rank - 1], sizeof(*scales));
	turned = malloc(bytes);
	if (scales && turned)
		ok = pack_into(l, from, &at, scales, turned, params);
	else
		enc_fail(l->e, ENC_ERR_MEMORY, "out of memory");
	if (turned)
		explicit_bzero(turned, bytes);
	free(scales);
	free(turned);
	return ok;
}

static bool lower_pool(struct lower *l, const struct graph_node *from,
		       struct nn_node *to)
{
	to->conv.window = from->window;
	set_clamp(l, from, &to->conv.clamp);
	return add_sources(l, from, to);
}

/* --- of two values --- */

/* Adds a source with as many dimensions as the output: 1 in front. */
static bool add_aligned(struct lower *l, const struct graph_node *from,
			uint32_t i, struct nn_node *to)
{
	const struct graph_value *out = lower_value(l, from->out);
	uint32_t rank = out->rank ? out->rank : 1;
	int32_t made = lower_tensor(l, from->in[i]);
	struct nn_node reshape = { .op = NN_RESHAPE, .sources = 1 };
	struct nn_tensor t = { 0 };

	if (made < 0)
		return false;
	t = l->out->tensors[made];
	if (t.rank < rank) {
		uint32_t more = rank - t.rank;

		memmove(t.dims + more, t.dims, t.rank * sizeof(*t.dims));
		for (uint32_t d = 0; d < more; d++)
			t.dims[d] = 1;
		t.rank = (uint8_t)rank;
		reshape.source[0] = (uint16_t)made;
		made = lower_emit(l, &reshape, &t, from->name);
		if (made < 0)
			return false;
	}
	to->source[to->sources++] = (uint16_t)made;
	return true;
}

/* The operator with its constant at the right; 0: there is none. */
static uint8_t turned_binary(uint8_t variant)
{
	switch (variant) {
	case NN_ADD:
	case NN_MUL:
	case NN_MIN:
	case NN_MAX:
		return variant;
	case NN_SUB:
		return NN_SUB_FROM;
	case NN_DIV:
		return NN_DIV_INTO;
	default:
		return 0;
	}
}

/* Bits of the dimensions of `out` that the constant has. */
static uint32_t constant_axes(const struct graph_value *c,
			      const struct graph_value *out)
{
	uint32_t axes = 0;

	for (uint32_t d = 0; d < c->rank; d++) {
		if (c->dims[d] > 1)
			axes |= UINT32_C(1) << (out->rank - c->rank + d);
	}
	return axes;
}

static bool same_dims(const struct graph_value *a, const struct graph_value *b)
{
	return a->rank == b->rank &&
	       !memcmp(a->dims, b->dims, a->rank * sizeof(*a->dims));
}

/*
 * Which source is packed with the node; -1: none. Int8 constants have a zero
 * point and so become tensors.
 */
static int packed_side(const struct lower *l, const struct graph_node *from)
{
	const struct graph_value *out = lower_value(l, from->out);

	for (int side = 1; side >= 0; side--) {
		const struct graph_value *c = lower_value(l, from->in[side]);
		const struct graph_value *x = lower_value(l, from->in[!side]);

		if (c->data && c->type == NN_F32 && !x->data &&
		    same_dims(x, out) && c->rank <= out->rank &&
		    (side || turned_binary(from->variant)))
			return side;
	}
	return -1;
}

static bool binary_scales(struct lower *l, const struct graph_node *from,
			  struct nn_scale scale[3])
{
	float left = scale_of(lower_value(l, from->in[0]));
	float right = scale_of(lower_value(l, from->in[1]));
	float y = scale_of(lower_value(l, from->out));
	bool ok = true;

	if (from->variant == NN_ADD || from->variant == NN_SUB)
		ok = quant_add(left, right, y, scale);
	if (from->variant == NN_MUL)
		ok = quant_mul(left, right, y, scale);
	return ok || lower_refuse(l, from->name,
				  "scales %g, %g and %g are too far "
				  "apart",
				  (double)left, (double)right, (double)y);
}

static bool lower_binary(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	int side = packed_side(l, from);

	set_clamp(l, from, &to->binary.clamp);
	if (side >= 0) {
		to->binary.has_constant = 1;
		to->binary.axes = constant_axes(lower_value(l, from->in[side]),
						lower_value(l, from->out));
		if (!side)
			to->variant = turned_binary(from->variant);
		return add_source(l, from->in[!side], to);
	}
	return add_aligned(l, from, 0, to) && add_aligned(l, from, 1, to) &&
	       (lower_value(l, from->out)->type != NN_INT8 ||
		binary_scales(l, from, to->binary.scale));
}

static bool pack_binary(struct lower *l, uint32_t n, uint8_t *params)
{
	int side = packed_side(l, l->from[n]);

	return side < 0 ||
	       copy_data(l, n, lower_value(l, l->from[n]->in[side]), params);
}

/* --- of one value --- */

static bool lower_plain(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	return add_sources(l, from, to);
}

/* From int8 as TensorFlow Lite, in integers. */
static bool lower_quantize(struct lower *l, const struct graph_node *from,
			   struct nn_node *to)
{
	const struct graph_value *x = lower_value(l, from->in[0]);
	float y = scale_of(lower_value(l, from->out));

	if (x->type == NN_INT8 &&
	    !quant_scale((double)scale_of(x) / (double)y, &to->requantize))
		return lower_refuse(l, from->name,
				    "scales %g and %g are too far apart",
				    (double)scale_of(x), (double)y);
	return add_sources(l, from, to);
}

static bool lower_image(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	to->image.divisor = from->divisor;
	memcpy(to->image.mean, from->mean, sizeof(to->image.mean));
	memcpy(to->image.deviation, from->deviation,
	       sizeof(to->image.deviation));
	return add_sources(l, from, to);
}

static bool lower_unary(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	bool is_clamp = from->variant == NN_CLAMP;

	to->unary.alpha = is_clamp ? from->low : from->alpha;
	to->unary.beta = is_clamp ? from->high : from->beta;
	return add_sources(l, from, to);
}

static bool lower_norm(struct lower *l, const struct graph_node *from,
		       struct nn_node *to)
{
	to->norm.epsilon = from->alpha;
	for (uint32_t i = 0; i < 2; i++) {
		if (source_value(l, from, 1 + i))
			to->norm.constants |= 1u << i;
	}
	return add_source(l, from->in[0], to);
}

/* Gain, then offset; each padded to 16 bytes. */
static bool pack_norm(struct lower *l, uint32_t n, uint8_t *params)
{
	const struct graph_value *out = lower_value(l, l->from[n]->out);
	size_t width = out->rank ? out->dims[out->rank - 1] : 1;

	for (uint32_t i = 1; i <= 2; i++) {
		const struct graph_value *v = source_value(l, l->from[n], i);

		if (!v)
			continue;
		if (!v->data || v->type != NN_F32 || graph_elements(v) != width)
			return lower_refuse(
				l, v->name,
				"must be %zu constant%s of type f32", width,
				enc_s(width));
		memcpy(params, v->data, width * sizeof(float));
		params += nn_params_bytes(width * sizeof(float));
	}
	return true;
}

static bool lower_reduce(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	const struct graph_value *x = source_value(l, from, 0);
	const struct graph_value *y = lower_value(l, from->out);
	size_t count = graph_elements(x) / graph_elements(y);

	to->reduce.axes = from->axes;
	if (y->type == NN_INT8 &&
	    (from->variant == NN_MEAN || from->variant == NN_SUM) &&
	    !quant_mean(scale_of(x), scale_of(y),
			from->variant == NN_MEAN ? count : 1,
			&to->reduce.scale))
		return lower_refuse(l, from->name,
				    "scales %g and %g are too far apart",
				    (double)scale_of(x), (double)scale_of(y));
	return add_sources(l, from, to);
}

static uint32_t rank_of(const struct lower *l, const struct graph_node *from)
{
	uint32_t rank = lower_value(l, from->out)->rank;

	return rank < NN_RANK_MAX ? rank : NN_RANK_MAX;
}

static bool lower_transpose(struct lower *l, const struct graph_node *from,
			    struct nn_node *to)
{
	memcpy(to->transpose.from, from->from, rank_of(l, from));
	return add_sources(l, from, to);
}

static bool lower_slice(struct lower *l, const struct graph_node *from,
			struct nn_node *to)
{
	for (uint32_t d = 0; d < rank_of(l, from); d++) {
		if (from->step[d] > UINT16_MAX)
			return lower_refuse(l, from->name,
					    "a step of %" PRIu32
					    "; at most %u are possible",
					    from->step[d], UINT16_MAX);
		to->slice.begin[d] = from->begin[d];
		to->slice.step[d] = (uint16_t)from->step[d];
	}
	return add_sources(l, from, to);
}

static bool lower_pad(struct lower *l, const struct graph_node *from,
		      struct nn_node *to)
{
	const struct graph_value *y = lower_value(l, from->out);

	memcpy(to->pad.before, from->before,
	       rank_of(l, from) * sizeof(*to->pad.before));
	if (from->variant == NN_PAD_CONSTANT && y->type == NN_INT8)
		to->pad.int8 = quant_value(from->fill, y->quant.scale[0],
					   y->quant.zero[0]);
	else if (from->variant == NN_PAD_CONSTANT)
		to->pad.f32 = from->fill;
	return add_sources(l, from, to);
}

/* All sources so far become one, because a node has no room for more. */
static bool concat_first(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	const struct nn_tensor *tensors = l->out->tensors;
	struct nn_tensor t = tensors[to->source[0]];
	int32_t made = 0;

	for (uint32_t i = 1; i < to->sources; i++)
		t.dims[from->axis] += tensors[to->source[i]].dims[from->axis];
	made = lower_emit(l, to, &t, from->name);
	memset(to->source, 0, sizeof(to->source));
	to->source[0] = (uint16_t)made;
	to->sources = 1;
	return made >= 0;
}

static bool lower_concat(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	to->concat.axis = from->axis;
	if (from->axis >= NN_RANK_MAX)
		return lower_refuse(l, from->name, "axis %" PRIu32, from->axis);
	for (uint32_t i = 0; i < from->in_count; i++) {
		if ((to->sources == NN_SOURCES_MAX &&
		     !concat_first(l, from, to)) ||
		    !add_source(l, from->in[i], to))
			return false;
	}
	return true;
}

/* A table is packed with the node, if it is a constant. */
static bool lower_gather(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	const struct graph_value *table = lower_value(l, from->in[0]);

	to->gather.rows = table->rank ? table->dims[0] : 1;
	return (table->data || add_source(l, from->in[0], to)) &&
	       add_source(l, from->in[1], to);
}

static bool pack_gather(struct lower *l, uint32_t n, uint8_t *params)
{
	const struct graph_value *table = lower_value(l, l->from[n]->in[0]);

	return !table->data || copy_data(l, n, table, params);
}

static bool lower_resize(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	for (uint32_t d = 0; d < 2; d++) {
		to->resize.scale[d] = from->ratio[d];
		to->resize.offset[d] = from->shift[d];
	}
	return add_sources(l, from, to);
}

static bool lower_matmul(struct lower *l, const struct graph_node *from,
			 struct nn_node *to)
{
	to->matmul.transposed = from->transposed;
	to->matmul.scale = from->factor;
	return add_sources(l, from, to);
}

static bool pack_constant(struct lower *l, uint32_t n, uint8_t *params)
{
	return copy_data(l, n, l->constant[n], params);
}

/* --- names --- */

static const char *const binaries[NN_BINARIES] = {
	[NN_ADD] = "ADD",	    [NN_SUB] = "SUB",
	[NN_MUL] = "MUL",	    [NN_DIV] = "DIV",
	[NN_MIN] = "MIN",	    [NN_MAX] = "MAX",
	[NN_POW] = "POW",	    [NN_SUB_FROM] = "SUB_FROM",
	[NN_DIV_INTO] = "DIV_INTO",
};

static const char *const unaries[NN_UNARIES] = {
	[NN_CLAMP] = "CLAMP",
	[NN_LEAKY_RELU] = "LEAKY_RELU",
	[NN_ELU] = "ELU",
	[NN_SIGMOID] = "SIGMOID",
	[NN_HARD_SIGMOID] = "HARD_SIGMOID",
	[NN_HARD_SWISH] = "HARD_SWISH",
	[NN_TANH] = "TANH",
	[NN_GELU] = "GELU",
	[NN_GELU_TANH] = "GELU_TANH",
	[NN_ERF] = "ERF",
	[NN_EXP] = "EXP",
	[NN_LOG] = "LOG",
	[NN_SQRT] = "SQRT",
	[NN_RECIPROCAL] = "RECIPROCAL",
	[NN_NEGATE] = "NEGATE",
	[NN_ABS] = "ABS",
	[NN_SOFTPLUS] = "SOFTPLUS",
};

static const char *const norms[NN_NORMS] = {
	[NN_LAYER_NORM] = "LAYER_NORM",
	[NN_RMS_NORM] = "RMS_NORM",
};

static const char *const reductions[NN_REDUCES] = {
	[NN_MEAN] = "REDUCE_MEAN",
	[NN_SUM] = "REDUCE_SUM",
	[NN_REDUCE_MAX] = "REDUCE_MAX",
	[NN_REDUCE_MIN] = "REDUCE_MIN",
};

static const char *const pads[NN_PADS] = {
	[NN_PAD_CONSTANT] = "PAD",
	[NN_PAD_REFLECT] = "PAD_REFLECT",
	[NN_PAD_EDGE] = "PAD_EDGE",
};

#define NAMES(list) (sizeof(list) / sizeof(*(list)))

const struct lower_names lower_variants[NN_OPS] = {
	[NN_BINARY] = { binaries, NAMES(binaries) },
	[NN_UNARY] = { unaries, NAMES(unaries) },
	[NN_NORM] = { norms, NAMES(norms) },
	[NN_REDUCE] = { reductions, NAMES(reductions) },
	[NN_PAD] = { pads, NAMES(pads) },
};

const struct lower_kind lower_kinds[NN_OPS] = {
	[NN_IMAGE] = { "IMAGE", lower_image, NULL },
	[NN_QUANTIZE] = { "QUANTIZE", lower_quantize, NULL },
	[NN_DEQUANTIZE] = { "DEQUANTIZE", lower_plain, NULL },
	[NN_CONV] = { "CONV", lower_layer, pack_layer },
	[NN_DEPTHWISE] = { "DEPTHWISE", lower_layer, pack_layer },
	[NN_MATMUL] = { "MATMUL", lower_matmul, NULL },
	[NN_POOL_MAX] = { "POOL_MAX", lower_pool, NULL },
	[NN_POOL_AVERAGE] = { "POOL_AVERAGE", lower_pool, NULL },
	[NN_BINARY] = { "BINARY", lower_binary, pack_binary },
	[NN_UNARY] = { "UNARY", lower_unary, NULL },
	[NN_SOFTMAX] = { "SOFTMAX", lower_plain, NULL },
	[NN_NORM] = { "NORM", lower_norm, pack_norm },
	[NN_REDUCE] = { "REDUCE", lower_reduce, NULL },
	[NN_RESHAPE] = { "RESHAPE", lower_plain, NULL },
	[NN_TRANSPOSE] = { "TRANSPOSE", lower_transpose, NULL },
	[NN_SLICE] = { "SLICE", lower_slice, NULL },
	[NN_PAD] = { "PAD", lower_pad, NULL },
	[NN_CONCAT] = { "CONCAT", lower_concat, NULL },
	[NN_EXPAND] = { "EXPAND", lower_plain, NULL },
	[NN_GATHER] = { "GATHER", lower_gather, pack_gather },
	[NN_RESIZE] = { "RESIZE", lower_resize, NULL },
	[NN_CONSTANT] = { "CONSTANT", NULL, pack_constant },
};
