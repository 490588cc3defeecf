/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ONNX reader: small models written here, byte by byte; each damaged in
 * every byte; and the .onnx files below the folder in MODELS, if it is set.
 */
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/import/lower.h"
#include "host/import/onnx.h"
#include "testkit/test.h"
#include "tests/lib/onnx_file.h"

static struct bytes model;
static struct graph g;
static struct enc_error e;

static bool model_read(const struct onnx_options *o)
{
	model_write(&model, 13);
	return onnx_read(model.at, model.len, o, &g, &e);
}

static void assert_read(void)
{
	if (!model_read(NULL))
		fail_msg("%s", e.what);
}

static void assert_refused(const char *text)
{
	assert_false(model_read(NULL));
	assert_non_null(strstr(e.what, text));
	assert_null(g.values);
}

static int setup(void **state)
{
	(void)state;
	graph.len = node.len = 0;
	memset(&g, 0, sizeof(g));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	graph_free(&g);
	return 0;
}

static const struct graph_value *in_of(size_t n, size_t i)
{
	assert_true(n < g.node_count && i < g.nodes[n].in_count);
	return &g.values[g.nodes[n].in[i]];
}

static void assert_dims(const struct graph_value *v, size_t rank, uint32_t a,
			uint32_t b, uint32_t c)
{
	const uint32_t dims[3] = { a, b, c };

	assert_int_equal(v->rank, rank);
	assert_memory_equal(v->dims, dims, rank * sizeof(*dims));
}

/* input "x" (1, 2, 3, 3), weights "w" (4, 2, 2, 2): 0, 1, 2 ... */
static void conv_add(void)
{
	float w[32];

	for (size_t i = 0; i < 32; i++)
		w[i] = (float)i;
	tensor_add(11, "x", FLOAT, 4, (int64_t[]){ 0, 2, 3, 3 });
	weight_add("w", FLOAT, 4, (int64_t[]){ 4, 2, 2, 2 }, w, sizeof(w));
	attr_ints("pads", 4, (int64_t[]){ 0, 0, 1, 1 });
	node_add("Conv", "x w", "c");
}

static void output_add(const char *name)
{
	tensor_add(12, name, FLOAT, 0, NULL);
}

/* ---- Tests. */

static void conv_is_channels_last(void **state)
{
	const float *w = NULL;

	(void)state;
	conv_add();
	output_add("c");
	assert_read();
	/* x to (h, w, c), the layer, back to (c, h, w); reshapes around. */
	assert_dims(&g.values[g.inputs[0]], 3, 2, 3, 3);
	assert_dims(&g.values[g.outputs[0]], 3, 4, 3, 3);
	for (size_t i = 0; i < g.node_count; i++) {
		if (g.nodes[i].op != NN_CONV)
			continue;
		w = in_of(i, 1)->data;
		assert_dims(in_of(i, 0), 3, 3, 3, 2);
	}
	assert_non_null(w);
	/* (out, kh, kw, in): the second number is of input channel 1. */
	assert_true(w[0] < 0.5f && fabsf(w[1] - 4) < 0.5f);
}

/* The rows of the matrix are permuted: no second transposition. */
static void flatten_permutes_weights(void **state)
{
	float m[36];
	size_t moves = 0;

	(void)state;
	for (size_t i = 0; i < 36; i++)
		m[i] = (float)i;
	conv_add();
	weight_add("m", FLOAT, 2, (int64_t[]){ 36, 1 }, m, sizeof(m));
	node_add("Flatten", "c", "f");
	node_add("Gemm", "f m", "y");
	output_add("y");
	assert_read();
	for (size_t i = 0; i < g.node_count; i++)
		moves += g.nodes[i].op == NN_TRANSPOSE;
	assert_int_equal(moves, 1);
	/* Stored (h, w, c): the second weight is of channel 1 at (0, 0). */
	assert_int_equal(g.nodes[g.node_count - 1].op, NN_CONV);
	assert_true(fabsf(((float *)in_of(g.node_count - 1, 1)->data)[1] - 9) <
		    0.5f);
}

