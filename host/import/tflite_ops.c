/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that compute. tflite_move.c has those that move elements. */
#include "tflite_ops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ACTIVATION_NONE,
	ACTIVATION_RELU,
	ACTIVATION_RELU_N1_TO_1,
	ACTIVATION_RELU6
};

/* The activation that an operator ends with; field: in its options. */
static bool read_activation(struct tflite_reader *r, unsigned int field,
			    struct graph_node *node)
{
	uint64_t kind = flat_number(&r->flat, &r->options, field, 1, 0);

	if (kind > ACTIVATION_RELU6)
		return tflite_refuse(r,
				     "activation %u; accepted: none, RELU, "
				     "RELU_N1_TO_1 or RELU6",
				     (unsigned int)kind);
	if (kind != ACTIVATION_NONE)
		node->low = kind == ACTIVATION_RELU_N1_TO_1 ? -1 : 0;
	if (kind == ACTIVATION_RELU_N1_TO_1)
		node->high = 1;
	if (kind == ACTIVATION_RELU6)
		node->high = 6;
	return true;
}

/* Between the nodes of an operator there is no scale for int8. */
static bool is_float(struct tflite_reader *r)
{
	enum nn_type type = NN_F32;

	return tflite_type(r, &type) &&
	       (type == NN_F32 ||
		tflite_refuse(r, "is of int8; accepted: float32"));
}

/* --- Windows ------------------------------------------------------------ */

/* A picture: (height, width, channels). */
static bool is_picture(struct tflite_reader *r, const struct tflite_shape *s)
{
	return s->rank == 3 ||
	       tflite_refuse(r,
			     "input has %u dimension%s; accepted: 4, of "
			     "batch, height, width and channels",
			     s->rank + 1, enc_s(s->rank + 1u));
}

/*
 * Places windows along dimension d of a picture. With SAME, which is 0, a
 * window begins at every stride-th element, and an odd padding is longer at the
 * end.
 */
static bool place(struct tflite_reader *r, struct nn_window *w, size_t d,
		  uint32_t in, uint32_t *out)
{
	bool same = !flat_number(&r->flat, &r->options, 0, 1, 0);
	int64_t span = (int64_t)(w->kernel[d] - 1) * w->dilation[d] + 1;
	int64_t pad = 0;

	if (!same && span > in)
		return tflite_damaged(r, "windows are larger than the input");
	*out = same ? (in + w->stride[d] - 1) / w->stride[d] :
		      (uint32_t)(in - span) / w->stride[d] + 1;
	if (same)
		pad = ((int64_t)(*out - 1) * w->stride[d] + span - in) / 2;
	if (pad > UINT16_MAX)
		return tflite_refuse(r, "padding of %lld; accepted: up to %u",
				     (long long)pad, UINT16_MAX);
	w->pad[d] = pad > 0 ? (uint16_t)pad : 0;
	return true;
}

/* A size of a window, from the file. */
static bool read_size(struct tflite_reader *r, int64_t v, uint16_t *size)
{
	if (v < 1 || v > UINT16_MAX)
		return tflite_damaged(r,
				      "a window has a kernel, stride or "
				      "dilation of %lld; accepted: 1 to %u",
				      (long long)v, UINT16_MAX);
	*size = (uint16_t)v;
	return true;
}

/*
 * Reads strides, and dilations if `dilation`, their first field, is not 0.
 * Width stands before height in the file. out: the picture that results, but
 * for its channels.
 */
static bool read_window(struct tflite_reader *r, int64_t kernel_h,
			int64_t kernel_w, unsigned int dilation,
			const struct tflite_shape *in, struct nn_window *w,
			struct tflite_shape *out)
{
	int64_t kernel[2] = { kernel_h, kernel_w };

