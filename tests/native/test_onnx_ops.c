/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX operators that become other operators: the engine computes what a plain
 * loop computes. `make onnx-tests` has ONNX's own tests of all operators.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/import/lower.h"
#include "host/import/onnx.h"
#include "tests/lib/onnx_file.h"

#define BOUND	   2e-6
#define FLOATS_MAX 512

static struct bytes model;
static float x[FLOATS_MAX], w[FLOATS_MAX], y[FLOATS_MAX];

static int setup(void **state)
{
	(void)state;
	graph.len = node.len = 0;
	/* no two alike, of both signs */
	for (size_t i = 0; i < FLOATS_MAX; i++) {
		x[i] = (float)((i * 37 + 11) % 101) / 50 - 1;
		w[i] = (float)((i * 53 + 7) % 89) / 40 - 1;
		y[i] = 0;
	}
	return 0;
}

static struct lowered *import(int64_t opset)
{
	struct graph g = { 0 };
	struct enc_error e = { 0 };
	struct lowered *net = NULL;

	model_write(&model, opset);
	if (!onnx_read(model.at, model.len, NULL, &g, &e))
		fail_msg("%s", e.what);
	net = lower_graph(&g, &e);
	if (!net)
		fail_msg("%s", e.what);
	graph_free(&g);
	return net;
}

/* Copies all outputs, of f32. */
static size_t outputs_copy(const struct nn_net *net, void *work, float *out)
{
	size_t tensors = (size_t)net->head->inputs + net->head->nodes, n = 0;

	for (uint32_t t = 0; t < tensors; t++) {
		size_t size = 1;

		if (!net->tensors[t].is_output)
			continue;
		for (size_t d = 0; d < net->tensors[t].rank; d++)
			size *= net->tensors[t].dims[d];
		assert_int_equal(net->tensors[t].type, NN_F32);
		assert_true(size <= FLOATS_MAX - n);
		memcpy(out + n, nn_tensor_at(net, work, t, 1),
		       size * sizeof(float));
		n += size;
	}
	return n;
}

/* x[] as f32 or as pixels. */
static void input_copy(const struct nn_net *net, void *work, size_t n)
{
	void *to = nn_tensor_at(net, work, 0, 1);

	for (size_t i = 0; i < n; i++) {
		if (net->tensors[0].type == NN_UINT8)
			((uint8_t *)to)[i] = (uint8_t)x[i];
		else
			((float *)to)[i] = x[i];
	}
}

/* The model of input "x", `in` numbers of x[], has the outputs y[]. */
static void assert_computes(int64_t opset, size_t in, size_t out)
{
	struct lowered *net = import(opset);
	size_t size = nn_work_bytes(&net->net, 1);
	float got[FLOATS_MAX] = { 0 };
	void *work = NULL;

	size = (size + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	work = aligned_alloc(NN_ALIGN, size);
	assert_non_null(work);
	memset(work, 0, size);
	input_copy(&net->net, work, in);
	nn_net_run(&net->net, net->params, work, 1);
	assert_int_equal(outputs_copy(&net->net, work, got), out);
	for (size_t i = 0; i < out; i++) {
		double bound = BOUND * fmax(1, fabs((double)y[i]));

		if (!(fabs((double)got[i] - (double)y[i]) <= bound))
			fail_msg("output %zu: %.9g, not %.9g", i,
				 (double)got[i], (double)y[i]);
	}
	free(work);
	lower_free(net);
}

static void input_add(size_t rank, const int64_t *dims)
{
	tensor_add(11, "x", FLOAT, rank, dims);
}

static void output_add(const char *name)
{
	tensor_add(12, name, FLOAT, 0, NULL);
}

static void ints_add(const char *name, size_t n, const int64_t *v)
{
	weight_add(name, INT64, 1, (int64_t[]){ (int64_t)n }, v, n * 8);
}

/* ---- Layers. */

/* (1, 4, 3, 2) to (1, 6, ...): each element adds its kernel at its place. */
static void transposed_convolutions(void **state)
{
	/* groups 2: weights (4, 3, 3, 2); strides 2, 3; out 6 x 5 */
	const float bias[6] = { 1, 2, 3, 4, 5, 6 };

	(void)state;
	for (size_t m = 0; m < 6; m++) {
		for (size_t i = 0; i < 30; i++)
			y[m * 30 + i] = bias[m];
	}
	for (size_t i = 0; i < 4 * 6; i++) {
		for (size_t k = 0; k < 3 * 6; k++) {
			size_t c = i / 6, m = c / 2 * 3 + k / 6;
			size_t row = i % 6 / 2 * 2 + k % 6 / 2;
			size_t col = i % 2 * 3 + k % 2;

			/* one row of padding above, an open column behind */
			if (row >= 1 && row <= 6 && col <= 4)
				y[m * 30 + (row - 1) * 5 + col] +=
					x[i] * w[c * 18 + k];
		}
	}
	input_add(4, (int64_t[]){ 1, 4, 3, 2 });
	weight_add("w", FLOAT, 4, (int64_t[]){ 4, 3, 3, 2 }, w, 72 * 4);
	weight_add("b", FLOAT, 1, (int64_t[]){ 6 }, bias, sizeof(bias));
	attr_int("group", 2);
	attr_ints("strides", 2, (int64_t[]){ 2, 3 });
	attr_ints("pads", 4, (int64_t[]){ 1, 0, 0, 0 });
	node_add("ConvTranspose", "x w b", "y");
	output_add("y");
	assert_computes(13, 24, 180);
}

/* auto_pad SAME: 5 elements to 10, of a window of 3 at every second one. */
static void transposed_of_the_same_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		for (size_t k = 0; k < 3; k++) {
			if (2 * i + k < 10)
				y[2 * i + k] += x[i] * w[k];
		}
	}
	input_add(3, (int64_t[]){ 1, 1, 5 });
	weight_add("w", FLOAT, 3, (int64_t[]){ 1, 1, 3 }, w, 3 * 4);
	attr_ints("strides", 1, (int64_t[]){ 2 });
	attr_text("auto_pad", "SAME_UPPER");
	node_add("ConvTranspose", "x w", "y");
	output_add("y");
	assert_computes(13, 5, 10);
}