static void norm_of_a_batch_is_folded(void **state)
{
	const float s[4] = { 2, 2, 2, 2 }, b[4] = { 1, 1, 1, 1 };
	const float mean[4] = { 0 }, variance[4] = { 1, 1, 1, 1 };
	const int64_t four[1] = { 4 };

	(void)state;
	conv_add();
	weight_add("s", FLOAT, 1, four, s, sizeof(s));
	weight_add("b", FLOAT, 1, four, b, sizeof(b));
	weight_add("m", FLOAT, 1, four, mean, sizeof(mean));
	weight_add("v", FLOAT, 1, four, variance, sizeof(variance));
	node_add("BatchNormalization", "c s b m v", "n");
	node_add("Relu", "n", "r");
	node_add("GlobalAveragePool", "r", "y");
	output_add("y");
	assert_read();
	for (size_t i = 0; i < g.node_count; i++) {
		assert_int_not_equal(g.nodes[i].op, NN_BINARY);
		if (g.nodes[i].op == NN_CONV)
			assert_true(fabsf(((float *)in_of(i, 2)->data)[3] - 1) <
				    1e-6f);
	}
}

/* "xq" int8 of scale 0.5, zero 3, read as "xf"; weights "wf". */
static void quantised_add(void)
{
	const float scale = 0.5f, weight_scale[2] = { 0.25f, 0.125f };
	const int8_t zero = 3, none[2] = { 0, 0 }, w[4] = { 1, 2, 3, 127 };

	tensor_add(11, "xq", INT8, 2, (int64_t[]){ 1, 2 });
	weight_add("s", FLOAT, 0, NULL, &scale, sizeof(scale));
	weight_add("z", INT8, 0, NULL, &zero, 1);
	weight_add("ws", FLOAT, 1, (int64_t[]){ 2 }, weight_scale, 8);
	weight_add("wz", INT8, 1, (int64_t[]){ 2 }, none, 2);
	weight_add("w", INT8, 2, (int64_t[]){ 2, 2 }, w, 4);
	node_add("DequantizeLinear", "xq s z", "xf");
	attr_int("axis", 0);
	node_add("DequantizeLinear", "w ws wz", "wf");
	attr_int("transB", 1);
	node_add("Gemm", "xf wf", "f");
}

static void quantised_layer_is_integer(void **state)
{
	(void)state;
	quantised_add();
	node_add("Relu", "f", "r");
	node_add("QuantizeLinear", "r s z", "y");
	tensor_add(12, "y", INT8, 0, NULL);
	assert_read();
	assert_int_equal(g.node_count, 1);
	assert_int_equal(g.nodes[0].op, NN_CONV);
	assert_true(g.nodes[0].low >= 0 && isinf(g.nodes[0].high));
	assert_int_equal(in_of(0, 0)->quant.zero[0], 3);
	assert_int_equal(in_of(0, 1)->quant.count, 2);
	assert_int_equal(((int8_t *)in_of(0, 1)->data)[3], 127);
	assert_int_equal(g.values[g.outputs[0]].type, NN_INT8);
	assert_string_equal(g.values[g.outputs[0]].name, "y");
}

/* Without an operator behind it that quantises, the layer is f32. */
static void floats_stay_floats(void **state)
{
	(void)state;
	quantised_add();
	attr_int("axis", -1);
	node_add("Softmax", "f", "y");
	output_add("y");
	assert_read();
	assert_int_equal(g.nodes[0].op, NN_DEQUANTIZE);
	assert_int_equal(g.nodes[1].op, NN_CONV);
	assert_int_equal(in_of(1, 1)->type, NN_F32);
	assert_true(fabsf(((float *)in_of(1, 1)->data)[3] - 127 * 0.125f) <
		    1e-6f);
}

static void root_mean_square_is_a_norm(void **state)
{
	const float epsilon = 1e-5f, gain[4] = { 1, 2, 3, 4 };

	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 3, 4 });
	weight_add("e", FLOAT, 0, NULL, &epsilon, 4);
	weight_add("g", FLOAT, 1, (int64_t[]){ 4 }, gain, sizeof(gain));
	node_add("Mul", "x x", "a");
	attr_ints("axes", 1, (int64_t[]){ -1 });
	node_add("ReduceMean", "a", "b");
	node_add("Add", "b e", "c");
	node_add("Sqrt", "c", "d");
	node_add("Div", "x d", "f");
	node_add("Mul", "f g", "y");
	output_add("y");
	assert_read();
	assert_int_equal(g.node_count, 1);
	assert_int_equal(g.nodes[0].op, NN_NORM);
	assert_int_equal(g.nodes[0].variant, NN_RMS_NORM);
	assert_true(fabsf(((float *)in_of(0, 1)->data)[3] - 4) < 1e-6f);
}