	out->rank = 3;
	for (unsigned int d = 0; d < 2; d++) {
		int32_t stride = flat_i32(&r->flat, &r->options, 2 - d, 0);
		int32_t step = 1;

		if (dilation)
			step = flat_i32(&r->flat, &r->options, dilation + 1 - d,
					1);
		if (!read_size(r, kernel[d], &w->kernel[d]) ||
		    !read_size(r, stride, &w->stride[d]) ||
		    !read_size(r, step, &w->dilation[d]) ||
		    !place(r, w, d, in->dims[d], &out->dims[d]))
			return false;
	}
	return true;
}

bool tflite_read_pool(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct tflite_shape in = { 0 };
	struct tflite_shape out = { 0 };
	struct graph_node *node = tflite_node(r, r->kind->variant, x);

	if (!node)
		return false;
	in = tflite_shape_of(r, x);
	if (!is_picture(r, &in) ||
	    !read_window(r, flat_i32(&r->flat, &r->options, 4, 0),
			 flat_i32(&r->flat, &r->options, 3, 0), 0, &in,
			 &node->window, &out) ||
	    !read_activation(r, 5, node))
		return false;
	out.dims[2] = in.dims[2];
	node->out = tflite_result(r, 0, &out);
	return node->out >= 0 && tflite_same_scale(r, x, node->out);
}

/* --- Layers with weights ------------------------------------------------ */

/* Input 1, of `rank` dimensions. */
static const struct tflite_tensor *weights_of(struct tflite_reader *r,
					      uint32_t rank)
{
	const struct tflite_tensor *t = tflite_in(r, 1);

	if (t && t->wrong)
		tflite_refuse(r, "weights have %s", t->wrong);
	else if (!t || !tflite_is_constant(t))
		tflite_refuse(r, "weights are not constant; accepted: "
				 "constants");
	else if (t->shape.rank != rank)
		tflite_refuse(r, "weights have %u dimension%s; accepted: %u",
			      t->shape.rank, enc_s(t->shape.rank), rank);
	else
		return t;
	return NULL;
}

/*
 * Adds weights and, if there is one, the bias. file_axis: that of output
 * channels in the file; axis: in `s`.
 */
static bool add_weights(struct tflite_reader *r, struct graph_node *node,
			const struct tflite_shape *s, int32_t file_axis,
			uint32_t axis, uint32_t channels)
{
	const struct tflite_tensor *t = tflite_in(r, 1);
	const struct tflite_tensor *bias = tflite_in(r, 2);
	struct tflite_shape flat = { 1, { channels } };
	enum nn_type type = NN_F32;
	const struct graph_quant *q = NULL;

	if (!tflite_type(r, &type))
		return false;
	if (type == NN_INT8 && t->scale.count > 1 && t->axis != file_axis)
		return tflite_refuse(r,
				     "weights have scales along axis %d; "
				     "accepted: along %d, the outputs",
				     t->axis, file_axis);
	node->in[1] = tflite_constant(r, t, type, s, axis);
	node->in[2] = GRAPH_NONE;
	node->in_count = 3;
	if (node->in[1] < 0)
		return false;
	q = &r->g->values[node->in[1]].quant;
	for (size_t i = 0; i < q->count; i++) {
		if (q->zero[i])
			return tflite_refuse(r,
					     "weights have zero point %d; "
					     "accepted: 0, symmetric weights",
					     q->zero[i]);
	}
	if (!bias)
		return true;
	if (!tflite_is_constant(bias))
		return tflite_refuse(r, "the bias is not constant; accepted: "
					"constants");
	node->in[2] = tflite_constant(
		r, bias, type == NN_INT8 ? NN_INT32 : NN_F32, &flat, 0);
	return node->in[2] >= 0;
}

