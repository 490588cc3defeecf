/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/import/tflite*.c, on files that are made here and, if MODELS names their
 * folder, on published networks.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "host/base/file.h"
#include "host/import/tflite.h"
#include "testkit/test.h"
#include "tests/lib/tflite_file.h"

/* Operators by their number in a file, with the type of their options. */
#define ADD		0, 11
#define AVERAGE_POOL	1, 5
#define CONCATENATION	2, 10
#define CONV		3, 1
#define DEPTHWISE	4, 2
#define DEQUANTIZE	6, 38
#define FULLY_CONNECTED 9, 8
#define MAX_POOL	17, 5
#define RELU		19, 0
#define RESHAPE		22, 17
#define RESIZE_BILINEAR 23, 15
#define SOFTMAX		25, 9
#define PAD		34, 22
#define GATHER		36, 23
#define TRANSPOSE	39, 26
#define MEAN		40, 27
#define SQUEEZE		43, 30
#define STRIDED_SLICE	45, 32
#define SPLIT		49, 35
#define CAST		53, 37
#define PADV2		60, 43
#define SLICE		65, 48
#define EXPAND_DIMS	70, 52
#define RSQRT		76, 0
#define REDUCE_MAX	82, 27
#define PACK		83, 59
#define UNPACK		88, 64
#define SQUARE		92, 66
#define RESIZE_NEAREST	97, 74
#define LEAKY_RELU	98, 75
#define SQUARED_DIFF	99, 76
#define MIRROR_PAD	100, 77
#define SPLIT_V		102, 79
#define QUANTIZE	114, 89
#define IF		118, 92
#define BATCH_MATMUL	126, 101
#define GELU		150, 116

#define NO 0x7fffffff /* a dimension that no value has */

static struct file f;
static struct graph g;
static struct enc_error e;

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	memset(&e, 0, sizeof(e));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	graph_free(&g);
	return 0;
}

/* --- Helpers ------------------------------------------------------------ */

static int32_t floats(const int32_t *dims, size_t rank)
{
	return file_tensor(&f, TFLITE_FLOAT32, dims, rank);
}

static int32_t int8s(const int32_t *dims, size_t rank)
{
	return file_tensor(&f, TFLITE_INT8, dims, rank);
}

/* From memory that ends where the file ends. */
static bool read_bytes(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	bool ok = false;

	assert_non_null(copy);
	memcpy(copy, data, len);
	graph_free(&g);
	memset(&e, 0, sizeof(e));
	ok = tflite_read(copy, len, &g, &e);
	free(copy);
	assert_int_equal(ok, e.code == ENC_OK);
	return ok;
}

/* The network from one input to one output. */
static bool read_file(int32_t x, int32_t y)
{
	f.inputs = file_list(&x, 1);
	f.outputs = file_list(&y, 1);
	file_write(&f);
	return read_bytes(f.data, f.len);
}

static void read_good(int32_t x, int32_t y)
{
	if (!read_file(x, y))
		fail_msg("%s", e.what);
}

static void assert_refused(int32_t x, int32_t y, const char *part)
{
	assert_false(read_file(x, y));
	if (!strstr(e.what, part))
		fail_msg("\"%s\" is not in \"%s\"", part, e.what);
	assert_null(g.values);
}

static const struct graph_value *value_of(int32_t v)
{
	assert_true(v >= 0 && (size_t)v < g.value_count);
	return &g.values[v];
}

static void assert_shape(int32_t v, const int32_t *dims, size_t rank)
{
	assert_int_equal(value_of(v)->rank, rank);
	for (size_t d = 0; d < rank; d++)
		assert_int_equal(value_of(v)->dims[d], dims[d]);
}

/* Node i is this one, and computes this shape. */
static const struct graph_node *assert_node(size_t i, enum nn_op op,
					    uint8_t variant,
					    const int32_t *dims, size_t rank)
{
	assert_true(i < g.node_count);
	assert_int_equal(g.nodes[i].op, op);
	assert_int_equal(g.nodes[i].variant, variant);
	assert_shape(g.nodes[i].out, dims, rank);
	return &g.nodes[i];
}

static void assert_nodes(size_t count)
{
	assert_int_equal(g.node_count, count);
	assert_int_equal(g.nodes[count - 1].out, g.outputs[0]);
}

static void assert_floats(int32_t v, const float *expected, size_t count)
{
	assert_int_equal(value_of(v)->type, NN_F32);
	assert_int_equal(graph_elements(value_of(v)), count);
	assert_memory_equal(value_of(v)->data, expected, 4 * count);
}

static void put_window(int32_t stride, unsigned int padding)
{
	file_option(&f, 0, 1, padding);
	file_option(&f, 1, 4, (uint64_t)stride);
	file_option(&f, 2, 4, (uint64_t)stride);
}

/* --- Layers ------------------------------------------------------------- */

static void a_convolution_is_read(void **state)
{
	int32_t x = floats(LIST(1, 5, 4, 4));
	int32_t w = file_floats(&f, LIST(6, 3, 3, 2));
	int32_t b = file_floats(&f, LIST(6));
	int32_t y = floats(LIST(1, 3, 2, 6));
	const struct graph_node *node = NULL;

	(void)state;
	f.tensors[x].signature = file_list(LIST(-1, 5, 4, 4));
	file_op(&f, CONV, LIST(x, w, b), LIST(y));
	put_window(2, 0);
	file_option(&f, 3, 1, 3);
	read_good(x, y);
	assert_nodes(1);
	assert_shape(g.inputs[0], LIST(5, 4, 4));
	node = assert_node(0, NN_CONV, 0, LIST(3, 2, 6));
	assert_int_equal(node->groups, 2);
	assert_true(node->low == 0 && node->high == 6);
	assert_int_equal(node->window.kernel[0], 3);
	assert_int_equal(node->window.stride[1], 2);
	assert_int_equal(node->window.dilation[0], 1);
	assert_int_equal(node->window.pad[0], 1);
	assert_int_equal(node->window.pad[1], 0); /* one row, behind */
	assert_shape(node->in[1], LIST(6, 3, 3, 2));
	assert_floats(node->in[2], (const float[]){ 1, 2, 3, 4, 5, 6 }, 6);
	assert_non_null(strstr(node->name, "CONV_2D"));
}