/* What looks like a norm, but for a square root that is somebody else's. */
static void patterns_are_of_one_domain(void **state)
{
	const float epsilon = 1e-5f;

	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 3, 4 });
	weight_add("e", FLOAT, 0, NULL, &epsilon, 4);
	node_add("Mul", "x x", "a");
	attr_ints("axes", 1, (int64_t[]){ -1 });
	node_add("ReduceMean", "a", "b");
	node_add("Add", "b e", "c");
	put_text(&node, 7, "org.example");
	node_add("Sqrt", "c", "d");
	node_add("Div", "x d", "y");
	output_add("y");
	assert_refused("domain 'org.example'");
}

/* Reshape to a shape that Shape, Gather, Unsqueeze and Concat compute. */
static void shapes_are_computed(void **state)
{
	const int64_t zero = 0, rest = -1;

	(void)state;
	tensor_add(11, "x", FLOAT, 3, (int64_t[]){ 2, 3, 4 });
	weight_add("i", INT64, 1, (int64_t[]){ 1 }, &zero, 8);
	weight_add("r", INT64, 1, (int64_t[]){ 1 }, &rest, 8);
	node_add("Shape", "x", "a");
	node_add("Gather", "a i", "b");
	attr_int("axis", 0);
	node_add("Concat", "b r", "c");
	node_add("Reshape", "x c", "d");
	node_add("Abs", "d", "y");
	output_add("y");
	assert_read();
	assert_dims(&g.values[g.outputs[0]], 2, 2, 12, 0);
}

static void options_fix_dimensions(void **state)
{
	const struct onnx_dim dim = { "N", 5 };
	const struct onnx_options o = { &dim, 1 };

	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 0 });
	node_add("Abs", "x", "y");
	output_add("y");
	assert_refused("dimension 1 of input");
	assert_non_null(strstr(e.hint, "N=SIZE"));
	assert_true(model_read(&o));
	assert_dims(&g.values[g.outputs[0]], 1, 5, 0, 0);
}

static void refusals_name_the_node(void **state)
{
	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 3 });
	output_add("y");
	node_add("TopK", "x", "y");
	assert_refused("node 'y' (TopK): this operator is not accepted");
	setup(NULL);
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 3 });
	output_add("y");
	node_add("Relu", "missing", "y");
	assert_refused("input 'missing'");
	setup(NULL);
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 3 });
	output_add("y");
	put_text(&node, 7, "org.example");
	node_add("Relu", "x", "y");
	assert_refused("domain 'org.example'");
	setup(NULL);
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 3 });
	output_add("y");
	node_add("enc.RmsNorm", "x", "y");
	assert_refused("node 'y' (enc.RmsNorm): this operator is not");
}

static void external_data_is_refused(void **state)
{
	struct bytes t = { .len = 0 };

	(void)state;
	put_int(&t, 1, 1);
	put_int(&t, 2, FLOAT);
	put_text(&t, 8, "w");
	put_int(&t, 14, 1);
	put_message(&graph, 5, &t);
	assert_refused("tensor 'w': its data is in another file");
}

/* A channel that is added to pixels has no room behind rank 8. */
static void ranks_of_inputs_are_limited(void **state)
{
	const int64_t dims[8] = { 2, 1, 1, 1, 1, 1, 1, 5 };

	(void)state;
	tensor_add(11, "x", UINT8, 8, dims);
	attr_int("to", FLOAT);
	node_add("Cast", "x", "y");
	output_add("y");
	assert_refused("input 'x' has rank 9 without its batch");
	setup(NULL);
	tensor_add(11, "x", FLOAT, 7, dims);
	node_add("Relu", "x", "y");
	output_add("y");
	assert_refused("input 'x' has rank 7 without its batch");
	setup(NULL);
	tensor_add(11, "x", UINT8, 6, dims + 2);
	attr_int("to", FLOAT);
	node_add("Cast", "x", "y");
	output_add("y");
	assert_read();
	assert_int_equal(g.values[g.inputs[0]].rank, 6);
}

/* A constant without elements, which shapes need, is nobody's input. */
static void empty_constants_are_refused(void **state)
{
	static const char *const ops[] = { "Softmax", "LayerNormalization" };
	const int64_t none[1] = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		setup(NULL);
		tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
		weight_add("c", FLOAT, 1, none, "", 0);
		attr_int("axis", 0);
		node_add(ops[i], i ? "c c c" : "c", "z");
		node_add("Add", "x z", "y");
		output_add("y");
		assert_refused("its input has no elements");
	}
}