/* x (1, 2, 4, 3, 3), weights (2, 2, 2, 3, 3), depth: stride 2, padding 1. */
static void three_dimensions_convolve(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * 3 * 2 * 18; i++) {
		size_t m = i / 108, o = i / 36 % 3, c = i / 18 % 2;
		size_t tap = i / 9 % 2, at = 2 * o + tap;

		/* the window is as wide and as high as x */
		if (at >= 1 && at <= 4)
			y[m * 3 + o] += x[(c * 4 + at - 1) * 9 + i % 9] *
					w[((m * 2 + c) * 2 + tap) * 9 + i % 9];
	}
	input_add(5, (int64_t[]){ 1, 2, 4, 3, 3 });
	weight_add("w", FLOAT, 5, (int64_t[]){ 2, 2, 2, 3, 3 }, w, 72 * 4);
	attr_ints("strides", 3, (int64_t[]){ 2, 1, 1 });
	attr_ints("pads", 6, (int64_t[]){ 1, 0, 0, 1, 0, 0 });
	node_add("Conv", "x w", "y");
	output_add("y");
	assert_computes(13, 72, 6);
}

/* x (1, 2, 4, 2, 2): windows of 3 x 2 x 2, in depth with a padding of 1. */
static void three_dimensions_are_pooled(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * 4; i++) {
		size_t from = i % 4 ? i % 4 - 1 : 0;
		size_t to = i % 4 < 3 ? i % 4 + 1 : 3;
		size_t n = (to - from + 1) * 4;

		for (size_t k = 0; k < n; k++)
			y[i] += x[(i / 4 * 4 + from) * 4 + k] / (float)n;
	}
	input_add(5, (int64_t[]){ 1, 2, 4, 2, 2 });
	attr_ints("kernel_shape", 3, (int64_t[]){ 3, 2, 2 });
	attr_ints("pads", 6, (int64_t[]){ 1, 0, 0, 1, 0, 0 });
	node_add("AveragePool", "x", "y");
	output_add("y");
	assert_computes(13, 32, 8);
}