static void windows_may_be_dilated(void **state)
{
	int32_t x = floats(LIST(1, 7, 9, 1));
	int32_t w = file_floats(&f, LIST(2, 3, 3, 1));
	int32_t y = floats(LIST(1, 3, 3, 2));
	const struct graph_node *node = NULL;

	(void)state;
	file_op(&f, CONV, LIST(x, w), LIST(y));
	put_window(1, 1);
	file_option(&f, 4, 4, 3); /* width */
	file_option(&f, 5, 4, 2);
	read_good(x, y);
	node = assert_node(0, NN_CONV, 0, LIST(3, 3, 2));
	assert_int_equal(node->window.dilation[0], 2);
	assert_int_equal(node->window.dilation[1], 3);
	assert_int_equal(node->in[2], GRAPH_NONE);
	assert_true(isinf(node->low) && isinf(node->high));
	file_option(&f, 5, 4, 4);
	assert_refused(x, y, "windows are larger than the input");
}

static void a_depthwise_layer_is_read(void **state)
{
	int32_t x = int8s(LIST(1, 4, 4, 2));
	int32_t w = file_constant(&f, TFLITE_INT8, 1, LIST(1, 1, 2, 2));
	int32_t b = file_ints(&f, LIST(-5, 7));
	int32_t y = int8s(LIST(1, 4, 4, 2));
	const struct graph_node *node = NULL;

	(void)state;
	f.tensors[w].scales = 2;
	f.tensors[w].axis = 3;
	file_op(&f, DEPTHWISE, LIST(x, w, b), LIST(y));
	put_window(1, 0);
	file_option(&f, 4, 1, 1);
	read_good(x, y);
	node = assert_node(0, NN_DEPTHWISE, 0, LIST(4, 4, 2));
	assert_shape(node->in[1], LIST(1, 2, 2));
	assert_memory_equal(value_of(node->in[1])->data, "\1\2\3\4", 4);
	assert_int_equal(value_of(node->in[1])->quant.count, 2);
	assert_int_equal(value_of(node->in[1])->quant.axis, 2);
	assert_true(value_of(node->in[1])->quant.scale[1] == 1.5f);
	assert_int_equal(value_of(node->in[2])->type, NN_INT32);
	assert_int_equal(*(int32_t *)value_of(node->in[2])->data, -5);
	assert_true(value_of(node->out)->quant.scale[0] == 0.5f);
	f.tensors[w].axis = 2;
	assert_refused(x, y, "scales along axis 2; accepted: along 3");
	f.tensors[w].axis = 3;
	f.tensors[w].zero = 3;
	assert_refused(x, y, "zero point 3; accepted: 0, symmetric weights");
}

/* Two outputs of each channel: a convolution in groups. */
static void a_depth_multiplier_makes_groups(void **state)
{
	int32_t x = int8s(LIST(1, 4, 4, 2));
	int32_t w = file_constant(&f, TFLITE_INT8, 1, LIST(1, 1, 2, 4));
	int32_t y = int8s(LIST(1, 4, 4, 4));
	const struct graph_node *node = NULL;

	(void)state;
	f.tensors[w].scales = 4;
	f.tensors[w].axis = 3;
	file_op(&f, DEPTHWISE, LIST(x, w), LIST(y));
	put_window(1, 0);
	read_good(x, y);
	node = assert_node(0, NN_CONV, 0, LIST(4, 4, 4));
	assert_int_equal(node->groups, 2);
	assert_shape(node->in[1], LIST(4, 1, 2, 1));
	assert_memory_equal(value_of(node->in[1])->data, "\1\5\2\6\3\7\4\10",
			    8);
	assert_int_equal(value_of(node->in[1])->quant.axis, 0);
}

static void dense_layers_are_read(void **state)
{
	int32_t x = floats(LIST(1, 2, 3));
	int32_t w = file_floats(&f, LIST(4, 3));
	int32_t rows = floats(LIST(1, 2, 4));
	int32_t v = file_floats(&f, LIST(5, 8));
	int32_t y = floats(LIST(1, 5));

	(void)state;
	file_op(&f, FULLY_CONNECTED, LIST(x, w, -1), LIST(rows));
	file_option(&f, 2, 1, 1);
	file_op(&f, FULLY_CONNECTED, LIST(rows, v, -1), LIST(y));
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_CONV, 0, LIST(2, 4));
	assert_node(1, NN_RESHAPE, 0, LIST(8));
	assert_node(2, NN_CONV, 0, LIST(5));
	assert_shape(g.nodes[2].in[1], LIST(5, 8));
	file_option(&f, 1, 1, 1);
	assert_refused(x, y, "weights are shuffled");
}

/* float16, int8 with scales, and both behind a DEQUANTIZE */
static void weights_are_multiplied_out(void **state)
{
	static const float all[] = { 1 * 0.5f, 2 * 0.5f, 3 * 1.5f, 4 * 1.5f };
	static const float halves[] = { 1, -2, 0x1p-24f, INFINITY };
	int32_t x = floats(LIST(1, 2));
	int32_t w = file_constant(&f, TFLITE_INT8, 1, LIST(2, 2));
	int32_t h = file_constant(&f, TFLITE_FLOAT16, 2, LIST(2, 2));
	int32_t wide = floats(LIST(2, 2));
	int32_t y = floats(LIST(1, 2));
	int32_t z = floats(LIST(1, 2));

	(void)state;
	f.tensors[w].scales = 2;
	memcpy(f.tensors[h].data, "\x00\x3c\x00\xc0\x01\x00\x00\x7c", 8);
	file_op(&f, DEQUANTIZE, LIST(h), LIST(wide));
	file_op(&f, FULLY_CONNECTED, LIST(x, w), LIST(y));
	file_op(&f, FULLY_CONNECTED, LIST(y, wide), LIST(z));
	read_good(x, z);
	assert_nodes(2);
	assert_floats(g.nodes[0].in[1], all, 4);
	assert_floats(g.nodes[1].in[1], halves, 4);
	f.ops[0].in.v[0] = w;
	read_good(x, z);
	assert_floats(g.nodes[1].in[1], all, 4);
	f.tensors[w].bytes = 3;
	assert_refused(x, z, "has 3 bytes; its shape takes 4");
}

static void integers_are_cast(void **state)
{
	static const float numbers[] = { -3, 7 };
	int32_t x = floats(LIST(1, 2));
	int32_t c = file_ints(&f, LIST(-3, 7));
	int32_t d = floats(LIST(2));
	int32_t y = floats(LIST(1, 2));

	(void)state;
	file_op(&f, CAST, LIST(c), LIST(d));
	file_op(&f, ADD, LIST(x, d), LIST(y));
	read_good(x, y);
	assert_nodes(1);
	assert_floats(g.nodes[0].in[1], numbers, 2);
	f.ops[0].in.v[0] = x;
	assert_refused(x, y, "accepted: casts of constants");
}