/* weights: (out, kernel h, kernel w, channels / groups) */
bool tflite_read_conv(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	const struct tflite_tensor *w = x < 0 ? NULL : weights_of(r, 4);
	struct graph_node *node = w ? tflite_node(r, NN_CONV, x) : NULL;
	struct tflite_shape in = { 0 };
	struct tflite_shape out = { 0 };
	const uint32_t *dims = NULL;

	if (!node)
		return false;
	in = tflite_shape_of(r, x);
	dims = w->shape.dims;
	if (!is_picture(r, &in) ||
	    !read_window(r, dims[1], dims[2], 4, &in, &node->window, &out) ||
	    !read_activation(r, 3, node))
		return false;
	node->groups = in.dims[2] / dims[3];
	if (in.dims[2] % dims[3] || dims[0] % node->groups)
		return tflite_damaged(
			r,
			"weights for %u channel%s and %u output%s "
			"do not fit %u channel%s",
			dims[3], enc_s(dims[3]), dims[0], enc_s(dims[0]),
			in.dims[2], enc_s(in.dims[2]));
	out.dims[2] = dims[0];
	if (!add_weights(r, node, &w->shape, 0, 0, dims[0]))
		return false;
	node->out = tflite_result(r, 0, &out);
	return node->out >= 0;
}

/*
 * Weights of a depthwise layer, (kernel h, kernel w, outputs), as those of a
 * convolution in groups of one channel: (outputs, kernel h, kernel w, 1).
 */
static bool put_outputs_first(struct tflite_reader *r, struct graph_value *v)
{
	size_t bytes = graph_type_bytes(v->type);
	uint32_t outputs = v->dims[2];
	size_t taps = (size_t)v->dims[0] * v->dims[1];
	uint8_t *from = v->data;
	uint8_t *to = calloc(outputs * taps, bytes);

	if (!to)
		return enc_fail(r->e, ENC_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < outputs * taps; i++)
		memcpy(to + (i % outputs * taps + i / outputs) * bytes,
		       from + i * bytes, bytes);
	explicit_bzero(from, outputs * taps * bytes);
	free(from);
	v->data = to;
	v->quant.axis = 0;
	v->rank = 4;
	v->dims[3] = 1;
	v->dims[2] = v->dims[1];
	v->dims[1] = v->dims[0];
	v->dims[0] = outputs;
	return true;
}

/* weights: (1, kernel h, kernel w, channels * multiplier) */
bool tflite_read_depthwise(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	const struct tflite_tensor *w = x < 0 ? NULL : weights_of(r, 4);
	struct graph_node *node = w ? tflite_node(r, NN_DEPTHWISE, x) : NULL;
	struct tflite_shape in = { 0 };
	struct tflite_shape out = { 0 };
	struct tflite_shape s = { .rank = 3 };

	if (!node)
		return false;
	in = tflite_shape_of(r, x);
	memcpy(s.dims, w->shape.dims + 1, 3 * sizeof(*s.dims));
	if (!is_picture(r, &in) ||
	    !read_window(r, s.dims[0], s.dims[1], 5, &in, &node->window,
			 &out) ||
	    !read_activation(r, 4, node))
		return false;
	if (w->shape.dims[0] != 1 || s.dims[2] % in.dims[2])
		return tflite_damaged(r,
				      "weights of %u output%s do not fit %u "
				      "channel%s",
				      s.dims[2], enc_s(s.dims[2]), in.dims[2],
				      enc_s(in.dims[2]));
	out.dims[2] = s.dims[2];
	if (!add_weights(r, node, &s, 3, 2, s.dims[2]))
		return false;
	if (s.dims[2] != in.dims[2]) {
		node->op = NN_CONV;
		node->groups = in.dims[2];
		if (!put_outputs_first(r, &r->g->values[node->in[1]]))
			return false;
	}
	node->out = tflite_result(r, 0, &out);
	return node->out >= 0;
}

