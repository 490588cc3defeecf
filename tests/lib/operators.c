/* SPDX-License-Identifier: Apache-2.0 */
#include "operators.h"

#include <stdio.h>

#include "network.h"

#define DIMS_3(a, b, c) .rank = 3, .dims = { a, b, c, 1, 1, 1 }
#define DIMS_2(a, b)	.rank = 2, .dims = { a, b, 1, 1, 1, 1 }
#define F32(dims)                    \
	{                            \
		.type = NN_F32, dims \
	}
#define INT8(dims)                                                \
	{                                                         \
		.type = NN_INT8, .scale = 0.05f, .zero = -3, dims \
	}
#define UINT8(dims)                    \
	{                              \
		.type = NN_UINT8, dims \
	}
#define INT32(dims)                    \
	{                              \
		.type = NN_INT32, dims \
	}
#define WINDOW(k, s, d, p)                    \
	{                                     \
		{ k, k }, { s, s }, { d, d }, \
		{                             \
			p, p                  \
		}                             \
	}
#define ANY_F32                        \
	{                              \
		.f32 = { -1000, 1000 } \
	}
#define ANY_INT8                      \
	{                             \
		.int8 = { -128, 127 } \
	}
#define HALF               \
	{                  \
		1 << 30, 0 \
	}