static void pools_are_read(void **state)
{
	int32_t x = floats(LIST(1, 6, 5, 3));
	int32_t m = floats(LIST(1, 3, 3, 3));
	int32_t y = floats(LIST(1, 1, 2, 3));

	(void)state;
	file_op(&f, MAX_POOL, LIST(x), LIST(m));
	put_window(2, 0);
	file_option(&f, 3, 4, 2);
	file_option(&f, 4, 4, 3);
	file_op(&f, AVERAGE_POOL, LIST(m), LIST(y));
	put_window(1, 1);
	file_option(&f, 3, 4, 2);
	file_option(&f, 4, 4, 3);
	file_option(&f, 5, 1, 1);
	read_good(x, y);
	assert_node(0, NN_POOL_MAX, 0, LIST(3, 3, 3));
	assert_int_equal(g.nodes[0].window.kernel[0], 3);
	assert_int_equal(g.nodes[0].window.kernel[1], 2);
	assert_node(1, NN_POOL_AVERAGE, 0, LIST(1, 2, 3));
	assert_true(g.nodes[1].low == 0 && isinf(g.nodes[1].high));
	file_option(&f, 1, 4, 0);
	assert_refused(x, y, "stride or dilation of 0");
	file_option(&f, 1, 4, 1);
	file_option(&f, 5, 1, 4);
	assert_refused(x, y, "activation 4; accepted: none, RELU");
}

static void matrices_are_multiplied(void **state)
{
	int32_t x = floats(LIST(1, 2, 5, 3));
	int32_t y = floats(LIST(1, 2, 5, 5));

	(void)state;
	file_op(&f, BATCH_MATMUL, LIST(x, x), LIST(y));
	file_option(&f, 1, 1, 1);
	read_good(x, y);
	assert_node(0, NN_MATMUL, 0, LIST(2, 5, 5));
	assert_int_equal(g.nodes[0].transposed, 2);
	assert_true(g.nodes[0].factor == 1);
	file_option(&f, 1, 1, 0);
	assert_refused(x, y, "matrices do not fit each other");
}

/* --- Element by element ------------------------------------------------- */

static void functions_of_one_are_read(void **state)
{
	static const struct {
		int32_t code;
		uint8_t variant; /* enum nn_unary */
		float low, high, alpha;
	} all[] = {
		{ 14, NN_SIGMOID, -INFINITY, INFINITY, 0 },
		{ 19, NN_CLAMP, 0, INFINITY, 0 },
		{ 20, NN_CLAMP, -1, 1, 0 },
		{ 21, NN_CLAMP, 0, 6, 0 },
		{ 28, NN_TANH, -INFINITY, INFINITY, 0 },
		{ 47, NN_EXP, -INFINITY, INFINITY, 0 },
		{ 59, NN_NEGATE, -INFINITY, INFINITY, 0 },
		{ 73, NN_LOG, -INFINITY, INFINITY, 0 },
		{ 75, NN_SQRT, -INFINITY, INFINITY, 0 },
		{ 101, NN_ABS, -INFINITY, INFINITY, 0 },
		{ 111, NN_ELU, -INFINITY, INFINITY, 1 },
		{ 117, NN_HARD_SWISH, -INFINITY, INFINITY, 0 },
		{ 150, NN_GELU, -INFINITY, INFINITY, 0 },
		{ 152, NN_CLAMP, 0, 1, 0 },
	};
	int32_t x = floats(LIST(1, 3, 2));
	int32_t y = floats(LIST(1, 3, 2));

	(void)state;
	file_op(&f, RELU, LIST(x), LIST(y));
	for (size_t i = 0; i < COUNT(all); i++) {
		f.ops[0].code = all[i].code;
		read_good(x, y);
		assert_nodes(1);
		assert_node(0, NN_UNARY, all[i].variant, LIST(3, 2));
		assert_true(g.nodes[0].low == all[i].low &&
			    g.nodes[0].high == all[i].high &&
			    g.nodes[0].alpha == all[i].alpha);
	}
}

static void functions_with_options_are_read(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t a = floats(LIST(1, 3));
	int32_t b = floats(LIST(1, 3));
	int32_t c = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	file_op(&f, GELU, LIST(x), LIST(a));
	file_option(&f, 0, 1, 1);
	file_op(&f, RSQRT, LIST(a), LIST(b));
	file_op(&f, LEAKY_RELU, LIST(b), LIST(c));
	file_option(&f, 0, 4, 0x3e800000); /* 0.25 */
	file_op(&f, SOFTMAX, LIST(c), LIST(y));
	file_option(&f, 0, 4, 0x3f800000);
	read_good(x, y);
	assert_nodes(5);
	assert_node(0, NN_UNARY, NN_GELU_TANH, LIST(3));
	assert_node(1, NN_UNARY, NN_SQRT, LIST(3));
	assert_node(2, NN_UNARY, NN_RECIPROCAL, LIST(3));
	assert_node(3, NN_UNARY, NN_LEAKY_RELU, LIST(3));
	assert_true(g.nodes[3].alpha == 0.25f);
	assert_node(4, NN_SOFTMAX, 0, LIST(3));
	file_option(&f, 0, 4, 0x40000000);
	assert_refused(x, y, "beta is 2; accepted: 1");
}

static void functions_of_two_are_read(void **state)
{
	static const struct {
		int32_t code;
		uint8_t options;
		uint8_t variant; /* enum nn_binary */
	} all[] = {
		{ 0, 11, NN_ADD },  { 41, 28, NN_SUB }, { 18, 21, NN_MUL },
		{ 42, 29, NN_DIV }, { 57, 39, NN_MIN }, { 55, 39, NN_MAX },
		{ 78, 56, NN_POW },
	};
	int32_t x = floats(LIST(1, 3, 1));
	int32_t c = file_floats(&f, LIST(1, 1, 4));
	int32_t y = floats(LIST(1, 3, 4));

	(void)state;
	file_op(&f, ADD, LIST(x, c), LIST(y));
	for (size_t i = 0; i < COUNT(all); i++) {
		f.ops[0].code = all[i].code;
		f.ops[0].options = all[i].options;
		read_good(x, y);
		assert_nodes(1);
		assert_node(0, NN_BINARY, all[i].variant, LIST(3, 4));
		assert_shape(g.nodes[0].in[1], LIST(1, 4));
	}
	f.ops[0].options = 11;
	assert_refused(x, y, "options are those of another kind");
	f.op_count = 0;
	file_op(&f, ADD, LIST(c, c), LIST(y));
	assert_refused(x, y, "both inputs are constant");
}