/* Where: constant numbers where the mask says so, x elsewhere. */
static void choices_are_products(void **state)
{
	const float other[2] = { 5, 6 };
	const float *part = NULL;

	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 2 });
	weight_add("m", BOOL, 2, (int64_t[]){ 3, 1 }, "\1\0\1", 3);
	weight_add("k", FLOAT, 1, (int64_t[]){ 2 }, other, sizeof(other));
	node_add("Where", "m x k", "y");
	output_add("y");
	assert_read();
	assert_dims(&g.values[g.outputs[0]], 2, 3, 2, 0);
	part = in_of(g.node_count - 1, 1)->data;
	assert_non_null(part);
	for (size_t i = 0; i < 6; i++)
		assert_true(fabsf(part[i] - (i / 2 == 1 ? other[i % 2] : 0)) <
			    1e-6f);
}

/* Each node has the name of its output: the graph keeps the start of it. */
static void long_names_are_cut(void **state)
{
	char name[1001] = "";

	(void)state;
	memset(name, 'N', 1000);
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
	node_add("Sum", "x x x x x", name);
	output_add(name);
	assert_read();
	assert_int_equal(g.node_count, 4);
	for (size_t i = 0; i < g.value_count; i++)
		assert_true(strlen(g.values[i].name) <= GRAPH_NAME_MAX);
	assert_int_equal(strspn(g.values[g.outputs[0]].name, "N"),
			 GRAPH_NAME_MAX);
	assert_non_null(strstr(g.nodes[0].name, " (Sum)"));
}

/* Time for a file with 100,000 names, each of 17 pieces that differ. */
static clock_t read_names(const char *zero, const char *one)
{
	static uint8_t file[100000 * 36 + 64];
	uint8_t *at = file + 32;
	const clock_t start = clock();
	struct bytes b = { .len = 0 }, outer = b;

	for (uint32_t i = 0; i < 100000; i++) {
		*at++ = 1 << 3 | 2;
		*at++ = 34;
		for (uint32_t k = 0; k < 17; k++, at += 2)
			memcpy(at, i >> k & 1 ? zero : one, 2);
	}
	memcpy(at, "\x12\1y", 3);
	put_varint(&b, 1 << 3 | 2);
	put_varint(&b, (uint64_t)(at + 3 - file - 32));
	put_int(&outer, 1, 8);
	put_bytes(&outer, 8, "\x10\x0d", 2);
	put_varint(&outer, 7 << 3 | 2);
	put_varint(&outer, b.len + (uint64_t)(at + 3 - file - 32));
	memcpy(file + 32 - b.len, b.at, b.len);
	memcpy(file + 32 - b.len - outer.len, outer.at, outer.len);
	assert_false(onnx_read(file + 32 - b.len - outer.len,
			       (size_t)(at + 3 - file) - 32 + b.len + outer.len,
			       NULL, &g, &e));
	assert_non_null(strstr(e.what, "no input or no output"));
	return clock() - start;
}

/*
 * A hash of 33 * h + c takes names of "Ez" and "FY" for one another: reading
 * them took minutes where names were found by such a hash. Other names tell how
 * fast this machine is.
 */
static void many_names_are_found_quickly(void **state)
{
	const clock_t other = read_names("Ez", "Qa");
	const clock_t alike = read_names("Ez", "FY");

	(void)state;
	if (alike >= 20 * other + CLOCKS_PER_SEC / 10)
		fail_msg("%ld ticks, and %ld with other names", (long)alike,
			 (long)other);
}

/* y = x * k, with k made by nodes before it: four numbers, 1 apart. */
static void assert_factors(float first)
{
	const float *k = NULL;

	node_add("Mul", "x k", "y");
	output_add("y");
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
	assert_read();
	k = in_of(0, 1)->data;
	assert_non_null(k);
	for (size_t i = 0; i < 4; i++)
		assert_true(fabsf(k[i] - first - (float)i) < 1e-6f);
}

static void halves_are_computed(void **state)
{
	const uint16_t half[3] = { 0x3c00, 0x4500, 0x3c00 }; /* 1, 5, 1 */
	const char *const names[3] = { "a", "b", "s" };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		weight_add(names[i], FLOAT16, 0, NULL, &half[i], 2);
	node_add("Range", "a b s", "h");
	attr_int("to", FLOAT);
	node_add("Cast", "h", "k");
	assert_factors(1);
}