/* What ONNX Runtime's quantize_dynamic() writes: weights of 8 bits. */
static void dynamic_quantisation_is_undone(void **state)
{
	const uint8_t q[6] = { 3, 255, 0, 128, 77, 1 }, zero = 100;
	const float scale = 0.25f;

	(void)state;
	for (size_t i = 0; i < 4 * 2; i++) {
		for (size_t k = 0; k < 3; k++)
			y[i] += x[i / 2 * 3 + k] *
				(float)(q[k * 2 + i % 2] - zero) * scale;
	}
	input_add(2, (int64_t[]){ 4, 3 });
	weight_add("w", UINT8, 2, (int64_t[]){ 3, 2 }, q, 6);
	weight_add("z", UINT8, 0, NULL, &zero, 1);
	weight_add("s", FLOAT, 0, NULL, &scale, 4);
	node_add("DynamicQuantizeLinear", "x", "xq xs xz");
	node_add("MatMulInteger", "xq w xz z", "i");
	attr_int("to", FLOAT);
	node_add("Cast", "i", "f");
	node_add("Mul", "xs s", "t");
	node_add("Mul", "f t", "y");
	output_add("y");
	assert_computes(13, 12, 8);
}

/* ---- Norms. */

/* x / (2 + 0.5 / 3 * sum of squares of 3 channels) ^ 0.75, x (1, 4, 2, 1). */
static void channels_are_normed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8; i++) {
		double sum = (double)x[i] * (double)x[i];

		if (i >= 2)
			sum += (double)x[i - 2] * (double)x[i - 2];
		if (i < 6)
			sum += (double)x[i + 2] * (double)x[i + 2];
		y[i] = (float)((double)x[i] / pow(2 + sum / 6, 0.75));
	}
	input_add(4, (int64_t[]){ 1, 4, 2, 1 });
	attr_int("size", 3);
	attr_float("alpha", 0.5f);
	attr_float("bias", 2);
	node_add("LRN", "x", "y");
	output_add("y");
	assert_computes(13, 8, 8);
}

/* Of numbers whose exponentials are not f32, along the middle axis. */
static void logarithms_of_softmax(void **state)
{
	(void)state;
	for (size_t i = 0; i < 24; i++)
		x[i] *= 400;
	for (size_t i = 0; i < 24; i++) {
		double sum = 0;

		for (size_t k = 0; k < 3; k++)
			sum += exp((double)x[i / 12 * 12 + k * 4 + i % 4] -
				   (double)x[i]);
		y[i] = (float)-log(sum);
	}
	input_add(3, (int64_t[]){ 2, 3, 4 });
	attr_int("axis", 1);
	node_add("LogSoftmax", "x", "y");
	output_add("y");
	assert_computes(13, 24, 24);
}

/* x (1, 4, 3) in two groups: 12 numbers of mean 0, scaled by channel. */
static void groups_are_normed(void **state)
{
	(void)state;
	for (size_t g = 0; g < 2; g++) {
		double mean = 0, variance = 0;

		for (size_t i = 0; i < 6; i++)
			mean += (double)x[g * 6 + i] / 6;
		for (size_t i = 0; i < 6; i++)
			variance += pow((double)x[g * 6 + i] - mean, 2) / 6;
		for (size_t i = g * 6; i < g * 6 + 6; i++)
			y[i] = (float)(((double)x[i] - mean) /
				       sqrt(variance + 1e-5)) *
				       w[i / 3] +
			       w[4 + i / 3];
	}
	input_add(3, (int64_t[]){ 1, 4, 3 });
	weight_add("s", FLOAT, 1, (int64_t[]){ 4 }, w, 16);
	weight_add("b", FLOAT, 1, (int64_t[]){ 4 }, w + 4, 16);
	attr_int("num_groups", 2);
	node_add("GroupNormalization", "x s b", "y");
	output_add("y");
	assert_computes(21, 12, 12);
}

/* Outputs 1 and 2 of LayerNormalization: mean, 1 / deviation. */
static void norms_tell_their_statistics(void **state)
{
	const float one[4] = { 1, 1, 1, 1 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		double mean = 0, variance = 0;

		for (size_t k = 0; k < 4; k++)
			mean += (double)x[i * 4 + k] / 4;
		for (size_t k = 0; k < 4; k++)
			variance += pow((double)x[i * 4 + k] - mean, 2) / 4;
		y[i] = (float)mean;
		y[3 + i] = (float)(1 / sqrt(variance + 1e-5));
	}
	input_add(2, (int64_t[]){ 3, 4 });
	weight_add("s", FLOAT, 1, (int64_t[]){ 4 }, one, 16);
	node_add("LayerNormalization", "x s", "n m d");
	output_add("m");
	output_add("d");
	assert_computes(17, 12, 6);
}

/* ---- One element at a time, and sums. */