static void squares_are_products(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t c = file_floats(&f, LIST(3));
	int32_t d = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	file_op(&f, SQUARED_DIFF, LIST(x, c), LIST(d));
	file_op(&f, SQUARE, LIST(d), LIST(y));
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_BINARY, NN_SUB, LIST(3));
	assert_node(1, NN_BINARY, NN_MUL, LIST(3));
	assert_int_equal(g.nodes[1].in[0], g.nodes[0].out);
	assert_int_equal(g.nodes[1].in[1], g.nodes[0].out);
	assert_node(2, NN_BINARY, NN_MUL, LIST(3));
	for (size_t i = 0; i < f.tensor_count; i++) {
		f.tensors[i].type = TFLITE_INT8;
		f.tensors[i].scales = 1;
		f.tensors[i].scale = 1;
	}
	assert_refused(x, y, "is of int8; accepted: float32");
}

static void types_are_changed(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t q = int8s(LIST(1, 3));
	int32_t s = int8s(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	f.tensors[s].scale = 2;
	f.tensors[s].zero = -128;
	file_op(&f, QUANTIZE, LIST(x), LIST(q));
	file_op(&f, QUANTIZE, LIST(q), LIST(s));
	file_op(&f, DEQUANTIZE, LIST(s), LIST(y));
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_QUANTIZE, 0, LIST(3));
	assert_node(1, NN_QUANTIZE, 0, LIST(3));
	assert_int_equal(value_of(g.nodes[1].out)->quant.zero[0], -128);
	assert_node(2, NN_DEQUANTIZE, 0, LIST(3));
	f.tensors[s].zero = 128;
	assert_refused(x, y, "a scale or zero point out of range");
	f.tensors[s].zero = 0;
	f.tensors[s].scale = 0;
	assert_refused(x, y, "a scale or zero point out of range");
	f.tensors[s].scales = 0;
	assert_refused(x, y, "tensor \"t02\" has no scale");
}

static void dimensions_are_reduced(void **state)
{
	int32_t x = int8s(LIST(1, 4, 5, 6));
	int32_t axes = file_ints(&f, LIST(2, -3));
	int32_t m = int8s(LIST(1, 6));
	int32_t axis = file_ints(&f, LIST(1));
	int32_t y = int8s(LIST(1, 1));

	(void)state;
	file_op(&f, MEAN, LIST(x, axes), LIST(m));
	file_op(&f, REDUCE_MAX, LIST(m, axis), LIST(y));
	file_option(&f, 0, 1, 1);
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_REDUCE, NN_MEAN, LIST(1, 1, 6));
	assert_int_equal(g.nodes[0].axes, 3);
	assert_true(value_of(g.nodes[0].out)->quant.scale[0] == 0.5f);
	assert_node(1, NN_RESHAPE, 0, LIST(6));
	assert_node(2, NN_REDUCE, NN_REDUCE_MAX, LIST(1));
	f.tensors[y].scale = 0.25f;
	assert_refused(x, y, "changes the scale or zero point");
	memset(f.tensors[axis].data, 0, 4);
	assert_refused(x, y, "works along the batch; accepted: any other");
	memset(f.tensors[axis].data, 9, 4);
	assert_refused(x, y, "an axis is out of range");
}

/* --- Elements that move ------------------------------------------------- */

static void shapes_are_changed(void **state)
{
	int32_t x = floats(LIST(1, 2, 3));
	int32_t shape = file_ints(&f, LIST(-1, 6));
	int32_t a = floats(LIST(1, 6, 1));
	int32_t b = floats(LIST(1, 6));
	int32_t c = floats(LIST(1, 1, 6));
	int32_t perm = file_ints(&f, LIST(0, 2, 1));
	int32_t y = floats(LIST(1, 6, 1));

	(void)state;
	file_op(&f, RESHAPE, LIST(x, shape), LIST(a));
	file_op(&f, SQUEEZE, LIST(a), LIST(b));
	file_op(&f, EXPAND_DIMS, LIST(b, shape), LIST(c));
	file_op(&f, TRANSPOSE, LIST(c, perm), LIST(y));
	read_good(x, y);
	assert_nodes(4);
	assert_node(0, NN_RESHAPE, 0, LIST(6, 1));
	assert_node(1, NN_RESHAPE, 0, LIST(6));
	assert_node(2, NN_RESHAPE, 0, LIST(1, 6));
	assert_node(3, NN_TRANSPOSE, 0, LIST(6, 1));
	assert_int_equal(g.nodes[3].from[0], 1);
	memcpy(f.tensors[perm].data, "\2\0\0\0\0\0\0\0\1", 9);
	assert_refused(x, y, "moves the batch");
	memcpy(f.tensors[perm].data, "\0\0\0\0\1\0\0\0\1", 9);
	assert_refused(x, y, "an axis occurs twice");
	f.tensors[a].dims = file_list(LIST(6, 1));
	assert_refused(x, y, "tensor \"t02\" has no batch");
}

static void borders_are_padded(void **state)
{
	int32_t x = floats(LIST(1, 4, 3));
	int32_t pad = file_ints(&f, LIST(0, 0, 1, 2, 0, 1));
	int32_t a = floats(LIST(1, 7, 4));
	int32_t fill = file_floats(&f, LIST(1));
	int32_t b = floats(LIST(1, 10, 5));
	int32_t y = floats(LIST(1, 13, 6));

	(void)state;
	file_op(&f, PAD, LIST(x, pad), LIST(a));
	file_op(&f, PADV2, LIST(a, pad, fill), LIST(b));
	file_op(&f, MIRROR_PAD, LIST(b, pad), LIST(y));
	file_option(&f, 0, 1, 0);
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_PAD, NN_PAD_CONSTANT, LIST(7, 4));
	assert_int_equal(g.nodes[0].before[0], 1);
	assert_true(g.nodes[0].fill == 0 && g.nodes[1].fill == 1);
	assert_node(2, NN_PAD, NN_PAD_REFLECT, LIST(13, 6));
	file_option(&f, 0, 1, 1);
	assert_refused(x, y, "pads dimension 1 by more than 1");
	f.tensors[pad].data[4] = 1;
	assert_refused(x, y, "pads the batch");
	memset(f.tensors[pad].data + 4, 255, 8);
	assert_refused(x, y, "operator 0 (PAD, output \"t02\"): ");
}