/* value: four times 1.5 in 16 bits. */
static void shapes_are_filled_with_halves(void **state)
{
	const int64_t four = 4;
	struct bytes t = { .len = 0 }, a = t;

	(void)state;
	weight_add("n", INT64, 1, (int64_t[]){ 1 }, &four, 8);
	put_int(&t, 1, 1);
	put_int(&t, 2, FLOAT16);
	put_bytes(&t, 9, "\0\x3e", 2);
	put_text(&a, 1, "value");
	put_message(&a, 5, &t);
	put_message(&node, 5, &a);
	node_add("ConstantOfShape", "n", "h");
	attr_int("to", FLOAT);
	node_add("Cast", "h", "k");
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
	node_add("Mul", "x k", "y");
	output_add("y");
	assert_read();
	for (size_t i = 0; i < 4; i++)
		assert_true(fabsf(((float *)in_of(0, 1)->data)[i] - 1.5f) <
			    1e-6f);
}

/* (1, 2, 3, 4) * 10 as integers, less (9, 18, 27, 36). */
static void integers_of_scales_are_scaled(void **state)
{
	const int8_t q[4] = { 1, 2, 3, 4 };
	const int64_t less[4] = { 9, 18, 27, 36 };
	const float scale = 10;

	(void)state;
	weight_add("q", INT8, 1, (int64_t[]){ 4 }, q, 4);
	weight_add("s", FLOAT, 0, NULL, &scale, 4);
	weight_add("l", INT64, 1, (int64_t[]){ 4 }, less, sizeof(less));
	node_add("DequantizeLinear", "q s", "d");
	attr_int("to", INT64);
	node_add("Cast", "d", "i");
	node_add("Sub", "i l", "j");
	attr_int("to", FLOAT);
	node_add("Cast", "j", "k");
	assert_factors(1);
}

static void mixed_types_are_refused(void **state)
{
	static const char *const nodes[][2] = {
		{ "Where", "m f i" }, { "Where", "m x i" },
		{ "Add", "f i" },     { "Concat", "i f" },
		{ "Range", "a b c" }, { "DequantizeLinear", "d f" }
	};
	const float f[4] = { 1, 1, 1, 1 };
	const int64_t two[4] = { 2, 2, 2, 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		setup(NULL);
		tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
		weight_add("m", BOOL, 1, (int64_t[]){ 4 }, "\1\0\1", 4);
		weight_add("f", FLOAT, 1, (int64_t[]){ 4 }, f, sizeof(f));
		weight_add("i", INT64, 1, (int64_t[]){ 4 }, two, sizeof(two));
		weight_add("a", FLOAT, 0, NULL, f, 4);
		weight_add("b", INT64, 0, NULL, two, 8);
		weight_add("c", FLOAT, 0, NULL, f, 4);
		weight_add("q", INT8, 1, (int64_t[]){ 4 }, "\1\2\3", 4);
		attr_int("axis", 0);
		node_add("DequantizeLinear", "q f", "d");
		attr_int("axis", 0);
		node_add(nodes[i][0], nodes[i][1], "k");
		node_add("Mul", "x k", "y");
		output_add("y");
		assert_refused(i == 1 ? "integer elements" :
			       i == 5 ? "INT8, UINT8 and constant INT32" :
					"different element types");
	}
}

/* The engine computes what was read. */
static void assert_lowered(void)
{
	struct lowered *net = lower_graph(&g, &e);

	if (!net)
		fail_msg("%s", e.what);
	lower_free(net);
}

/* x (1, 4) with (5, 6) behind it, twice: as floats, and of scale 0.5. */
static void constants_are_concatenated(void **state)
{
	const float f[2] = { 5, 6 }, scale = 0.5f;

	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
	weight_add("f", FLOAT, 2, (int64_t[]){ 1, 2 }, f, sizeof(f));
	weight_add("q", INT8, 2, (int64_t[]){ 1, 2 }, "\12\14", 2);
	weight_add("s", FLOAT, 0, NULL, &scale, 4);
	node_add("DequantizeLinear", "q s", "d");
	attr_int("axis", 1);
	node_add("Concat", "x f d", "y");
	output_add("y");
	assert_read();
	assert_int_equal(g.node_count, 1);
	for (size_t i = 1; i < 3; i++) {
		const float *data = in_of(0, i)->data;

		assert_non_null(data);
		assert_int_equal(in_of(0, i)->type, NN_F32);
		assert_true(fabsf(data[0] - 5) < 1e-6f);
		assert_true(fabsf(data[1] - 6) < 1e-6f);
	}
	assert_lowered();
}

