/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions, dense and depthwise layers and conversions, each as a network
 * of one node, compared with plain sums to the last bit; and what the check of
 * a network refuses.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/conv.h"
#include "nn/params.h"
#include "record/write/params.h"
#include "testkit/test.h"

#define BATCH 3

/* --- numbers --- */

static uint64_t state_of_random = 1;

static uint32_t any(uint32_t limit)
{
	state_of_random = state_of_random * 6364136223846793005u + 1;
	return (uint32_t)(state_of_random >> 33) % limit;
}

static uint32_t from_to(uint32_t least, uint32_t most)
{
	return least + any(most - least + 1);
}

static float any_float(void)
{
	return (float)((int32_t)any(2001) - 1000) / 512.0f;
}

/* --- a network of one node --- */

struct one {
	struct nn_head head;
	struct nn_tensor tensors[2];
	struct nn_node node;
	struct nn_net net;
	uint8_t *params;
};

static size_t bytes_of(const struct nn_tensor *t)
{
	return nn_elements(t) * nn_type_size(t->type);
}

static uint32_t aligned(size_t n)
{
	return (uint32_t)((n + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN);
}

static struct nn_tensor tensor(enum nn_type type, uint32_t rank, uint32_t a,
			       uint32_t b, uint32_t c)
{
	struct nn_tensor t = { .type = (uint8_t)type, .rank = (uint8_t)rank };
	const uint32_t dims[NN_RANK_MAX] = { a, b, c };

	for (size_t d = 0; d < NN_RANK_MAX; d++)
		t.dims[d] = d < rank ? dims[d] : 1;
	if (type == NN_INT8) {
		t.scale = 0.25f;
		t.zero = (int8_t)(any(256) - 128);
	}
	return t;
}

static struct nn_at at_of(struct one *o)
{
	return (struct nn_at){ .node = &o->node,
			       .in = { &o->tensors[0] },
			       .out = &o->tensors[1] };
}

/* Sets all that follows from the node and the shapes. */
static void complete(struct one *o, const struct nn_operator *op)
{
	const struct nn_at at = at_of(o);

	o->tensors[1].is_output = 1;
	o->tensors[1].offset = aligned(bytes_of(&o->tensors[0]));
	o->node.sources = 1;
	memcpy(o->head.magic, NN_MAGIC, sizeof(o->head.magic));
	o->head.version = NN_VERSION;
	o->head.nodes = 1;
	o->head.inputs = 1;
	o->head.batch = NN_BATCH_MAX;
	o->head.arena =
		o->tensors[1].offset + aligned(bytes_of(&o->tensors[1]));
	o->head.params = op->params ? op->params(&at) : 0;
	o->head.macs = op->macs(&at);
	o->net = (struct nn_net){ &o->head, o->tensors, &o->node };
	o->params = aligned_alloc(NN_ALIGN, aligned(o->head.params) + NN_SLACK);
	assert_non_null(o->params);
	memset(o->params, 0xff, aligned(o->head.params) + NN_SLACK);
}

static void is_accepted(const struct one *o)
{
	uint32_t at = 0;

	assert_int_equal(nn_net_check(&o->net, &at), NN_OK);
	assert_true(nn_values_check(&o->net, 0, o->params));
}

/*
 * Runs a batch in memory of exactly the size asked for. What is not input is
 * not a number, as f32. x: (batch, elements); y: the same
 */
static void run(const struct one *o, const void *x, size_t batch, void *y)
{
	const size_t size = nn_work_bytes(&o->net, batch);
	const size_t in = bytes_of(&o->tensors[0]) * batch;
	const size_t out = bytes_of(&o->tensors[1]) * batch;
	uint8_t *work = aligned_alloc(NN_ALIGN, aligned(size));
	uint8_t *from = nn_tensor_at(&o->net, work, 0, batch);
	uint8_t *to = nn_tensor_at(&o->net, work, 1, batch);

	assert_int_equal(size % NN_ALIGN, 0);
	memset(work, 0xff, size);
	memcpy(from, x, in);
	nn_net_run(&o->net, o->params, work, batch);
	memcpy(y, to, out);
	assert_memory_equal(from, x, in);
	for (size_t i = in; i < (size_t)(to - from); i++)
		assert_int_equal(from[i], 0xff);
	for (size_t i = out; i < size - NN_SCRATCH - (size_t)(to - work); i++)
		assert_int_equal(to[i], 0xff);
	free(work);
}

/* --- plain sums --- */

/* TFLite: MultiplyByQuantizedMultiplier() with two roundings. */
static int64_t plain_scale(int64_t x, const struct nn_scale *s)
{
	int64_t product = 0;
	int64_t y = 0;
	int right = s->shift < 0 ? -s->shift : 0;

	if (s->shift > 0)
		x *= (int64_t)1 << s->shift;
	if (x > INT32_MAX)
		x = INT32_MAX;
	if (x < INT32_MIN)
		x = INT32_MIN;
	product = x * s->multiplier;
	y = (product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) /
	    ((int64_t)1 << 31);
	if (right) {
		int64_t half = (int64_t)1 << (right - 1);

		y = y >= 0 ? (y + half) / (2 * half) :
			     -((-y + half) / (2 * half));
	}
	return y;
}

struct layer {
	struct one one;
	float *weights; /* row-major, as struct record_weights has them */
	float *bias;
	int8_t *weights8;
	int32_t *bias8;
	struct nn_scale *scale;
	void *x; /* (BATCH, elements) */
};

static bool is_depthwise(const struct layer *l)
{
	return l->one.node.op == NN_DEPTHWISE;
}

static bool is_int8(const struct layer *l)
{
	return l->one.tensors[1].type == NN_INT8;
}

/* A product; int8: of real numbers without zero points. */
struct product {
	float w, x;
	int32_t w8, x8;
};

static struct product product_at(const struct layer *l, size_t w, size_t x,
				 bool inside)
{
	const int32_t zero = l->one.tensors[0].zero;
	struct product p = { 0 };

	if (is_int8(l)) {
		p.w8 = l->weights8[w];
		if (inside)
			p.x8 = ((const int8_t *)l->x)[x] - zero;
	} else {
		p.w = l->weights[w];
		if (inside)
			p.x = ((const float *)l->x)[x];
	}
	return p;
}

/* Where an output lies, and what it is the sum of. */
struct output {
	size_t sample, y, x, c;
};

static void dims_of(const struct nn_tensor *t, size_t dims[3])
{
	dims[2] = t->dims[t->rank - 1];
	dims[1] = t->rank == 3 ? t->dims[1] : nn_elements(t) / dims[2];
	dims[0] = t->rank == 3 ? t->dims[0] : 1;
}

/* The sum of an output, in the order of the weights. */
static void plain_sum(const struct layer *l, const struct output *at,
		      float *sum, int64_t *sum8)
{
	const struct nn_window *w = &l->one.node.conv.window;
	const size_t taps = (size_t)w->kernel[0] * w->kernel[1];
	size_t groups = is_depthwise(l) ? 1 : l->one.node.conv.groups;
	size_t in[3], out[3], ins, first;
	float part = 0;

	dims_of(&l->one.tensors[0], in);
	dims_of(&l->one.tensors[1], out);
	ins = is_depthwise(l) ? 1 : in[2] / groups;
	first = is_depthwise(l) ? at->c : at->c / (out[2] / groups) * ins;
	*sum = 0;
	*sum8 = 0;
	for (size_t k = 0; k < taps * ins; k++) {
		size_t tap = k / ins;
		size_t y = at->y * w->stride[0] - w->pad[0] +
			   tap / w->kernel[1] * w->dilation[0];
		size_t x = at->x * w->stride[1] - w->pad[1] +
			   tap % w->kernel[1] * w->dilation[1];
		struct product p = product_at(
			l,
			is_depthwise(l) ? tap * in[2] + at->c :
					  at->c * taps * ins + k,
			((at->sample * in[0] + y) * in[1] + x) * in[2] + first +
				k % ins,
			y < in[0] && x < in[1]);

		if (taps == 1 && k % NN_SUM_BLOCK == 0) {
			*sum += part;
			part = 0;
		}
		part += p.w * p.x;
		*sum8 += p.w8 * p.x8;
	}
	*sum = part + *sum;
}

static void plain_output(const struct layer *l, const struct output *at,
			 void *to)
{
	const union nn_clamp *clamp = &l->one.node.conv.clamp;
	float sum = 0;
	int64_t sum8 = 0;

	plain_sum(l, at, &sum, &sum8);
	if (is_int8(l)) {
		int64_t y =
			plain_scale(sum8 + l->bias8[at->c], &l->scale[at->c]) +
			l->one.tensors[1].zero;

		y = y < clamp->int8[0] ? clamp->int8[0] : y;
		*(int8_t *)to =
			(int8_t)(y > clamp->int8[1] ? clamp->int8[1] : y);
	} else {
		float y = sum + l->bias[at->c];

		y = y < clamp->f32[0] ? clamp->f32[0] : y;
		*(float *)to = y > clamp->f32[1] ? clamp->f32[1] : y;
	}
}

static void plain_layer(const struct layer *l, uint8_t *y)
{
	size_t out[3];
	struct output at;

	dims_of(&l->one.tensors[1], out);
	for (size_t i = 0; i < BATCH * nn_elements(&l->one.tensors[1]); i++) {
		at.c = i % out[2];
		at.x = i / out[2] % out[1];
		at.y = i / out[2] / out[1] % out[0];
		at.sample = i / out[2] / out[1] / out[0];
		plain_output(l, &at,
			     y + i * nn_type_size(l->one.tensors[1].type));
	}
}

/* --- layers --- */

static size_t weight_count(struct layer *l)
{
	const struct nn_at at = at_of(&l->one);
	size_t groups = is_depthwise(l) ? 1 : l->one.node.conv.groups;
	const struct nn_conv_shape s = nn_conv_shape(&at, groups);

	return is_depthwise(l) ? s.taps * s.ins :
				 s.groups * s.outs * nn_conv_k(&s);
}

static void fill_values(struct layer *l)
{
	const size_t count = weight_count(l);
	const struct nn_tensor *in = &l->one.tensors[0];
	const size_t outs = l->one.tensors[1].dims[l->one.tensors[1].rank - 1];
	const size_t inputs = BATCH * nn_elements(in);

	l->weights = calloc(count, sizeof(*l->weights));
	l->weights8 = calloc(count, 1);
	l->bias = calloc(outs, sizeof(*l->bias));
	l->bias8 = calloc(outs, sizeof(*l->bias8));
	l->scale = calloc(outs, sizeof(*l->scale));
	l->x = calloc(inputs, nn_type_size(in->type));
	for (size_t i = 0; i < count; i++) {
		l->weights[i] = any_float();
		l->weights8[i] = (int8_t)((int)any(255) - 127);
	}
	for (size_t i = 0; i < outs; i++) {
		l->bias[i] = any_float();
		l->bias8[i] = (int32_t)any(20000) - 10000;
		l->scale[i].multiplier =
			(int32_t)((1u << 30) + any((1u << 30) - 1));
		l->scale[i].shift = (int32_t)from_to(0, 11) - 10;
	}
	for (size_t i = 0; i < inputs; i++) {
		if (in->type == NN_INT8)
			((int8_t *)l->x)[i] = (int8_t)(any(256) - 128);
		else
			((float *)l->x)[i] = any_float();
	}
}

static void free_layer(struct layer *l)
{
	free(l->one.params);
	free(l->weights);
	free(l->weights8);
	free(l->bias);
	free(l->bias8);
	free(l->scale);
	free(l->x);
}

static const struct nn_operator *operator_of(const struct layer *l)
{
	return is_depthwise(l) ? &nn_op_depthwise : &nn_op_conv;
}

static bool pack(struct layer *l)
{
	const struct nn_at at = at_of(&l->one);
	const struct record_weights w = {
		is_int8(l) ? (void *)l->weights8 : (void *)l->weights,
		is_int8(l) ? (void *)l->bias8 : (void *)l->bias,
		l->scale,
	};

	return record_params_pack(&at, &w, l->one.params);
}

/* Values for a layer whose tensors and node are set. */
static void make_layer(struct layer *l)
{
	fill_values(l);
	complete(&l->one, operator_of(l));
	assert_true(pack(l));
	is_accepted(&l->one);
}

static void describe(const struct layer *l)
{
	const struct nn_window *w = &l->one.node.conv.window;
	const struct nn_tensor *in = &l->one.tensors[0];
	const struct nn_tensor *out = &l->one.tensors[1];

	print_message("%s %s %ux%ux%u to %ux%ux%u, kernel %ux%u, stride %ux%u, "
		      "dilation %ux%u, pad %ux%u, groups %u\n",
		      is_int8(l) ? "int8" : "f32",
		      is_depthwise(l) ? "depthwise" : "conv", in->dims[0],
		      in->dims[1], in->dims[2], out->dims[0], out->dims[1],
		      out->dims[2], w->kernel[0], w->kernel[1], w->stride[0],
		      w->stride[1], w->dilation[0], w->dilation[1], w->pad[0],
		      w->pad[1], l->one.node.conv.groups);
}

/* Compares a batch, and single samples, with plain sums. */
static void compare(struct layer *l)
{
	const size_t in = bytes_of(&l->one.tensors[0]);
	const size_t out = bytes_of(&l->one.tensors[1]);
	uint8_t *plain = calloc(BATCH, out);
	uint8_t *batch = calloc(BATCH, out);
	uint8_t *single = calloc(BATCH, out);

	plain_layer(l, plain);
	run(&l->one, l->x, BATCH, batch);
	for (size_t i = 0; i < BATCH; i++)
		run(&l->one, (uint8_t *)l->x + i * in, 1, single + i * out);
	if (memcmp(batch, plain, BATCH * out) ||
	    memcmp(single, plain, BATCH * out))
		describe(l);
	assert_memory_equal(batch, plain, BATCH * out);
	assert_memory_equal(single, plain, BATCH * out);
	free(plain);
	free(batch);
	free(single);
}

static void any_clamp(struct layer *l)
{
	union nn_clamp *clamp = &l->one.node.conv.clamp;

	if (is_int8(l)) {
		clamp->int8[0] = any(2) ? -128 : (int32_t)any(100) - 60;
		clamp->int8[1] = any(2) ? 127 : (int32_t)any(60) + 40;
	} else {
		clamp->f32[0] = any(2) ? -INFINITY : 0;
		clamp->f32[1] = any(2) ? INFINITY : 6;
	}
}

static enum nn_type any_type(void)
{
	return any(2) ? NN_INT8 : NN_F32;
}

/* A window over `in` pixels; returns one of the possible numbers of outputs. */
static uint32_t any_window(struct nn_window *w, size_t d, uint32_t in)
{
	uint32_t span = 0;

	w->kernel[d] = (uint16_t)from_to(1, 4);
	w->stride[d] = (uint16_t)from_to(1, 3);
	w->dilation[d] = (uint16_t)(any(3) ? 1 : 2);
	span = (w->kernel[d] - 1u) * w->dilation[d] + 1;
	w->pad[d] = (uint16_t)any(span);
	return from_to(1, (in + w->pad[d] - 1) / w->stride[d] + 1);
}

static void any_convolution(struct layer *l)
{
	static const uint32_t channels[] = { 1, 2, 3, 4, 5, 8, 12, 16, 17, 32 };
	struct nn_window *w = &l->one.node.conv.window;
	const enum nn_type type = any_type();
	const uint32_t groups = any(3) ? 1 : from_to(1, 3);
	const uint32_t h = from_to(1, 9);
	const uint32_t width = from_to(1, 11);
	uint32_t out_h = any_window(w, 0, h);
	uint32_t out_width = any_window(w, 1, width);

	l->one.node.op = NN_CONV;
	l->one.node.conv.groups = groups;
	l->one.tensors[0] = tensor(type, 3, h, width,
				   channels[any(COUNT(channels))] * groups);
	l->one.tensors[1] =
		tensor(type, 3, out_h, out_width, from_to(1, 20) * groups);
	any_clamp(l);
}

static void any_convolution_is_plain_sums(void **state)
{
	(void)state;
	for (size_t i = 0; i < 700; i++) {
		struct layer l = { 0 };

		any_convolution(&l);
		make_layer(&l);
		compare(&l);
		free_layer(&l);
	}
}

static void any_depthwise_is_plain_sums(void **state)
{
	(void)state;
	for (size_t i = 0; i < 500; i++) {
		struct layer l = { 0 };
		struct nn_window *w = &l.one.node.conv.window;
		const enum nn_type type = any_type();
		const uint32_t channels = from_to(1, any(4) ? 20 : 75);
		const uint32_t h = from_to(1, 9);
		const uint32_t width = from_to(1, 14);
		uint32_t out_h = any_window(w, 0, h);
		uint32_t out_width = any_window(w, 1, width);

		l.one.node.op = NN_DEPTHWISE;
		l.one.tensors[0] = tensor(type, 3, h, width, channels);
		l.one.tensors[1] = tensor(type, 3, out_h, out_width, channels);
		any_clamp(&l);
		make_layer(&l);
		compare(&l);
		free_layer(&l);
	}
}

static void dense(struct layer *l, enum nn_type type, uint32_t rank,
		  const uint32_t dims[3], uint32_t outs)
{
	l->one.node.op = NN_CONV;
	l->one.node.conv.window =
		(struct nn_window){ { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 } };
	l->one.node.conv.groups = 1;
	l->one.tensors[0] = tensor(type, rank, dims[0], dims[1], dims[2]);
	l->one.tensors[1] = tensor(type, rank, dims[0], dims[1], dims[2]);
	l->one.tensors[1].dims[rank - 1] = outs;
	any_clamp(l);
	make_layer(l);
}

/*
 * Inputs around the blocks of sums, outputs around tiles; several ranks. The
 * last two would fill scratch memory to its end, and more, if they were packed.
 */
static void dense_layers_are_plain_sums(void **state)
{
	static const struct {
		uint32_t rank, dims[3], outs;
	} shapes[] = {
		{ 1, { 1 }, 1 },	{ 1, { 3 }, 9 },
		{ 1, { 17 }, 40 },	{ 1, { 255 }, 33 },
		{ 1, { 256 }, 32 },	{ 1, { 257 }, 31 },
		{ 1, { 784 }, 65 },	{ 1, { 513 }, 8 },
		{ 2, { 7, 20 }, 10 },	{ 2, { 16, 300 }, 7 },
		{ 2, { 1, 640 }, 128 }, { 3, { 2, 3, 70 }, 12 },
		{ 1, { 1 }, 40 },	{ 1, { 3 }, 64 },
		{ 2, { 9, 6 }, 33 },	{ 3, { 5, 2, 259 }, 39 },
		{ 2, { 8, 2020 }, 17 }, { 2, { 8, 4052 }, 17 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(shapes); i++) {
		struct layer l = { 0 };

		dense(&l, i % 2 ? NN_INT8 : NN_F32, shapes[i / 2].rank,
		      shapes[i / 2].dims, shapes[i / 2].outs);
		compare(&l);
		free_layer(&l);
	}
}

static void convolution(struct layer *l, enum nn_type type,
			const uint32_t in[3], const uint32_t out[3],
			const struct nn_window *w)
{
	l->one.node.op = NN_CONV;
	l->one.node.conv.window = *w;
	l->one.node.conv.groups = 1;
	l->one.tensors[0] = tensor(type, 3, in[0], in[1], in[2]);
	l->one.tensors[1] = tensor(type, 3, out[0], out[1], out[2]);
	any_clamp(l);
	make_layer(l);
}

/* Of a layer, f32 and int8. */
struct shape {
	uint32_t in[3], out[3];
	struct nn_window w;
};

static void compare_shapes(const struct shape *shapes, size_t count)
{
	for (size_t i = 0; i < 2 * count; i++) {
		struct layer l = { 0 };

		convolution(&l, i % 2 ? NN_INT8 : NN_F32, shapes[i / 2].in,
			    shapes[i / 2].out, &shapes[i / 2].w);
		compare(&l);
		free_layer(&l);
	}
}

/* The first layers of known networks, and windows that fill the scratch. */
static void large_windows_are_plain_sums(void **state)
{
	static const struct shape shapes[] = {
		{ { 49, 10, 1 },
		  { 25, 5, 64 },
		  { { 10, 4 }, { 2, 2 }, { 1, 1 }, { 4, 1 } } },
		{ { 32, 32, 3 },
		  { 32, 32, 16 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 48, 48, 3 },
		  { 3, 3, 9 },
		  { { 16, 16 }, { 16, 16 }, { 1, 1 }, { 0, 0 } } },
		{ { 51, 51, 3 },
		  { 2, 2, 3 },
		  { { 50, 50 }, { 1, 1 }, { 1, 1 }, { 0, 0 } } },
		{ { 7, 7, 1024 },
		  { 3, 3, 2 },
		  { { 7, 7 }, { 3, 3 }, { 1, 1 }, { 3, 3 } } },
		{ { 3, 4, 4000 },
		  { 3, 4, 2 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
	};

	(void)state;
	compare_shapes(shapes, COUNT(shapes));
}

/*
 * Many tiles. Inputs that are packed, of runs that are rows, taps or a pixel:
 * all at once, some runs at a time, a part of a run at a time.
 */
static void packed_inputs_are_plain_sums(void **state)
{
	static const struct shape shapes[] = {
		{ { 5, 6, 20 },
		  { 5, 6, 40 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 5, 4, 30 },
		  { 5, 4, 33 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 4, 4, 100 },
		  { 4, 4, 32 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 6, 7, 37 },
		  { 4, 5, 41 },
		  { { 3, 2 }, { 1, 1 }, { 1, 2 }, { 0, 0 } } },
		{ { 34, 12, 3 },
		  { 1, 10, 33 },
		  { { 34, 3 }, { 1, 1 }, { 1, 1 }, { 0, 0 } } },
		/* without room for a panel: f32, int8 */
		{ { 4, 5, 120 },
		  { 4, 5, 40 },
		  { { 2, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 3, 4, 400 },
		  { 3, 4, 40 },
		  { { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } } },
		{ { 6, 6, 300 },
		  { 3, 3, 35 },
		  { { 1, 1 }, { 2, 2 }, { 1, 1 }, { 0, 0 } } },
	};

	(void)state;
	compare_shapes(shapes, COUNT(shapes));
}

/* From a tap to the next one, outside of the input, and of parameters. */
static void lengths_have_more_than_32_bits(void **state)
{
	const struct nn_window w = {
		{ 2, 1 }, { 1, 5461 }, { UINT16_MAX, 1 }, { UINT16_MAX, 0 }
	};
	const struct nn_conv_shape large = { .int8 = true,
					     .ins = 8,
					     .taps = 65535u * 65535u };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const enum nn_type type = i % 2 ? NN_INT8 : NN_F32;
		struct layer l = { .one.node.conv = { .window = w,
						      .groups = i < 2 } };

		l.one.node.op = i < 2 ? NN_CONV : NN_DEPTHWISE;
		l.one.tensors[0] = tensor(type, 3, 3, 16385, 4);
		l.one.tensors[1] = tensor(type, 3, 3, 4, 4);
		any_clamp(&l);
		make_layer(&l);
		is_accepted(&l.one);
		compare(&l);
		free_layer(&l);
	}
	assert_true(nn_depthwise_bytes(&large) ==
		    72 + 8 * (uint64_t)65535 * 65535);
}

/* Weights and activations as far from 0 as possible, K as large. */
static void the_largest_sums_have_room(void **state)
{
	const uint32_t dims[3] = { NN_CONV_K_MAX_INT8 };

	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		struct layer l = { 0 };

		dense(&l, NN_INT8, 1, dims, 9);
		l.one.tensors[0].zero = 0;
		memset(l.weights8, (uint8_t)(127 * sign), weight_count(&l));
		memset(l.x, 0x80, BATCH * dims[0]);
		assert_true(pack(&l));
		compare(&l);
		free_layer(&l);
	}
}

/* All shifts and the rounding of halves: a sum is the bias. */
static void every_scale_is_tflites(void **state)
{
	static const int32_t sums[] = { 0,
					1,
					-1,
					2,
					-2,
					3,
					-3,
					127,
					-128,
					1 << 20,
					-(1 << 20),
					INT32_MAX - 16256,
					16256 - INT32_MAX };
	static const int32_t multipliers[] = { 0, 1 << 30, 3 << 29, INT32_MAX };

	(void)state;
	for (int32_t shift = -31; shift <= 30; shift++) {
		for (size_t m = 0; m < COUNT(multipliers); m++) {
			const uint32_t dims[3] = { 1 };
			struct layer l = { 0 };

			dense(&l, NN_INT8, 1, dims, COUNT(sums));
			l.one.tensors[0].zero = 0;
			memset(l.x, 0, BATCH);
			memcpy(l.bias8, sums, sizeof(sums));
			for (size_t i = 0; i < COUNT(sums); i++) {
				l.scale[i].multiplier = multipliers[m];
				l.scale[i].shift = m ? shift : 0;
			}
			assert_true(pack(&l));
			is_accepted(&l.one);
			compare(&l);
			free_layer(&l);
		}
	}
}

/* --- conversions --- */

static struct one conversion(enum nn_op op, struct nn_tensor in,
			     struct nn_tensor out)
{
	struct one o = { 0 };

	o.node.op = (uint8_t)op;
	o.tensors[0] = in;
	o.tensors[1] = out;
	return o;
}

static int8_t plain_quantise(float x, const struct nn_tensor *t)
{
	float y = rintf(x / t->scale) + (float)t->zero;

	return (int8_t)(y < -128 ? -128 : y > 127 ? 127 : y);
}

/* Every pixel, as every channel, to f32 and int8. */
static void pixels_are_normalised(void **state)
{
	uint8_t x[BATCH * 256 * 3];
	float y[COUNT(x)];
	int8_t y8[COUNT(x)];

	(void)state;
	for (size_t i = 0; i < sizeof(x); i++)
		x[i] = (uint8_t)(i / 3);
	for (uint32_t channels = 1; channels <= 4; channels++) {
		const uint32_t pixels = 256 * 3 / channels - 1;
		const size_t n = pixels * channels;
		struct one o = conversion(
			NN_IMAGE, tensor(NN_UINT8, 3, 1, pixels, channels),
			tensor(NN_F32, 3, 1, pixels, channels));

		o.node.image.divisor = 255;
		for (size_t c = 0; c < channels; c++) {
			o.node.image.mean[c] = 0.1f * (float)(c + 1);
			o.node.image.deviation[c] = 0.3f + 0.1f * (float)c;
		}
		complete(&o, &nn_op_image);
		is_accepted(&o);
		run(&o, x, BATCH, y);
		o.tensors[1] = tensor(NN_INT8, 3, 1, pixels, channels);
		o.tensors[1].scale = 0.03f;
		free(o.params);
		complete(&o, &nn_op_image);
		is_accepted(&o);
		run(&o, x, BATCH, y8);
		for (size_t i = 0; i < BATCH * n; i++) {
			size_t c = i % channels;
			float expected =
				((float)x[i] / 255 - o.node.image.mean[c]) /
				o.node.image.deviation[c];

			assert_memory_equal(&y[i], &expected, sizeof(expected));
			assert_int_equal(
				y8[i], plain_quantise(expected, &o.tensors[1]));
		}
		free(o.params);
	}
}

static void f32_are_quantised_and_back(void **state)
{
	float x[] = { 0,     0.125f,	-0.125f, 0.375f,   0.625f, -0.375f,
		      0.1f,  31.75f,	-32,	 1e30f,	   -1e30f, INFINITY,
		      -3.2f, -INFINITY, NAN,	 0x1p-140f };
	struct one o =
		conversion(NN_QUANTIZE, tensor(NN_F32, 1, COUNT(x), 0, 0),
			   tensor(NN_INT8, 1, COUNT(x), 0, 0));
	int8_t y[COUNT(x)];
	float back[COUNT(x)];

	(void)state;
	for (int zero = -128; zero <= 127; zero++) {
		o.tensors[0] = tensor(NN_F32, 1, COUNT(x), 0, 0);
		o.tensors[1] = tensor(NN_INT8, 1, COUNT(x), 0, 0);
		o.tensors[1].zero = (int8_t)zero;
		o.node.op = NN_QUANTIZE;
		complete(&o, &nn_op_quantize);
		is_accepted(&o);
		run(&o, x, 1, y);
		for (size_t i = 0; i < COUNT(x); i++)
			assert_int_equal(
				y[i],
				isnan(x[i]) ?
					-128 :
					plain_quantise(x[i], &o.tensors[1]));
		o.tensors[0] = o.tensors[1];
		o.tensors[0].is_output = 0;
		o.tensors[0].offset = 0;
		o.tensors[1] = tensor(NN_F32, 1, COUNT(x), 0, 0);
		o.node.op = NN_DEQUANTIZE;
		free(o.params);
		complete(&o, &nn_op_dequantize);
		is_accepted(&o);
		run(&o, y, 1, back);
		for (size_t i = 0; i < COUNT(x); i++)
			assert_true(back[i] == (float)(y[i] - zero) * 0.25f);
		free(o.params);
	}
}

/* Every number, for all shifts and zero points far apart. */
static void int8_are_rescaled(void **state)
{
	static const int zeros[] = { -128, -1, 0, 3, 127 };
	const struct nn_tensor t = tensor(NN_INT8, 1, 255, 0, 0);
	struct one o = conversion(NN_QUANTIZE, t, t);
	int8_t x[255];
	int8_t y[255];

	(void)state;
	for (int i = 0; i < 255; i++)
		x[i] = (int8_t)(i - 128);
	complete(&o, &nn_op_quantize);
	for (int32_t i = 0; i < 62 * 25; i++) {
		struct nn_scale s = { (int32_t)from_to(1 << 30, INT32_MAX),
				      i / 25 - 31 };

		o.tensors[0].zero = (int8_t)zeros[i % 5];
		o.tensors[1].zero = (int8_t)zeros[i / 5 % 5];
		o.node.requantize = s;
		is_accepted(&o);
		run(&o, x, 1, y);
		for (size_t k = 0; k < COUNT(x); k++) {
			int64_t want =
				plain_scale(x[k] - o.tensors[0].zero, &s) +
				o.tensors[1].zero;

			want = want < -128 ? -128 : want > 127 ? 127 : want;
			assert_int_equal(y[k], want);
		}
	}
	free(o.params);
}

static void scales_of_quantize_are_checked(void **state)
{
	static const struct nn_scale wrong[] = { { (1 << 30) - 1, 0 },
						 { -(1 << 30), 0 },
						 { 0, 1 },
						 { 1 << 30, 31 },
						 { 1 << 30, -32 } };
	const struct nn_tensor t = tensor(NN_INT8, 1, 5, 0, 0);
	struct one o = conversion(NN_QUANTIZE, t, t);
	const struct nn_at at = at_of(&o);

	(void)state;
	complete(&o, &nn_op_quantize);
	is_accepted(&o);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		o.node.requantize = wrong[i];
		assert_false(nn_op_quantize.check(&at));
	}
	o.node.requantize = (struct nn_scale){ 1 << 30, 0 };
	assert_true(nn_op_quantize.check(&at));
	o.node.bytes[sizeof(struct nn_scale)] = 1;
	assert_false(nn_op_quantize.check(&at));
	o.node.bytes[sizeof(struct nn_scale)] = 0;
	o.tensors[0] = tensor(NN_F32, 1, 5, 0, 0);
	assert_false(nn_op_quantize.check(&at));
	free(o.params);
}

/* --- what is refused --- */

/* A convolution of 3 x 3 and a depthwise one; all of their bytes are used. */
static void sample_layer(struct layer *l, enum nn_op op, enum nn_type type)
{
	l->one.node.op = (uint8_t)op;
	l->one.node.conv.window =
		(struct nn_window){ { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1 } };
	l->one.node.conv.groups = op == NN_CONV ? 2 : 0;
	l->one.tensors[0] = tensor(type, 3, 7, 8, 10);
	l->one.tensors[1] = tensor(type, 3, 4, 4, 10);
	any_clamp(l);
	make_layer(l);
}

struct refusal {
	void (*change)(struct one *o);
	enum nn_error error;
};

static void refuses(enum nn_op op, enum nn_type type,
		    const struct refusal *refusals, size_t count)
{
	struct layer l = { 0 };

	sample_layer(&l, op, type);
	for (size_t i = 0; i < count; i++) {
		struct one changed = l.one;
		uint32_t at = 0;

		changed.net = (struct nn_net){ &changed.head, changed.tensors,
					       &changed.node };
		refusals[i].change(&changed);
		if (nn_net_check(&changed.net, &at) != refusals[i].error)
			fail_msg("change %zu: error %d, expected %d", i,
				 nn_net_check(&changed.net, &at),
				 refusals[i].error);
	}
	free_layer(&l);
}

/* clang-format off */
#define CHANGE(name, what) static void name(struct one *o) { what; }
CHANGE(magic, o->head.magic[7]++)
CHANGE(version, o->head.version++)
CHANGE(no_nodes, o->head.nodes = 0)
CHANGE(many_nodes, o->head.nodes = NN_NODES_MAX + 1)
CHANGE(no_inputs, o->head.inputs = 0)
CHANGE(many_inputs, o->head.inputs = NN_INPUTS_MAX + 1)
CHANGE(no_batch, o->head.batch = 0)
CHANGE(large_batch, o->head.batch = NN_BATCH_MAX + 1)
CHANGE(head_reserved, o->head.reserved = 1)
CHANGE(head_reserved2, o->head.reserved2[6] = 1)
CHANGE(odd_arena, o->head.arena++)
CHANGE(large_arena, o->head.arena = 1 << 25)
CHANGE(large_macs, o->head.macs = ((uint64_t)1 << 40) + 1)
CHANGE(large_params, o->head.params = ((uint64_t)1 << 31) + 16)
CHANGE(type_0, o->tensors[0].type = 0)
CHANGE(type_5, o->tensors[0].type = 5)
CHANGE(pixels_out, o->tensors[1].type = NN_UINT8)
CHANGE(rank_0, o->tensors[0].rank = 0)
CHANGE(rank_7, o->tensors[0].rank = 7)
CHANGE(dim_0, o->tensors[0].dims[1] = 0)
CHANGE(dim_large, o->tensors[0].dims[1] = NN_DIM_MAX + 1)
CHANGE(dim_unused, o->tensors[0].dims[5] = 2)
CHANGE(elements, o->tensors[0].dims[0] = o->tensors[0].dims[1] = 1 << 14)
CHANGE(elements_wrap, o->tensors[0].dims[0] = o->tensors[0].dims[1] = 1 << 16)
CHANGE(output_2, o->tensors[0].is_output = 2)
CHANGE(tensor_reserved, o->tensors[0].reserved = 1)
CHANGE(scale_1, o->tensors[0].scale = 1)
CHANGE(scale_minus_0, o->tensors[0].scale = -0.0f)
CHANGE(scale_0, o->tensors[0].scale = 0)
CHANGE(scale_negative, o->tensors[0].scale = -1)
CHANGE(scale_subnormal, o->tensors[0].scale = 0x1p-127f)
CHANGE(scale_infinite, o->tensors[0].scale = INFINITY)
CHANGE(scale_nan, o->tensors[0].scale = NAN)
CHANGE(zero_1, o->tensors[0].zero = 1)
CHANGE(no_output, o->tensors[1].is_output = 0)
CHANGE(offset_odd, o->tensors[1].offset++)
CHANGE(offset_large, o->tensors[1].offset += NN_ALIGN)
CHANGE(offset_huge, o->tensors[1].offset = UINT32_MAX / NN_ALIGN * NN_ALIGN)
CHANGE(overlap, o->tensors[1].offset -= NN_ALIGN)
CHANGE(same_place, o->tensors[1].offset = 0)
CHANGE(params_more, o->head.params += 16)
CHANGE(params_less, o->head.params -= 16)
CHANGE(macs_more, o->head.macs++)
CHANGE(macs_less, o->head.macs--)
CHANGE(op_0, o->node.op = 0)
CHANGE(op_large, o->node.op = NN_OPS)
CHANGE(node_reserved, o->node.reserved = 1)
CHANGE(variant, o->node.variant = 1)
CHANGE(no_source, o->node.sources = 0)
CHANGE(two_sources, o->node.sources = 2)
CHANGE(seven_sources, o->node.sources = NN_SOURCES_MAX + 1)
CHANGE(source_itself, o->node.source[0] = 1)
CHANGE(source_unused, o->node.source[1] = 1)
CHANGE(kernel_0, o->node.conv.window.kernel[0] = 0)
CHANGE(stride_0, o->node.conv.window.stride[1] = 0)
CHANGE(dilation_0, o->node.conv.window.dilation[0] = 0)
CHANGE(pad_3, o->node.conv.window.pad[0] = 3)
CHANGE(out_large, o->node.conv.window.stride[0] = 3)
CHANGE(span_large, o->node.conv.window.dilation[0] = 32768)
CHANGE(k_large, o->node.conv.window.kernel[0] = 65535)
CHANGE(groups_0, o->node.conv.groups = 0)
CHANGE(groups_3, o->node.conv.groups = 3)
CHANGE(unused, o->node.bytes[28] = 1)
CHANGE(last_unused, o->node.bytes[47] = 1)
CHANGE(depthwise_groups, o->node.conv.groups = 1)
CHANGE(in_rank, o->tensors[0].rank = 4)
CHANGE(out_rank, o->tensors[1].rank = 4)
CHANGE(both_ranks, o->tensors[0].rank = o->tensors[1].rank = 4)
CHANGE(channels, o->tensors[0].dims[2]--)
CHANGE(in_int32, o->tensors[0].type = NN_INT32)
CHANGE(both_int32, o->tensors[0].type = o->tensors[1].type = NN_INT32)
CHANGE(low_nan, o->node.conv.clamp.f32[0] = NAN)
CHANGE(high_nan, o->node.conv.clamp.f32[1] = NAN)
CHANGE(low_infinite, o->node.conv.clamp.f32[0] = INFINITY)
CHANGE(high_infinite, o->node.conv.clamp.f32[1] = -INFINITY)
CHANGE(low_high, o->node.conv.clamp.f32[0] = 7; o->node.conv.clamp.f32[1] = 6)
CHANGE(low_129, o->node.conv.clamp.int8[0] = -129)
CHANGE(high_128, o->node.conv.clamp.int8[1] = 128)
CHANGE(low_high8, o->node.conv.clamp.int8[0] = 127; o->node.conv.clamp.int8[1] = 126)
/* clang-format on */

#define TENSOR NN_ERROR_TENSOR
#define NODE   NN_ERROR_NODE
#define COMMON_RULES                                                           \
	{ magic, NN_ERROR_HEAD }, { version, NN_ERROR_HEAD },                  \
		{ no_nodes, NN_ERROR_HEAD }, { many_nodes, NN_ERROR_HEAD },    \
		{ no_inputs, NN_ERROR_HEAD }, { many_inputs, NN_ERROR_HEAD },  \
		{ no_batch, NN_ERROR_HEAD }, { large_batch, NN_ERROR_HEAD },   \
		{ head_reserved, NN_ERROR_HEAD },                              \
		{ head_reserved2, NN_ERROR_HEAD },                             \
		{ odd_arena, NN_ERROR_HEAD }, { large_arena, NN_ERROR_HEAD },  \
		{ large_macs, NN_ERROR_HEAD },                                 \
		{ large_params, NN_ERROR_HEAD }, { type_0, TENSOR },           \
		{ type_5, TENSOR }, { pixels_out, TENSOR },                    \
		{ rank_0, TENSOR }, { rank_7, TENSOR }, { dim_0, TENSOR },     \
		{ dim_large, TENSOR }, { dim_unused, TENSOR },                 \
		{ elements, TENSOR }, { elements_wrap, TENSOR },               \
		{ output_2, TENSOR }, { tensor_reserved, TENSOR },             \
		{ scale_minus_0, TENSOR }, { scale_negative, TENSOR },         \
		{ scale_subnormal, TENSOR }, { scale_infinite, TENSOR },       \
		{ scale_nan, TENSOR }, { no_output, NN_ERROR_OUTPUT },         \
		{ offset_odd, NN_ERROR_ARENA },                                \
		{ offset_large, NN_ERROR_ARENA },                              \
		{ offset_huge, NN_ERROR_ARENA },                               \
		{ overlap, NN_ERROR_OVERLAP },                                 \
		{ same_place, NN_ERROR_OVERLAP },                              \
		{ params_more, NN_ERROR_PARAMS },                              \
		{ params_less, NN_ERROR_PARAMS },                              \
		{ macs_more, NN_ERROR_MACS }, { macs_less, NN_ERROR_MACS },    \
		{ op_0, NODE }, { op_large, NODE }, { node_reserved, NODE },   \
		{ variant, NODE }, { no_source, NODE }, { two_sources, NODE }, \
		{ seven_sources, NODE }, { source_itself, NODE },              \
		{ source_unused, NODE }, { kernel_0, NODE },                   \
		{ stride_0, NODE }, { dilation_0, NODE }, { pad_3, NODE },     \
		{ out_large, NODE }, { span_large, NODE }, { unused, NODE },   \
		{ last_unused, NODE }, { in_rank, NODE }, { out_rank, NODE },  \
		{ both_ranks, NODE },                                          \
	{                                                                      \
		channels, NODE                                                 \
	}

static const struct refusal of_f32[] = {
	COMMON_RULES,	    { scale_1, TENSOR },    { zero_1, TENSOR },
	{ in_int32, NODE }, { both_int32, NODE },   { low_nan, NODE },
	{ high_nan, NODE }, { low_infinite, NODE }, { high_infinite, NODE },
	{ low_high, NODE },
};

static const struct refusal of_int8[] = {
	COMMON_RULES,	    { scale_0, TENSOR }, { low_129, NODE },
	{ high_128, NODE }, { low_high8, NODE },
};

static const struct refusal of_conv[] = { { groups_0, NODE },
					  { groups_3, NODE },
					  { k_large, NODE } };
static const struct refusal of_depthwise[] = { { depthwise_groups, NODE } };

static void what_breaks_a_rule_is_refused(void **state)
{
	(void)state;
	for (enum nn_op op = NN_CONV; op <= NN_DEPTHWISE; op++) {
		refuses(op, NN_F32, of_f32, COUNT(of_f32));
		refuses(op, NN_INT8, of_int8, COUNT(of_int8));
	}
	refuses(NN_CONV, NN_F32, of_conv, COUNT(of_conv));
	refuses(NN_CONV, NN_INT8, of_conv, COUNT(of_conv));
	refuses(NN_DEPTHWISE, NN_INT8, of_depthwise, COUNT(of_depthwise));
}

static enum nn_error check_layer(struct layer *l)
{
	const struct nn_operator *op = operator_of(l);
	const struct nn_at at = at_of(&l->one);

	return op->check(&at) ? NN_OK : NN_ERROR_NODE;
}

static void what_does_not_fit_is_refused(void **state)
{
	struct layer l = { 0 };
	struct nn_window *w = &l.one.node.conv.window;

	(void)state;
	*w = (struct nn_window){ { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } };
	l.one.node.op = NN_CONV;
	l.one.node.sources = 1;
	l.one.node.conv.groups = 1;
	l.one.node.conv.clamp.f32[1] = 1;
	l.one.tensors[0] = tensor(NN_F32, 3, 3, 3, 9000);
	l.one.tensors[1] = tensor(NN_F32, 3, 3, 3, 1);
	assert_int_equal(check_layer(&l), NN_ERROR_NODE);
	l.one.tensors[0].dims[2] = 7000;
	assert_int_equal(check_layer(&l), NN_OK);
	l.one.tensors[0].dims[2] = 20;
	/* a table of 900 runs, or a patch of 72,000 bytes */
	w->kernel[0] = w->kernel[1] = 30;
	assert_int_equal(check_layer(&l), NN_ERROR_NODE);
	l.one.tensors[0].dims[2] = 3;
	assert_int_equal(check_layer(&l), NN_OK);
	w->kernel[0] = w->kernel[1] = 60; /* a patch of 43,200 bytes */
	assert_int_equal(check_layer(&l), NN_ERROR_NODE);
	l.one.node.op = NN_DEPTHWISE; /* a sum for each channel, of int8 */
	l.one.node.conv.groups = 0;
	l.one.node.conv.clamp.int8[1] = 1;
	w->kernel[0] = w->kernel[1] = 3;
	l.one.tensors[0] = l.one.tensors[1] = tensor(NN_INT8, 3, 3, 3, 8193);
	assert_int_equal(check_layer(&l), NN_ERROR_NODE);
	l.one.tensors[0].dims[2] = l.one.tensors[1].dims[2] = 8192;
	assert_int_equal(check_layer(&l), NN_OK);
}

/* Changes one value behind `at`; the record must not be accepted. */
static void refuses_value(struct layer *l, size_t at, const void *value,
			  size_t size)
{
	uint8_t before[4];

	memcpy(before, l->one.params + at, size);
	memcpy(l->one.params + at, value, size);
	assert_false(nn_values_check(&l->one.net, 0, l->one.params));
	memcpy(l->one.params + at, before, size);
	assert_true(nn_values_check(&l->one.net, 0, l->one.params));
}

static void refuses_floats(struct layer *l, size_t first, size_t used)
{
	static const float wrong[] = { INFINITY, -INFINITY, NAN };
	const float tiny = 0x1p-149f;

	for (size_t i = 0; i < COUNT(wrong); i++)
		refuses_value(l, first, &wrong[i], sizeof(wrong[i]));
	refuses_value(l, first + used * sizeof(float), &tiny, sizeof(tiny));
}

/* bias, multiplier, shift: offsets of the first; step: to an unused output */
static void refuses_scales(struct layer *l, size_t multiplier, size_t shift,
			   size_t unused, size_t k)
{
	const int32_t limit = INT32_MAX - (int32_t)NN_CONV_SUM_MAX(k);
	const int32_t biases[] = { limit + 1, -limit - 1, INT32_MIN,
				   INT32_MAX };
	const int32_t multipliers[] = { 1, (1 << 30) - 1, -1, INT32_MIN, 0 };
	const int8_t shifts[] = { 31, -32, 127, -128 };
	const int32_t one = 1;

	for (size_t i = 0; i < COUNT(biases); i++)
		refuses_value(l, 0, &biases[i], sizeof(biases[i]));
	l->one.params[shift] = (uint8_t)-7;
	for (size_t i = 0; i < COUNT(multipliers); i++)
		refuses_value(l, multiplier, &multipliers[i],
			      sizeof(multipliers[i]));
	for (size_t i = 0; i < COUNT(shifts); i++)
		refuses_value(l, shift, &shifts[i], sizeof(shifts[i]));
	refuses_value(l, unused * sizeof(one), &one, sizeof(one));
	refuses_value(l, multiplier + unused * sizeof(one), &one, sizeof(one));
	refuses_value(l, shift + unused, &one, 1);
}

/* Groups of 5 outputs, so 3 of a tile are unused; K is 45, stored as 48. */
static void parameters_out_of_range_are_refused(void **state)
{
	const uint8_t one = 1;
	const int8_t least = -128;
	struct layer l[4] = { 0 };
	struct nn_conv_shape conv, depthwise;

	(void)state;
	for (size_t i = 0; i < COUNT(l); i++)
		sample_layer(&l[i], i < 2 ? NN_CONV : NN_DEPTHWISE,
			     i % 2 ? NN_INT8 : NN_F32);
	conv = nn_conv_shape(&(struct nn_at){ &l[1].one.node,
					      { &l[1].one.tensors[0] },
					      &l[1].one.tensors[1] },
			     2);
	depthwise = nn_conv_shape(&(struct nn_at){ &l[3].one.node,
						   { &l[3].one.tensors[0] },
						   &l[3].one.tensors[1] },
				  1);
	refuses_floats(&l[0], 0, 5);
	refuses_floats(&l[0], l[0].one.head.params - 32, 5);
	refuses_floats(&l[2], 0, 10);
	refuses_floats(&l[2], l[2].one.head.params - 64, 10);
	refuses_scales(&l[1], nn_conv_multiplier(0), nn_conv_shift(0), 5, 45);
	refuses_value(&l[1], nn_conv_shift(8), &one, 1);
	refuses_value(&l[1], nn_conv_shift(15), &one, 1);
	refuses_value(&l[1], nn_conv_weight(&conv, 0, 0), &least, 1);
	refuses_value(&l[1], nn_conv_weight(&conv, 4, 44), &least, 1);
	refuses_value(&l[1], nn_conv_weight(&conv, 5, 0), &one, 1);
	refuses_value(&l[1], nn_conv_weight(&conv, 4, 45), &one, 1);
	refuses_value(&l[1], l[1].one.head.params - 1, &one, 1);
	refuses_scales(&l[3], nn_depthwise_multiplier(&depthwise, 0),
		       nn_depthwise_shift(&depthwise, 0), 10, 9);
	refuses_value(&l[3], nn_depthwise_weight(&depthwise, 8, 9), &least, 1);
	refuses_value(&l[3], nn_depthwise_weight(&depthwise, 8, 10), &one, 1);
	for (size_t i = 0; i < COUNT(l); i++)
		free_layer(&l[i]);
}

static void the_packer_refuses_what_is_out_of_range(void **state)
{
	struct layer l = { 0 };
	const uint32_t dims[3] = { 16 };
	const int32_t limit = INT32_MAX - (int32_t)NN_CONV_SUM_MAX(16);

	(void)state;
	dense(&l, NN_INT8, 1, dims, 2);
	l.weights8[31] = -128;
	assert_false(pack(&l));
	memset(l.weights8, 1, 32);
	assert_true(pack(&l));
	l.one.tensors[0].zero = -1;
	l.bias8[1] = limit - 16;
	assert_true(pack(&l));
	l.bias8[1]++;
	assert_false(pack(&l));
	l.bias8[1] = 0;
	l.scale[0].shift = 128;
	assert_false(pack(&l));
	free_layer(&l);
}

/* Dense layers one after the other: three tensors and the input. */
struct chain {
	struct nn_head head;
	struct nn_tensor tensors[4];
	struct nn_node nodes[3];
	struct nn_net net;
};

static enum nn_error check_chain(struct chain *c, uint32_t *at)
{
	c->net = (struct nn_net){ &c->head, c->tensors, c->nodes };
	return nn_net_check(&c->net, at);
}

static struct chain chain(void)
{
	struct layer l = { 0 };
	const uint32_t dims[3] = { 16 };
	struct chain c = { 0 };

	dense(&l, NN_F32, 1, dims, 16);
	c.head = l.one.head;
	c.head.nodes = 3;
	c.head.params *= 3;
	c.head.macs *= 3;
	for (uint16_t t = 0; t < 4; t++) {
		c.tensors[t] = l.one.tensors[0];
		c.tensors[t].offset = t % 2 * NN_ALIGN;
		c.nodes[t % 3] = l.one.node;
	}
	for (uint16_t n = 0; n < 3; n++)
		c.nodes[n].source[0] = n;
	c.tensors[3].is_output = 1;
	free_layer(&l);
	return c;
}

static void memory_is_shared_by_tensors_not_in_use_at_once(void **state)
{
	struct chain c = chain();
	uint32_t at = 9;

	(void)state;
	assert_int_equal(check_chain(&c, &at), NN_OK);
	/* an output must last until the end */
	c.tensors[1].is_output = 1;
	assert_int_equal(check_chain(&c, &at), NN_ERROR_OVERLAP);
	assert_int_equal(at, 1);
	/* read once more, when tensor 2 is written over it */
	c = chain();
	c.nodes[1].source[0] = 0;
	assert_int_equal(check_chain(&c, &at), NN_ERROR_OVERLAP);
	assert_int_equal(at, 0);
}

static void tensors_are_read_after_they_are_written(void **state)
{
	struct chain c = chain();
	uint32_t at = 9;

	(void)state;
	c.head.arena = 4 * NN_ALIGN;
	for (uint32_t t = 0; t < 4; t++)
		c.tensors[t].offset = t * NN_ALIGN;
	c.nodes[1].source[0] = 0;
	assert_int_equal(check_chain(&c, &at), NN_ERROR_OUTPUT);
	assert_int_equal(at, 1);
	c.tensors[1].is_output = 1;
	assert_int_equal(check_chain(&c, &at), NN_OK);
	c.nodes[1].source[0] = 2;
	assert_int_equal(check_chain(&c, &at), NN_ERROR_NODE);
	assert_int_equal(at, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_convolution_is_plain_sums),
		cmocka_unit_test(any_depthwise_is_plain_sums),
		cmocka_unit_test(dense_layers_are_plain_sums),
		cmocka_unit_test(large_windows_are_plain_sums),
		cmocka_unit_test(lengths_have_more_than_32_bits),
		cmocka_unit_test(packed_inputs_are_plain_sums),
		cmocka_unit_test(the_largest_sums_have_room),
		cmocka_unit_test(every_scale_is_tflites),
		cmocka_unit_test(pixels_are_normalised),
		cmocka_unit_test(f32_are_quantised_and_back),
		cmocka_unit_test(int8_are_rescaled),
		cmocka_unit_test(scales_of_quantize_are_checked),
		cmocka_unit_test(what_breaks_a_rule_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(parameters_out_of_range_are_refused),
		cmocka_unit_test(the_packer_refuses_what_is_out_of_range),
		cmocka_unit_test(
			memory_is_shared_by_tensors_not_in_use_at_once),
		cmocka_unit_test(tensors_are_read_after_they_are_written),
	};

	return cmocka_run_group_tests_name("net_conv", tests, NULL, NULL);
}