static const struct sample {
	struct nn_node node;
	struct nn_tensor in[2];
	struct nn_tensor out;
} samples[] = {
	{ { .op = NN_IMAGE,
	    .sources = 1,
	    .image = { 255, { 0.1f, 0.2f, 0.3f }, { 1, 2, 3 } } },
	  { UINT8(DIMS_3(3, 5, 3)) },
	  F32(DIMS_3(3, 5, 3)) },
	{ { .op = NN_IMAGE, .sources = 1, .image = { 255, { 0 }, { 1 } } },
	  { UINT8(DIMS_3(3, 5, 2)) },
	  INT8(DIMS_3(3, 5, 2)) },
	{ { .op = NN_QUANTIZE, .sources = 1 },
	  { F32(DIMS_2(3, 7)) },
	  INT8(DIMS_2(3, 7)) },
	{ { .op = NN_QUANTIZE, .sources = 1, .requantize = HALF },
	  { INT8(DIMS_2(3, 7)) },
	  INT8(DIMS_2(3, 7)) },
	{ { .op = NN_DEQUANTIZE, .sources = 1 },
	  { INT8(DIMS_2(3, 7)) },
	  F32(DIMS_2(3, 7)) },
	{ { .op = NN_CONV,
	    .sources = 1,
	    .conv = { WINDOW(3, 2, 1, 1), ANY_F32, 1 } },
	  { F32(DIMS_3(7, 7, 3)) },
	  F32(DIMS_3(4, 4, 9)) },
	{ { .op = NN_CONV,
	    .sources = 1,
	    .conv = { WINDOW(3, 1, 2, 2), ANY_INT8, 2 } },
	  { INT8(DIMS_3(5, 6, 8)) },
	  INT8(DIMS_3(5, 6, 4)) },
	{ { .op = NN_CONV,
	    .sources = 1,
	    .conv = { WINDOW(1, 1, 1, 0), ANY_INT8, 1 } },
	  { INT8(DIMS_2(3, 21)) },
	  INT8(DIMS_2(3, 5)) },
	{ { .op = NN_CONV,
	    .sources = 1,
	    .conv = { WINDOW(1, 1, 1, 0), ANY_INT8, 1 } },
	  { INT8(DIMS_2(1, 40)) },
	  INT8(DIMS_2(1, 37)) },
	{ { .op = NN_DEPTHWISE,
	    .sources = 1,
	    .conv = { WINDOW(3, 1, 1, 1), ANY_F32, 0 } },
	  { F32(DIMS_3(5, 6, 10)) },
	  F32(DIMS_3(5, 6, 10)) },
	{ { .op = NN_DEPTHWISE,
	    .sources = 1,
	    .conv = { WINDOW(3, 2, 1, 1), ANY_INT8, 0 } },
	  { INT8(DIMS_3(7, 7, 9)) },
	  INT8(DIMS_3(4, 4, 9)) },
	{ { .op = NN_MATMUL,
	    .sources = 2,
	    .source = { 0, 1 },
	    .matmul = { 2, 0.5f } },
	  { F32(DIMS_3(2, 5, 3)), F32(DIMS_3(1, 4, 3)) },
	  F32(DIMS_3(2, 5, 4)) },
	{ { .op = NN_POOL_MAX,
	    .sources = 1,
	    .conv = { WINDOW(3, 2, 1, 1), ANY_INT8, 0 } },
	  { INT8(DIMS_3(7, 7, 5)) },
	  INT8(DIMS_3(4, 4, 5)) },
	{ { .op = NN_POOL_AVERAGE,
	    .sources = 1,
	    .conv = { WINDOW(2, 2, 1, 0), ANY_F32, 0 } },
	  { F32(DIMS_3(6, 6, 5)) },
	  F32(DIMS_3(3, 3, 5)) },
	{ { .op = NN_BINARY,
	    .variant = NN_DIV,
	    .sources = 2,
	    .source = { 0, 1 },
	    .binary = { .clamp = ANY_F32 } },
	  { F32(DIMS_3(3, 1, 5)), F32(DIMS_3(1, 4, 5)) },
	  F32(DIMS_3(3, 4, 5)) },
	{ { .op = NN_BINARY,
	    .variant = NN_SUB,
	    .sources = 2,
	    .source = { 0, 1 },
	    .binary = { .clamp = ANY_INT8, .scale = { HALF, HALF, HALF } } },
	  { INT8(DIMS_3(3, 4, 5)), INT8(DIMS_3(3, 1, 1)) },
	  INT8(DIMS_3(3, 4, 5)) },
	{ { .op = NN_BINARY,
	    .variant = NN_POW,
	    .sources = 1,
	    .binary = { .axes = 4, .has_constant = 1, .clamp = ANY_F32 } },
	  { F32(DIMS_3(3, 4, 5)) },
	  F32(DIMS_3(3, 4, 5)) },
	{ { .op = NN_UNARY, .variant = NN_GELU, .sources = 1 },
	  { F32(DIMS_2(3, 7)) },
	  F32(DIMS_2(3, 7)) },
	{ { .op = NN_UNARY,
	    .variant = NN_HARD_SIGMOID,
	    .sources = 1,
	    .unary = { 0.25f, 0.5f } },
	  { INT8(DIMS_2(3, 7)) },
	  INT8(DIMS_2(3, 7)) },
	{ { .op = NN_SOFTMAX, .sources = 1 },
	  { INT8(DIMS_2(3, 7)) },
	  { .type = NN_INT8, .scale = 0x1p-8f, .zero = -128, DIMS_2(3, 7) } },
	{ { .op = NN_NORM,
	    .variant = NN_LAYER_NORM,
	    .sources = 1,
	    .norm = { 1e-5f, 3 } },
	  { F32(DIMS_2(3, 7)) },
	  F32(DIMS_2(3, 7)) },
	{ { .op = NN_REDUCE,
	    .variant = NN_MEAN,
	    .sources = 1,
	    .reduce = { 3, HALF } },
	  { INT8(DIMS_3(3, 4, 5)) },
	  INT8(DIMS_3(1, 1, 5)) },
	{ { .op = NN_REDUCE,
	    .variant = NN_REDUCE_MIN,
	    .sources = 1,
	    .reduce = { .axes = 4 } },
	  { F32(DIMS_3(3, 4, 5)) },
	  F32(DIMS_3(3, 4, 1)) },
	{ { .op = NN_RESHAPE, .sources = 1 },
	  { F32(DIMS_3(3, 4, 5)) },
	  F32(DIMS_2(15, 4)) },
	{ { .op = NN_RESHAPE, .sources = 1 },
	  { INT32(DIMS_3(3, 4, 5)) },
	  INT32(DIMS_2(15, 4)) },
	{ { .op = NN_TRANSPOSE, .sources = 1, .transpose = { { 2, 0, 1 } } },
	  { INT8(DIMS_3(3, 4, 5)) },
	  INT8(DIMS_3(5, 3, 4)) },
	{ { .op = NN_SLICE,
	    .sources = 1,
	    .slice = { { 1, 0, 1 }, { 1, 3, 2 } } },
	  { F32(DIMS_3(3, 4, 5)) },
	  F32(DIMS_3(2, 2, 2)) },
	{ { .op = NN_PAD,
	    .variant = NN_PAD_REFLECT,
	    .sources = 1,
	    .pad = { .before = { 1, 0, 2 } } },
	  { INT8(DIMS_3(3, 4, 5)) },
	  INT8(DIMS_3(5, 6, 9)) },
	{ { .op = NN_PAD,
	    .variant = NN_PAD_CONSTANT,
	    .sources = 1,
	    .pad = { .before = { 1, 0, 2 }, .f32 = 1.5f } },
	  { F32(DIMS_3(3, 4, 5)) },
	  F32(DIMS_3(4, 4, 8)) },
	{ { .op = NN_CONCAT,
	    .sources = 2,
	    .source = { 0, 1 },
	    .concat = { 1 } },
	  { F32(DIMS_3(3, 4, 5)), F32(DIMS_3(3, 2, 5)) },
	  F32(DIMS_3(3, 6, 5)) },
	{ { .op = NN_EXPAND, .sources = 1 },
	  { INT8(DIMS_3(3, 1, 5)) },
	  INT8(DIMS_3(3, 4, 5)) },
	{ { .op = NN_GATHER, .sources = 1, .gather = { 9 } },
	  { INT32(DIMS_2(1, 4)) },
	  F32(DIMS_3(1, 4, 5)) },
	{ { .op = NN_GATHER,
	    .sources = 2,
	    .source = { 0, 1 },
	    .gather = { 6 } },
	  { INT8(DIMS_2(6, 21)), INT32(DIMS_2(2, 3)) },
	  INT8(DIMS_3(2, 3, 21)) },
	{ { .op = NN_RESIZE,
	    .variant = NN_LINEAR,
	    .sources = 1,
	    .resize = { { 0.5f, 0.4f }, { -0.25f, 0 } } },
	  { INT8(DIMS_3(3, 4, 5)) },
	  INT8(DIMS_3(6, 9, 5)) },
	{ { .op = NN_RESIZE,
	    .variant = NN_NEAREST,
	    .sources = 1,
	    .resize = { { 2, 2 }, { 0, 0 } } },
	  { F32(DIMS_3(6, 6, 2)) },
	  F32(DIMS_3(3, 3, 2)) },
	{ { .op = NN_CONSTANT },
	  { { .type = NN_F32, .is_output = 1, DIMS_2(1, 2) } },
	  INT8(DIMS_3(3, 4, 5)) },
};