static void one_input_is_concatenated(void **state)
{
	(void)state;
	tensor_add(11, "x", FLOAT, 2, (int64_t[]){ 1, 4 });
	node_add("Relu", "x", "r");
	attr_int("axis", 0);
	node_add("Concat", "r", "y");
	output_add("y");
	assert_read();
	assert_int_equal(g.node_count, 1);
	assert_lowered();
}

/* Along the batch and a dimension of 1 nothing is left to reduce. */
static void single_elements_are_reduced(void **state)
{
	(void)state;
	tensor_add(11, "x", FLOAT, 3, (int64_t[]){ 1, 4, 1 });
	attr_ints("axes", 2, (int64_t[]){ 0, 2 });
	attr_int("keepdims", 0);
	node_add("ReduceMean", "x", "m");
	node_add("Relu", "m", "y");
	output_add("y");
	assert_read();
	for (size_t i = 0; i < g.node_count; i++)
		assert_int_not_equal(g.nodes[i].op, NN_REDUCE);
	assert_dims(&g.values[g.outputs[0]], 1, 4, 0, 0);
	assert_lowered();
}

/* Any answer, and nothing for a sanitizer to report. */
static void damage_is_survived(void **state)
{
	static struct bytes whole;

	(void)state;
	conv_add();
	node_add("Relu", "c", "r");
	attr_int("axis", 1);
	node_add("Concat", "r r", "k");
	node_add("Flatten", "k", "y");
	output_add("y");
	model_write(&whole, 13);
	for (size_t i = 0; i < whole.len; i++) {
		uint8_t was = whole.at[i];

		onnx_read(whole.at, i, NULL, &g, &e);
		graph_free(&g);
		for (unsigned int bit = 0; bit < 8; bit++) {
			whole.at[i] = (uint8_t)(was ^ 1u << bit);
			onnx_read(whole.at, whole.len, NULL, &g, &e);
			graph_free(&g);
		}
		whole.at[i] = was;
	}
}

/* ---- The files of MODELS. */

static size_t files_read;

static int file_read(const char *path, const struct stat *s, int type,
		     struct FTW *ftw)
{
	size_t len = strlen(path);
	uint8_t *data = NULL;
	FILE *f = NULL;

	(void)ftw;
	if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".onnx"))
		return 0;
	f = fopen(path, "rb");
	data = malloc((size_t)s->st_size);
	assert_non_null(f);
	assert_int_equal(fread(data, 1, (size_t)s->st_size, f), s->st_size);
	fclose(f);
	if (!onnx_read(data, (size_t)s->st_size, NULL, &g, &e))
		fail_msg("%s: %s", path, e.what);
	assert_true(g.node_count >= 9 && g.node_count <= NN_NODES_MAX);
	/* The int8 files are integers but for a softmax at the end. */
	for (size_t i = 0; strstr(path, "int8") && i < g.node_count; i++)
		assert_true(g.nodes[i].op != NN_QUANTIZE ||
			    i + 1 == g.node_count);
	graph_free(&g);
	free(data);
	files_read++;
	return 0;
}

static void models_are_read(void **state)
{
	(void)state;
	assert_int_equal(nftw(getenv("MODELS"), file_read, 8, FTW_PHYS), 0);
	assert_true(files_read);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(conv_is_channels_last),
		TEST(flatten_permutes_weights),
		TEST(norm_of_a_batch_is_folded),
		TEST(quantised_layer_is_integer),
		TEST(floats_stay_floats),
		TEST(root_mean_square_is_a_norm),
		TEST(patterns_are_of_one_domain),
		TEST(shapes_are_computed),
		TEST(options_fix_dimensions),
		TEST(refusals_name_the_node),
		TEST(external_data_is_refused),
		TEST(ranks_of_inputs_are_limited),
		TEST(empty_constants_are_refused),
		TEST(choices_are_products),
		TEST(long_names_are_cut),
		TEST(many_names_are_found_quickly),
		TEST(halves_are_computed),
		TEST(shapes_are_filled_with_halves),
		TEST(integers_of_scales_are_scaled),
		TEST(mixed_types_are_refused),
		TEST(constants_are_concatenated),
		TEST(one_input_is_concatenated),
		TEST(single_elements_are_reduced),
		TEST(damage_is_survived),
		TEST(models_are_read),
	};

	if (!getenv("MODELS"))
		cmocka_set_skip_filter("models_*");
	return cmocka_run_group_tests_name("onnx", tests, NULL, NULL);
}