static double selu(double v)
{
	return 1.05070102 * (v > 0 ? v : 1.67326319 * (exp(v) - 1));
}

static double celu(double v)
{
	return v > 0 ? v : 0.5 * (exp(v / 0.5) - 1);
}

static double softsign(double v)
{
	return v / (1 + fabs(v));
}

static double mish(double v)
{
	return v * tanh(log(1 + exp(v)));
}

static void activations_are_composed(void **state)
{
	static const struct {
		const char *op;
		double (*plain)(double v);
	} ops[] = { { "Selu", selu },
		    { "Celu", celu },
		    { "Softsign", softsign },
		    { "Mish", mish } };

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		setup(NULL);
		for (size_t k = 0; k < 12; k++) {
			x[k] *= 3;
			y[k] = (float)ops[i].plain((double)x[k]);
		}
		input_add(2, (int64_t[]){ 3, 4 });
		if (ops[i].plain == celu)
			attr_float("alpha", 0.5f);
		node_add(ops[i].op, "x", "y");
		output_add("y");
		assert_computes(18, 12, 12);
	}
}

static void sums_have_forms(void **state)
{
	static const char *const ops[] = { "ReduceL1", "ReduceL2",
					   "ReduceSumSquare", "ReduceLogSum",
					   "ReduceLogSumExp" };

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		setup(NULL);
		for (size_t k = 0; k < 3; k++) {
			double sum = 0;

			for (size_t n = k; n < 12; n += 3) {
				double v = i == 3 ? fabs((double)x[n]) :
						    (double)x[n];

				x[n] = (float)v;
				sum += i == 4		? exp(v) :
				       i == 1 || i == 2 ? v * v :
							  fabs(v);
			}
			y[k] = (float)(i == 1 ? sqrt(sum) :
				       i >= 3 ? log(sum) :
						sum);
		}
		input_add(2, (int64_t[]){ 4, 3 });
		attr_ints("axes", 1, (int64_t[]){ 0 });
		node_add(ops[i], "x", "y");
		output_add("y");
		assert_computes(13, 12, 3);
	}
}

static void means_of_several(void **state)
{
	(void)state;
	for (size_t i = 0; i < 12; i++)
		y[i] = (2 * x[i] + w[i % 4]) / 3;
	input_add(2, (int64_t[]){ 3, 4 });
	weight_add("w", FLOAT, 1, (int64_t[]){ 4 }, w, 16);
	node_add("Mean", "x w x", "y");
	output_add("y");
	assert_computes(13, 12, 12);
}

/* Operator set 6: a row of two begins at axis 1, a slope is a channel's. */
static void old_operands_are_aligned(void **state)
{
	(void)state;
	for (size_t i = 0; i < 12; i++) {
		float sum = x[i] + w[i / 3 % 2];

		y[i] = sum < 0 ? sum * w[2 + i / 3 % 2] : sum;
	}
	input_add(3, (int64_t[]){ 2, 2, 3 });
	weight_add("w", FLOAT, 1, (int64_t[]){ 2 }, w, 8);
	weight_add("s", FLOAT, 1, (int64_t[]){ 2 }, w + 2, 8);
	attr_int("broadcast", 1);
	attr_int("axis", 1);
	node_add("Add", "x w", "a");
	node_add("PRelu", "a s", "y");
	output_add("y");
	assert_computes(6, 12, 12);
}

/* x and a constant, above and below the diagonal beside the main one. */
static void triangles_are_cut(void **state)
{
	const int64_t one = 1;

	(void)state;
	for (size_t i = 0; i < 24; i++) {
		size_t row = i / 4 % 3, col = i % 4;

		y[i] = (col > row ? x[i] : 0) + (col <= row + 1 ? w[i] : 0);
	}
	input_add(3, (int64_t[]){ 2, 3, 4 });
	weight_add("w", FLOAT, 3, (int64_t[]){ 2, 3, 4 }, w, 24 * 4);
	weight_add("k", INT64, 0, NULL, &one, 8);
	node_add("Trilu", "x k", "a");
	attr_int("upper", 0);
	node_add("Trilu", "w k", "b");
	node_add("Add", "a b", "y");
	output_add("y");
	assert_computes(14, 24, 24);
}