/* Weights (out, in): for each row of the input, or for all of it at once. */
bool tflite_read_dense(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	const struct tflite_tensor *w = x < 0 ? NULL : weights_of(r, 2);
	struct graph_node *node = NULL;
	struct tflite_shape in = { 0 };
	struct tflite_shape flat = { .rank = 1 };

	if (!w)
		return false;
	if (flat_number(&r->flat, &r->options, 1, 1, 0))
		return tflite_refuse(r, "weights are shuffled; accepted: rows");
	in = tflite_shape_of(r, x);
	flat.dims[0] = (uint32_t)tflite_elements(&in);
	if (flat.dims[0] == w->shape.dims[1])
		in = flat;
	if (in.dims[in.rank - 1] != w->shape.dims[1])
		return tflite_damaged(r, "weights for %u input%s do not fit %u",
				      w->shape.dims[1], enc_s(w->shape.dims[1]),
				      in.dims[in.rank - 1]);
	node = tflite_node(r, NN_CONV, tflite_reshaped(r, x, &in));
	if (!node || !read_activation(r, 0, node) ||
	    !add_weights(r, node, &w->shape, 0, 0, w->shape.dims[0]))
		return false;
	node->groups = 1;
	in.dims[in.rank - 1] = w->shape.dims[0];
	return tflite_finish(r, 0, node, &in);
}

/* --- Element by element ------------------------------------------------- */

/* The shape of two that are broadcast to each other, as numpy does. */
static bool broadcast(struct tflite_reader *r, int32_t a, int32_t b,
		      struct tflite_shape *s)
{
	struct tflite_shape from[2] = { tflite_shape_of(r, a),
					tflite_shape_of(r, b) };

	s->rank = from[0].rank > from[1].rank ? from[0].rank : from[1].rank;
	for (uint32_t d = 0; d < s->rank; d++) {
		s->dims[d] = 1;
		for (size_t i = 0; i < 2; i++) {
			uint32_t skip = s->rank - from[i].rank;
			uint32_t n = d < skip ? 1 : from[i].dims[d - skip];

			if (n != 1 && s->dims[d] != 1 && n != s->dims[d])
				return tflite_damaged(r,
						      "inputs of %u and %u "
						      "elements do not fit",
						      s->dims[d], n);
			s->dims[d] = n == 1 ? s->dims[d] : n;
		}
	}
	return true;
}

/* A node of both inputs, which has no output yet; s: its shape. */
static struct graph_node *read_two(struct tflite_reader *r, uint8_t variant,
				   struct tflite_shape *s)
{
	int32_t a = tflite_operand(r, 0);
	int32_t b = a < 0 ? -1 : tflite_operand(r, 1);
	struct graph_node *node = NULL;

	if (b < 0 || !broadcast(r, a, b, s))
		return NULL;
	if (r->g->values[a].data && r->g->values[b].data) {
		tflite_refuse(r, "both inputs are constant; accepted: one");
		return NULL;
	}
	node = tflite_node(r, NN_BINARY, a);
	if (!node)
		return NULL;
	node->variant = variant;
	node->in[1] = b;
	node->in_count = 2;
	return node;
}

bool tflite_read_binary(struct tflite_reader *r)
{
	struct tflite_shape s = { 0 };
	struct graph_node *node = read_two(r, r->kind->variant, &s);

	if (!node || !read_activation(r, 0, node))
		return false;
	node->out = tflite_result(r, 0, &s);
	return node->out >= 0;
}

/* The larger or smaller of two: without activation, and of one scale. */
bool tflite_read_extreme(struct tflite_reader *r)
{
	struct tflite_shape s = { 0 };
	struct graph_node *node = read_two(r, r->kind->variant, &s);

	if (!node)
		return false;
	node->out = tflite_result(r, 0, &s);
	return node->out >= 0 && tflite_same_scale(r, node->in[0], node->out) &&
	       tflite_same_scale(r, node->in[1], node->out);
}

/* v * v as the output */
static bool read_square_of(struct tflite_reader *r, int32_t v)
{
	struct graph_node *node = tflite_node(r, NN_BINARY, v);
	struct tflite_shape s = { 0 };

	if (!node)
		return false;
	s = tflite_shape_of(r, v);
	node->variant = NN_MUL;
	node->in[1] = v;
	node->in_count = 2;
	node->out = tflite_result(r, 0, &s);
	return node->out >= 0;
}