static void parts_are_taken(void **state)
{
	int32_t x = floats(LIST(1, 8, 6));
	int32_t from = file_ints(&f, LIST(0, 1, 0));
	int32_t size = file_ints(&f, LIST(1, 6, -1));
	int32_t a = floats(LIST(1, 6, 6));
	int32_t step = file_ints(&f, LIST(1, 2, 1));
	int32_t to = file_ints(&f, LIST(1, -1, 3));
	int32_t y = floats(LIST(1, 2));

	(void)state;
	file_op(&f, SLICE, LIST(x, from, size), LIST(a));
	file_op(&f, STRIDED_SLICE, LIST(a, from, to, step), LIST(y));
	file_option(&f, 1, 4, 1);
	file_option(&f, 4, 4, 4);
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_SLICE, 0, LIST(6, 6));
	assert_int_equal(g.nodes[0].begin[0], 1);
	assert_int_equal(g.nodes[0].step[1], 1);
	assert_node(1, NN_SLICE, 0, LIST(2, 1));
	assert_int_equal(g.nodes[1].step[0], 2);
	assert_node(2, NN_RESHAPE, 0, LIST(2));
	file_option(&f, 4, 4, 5);
	assert_refused(x, y, "takes the batch away");
	memset(f.tensors[step].data, 255, 12);
	file_option(&f, 4, 4, 4);
	assert_refused(x, y, "stride -1; accepted: 1 to 65535");
	f.tensors[size].data[4] = 8;
	assert_refused(x, y, "begins or ends outside of dimension 1");
}

/* Three ways to take a tensor apart, and two to put it together. */
static void parts_are_put_together(void **state)
{
	int32_t x = floats(LIST(1, 4, 3));
	int32_t axis = file_ints(&f, LIST(1));
	int32_t a[2] = { floats(LIST(1, 2, 3)), floats(LIST(1, 2, 3)) };
	int32_t size = file_ints(&f, LIST(1, -1));
	int32_t last = file_ints(&f, LIST(-1));
	int32_t b[2] = { floats(LIST(1, 2, 1)), floats(LIST(1, 2, 2)) };
	int32_t u[3] = { floats(LIST(1, 2)), floats(LIST(1, 2)),
			 floats(LIST(1, 2)) };
	int32_t p = floats(LIST(1, 2, 3));
	int32_t y = floats(LIST(1, 2, 6));

	(void)state;
	file_op(&f, SPLIT, LIST(axis, x), LIST(a[0], a[1]));
	file_op(&f, SPLIT_V, LIST(a[0], size, last), LIST(b[0], b[1]));
	file_op(&f, UNPACK, LIST(a[1]), LIST(u[0], u[1], u[2]));
	file_option(&f, 1, 4, 2);
	file_op(&f, PACK, LIST(u[2], u[1], u[0]), LIST(p));
	file_option(&f, 1, 4, (uint32_t)-1);
	file_op(&f, CONCATENATION, LIST(b[0], p, b[1]), LIST(y));
	file_option(&f, 0, 4, 2);
	read_good(x, y);
	assert_nodes(2 + 2 + 6 + 4 + 1);
	assert_node(1, NN_SLICE, 0, LIST(2, 3));
	assert_int_equal(g.nodes[1].begin[0], 2);
	assert_node(3, NN_SLICE, 0, LIST(2, 2));
	assert_int_equal(g.nodes[3].begin[1], 1);
	assert_node(8, NN_SLICE, 0, LIST(2, 1));
	assert_node(9, NN_RESHAPE, 0, LIST(2));
	assert_node(10, NN_RESHAPE, 0, LIST(2, 1));
	assert_node(13, NN_CONCAT, 0, LIST(2, 3));
	assert_node(14, NN_CONCAT, 0, LIST(2, 6));
	assert_int_equal(g.nodes[14].axis, 1);
	assert_int_equal(g.nodes[14].in_count, 3);
	file_option(&f, 0, 4, 0);
	assert_refused(x, y, "works along the batch");
	file_option(&f, 0, 4, 1);
	assert_refused(x, y, "input 1 has another shape than the first");
}

static void rows_are_gathered(void **state)
{
	int32_t x = file_tensor(&f, TFLITE_INT32, LIST(1, 5));
	int32_t table = file_floats(&f, LIST(7, 2));
	int32_t rows = floats(LIST(1, 5, 2));
	int32_t index = file_ints(&f, LIST(-1));
	int32_t y = floats(LIST(1, 2));

	(void)state;
	file_op(&f, GATHER, LIST(table, x), LIST(rows));
	file_op(&f, GATHER, LIST(rows, index), LIST(y));
	file_option(&f, 0, 4, 1);
	read_good(x, y);
	assert_nodes(3);
	assert_int_equal(value_of(g.inputs[0])->type, NN_INT32);
	assert_node(0, NN_GATHER, 0, LIST(5, 2));
	assert_shape(g.nodes[0].in[0], LIST(7, 2));
	assert_int_equal(g.nodes[0].in[1], g.inputs[0]);
	assert_node(1, NN_SLICE, 0, LIST(1, 2));
	assert_int_equal(g.nodes[1].begin[0], 4);
	memset(f.tensors[index].data, 0, 4);
	f.tensors[index].data[0] = 5;
	assert_refused(x, y, "index 5 is out of range");
	f.ops[0].options = 23;
	f.ops[0].option[0] = 1;
	f.ops[0].option_bytes[0] = 4;
	assert_refused(x, y, "axis 1 of a constant; accepted: 0, rows");
}