/* Three channels, each with its scale; then as they are. */
static void pixels_have_scales(void **state)
{
	const float scales[3] = { 0.5f, 2, 0.125f };
	const uint8_t zeros[3] = { 128, 0, 7 };

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		x[i] = (float)(i * 23 % 256);
		y[i] = (x[i] - zeros[i / 4]) * scales[i / 4];
		y[12 + i] = x[i];
	}
	tensor_add(11, "x", UINT8, 4, (int64_t[]){ 1, 3, 2, 2 });
	weight_add("s", FLOAT, 1, (int64_t[]){ 3 }, scales, 12);
	weight_add("z", UINT8, 1, (int64_t[]){ 3 }, zeros, 3);
	node_add("DequantizeLinear", "x s z", "y");
	attr_int("to", FLOAT);
	node_add("Cast", "x", "f");
	output_add("y");
	output_add("f");
	assert_computes(13, 12, 24);
}

/* ---- Moves. */

/* Until operator set 3, along axis 1 if none is given. */
static void old_concatenations_have_an_axis(void **state)
{
	(void)state;
	for (size_t i = 0; i < 12; i++)
		y[i] = x[i / 6 * 3 + i % 3];
	input_add(2, (int64_t[]){ 2, 3 });
	node_add("Concat", "x x", "y");
	output_add("y");
	assert_computes(1, 6, 12);
}

/* x (4, 3): positions 3, 1, 2, 2, 0 of the first axis. */
static void positions_in_any_order(void **state)
{
	const int64_t at[5] = { 3, 1, 2, 2, -4 };

	(void)state;
	for (size_t i = 0; i < 15; i++)
		y[i] = x[(at[i / 3] + 4) % 4 * 3 + (int64_t)i % 3];
	input_add(2, (int64_t[]){ 4, 3 });
	ints_add("i", 5, at);
	node_add("Gather", "x i", "y");
	output_add("y");
	assert_computes(13, 12, 15);
}

/* x (4, 5): rows 3 to 1, columns 4, 2, 0. */
static void slices_go_backwards(void **state)
{
	(void)state;
	for (size_t i = 0; i < 9; i++)
		y[i] = x[(3 - i / 3) * 5 + 4 - 2 * (i % 3)];
	input_add(2, (int64_t[]){ 4, 5 });
	ints_add("b", 2, (int64_t[]){ -1, 100 });
	ints_add("e", 2, (int64_t[]){ 0, -100 });
	ints_add("a", 2, (int64_t[]){ 0, 1 });
	ints_add("s", 2, (int64_t[]){ -1, -2 });
	node_add("Slice", "x b e a s", "y");
	output_add("y");
	assert_computes(13, 20, 9);
}

static void tensors_are_repeated(void **state)
{
	(void)state;
	for (size_t i = 0; i < 36; i++)
		y[i] = x[i / 6 % 2 * 3 + i % 3];
	input_add(2, (int64_t[]){ 2, 3 });
	ints_add("r", 2, (int64_t[]){ 3, 2 });
	node_add("Tile", "x r", "y");
	output_add("y");
	assert_computes(13, 6, 36);
}

/* x (1, 8, 2, 3), blocks of 2: to (1, 2, 4, 6), in both orders, and back. */
static void blocks_become_pixels(void **state)
{
	(void)state;
	for (size_t i = 0; i < 96; i++) {
		size_t at = i % 48, c = at / 24, row = at / 6 % 4;
		size_t col = at % 6, block = row % 2 * 2 + col % 2;
		size_t from = i < 48 ? block * 2 + c : c * 4 + block;

		y[i] = x[from * 6 + row / 2 * 3 + col / 2];
	}
	memcpy(y + 96, x, 48 * sizeof(*x));
	input_add(4, (int64_t[]){ 1, 8, 2, 3 });
	attr_int("blocksize", 2);
	node_add("DepthToSpace", "x", "d");
	attr_int("blocksize", 2);
	attr_text("mode", "CRD");
	node_add("DepthToSpace", "x", "c");
	attr_int("blocksize", 2);
	node_add("SpaceToDepth", "d", "y");
	output_add("d");
	output_add("c");
	output_add("y");
	assert_computes(13, 48, 144);
}

/* An output that another one is computed from stays the second one. */
static void outputs_keep_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		y[i] = expf(fabsf(x[i]));
		y[4 + i] = fabsf(x[i]);
	}
	input_add(2, (int64_t[]){ 1, 4 });
	node_add("Abs", "x", "a");
	node_add("Exp", "a", "b");
	output_add("b");
	output_add("a");
	assert_computes(13, 4, 8);
}