#define SAMPLES (sizeof(samples) / sizeof(*samples))

/* The end of its enum; operators without variants have variant 0 alone. */
static const uint8_t variants[NN_OPS] = {
	[NN_BINARY] = NN_BINARIES, [NN_UNARY] = NN_UNARIES,
	[NN_NORM] = NN_NORMS,	   [NN_REDUCE] = NN_REDUCES,
	[NN_PAD] = NN_PADS,	   [NN_RESIZE] = NN_RESIZES,
};

static struct operators_tables tables_of(const struct sample *s)
{
	struct operators_tables t;
	const uint8_t inputs = s->in[1].type ? 2 : 1;

	memset(&t, 0, sizeof(t));
	t.node = s->node;
	memcpy(t.head.magic, NN_MAGIC, sizeof(t.head.magic));
	t.head.version = NN_VERSION;
	t.head.inputs = inputs;
	t.head.nodes = 1;
	t.head.batch = 3;
	memcpy(t.tensors, s->in, inputs * sizeof(*s->in));
	t.tensors[inputs] = s->out;
	t.tensors[inputs].is_output = 1;
	return t;
}

static void set_tensors(struct operators_tables *t, enum nn_type type)
{
	for (size_t i = 0; i < 3; i++) {
		struct nn_tensor *tensor = &t->tensors[i];

		if (tensor->type != NN_F32 && tensor->type != NN_INT8)
			continue;
		tensor->type = (uint8_t)type;
		tensor->scale = type == NN_INT8 ? 0.05f : 0;
		tensor->zero = type == NN_INT8 ? -3 : 0;
	}
	if (type == NN_INT8 && t->node.op == NN_SOFTMAX) {
		t->tensors[1].scale = 0x1p-8f;
		t->tensors[1].zero = -128;
	}
}