static void pictures_are_resized(void **state)
{
	int32_t x = floats(LIST(1, 4, 5, 2));
	int32_t size = file_ints(&f, LIST(8, 9));
	int32_t a = floats(LIST(1, 8, 9, 2));
	int32_t b = file_ints(&f, LIST(4, 3));
	int32_t y = floats(LIST(1, 4, 3, 2));

	(void)state;
	file_op(&f, RESIZE_BILINEAR, LIST(x, size), LIST(a));
	file_option(&f, 3, 1, 1);
	file_op(&f, RESIZE_NEAREST, LIST(a, b), LIST(y));
	file_option(&f, 0, 1, 1);
	read_good(x, y);
	assert_nodes(2);
	assert_node(0, NN_RESIZE, NN_LINEAR, LIST(8, 9, 2));
	assert_true(g.nodes[0].ratio[0] == 0.5f);
	assert_true(g.nodes[0].shift[0] == -0.25f);
	assert_node(1, NN_RESIZE, NN_NEAREST, LIST(4, 3, 2));
	assert_true(g.nodes[1].ratio[1] == 4 && g.nodes[1].shift[1] == 0.5f);
}

/* --- Refusals ----------------------------------------------------------- */

static void operators_are_refused_by_name(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	file_op(&f, IF, LIST(x), LIST(y));
	assert_refused(x, y, "operator 0 is IF (number 118)");
	assert_int_equal(e.code, ENC_ERR_UNSUPPORTED);
	assert_non_null(strstr(e.hint, "CONV_2D, DEPTHWISE_CONV_2D"));
	f.ops[0].code = 32;
	assert_refused(x, y, "operator 0 is CUSTOM");
	f.ops[0].code = 209;
	assert_refused(x, y, "operator 0 is unknown (number 209)");
	f.ops[0].code = 161;
	assert_refused(x, y, "RIGHT_SHIFT");
}

static void tensors_are_refused_by_name(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	file_op(&f, RELU, LIST(x), LIST(y));
	f.tensors[y].type = TFLITE_UINT8;
	assert_refused(x, y,
		       "operator 0 (RELU, output \"t01\"): tensor \"t01\" is "
		       "uint8; accepted: float32, or int8 with a scale");
	f.tensors[y].type = TFLITE_INT8;
	f.tensors[y].scales = 1;
	f.tensors[y].scale = 1;
	assert_refused(x, y, "reads float32 and computes int8");
	f.tensors[y].type = TFLITE_FLOAT32;
	f.tensors[x].signature = file_list(LIST(-1, -1));
	assert_refused(x, y, "a dimension that is not fixed; only the first");
	f.tensors[x].signature.count = 0;
	f.tensors[x].is_variable = 1;
	assert_refused(x, y, "has a variable");
	f.tensors[x].is_variable = 0;
	f.tensors[x].dims = file_list(LIST(2, 3));
	assert_refused(x, y, "tensor \"t00\" has no batch");
	f.tensors[x].dims = file_list(LIST(1, 65537));
	assert_refused(x, y, "has a dimension of 65537; accepted: up to 65536");
	f.tensors[x].dims = file_list(LIST(1, 65536, 65536, 65536));
	assert_refused(x, y, "more than 2^28 elements");
	f.tensors[x].dims = file_list(LIST(1, 0));
	assert_refused(x, y, "not fixed, or 0");
}

static void an_order_that_cannot_be_is_refused(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t a = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	(void)state;
	file_op(&f, RELU, LIST(a), LIST(y));
	file_op(&f, RELU, LIST(y), LIST(a));
	assert_refused(x, y, "reads \"t01\" before it is computed");
	f.ops[0].in.v[0] = y;
	assert_refused(x, y, "reads \"t02\" before it is computed");
	f.ops[0].in.v[0] = x;
	f.ops[1].out.v[0] = x;
	assert_refused(x, y, "tensor \"t00\" has two sources");
	f.ops[1].out.v[0] = NO;
	assert_refused(x, y, "names a tensor that does not exist");
	f.ops[1].in.v[0] = -1;
	f.ops[1].out.v[0] = a;
	assert_refused(x, y, "input 0 is missing");
	f.op_count = 1;
	assert_refused(x, a, "no operator computes output \"t01\"");
}

static void a_shape_that_does_not_follow_is_refused(void **state)
{
	int32_t x = floats(LIST(1, 3));
	int32_t y = floats(LIST(1, 4));

	(void)state;
	file_op(&f, RELU, LIST(x), LIST(y));
	assert_refused(x, y, "a shape that does not follow from the inputs");
	assert_int_equal(e.code, ENC_ERR_FORMAT);
}

/* Axes and sizes of 64 bits, and numbers that are out of range. */
static void wide_integers_are_read(void **state)
{
	int32_t x = floats(LIST(1, 4, 6));
	int32_t axis = file_constant(&f, TFLITE_INT64, 8, LIST(1));
	int32_t m = floats(LIST(1, 1, 6));
	int32_t c = file_constant(&f, TFLITE_INT64, 8, LIST(2));
	int32_t d = file_tensor(&f, TFLITE_INT32, LIST(2));
	int32_t y = floats(LIST(1, 4, 3));

	(void)state;
	file_op(&f, MEAN, LIST(x, axis), LIST(m));
	file_option(&f, 0, 1, 1);
	file_op(&f, CAST, LIST(c), LIST(d));
	file_op(&f, RESIZE_NEAREST, LIST(m, d), LIST(y));
	assert_refused(x, y, "accepted: pictures, of batch, height, width");
	f.ops[2] = f.ops[0];
	f.ops[2].in = file_list(LIST(m, d));
	f.ops[2].out = file_list(LIST(y));
	assert_refused(x, y, "output 0 has 12 elements; it computes 1");
	f.tensors[y].dims = file_list(LIST(1, 1));
	read_good(x, y);
	assert_nodes(3);
	assert_node(0, NN_REDUCE, NN_MEAN, LIST(1, 6));
	assert_int_equal(g.nodes[1].axes, 3);
	memset(f.tensors[c].data, 0x7f, 16);
	assert_refused(x, y, "an axis is out of range");
	f.tensors[c].type = TFLITE_FLOAT32;
	f.tensors[c].bytes = 8;
	assert_refused(x, y, "accepted: casts to float32, or of integers");
}