bool tflite_read_square(struct tflite_reader *r)
{
	return is_float(r) && read_square_of(r, tflite_source(r, 0));
}

bool tflite_read_squared_difference(struct tflite_reader *r)
{
	struct tflite_shape s = { 0 };
	struct graph_node *node = is_float(r) ? read_two(r, NN_SUB, &s) : NULL;

	if (!node)
		return false;
	node->out = tflite_between(r, node->in[0], &s);
	return read_square_of(r, node->out);
}

/* A node of input 0, whose output has the same shape. */
static struct graph_node *read_one(struct tflite_reader *r, enum nn_op op,
				   int32_t x)
{
	struct graph_node *node = tflite_node(r, op, x);
	struct tflite_shape s = { 0 };

	if (!node)
		return NULL;
	s = tflite_shape_of(r, x);
	node->variant = r->kind->variant;
	node->out = tflite_result(r, 0, &s);
	return node->out < 0 ? NULL : node;
}

bool tflite_read_unary(struct tflite_reader *r)
{
	struct graph_node *node = read_one(r, NN_UNARY, tflite_source(r, 0));

	if (node && node->variant == NN_ELU)
		node->alpha = 1;
	return node;
}

static bool read_clamp(struct tflite_reader *r, float low, float high)
{
	struct graph_node *node = read_one(r, NN_UNARY, tflite_source(r, 0));

	if (!node)
		return false;
	node->low = low;
	node->high = high;
	return true;
}

bool tflite_read_relu(struct tflite_reader *r)
{
	return read_clamp(r, 0, INFINITY);
}

bool tflite_read_relu6(struct tflite_reader *r)
{
	return read_clamp(r, 0, 6);
}

bool tflite_read_relu_n1_to_1(struct tflite_reader *r)
{
	return read_clamp(r, -1, 1);
}

bool tflite_read_relu_0_to_1(struct tflite_reader *r)
{
	return read_clamp(r, 0, 1);
}

bool tflite_read_leaky_relu(struct tflite_reader *r)
{
	struct graph_node *node = read_one(r, NN_UNARY, tflite_source(r, 0));

	if (!node)
		return false;
	node->alpha = flat_f32(&r->flat, &r->options, 0, 0);
	return isfinite(node->alpha) ||
	       tflite_damaged(r, "alpha is not a number");
}

bool tflite_read_gelu(struct tflite_reader *r)
{
	struct graph_node *node = read_one(r, NN_UNARY, tflite_source(r, 0));

	if (node && flat_number(&r->flat, &r->options, 0, 1, 0))
		node->variant = NN_GELU_TANH;
	return node;
}

/* 1 / sqrt(x), in two nodes */
bool tflite_read_rsqrt(struct tflite_reader *r)
{
	int32_t x = is_float(r) ? tflite_source(r, 0) : -1;
	struct graph_node *root = tflite_node(r, NN_UNARY, x);
	struct tflite_shape s = { 0 };

	if (!root)
		return false;
	s = tflite_shape_of(r, x);
	root->variant = NN_SQRT;
	root->out = tflite_between(r, x, &s);
	return read_one(r, NN_UNARY, root->out);
}

bool tflite_read_softmax(struct tflite_reader *r)
{
	float beta = flat_f32(&r->flat, &r->options, 0, 0);

	if (beta != 1)
		return tflite_refuse(r, "beta is %g; accepted: 1",
				     (double)beta);
	return read_one(r, NN_SOFTMAX, tflite_source(r, 0));
}

bool tflite_read_reduce(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct tflite_shape s = { 0 };
	struct graph_node *node = tflite_node(r, NN_REDUCE, x);
	int64_t axes[2 * GRAPH_RANK_MAX] = { 0 };
	uint32_t count = 0;

	if (!node || !tflite_integers(r, 1, axes, 2 * GRAPH_RANK_MAX, &count))
		return false;
	s = tflite_shape_of(r, x);
	node->variant = r->kind->variant;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t a = 0;

		if (!tflite_axis(r, axes[i], s.rank, &a))
			return false;
		node->axes |= 1u << a;
		s.dims[a] = 1;
	}
	return tflite_finish(r, 0, node, &s) &&
	       (node->variant == NN_MEAN || node->variant == NN_SUM ||
		tflite_same_scale(r, x, node->out));
}