/* ---- Recurrent layers: 3 steps, 2 inputs, 2 hidden numbers. */

static double sigmoid(double v)
{
	return 1 / (1 + exp(-v));
}

/* Gate k of a direction: W x + R h and both biases, or a part of that. */
static double gate(size_t gates, size_t d, size_t k, const float *in,
		   const double *h, bool left, bool right)
{
	const float *wx = w + (d * gates * 2 + k) * 2;
	const float *wh = w + 40 + (d * gates * 2 + k) * 2;
	const float *b = w + 80 + d * gates * 4 + k;
	double sum = 0;

	if (left)
		sum += (double)(in[0] * wx[0] + in[1] * wx[1] + b[0]);
	if (right)
		sum += h[0] * (double)wh[0] + h[1] * (double)wh[1] +
		       (double)b[gates * 2];
	return sum;
}

static void recurrent_add(const char *op, int64_t gates, int64_t directions)
{
	input_add(3, (int64_t[]){ 3, 1, 2 });
	weight_add("w", FLOAT, 3, (int64_t[]){ directions, gates * 2, 2 }, w,
		   (size_t)(directions * gates * 16));
	weight_add("r", FLOAT, 3, (int64_t[]){ directions, gates * 2, 2 },
		   w + 40, (size_t)(directions * gates * 16));
	weight_add("b", FLOAT, 2, (int64_t[]){ directions, gates * 4 }, w + 80,
		   (size_t)(directions * gates * 16));
	attr_int("hidden_size", 2);
	if (directions == 2)
		attr_text("direction", "bidirectional");
	node_add(op, "x w r b", "y h");
	output_add("y");
	output_add("h");
}

/* Forwards and backwards; then the last state of both. */
static void lstm_goes_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++) {
		size_t d = i / 3, at = d ? 5 - i : i;
		static double h[2], cell[2];
		double next[2] = { 0 };

		if (i == 0 || i == 3)
			memset(h, 0, sizeof(h)), memset(cell, 0, sizeof(cell));
		for (size_t k = 0; k < 2; k++) {
			double g[4];

			for (size_t n = 0; n < 4; n++)
				g[n] = gate(4, d, n * 2 + k, x + at * 2, h,
					    true, true);
			cell[k] = sigmoid(g[2]) * cell[k] +
				  sigmoid(g[0]) * tanh(g[3]);
			next[k] = sigmoid(g[1]) * tanh(cell[k]);
		}
		for (size_t k = 0; k < 2; k++) {
			h[k] = next[k];
			y[at * 4 + d * 2 + k] = (float)h[k];
			y[12 + d * 2 + k] = (float)h[k];
		}
	}
	recurrent_add("LSTM", 4, 2);
	assert_computes(14, 6, 16);
}

static void gru_resets_before_or_after(void **state)
{
	for (int64_t linear = 0; linear < 2; linear++) {
		double h[2] = { 0 }, next[2] = { 0 };

		setup(state);
		for (size_t i = 0; i < 3; i++) {
			double r[2], reset[2];

			for (size_t k = 0; k < 2; k++) {
				r[k] = sigmoid(gate(3, 0, 2 + k, x + i * 2, h,
						    true, true));
				reset[k] = r[k] * h[k];
			}
			for (size_t k = 0; k < 2; k++) {
				double z = sigmoid(gate(3, 0, k, x + i * 2, h,
							true, true));
				double g = gate(3, 0, 4 + k, x + i * 2, h, true,
						false);

				g += linear ? r[k] * gate(3, 0, 4 + k, x, h,
							  false, true) :
					      gate(3, 0, 4 + k, x, reset, false,
						   true);
				next[k] = (1 - z) * tanh(g) + z * h[k];
			}
			for (size_t k = 0; k < 2; k++)
				y[i * 2 + k] = y[6 + k] = (float)next[k];
			memcpy(h, next, sizeof(h));
		}
		attr_int("linear_before_reset", linear);
		recurrent_add("GRU", 3, 1);
		assert_computes(14, 6, 8);
	}
}