/* Each change of a network that is good makes it one that is not. */
static void numbers_that_do_not_fit_are_refused(void **state)
{
	int32_t x = floats(LIST(1, 4, 6));
	int32_t axis = file_ints(&f, LIST(2));
	int32_t size = file_ints(&f, LIST(1, 5));
	int32_t a[2] = { floats(LIST(1, 4, 1)), floats(LIST(1, 4, 5)) };
	int32_t from = file_ints(&f, LIST(0, 0, 3));
	int32_t to = file_ints(&f, LIST(1, 4, 2));
	int32_t step = file_ints(&f, LIST(1, 1, 1));
	int32_t y = floats(LIST(1, 4, 2));

	(void)state;
	file_op(&f, SPLIT_V, LIST(x, size, axis), LIST(a[0], a[1]));
	file_op(&f, STRIDED_SLICE, LIST(a[1], from, to, step), LIST(y));
	file_option(&f, 5, 1, 1); /* `to` is a size */
	read_good(x, y);
	assert_int_equal(g.nodes[2].begin[1], 3);
	file_option(&f, 2, 4, 1);
	assert_refused(x, y, "an ellipsis or new axis; accepted: none");
	file_option(&f, 2, 4, 0);
	f.tensors[from].data[8] = 5;
	assert_refused(x, y, "nothing is left of dimension 2");
	f.tensors[step].dims.v[0] = 2;
	f.tensors[step].bytes = 8;
	assert_refused(x, y, "begin, end and stride differ in length");
	f.tensors[size].data[4] = 4;
	assert_refused(x, y, "output 1 has 20 elements; it computes 16");
	f.tensors[a[1]].dims.v[2] = 4;
	assert_refused(x, y, "the parts are less than the whole");
	f.tensors[size].data[4] = 6;
	assert_refused(x, y, "part 1 is out of range");
	f.ops[0].out.count = 1;
	assert_refused(x, y, "2 sizes for 1 part");
	f.ops[0].in.count = 2;
	assert_refused(x, y, "it has 2 inputs and 1 output");
}

/* A network of several kinds, to be damaged. */
static void make_small(void)
{
	int32_t x = int8s(LIST(1, 4, 4, 2));
	int32_t w = file_constant(&f, TFLITE_INT8, 1, LIST(3, 2, 2, 2));
	int32_t b = file_ints(&f, LIST(1, 2, 3));
	int32_t c = int8s(LIST(1, 4, 4, 3));
	int32_t axes = file_ints(&f, LIST(1, 2));
	int32_t m = int8s(LIST(1, 3));
	int32_t y = floats(LIST(1, 3));

	f.tensors[w].scales = 3;
	file_op(&f, CONV, LIST(x, w, b), LIST(c));
	put_window(1, 0);
	file_op(&f, MEAN, LIST(c, axes), LIST(m));
	file_op(&f, DEQUANTIZE, LIST(m), LIST(y));
	f.inputs = file_list(&x, 1);
	f.outputs = file_list(&y, 1);
	file_write(&f);
	assert_true(read_bytes(f.data, f.len));
	assert_nodes(4);
}

static void every_shorter_file_is_refused(void **state)
{
	size_t used = 0;

	(void)state;
	make_small();
	for (used = f.len; !f.data[used - 1]; used--)
		continue;
	for (size_t len = 0; len < used; len++)
		assert_false(read_bytes(f.data, len));
	assert_true(read_bytes(f.data, f.len));
}

/* Accepted or refused, but nothing else: the sanitizers watch. */
static void every_changed_byte_is_read(void **state)
{
	static const uint8_t values[] = { 0, 1, 4, 127, 128, 255 };
	size_t refused = 0;

	(void)state;
	make_small();
	for (size_t i = 0; i < f.len; i++) {
		uint8_t old = f.data[i];

		for (size_t k = 0; k < COUNT(values); k++) {
			f.data[i] = values[k];
			refused += !read_bytes(f.data, f.len);
		}
		f.data[i] = old;
	}
	assert_true(refused > f.len / 2);
}

/* Each word as a reference to itself, to the end, and past it. */
static void every_changed_word_is_read(void **state)
{
	(void)state;
	make_small();
	for (size_t i = 0; i + 4 <= f.len; i += 2) {
		const uint64_t values[] = { 0,		 4,
					    f.len - i,	 f.len - i + 1,
					    INT32_MAX,	 UINT32_MAX,
					    (uint32_t)-i };
		uint64_t old = file_get(&f, i, 4);

		for (size_t k = 0; k < COUNT(values); k++) {
			file_put(&f, i, 4, values[k]);
			read_bytes(f.data, f.len);
		}
		file_put(&f, i, 4, old);
	}
	assert_true(read_bytes(f.data, f.len));
}

/* --- Published networks ------------------------------------------------- */

/* Reads one of the networks, and counts nodes of an operator. */
static void read_model(const char *name)
{
	char path[PATH_MAX] = "";
	uint8_t *data = NULL;
	size_t len = 0;

	snprintf(path, sizeof(path), "%s/%s", getenv("MODELS"), name);
	if (!enc_file_read(path, 1u << 30, &data, &len, &e))
		fail_msg("%s", e.what);
	if (!read_bytes(data, len))
		fail_msg("%s: %s", name, e.what);
	free(data);
}

static size_t count_nodes(enum nn_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < g.node_count; i++)
		n += g.nodes[i].op == op;
	return n;
}