/* The same node for activations of another type. */
static void set_type(struct operators_tables *t, enum nn_type type)
{
	const bool is_int8 = type == NN_INT8;
	const union nn_clamp any =
		is_int8 ? (union nn_clamp)ANY_INT8 : (union nn_clamp)ANY_F32;
	const struct nn_scale half = { is_int8 ? 1 << 30 : 0, 0 };
	struct nn_node *node = &t->node;

	set_tensors(t, type);
	switch (node->op) {
	case NN_CONV:
	case NN_DEPTHWISE:
	case NN_POOL_MAX:
	case NN_POOL_AVERAGE:
		node->conv.clamp = any;
		break;
	case NN_BINARY:
		node->binary.clamp = any;
		for (size_t i = node->variant == NN_MUL ? 2 : 0; i < 3; i++)
			node->binary.scale[i] = half;
		break;
	case NN_REDUCE:
		node->reduce.scale = half;
		if (node->variant != NN_MEAN && node->variant != NN_SUM)
			node->reduce.scale.multiplier = 0;
		break;
	case NN_PAD:
		node->pad.f32 *= !is_int8;
		break;
	}
}

/* --- all of them --- */

#define MAX 512u

static struct {
	struct operators_tables tables[MAX];
	size_t count;
	bool is_seen[NN_OPS][NN_UNARIES]; /* the operator with most variants */
} all;

/* Keeps tables that the engine accepts, once. */
static void add(struct operators_tables t)
{
	const struct operators_tables before = t;
	size_t i = 0;

	if (!network_repair(&t.head, t.tensors, &t.node))
		return;
	all.is_seen[t.node.op][t.node.variant] = true;
	while (i < all.count &&
	       memcmp(&all.tables[i], &before, sizeof(before)) != 0)
		i++;
	if (i == MAX)
		abort();
	all.tables[i] = before;
	all.count += i == all.count;
}

static void add_types(struct operators_tables t)
{
	add(t); /* as the sample is */
	set_type(&t, NN_F32);
	add(t);
	set_type(&t, NN_INT8);
	add(t);
}

static void require(uint8_t op, uint8_t variant)
{
	if (all.is_seen[op][variant])
		return;
	fprintf(stderr, "operator %u, variant %u: no sample in %s\n", op,
		variant, __FILE__);
	abort();
}

static void add_all(void)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct operators_tables t = tables_of(&samples[i]);

		add_types(t);
		for (uint8_t v = 1; v < variants[t.node.op]; v++) {
			t.node.variant = v;
			add_types(t);
		}
	}
	for (uint8_t op = 1; op < NN_OPS; op++) {
		for (uint8_t v = 1; v < variants[op]; v++)
			require(op, v);
		if (!variants[op])
			require(op, 0);
	}
}

size_t operators_count(void)
{
	if (!all.count)
		add_all();
	return all.count;
}

struct operators_tables operators_tables(size_t i)
{
	return all.tables[i];
}

/* --- their records --- */

/* A word that parameters may hold, where there may be something but 0. */
static uint32_t word_for(uint8_t type, size_t i)
{
	const uint32_t words[] = { 0x3f000000, 0xbfc00000, 0x40000000,
				   0x01ff0203 };

	return words[type == NN_F32 ? i % 2 : 2 + i % 2];
}

static void fill_params(const struct nn_net *net, uint8_t *params)
{
	const uint8_t type = net->tensors[net->head->inputs].type;

	for (size_t i = 0; i < net->head->params / 4; i++) {
		uint32_t word = word_for(type, i);

		memcpy(params + 4 * i, &word, sizeof(word));
		if (!nn_values_check(net, 0, params))
			memset(params + 4 * i, 0, sizeof(word));
	}
}

uint8_t *operators_record(struct operators_tables *t, size_t *len)
{
	const size_t tensors = (size_t)t->head.inputs + 1;
	const size_t at_node = sizeof(t->head) + tensors * sizeof(*t->tensors);
	const struct nn_net net = { &t->head, t->tensors, &t->node };
	uint8_t *record = NULL;

	if (!network_repair(&t->head, t->tensors, &t->node) ||
	    t->head.params > 65536)
		return NULL;
	*len = (size_t)record_net_size(&t->head);
	record = calloc(1, *len);
	memcpy(record, &t->head, sizeof(t->head));
	memcpy(record + sizeof(t->head), t->tensors,
	       tensors * sizeof(*t->tensors));
	memcpy(record + at_node, &t->node, sizeof(t->node));
	fill_params(&net, record + at_node + sizeof(t->node));
	return record;
}