/* (..., n, k) and (..., k, m), either of them transposed */
bool tflite_read_matmul(struct tflite_reader *r)
{
	int32_t in[2] = { tflite_source(r, 0), -1 };
	struct tflite_shape s[2] = { 0 };
	struct graph_node *node = NULL;
	uint32_t flip[2] = { 0 };
	uint32_t last = 0;

	in[1] = in[0] < 0 ? -1 : tflite_source(r, 1);
	node = in[1] < 0 ? NULL : tflite_node(r, NN_MATMUL, in[0]);
	if (!node)
		return false;
	for (unsigned int i = 0; i < 2; i++) {
		s[i] = tflite_shape_of(r, in[i]);
		flip[i] = flat_number(&r->flat, &r->options, i, 1, 0) != 0;
	}
	last = s[0].rank - 1;
	if (!last || s[1].rank != s[0].rank ||
	    memcmp(s[0].dims, s[1].dims, (last - 1) * sizeof(*s[0].dims)) ||
	    s[0].dims[last - flip[0]] != s[1].dims[last - 1 + flip[1]])
		return tflite_damaged(r, "matrices do not fit each other");
	node->in[1] = in[1];
	node->in_count = 2;
	node->transposed = flip[0] | flip[1] << 1;
	node->factor = 1;
	s[0].dims[last - 1] = s[0].dims[last - 1 + flip[0]];
	s[0].dims[last] = s[1].dims[last - flip[1]];
	node->out = tflite_result(r, 0, &s[0]);
	return node->out >= 0;
}

/* --- Types -------------------------------------------------------------- */

/* From float32, or from int8 of another scale. */
bool tflite_read_quantize(struct tflite_reader *r)
{
	int32_t x = tflite_computed(r, 0);
	enum nn_type type = NN_F32;

	if (x < 0 || !tflite_type(r, &type))
		return false;
	if (type != NN_INT8 || r->g->values[x].type == NN_INT32)
		return tflite_refuse(r, "accepted: from float32 or int8, to "
					"int8");
	return read_one(r, NN_QUANTIZE, x);
}

bool tflite_read_dequantize(struct tflite_reader *r)
{
	const struct tflite_tensor *t = tflite_in(r, 0);
	enum nn_type type = NN_F32;
	int32_t x = -1;

	if (!tflite_type(r, &type))
		return false;
	if (type != NN_F32 ||
	    (t && t->type != TFLITE_INT8 && t->type != TFLITE_FLOAT16))
		return tflite_refuse(r, "accepted: from int8 or float16, to "
					"float32");
	if (t && tflite_is_constant(t))
		return tflite_fold(r, true);
	x = tflite_computed(r, 0);
	return read_one(r, NN_DEQUANTIZE, x);
}

/* Of constants: to float32, or from one type of integers to another. */
bool tflite_read_cast(struct tflite_reader *r)
{
	const struct tflite_tensor *in = tflite_in(r, 0);
	uint8_t to = tflite_out(r, 0)->type;
	bool from_float = false;

	if (!in || !tflite_is_constant(in))
		return tflite_refuse(r, "its input is not constant; accepted: "
					"casts of constants");
	from_float = in->type == TFLITE_FLOAT32 || in->type == TFLITE_FLOAT16;
	if (to == TFLITE_FLOAT32 ||
	    ((to == TFLITE_INT32 || to == TFLITE_INT64) && !from_float))
		return tflite_fold(r, in->type != in->stored);
	return tflite_refuse(r, "accepted: casts to float32, or of integers to "
				"int32 or int64");
}