static void models_both_autoencoders_are_read(void **state)
{
	(void)state;
	read_model("mlperf-tiny/ad_int8.tflite");
	assert_shape(g.inputs[0], LIST(640));
	assert_nodes(10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(g.nodes[i].op, NN_CONV);
	assert_shape(g.nodes[4].out, LIST(8));
	assert_true(g.nodes[4].low == 0 && isinf(g.nodes[9].low));
	assert_shape(g.outputs[0], LIST(640));
	assert_true(value_of(g.outputs[0])->quant.zero[0] == 96);
	read_model("mlperf-tiny/ad_f32.tflite");
	assert_nodes(10);
	assert_shape(g.nodes[9].in[1], LIST(640, 128));
	assert_int_equal(value_of(g.outputs[0])->type, NN_F32);
}

static void models_both_resnets_are_read(void **state)
{
	static const char *const names[] = { "mlperf-tiny/ic_f32.tflite",
					     "mlperf-tiny/ic_int8.tflite" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		read_model(names[i]);
		assert_shape(g.inputs[0], LIST(32, 32, 3));
		assert_nodes(16);
		assert_int_equal(count_nodes(NN_CONV), 10);
		assert_int_equal(count_nodes(NN_BINARY), 3);
		assert_node(3, NN_BINARY, NN_ADD, LIST(32, 32, 16));
		assert_true(g.nodes[3].low == 0);
		assert_node(12, NN_POOL_AVERAGE, 0, LIST(1, 1, 64));
		assert_node(13, NN_RESHAPE, 0, LIST(64));
		assert_node(15, NN_SOFTMAX, 0, LIST(10));
	}
	assert_int_equal(value_of(g.nodes[0].in[1])->quant.count, 16);
}

/* The f32 one has weights of int8, which are multiplied out. */
static void models_both_keyword_spotters_are_read(void **state)
{
	static const char *const names[] = { "mlperf-tiny/kws_f32.tflite",
					     "mlperf-tiny/kws_int8.tflite" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		read_model(names[i]);
		assert_shape(g.inputs[0], LIST(49, 10, 1));
		assert_nodes(13);
		assert_int_equal(count_nodes(NN_DEPTHWISE), 4);
		assert_node(0, NN_CONV, 0, LIST(25, 5, 64));
		assert_int_equal(g.nodes[0].window.pad[0], 4);
		assert_int_equal(g.nodes[0].window.pad[1], 1);
		assert_shape(g.nodes[1].in[1], LIST(3, 3, 64));
		assert_int_equal(value_of(g.nodes[0].in[1])->type,
				 value_of(g.inputs[0])->type);
		assert_node(9, NN_POOL_AVERAGE, 0, LIST(1, 1, 64));
		assert_shape(g.outputs[0], LIST(12));
	}
}

static void models_both_mobilenets_are_read(void **state)
{
	static const char *const names[] = { "mlperf-tiny/vww_f32.tflite",
					     "mlperf-tiny/vww_int8.tflite" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		read_model(names[i]);
		assert_shape(g.inputs[0], LIST(96, 96, 3));
		assert_nodes(31);
		assert_int_equal(count_nodes(NN_CONV), 15);
		assert_int_equal(count_nodes(NN_DEPTHWISE), 13);
		assert_node(2, NN_CONV, 0, LIST(48, 48, 16));
		assert_shape(g.outputs[0], LIST(2));
	}
}

static void models_a_mobilenet_v2_is_read(void **state)
{
	const char *name = "extra/mobilenet_v2/"
			   "mobilenet_v2_quantized_1x3x224x224.tflite";

	(void)state;
	read_model(name);
	assert_shape(g.inputs[0], LIST(3, 224, 224));
	assert_node(0, NN_TRANSPOSE, 0, LIST(224, 224, 3));
	assert_int_equal(g.nodes[0].from[0], 1);
	assert_node(1, NN_PAD, NN_PAD_CONSTANT, LIST(226, 226, 3));
	assert_int_equal(count_nodes(NN_CONV), 36);
	assert_int_equal(count_nodes(NN_DEPTHWISE), 17);
	assert_int_equal(count_nodes(NN_PAD), 18);
	assert_int_equal(count_nodes(NN_BINARY), 10);
	assert_int_equal(count_nodes(NN_REDUCE), 1);
	assert_shape(g.outputs[0], LIST(1000));
}

/*
 * A file with vectors behind it: `count` scales of 1 in the place of one scale
 * of 0.7, and `count` bytes of 0 in the place of the four bytes "data".
 */
static uint8_t *lengthen(uint32_t count, size_t *len)
{
	const size_t bytes = f.len + 4 + 4 * (size_t)count;
	const float one = 1;
	uint8_t *data = NULL;

	*len = bytes + 4 + count;
	data = calloc(1, *len);
	assert_non_null(data);
	memcpy(data, f.data, f.len);
	memcpy(data + f.len, &count, 4);
	for (uint32_t i = 0; i < count; i++)
		memcpy(data + f.len + 4 + 4 * (size_t)i, &one, 4);
	memcpy(data + bytes, &count, 4);
	for (size_t at = 0; at + 8 <= f.len; at += 4) {
		size_t to = at + (size_t)file_get(&f, at, 4);

		if (to + 8 > f.len)
			continue;
		if (!memcmp(f.data + to + 4, &(float){ 0.7f }, 4))
			file_put(&f, at, 4, f.len - at);
		else if (!memcmp(f.data + to + 4, "data", 4))
			file_put(&f, at, 4, bytes - at);
	}
	memcpy(data, f.data, f.len);
	return data;
}

/* Each layer has a copy of its scales: together they have a limit. */
static void shared_scales_are_limited(void **state)
{
	int32_t x = int8s(LIST(1, 1));
	int32_t w = int8s(LIST(60000, 1));
	int32_t y = 0;
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	f.tensors[w].scale = 0.7f;
	f.tensors[w].bytes = 4;
	memcpy(f.tensors[w].data, "data", 4);
	for (size_t i = 0; i < FILE_OPS; i++) {
		y = int8s(LIST(1, 60000));
		file_op(&f, FULLY_CONNECTED, LIST(x, w), LIST(y));
	}
	assert_false(read_file(x, y));
	data = lengthen(60000, &len);
	assert_false(read_bytes(data, len));
	assert_non_null(strstr(e.what, "tensors share too much data"));
	free(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_convolution_is_read),
		TEST(windows_may_be_dilated),
		TEST(a_depthwise_layer_is_read),
		TEST(a_depth_multiplier_makes_groups),
		TEST(dense_layers_are_read),
		TEST(weights_are_multiplied_out),
		TEST(integers_are_cast),
		TEST(pools_are_read),
		TEST(matrices_are_multiplied),
		TEST(functions_of_one_are_read),
		TEST(functions_with_options_are_read),
		TEST(functions_of_two_are_read),
		TEST(squares_are_products),
		TEST(types_are_changed),
		TEST(dimensions_are_reduced),
		TEST(shapes_are_changed),
		TEST(borders_are_padded),
		TEST(parts_are_taken),
		TEST(parts_are_put_together),
		TEST(rows_are_gathered),
		TEST(pictures_are_resized),
		TEST(operators_are_refused_by_name),
		TEST(tensors_are_refused_by_name),
		TEST(an_order_that_cannot_be_is_refused),
		TEST(a_shape_that_does_not_follow_is_refused),
		TEST(wide_integers_are_read),
		TEST(numbers_that_do_not_fit_are_refused),
		TEST(shared_scales_are_limited),
		TEST(every_shorter_file_is_refused),
		TEST(every_changed_byte_is_read),
		TEST(every_changed_word_is_read),
		TEST(models_both_autoencoders_are_read),
		TEST(models_both_resnets_are_read),
		TEST(models_both_keyword_spotters_are_read),
		TEST(models_both_mobilenets_are_read),
		TEST(models_a_mobilenet_v2_is_read),
	};

	if (!getenv("MODELS"))
		cmocka_set_skip_filter("models_*");
	return cmocka_run_group_tests_name("tflite", tests, NULL, NULL);
}