static void rnn_repeats(void **state)
{
	double h[2] = { 0 }, next[2] = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 2; k++)
			next[k] = tanh(gate(1, 0, k, x + i * 2, h, true, true));
		for (size_t k = 0; k < 2; k++)
			y[i * 2 + k] = y[6 + k] = (float)next[k];
		memcpy(h, next, sizeof(h));
	}
	recurrent_add("RNN", 1, 1);
	assert_computes(14, 6, 8);
}

/* ---- Resize. */

/* The filter of cubic interpolation, a = -0.75. */
static double cubic(double v)
{
	v = fabs(v);
	if (v <= 1)
		return 1.25 * v * v * v - 2.25 * v * v + 1;
	return v < 2 ? -0.75 * (v * v * v - 5 * v * v + 8 * v - 4) : 0;
}

/* x (1, 1, 4, 3) to twice the height: the edge goes on outside. */
static void pictures_are_resized_cubic(void **state)
{
	const float scales[4] = { 1, 1, 2, 1 };

	(void)state;
	for (size_t i = 0; i < 24; i++) {
		double at = ((double)(i / 3) + 0.5) / 2 - 0.5;

		for (int row = -2; row < 7; row++) {
			int in = row < 0 ? 0 : row > 3 ? 3 : row;

			y[i] += (float)(cubic(row - at) *
					(double)x[(size_t)in * 3 + i % 3]);
		}
	}
	input_add(4, (int64_t[]){ 1, 1, 4, 3 });
	weight_add("s", FLOAT, 1, (int64_t[]){ 4 }, scales, 16);
	attr_text("mode", "cubic");
	node_add("Resize", "x - s", "y");
	output_add("y");
	assert_computes(13, 12, 24);
}

/* A part of x (5), and what lies outside of it: 9. */
static void crops_are_resized(void **state)
{
	const float roi[2] = { 0.5f, 1.25f };

	(void)state;
	/* coordinates 2, 3, 4, 5 */
	memcpy(y, x + 2, 3 * sizeof(*x));
	y[3] = 9;
	input_add(1, (int64_t[]){ 5 });
	weight_add("r", FLOAT, 1, (int64_t[]){ 2 }, roi, 8);
	ints_add("n", 1, (int64_t[]){ 4 });
	attr_text("mode", "linear");
	attr_text("coordinate_transformation_mode", "tf_crop_and_resize");
	attr_float("extrapolation_value", 9);
	node_add("Resize", "x r - n", "y");
	output_add("y");
	assert_computes(13, 5, 4);
}

/* A third as wide, antialiased: a filter of three times the width. */
static void narrow_pictures_are_smooth(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		double sum = 0, at = ((double)i + 0.5) * 3 - 0.5, total = 0;

		for (int k = -3; k < 12; k++) {
			double f = fmax(0, 1 - fabs(k - at) / 3);
			int in = k < 0 ? 0 : k > 8 ? 8 : k;

			total += f;
			sum += f * (double)x[in];
		}
		y[i] = (float)(sum / total);
	}
	input_add(2, (int64_t[]){ 1, 9 });
	ints_add("n", 1, (int64_t[]){ 3 });
	attr_text("mode", "linear");
	attr_int("antialias", 1);
	attr_ints("axes", 1, (int64_t[]){ 1 });
	node_add("Resize", "x - - n", "y");
	output_add("y");
	assert_computes(18, 9, 3);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(transposed_convolutions),
		TEST(transposed_of_the_same_size),
		TEST(three_dimensions_convolve),
		TEST(three_dimensions_are_pooled),
		TEST(dynamic_quantisation_is_undone),
		TEST(channels_are_normed),
		TEST(logarithms_of_softmax),
		TEST(groups_are_normed),
		TEST(norms_tell_their_statistics),
		TEST(activations_are_composed),
		TEST(sums_have_forms),
		TEST(means_of_several),
		TEST(old_operands_are_aligned),
		TEST(triangles_are_cut),
		TEST(pixels_have_scales),
		TEST(old_concatenations_have_an_axis),
		TEST(positions_in_any_order),
		TEST(slices_go_backwards),
		TEST(tensors_are_repeated),
		TEST(blocks_become_pixels),
		TEST(outputs_keep_their_order),
		TEST(lstm_goes_both_ways),
		TEST(gru_resets_before_or_after),
		TEST(rnn_repeats),
		TEST(pictures_are_resized_cubic),
		TEST(crops_are_resized),
		TEST(narrow_pictures_are_smooth),
	};

	return cmocka_run_group_tests_name("onnx operators", tests, NULL, NULL);
}
