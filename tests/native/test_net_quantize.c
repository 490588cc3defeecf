/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 networks from f32 ones. The f32 network is the reference: on the samples
 * of the calibration, every output of the int8 network is near its own, in
 * parts of the range of all outputs. Each network is also raised to a graph and
 * lowered again, which must give the same record.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/import/accuracy.h"
#include "host/import/quantize.h"
#include "host/import/raise.h"
#include "host/import/write.h"
#include "nn/op.h"
#include "nn/params.h"
#include "testkit/test.h"

#define SAMPLES 64 /* of a calibration */

/* --- graphs --- */

static struct graph g;
static uint32_t state_of_random = 1;

/* From -1 to 1, the same on every run. */
static float random_number(void)
{
	state_of_random = state_of_random * 1664525 + 1013904223;
	return (float)(int32_t)state_of_random * 0x1p-31f;
}

static int begin(void **state)
{
	(void)state;
	state_of_random = 1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	graph_free(&g);
	return 0;
}

#define DIMS(...)           \
	(const uint32_t[8]) \
	{                   \
		__VA_ARGS__ \
	}

/* dims: up to a 0 */
static int32_t value(enum nn_type type, const uint32_t *dims)
{
	struct enc_error e = { 0 };
	int32_t v = graph_value(&g, "v", 1, &e);

	assert_true(v >= 0);
	g.values[v].type = type;
	for (; dims[g.values[v].rank]; g.values[v].rank++)
		g.values[v].dims[g.values[v].rank] = dims[g.values[v].rank];
	return v;
}

static int32_t input(enum nn_type type, const uint32_t *dims)
{
	int32_t v = value(type, dims);

	g.inputs[g.input_count++] = v;
	return v;
}

static void output(int32_t v)
{
	g.outputs[g.output_count++] = v;
}

/* Random numbers from -scale + offset to scale + offset. */
static int32_t constant(const uint32_t *dims, float scale, float offset)
{
	int32_t v = value(NN_F32, dims);
	size_t count = graph_elements(&g.values[v]);
	float *data = calloc(count, sizeof(*data));

	for (size_t i = 0; i < count; i++)
		data[i] = random_number() * scale + offset;
	g.values[v].data = data;
	return v;
}

static struct graph_node *node(enum nn_op op, uint8_t variant, int32_t a,
			       int32_t b, const uint32_t *dims)
{
	struct enc_error e = { 0 };
	struct graph_node *n = graph_node(&g, op, "n", 1, &e);

	assert_non_null(n);
	n->variant = variant;
	n->in[0] = a;
	n->in[1] = b;
	n->in_count = b == GRAPH_NONE ? 1 : 2;
	n->out = value(NN_F32, dims);
	return n;
}

static int32_t one(enum nn_op op, uint8_t variant, int32_t x,
		   const uint32_t *dims)
{
	return node(op, variant, x, GRAPH_NONE, dims)->out;
}

static int32_t two(uint8_t variant, int32_t a, int32_t b, const uint32_t *dims)
{
	return node(NN_BINARY, variant, a, b, dims)->out;
}

/* Weights of a size that keeps the magnitude, and a bias. */
static void add_weights(struct graph_node *n, const uint32_t *dims, size_t k,
			uint32_t channels)
{
	n->in[1] = constant(dims, sqrtf(3 / (float)k), 0);
	n->in[2] = constant(DIMS(channels), 0.2f, 0);
	n->in_count = 3;
	n->groups = 1;
}

static struct graph_node *dense(int32_t x, uint32_t in, uint32_t out)
{
	struct graph_node *n = node(NN_CONV, 0, x, GRAPH_NONE, DIMS(out));

	add_weights(n, DIMS(out, in), in, out);
	return n;
}

/* Square pictures of `side`, kernels of 3 x 3 with padding, then ReLU. */
static struct graph_node *conv(int32_t x, uint32_t side, uint32_t in,
			       uint32_t out, uint16_t stride)
{
	const uint32_t to = (side - 1) / stride + 1;
	struct graph_node *n =
		node(NN_CONV, 0, x, GRAPH_NONE, DIMS(to, to, out));

	add_weights(n, DIMS(out, 3, 3, in), (size_t)9 * in, out);
	n->window = (struct nn_window){
		{ 3, 3 }, { stride, stride }, { 1, 1 }, { 1, 1 }
	};
	n->low = 0;
	return n;
}

static struct graph_node *pool(enum nn_op op, int32_t x, uint32_t side,
			       uint32_t channels)
{
	struct graph_node *n =
		node(op, 0, x, GRAPH_NONE, DIMS(side / 2, side / 2, channels));

	n->window =
		(struct nn_window){ { 2, 2 }, { 2, 2 }, { 1, 1 }, { 0, 0 } };
	return n;
}

static int32_t picture(uint32_t side, uint32_t channels)
{
	return input(NN_F32, DIMS(side, side, channels));
}

/* --- networks --- */

static struct lowered *lower(void)
{
	struct enc_error e = { 0 };
	struct lowered *net = lower_graph(&g, &e);

	if (!net)
		fail_msg("%s", e.what);
	return net;
}

static void fill(const struct run *r, uint32_t t)
{
	const struct nn_tensor *tensor = &r->net->tensors[t];

	for (size_t i = 0; i < nn_elements(tensor); i++) {
		float x = random_number();

		if (tensor->type == NN_F32)
			((float *)run_tensor(r, t))[i] = x;
		else if (tensor->type == NN_UINT8)
			((uint8_t *)run_tensor(r, t))[i] =
				(uint8_t)(x * 127 + 128);
		else
			((int32_t *)run_tensor(r, t))[i] = (int32_t)(x * 3 + 3);
	}
}

static void fill_inputs(const struct run *r)
{
	for (uint32_t t = 0; t < r->net->head->inputs; t++)
		fill(r, t);
}

static struct lowered *quantise(const struct lowered *net, struct enc_error *e)
{
	struct calibration *c = malloc(sizeof(*c));
	struct lowered *made = NULL;

	assert_true(calibrate_open(c, net, e));
	for (int i = 0; i < SAMPLES; i++) {
		fill_inputs(&c->run);
		calibrate_sample(c);
	}
	assert_int_equal(c->samples, SAMPLES);
	made = quantize_network(net, c->ranges, e);
	calibrate_close(c);
	free(c);
	return made;
}

static uint32_t find_output(const struct lowered *net)
{
	uint32_t t = 0;

	while (!net->tensors[t].is_output)
		t++;
	return t;
}

/* The largest difference of outputs, in parts of their range. */
static float difference(const struct lowered *net, const struct lowered *net8)
{
	const uint32_t at[2] = { find_output(net), find_output(net8) };
	const size_t count = nn_elements(&net->tensors[at[0]]);
	struct run r[2] = { 0 };
	struct enc_error e = { 0 };
	float low = FLT_MAX;
	float high = -FLT_MAX;
	float most = 0;

	assert_true(run_open(&r[0], &net->net, net->params, &e));
	assert_true(run_open(&r[1], &net8->net, net8->params, &e));
	for (int i = 0; i < SAMPLES; i++) {
		fill_inputs(&r[0]);
		for (uint32_t t = 0; t < net->head.inputs; t++)
			memcpy(run_tensor(&r[1], t), run_tensor(&r[0], t),
			       nn_elements(&net->tensors[t]) *
				       nn_type_size(net->tensors[t].type));
		run_sample(&r[0]);
		run_sample(&r[1]);
		for (size_t k = 0; k < count; k++) {
			float y = ((float *)run_tensor(&r[0], at[0]))[k];
			float y8 = ((float *)run_tensor(&r[1], at[1]))[k];

			low = fminf(low, y);
			high = fmaxf(high, y);
			most = fmaxf(most, fabsf(y - y8));
		}
	}
	run_close(&r[0]);
	run_close(&r[1]);
	return most / (high - low);
}

static void check_same_record(const struct lowered *a, const struct lowered *b)
{
	size_t len[2] = { 0 };
	uint8_t *record[2] = { write_to_memory(a, &len[0]),
			       write_to_memory(b, &len[1]) };

	assert_int_equal(len[0], len[1]);
	assert_memory_equal(record[0], record[1], len[0]);
	free(record[0]);
	free(record[1]);
}

/* RECORDS=folder: writes the record of each f32 network. */
static void write_record(const struct lowered *net)
{
	static size_t number;
	char path[4096] = "";
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/f32_%02zu", getenv("RECORDS"),
		 number++);
	f = fopen(path, "wb");
	assert_non_null(f);
	write_network(net, write_to_file, f);
	assert_int_equal(fclose(f), 0);
}

static void check_raised(const struct lowered *net)
{
	struct graph again = { 0 };
	struct enc_error e = { 0 };
	struct lowered *made = NULL;

	assert_true(raise_network(net, &again, &e));
	made = lower_graph(&again, &e);
	if (!made) {
		fail_msg("%s", e.what);
		return;
	}
	check_same_record(net, made);
	graph_free(&again);
	lower_free(made);
}

/* Types of inputs and outputs do not change; `f32` nodes stay what they are. */
static void check_types(const struct lowered *net, const struct lowered *net8,
			uint32_t f32)
{
	uint32_t count = 0;

	for (uint32_t t = 0; t < net->head.inputs; t++)
		assert_int_equal(net8->tensors[t].type, net->tensors[t].type);
	for (uint32_t n = 0; n < net8->head.nodes; n++) {
		const struct nn_tensor *t =
			&net8->tensors[net8->head.inputs + n];

		count +=
			t->type == NN_F32 && net8->nodes[n].op != NN_DEQUANTIZE;
		assert_true(!t->is_output || t->type == NN_F32);
	}
	assert_int_equal(count, f32);
}

/* bound: of the difference; f32: nodes that compute no int8. */
static void check_network(float bound, uint32_t f32)
{
	struct lowered *net = lower();
	struct enc_error e = { 0 };
	struct lowered *net8 = NULL;
	struct lowered *again = NULL;
	uint32_t random = state_of_random;
	float off = 0;

	if (getenv("RECORDS"))
		write_record(net);
	check_raised(net);
	net8 = quantise(net, &e);
	if (!net8) {
		fail_msg("%s", e.what);
		return;
	}
	check_types(net, net8, f32);
	state_of_random = random;
	off = difference(net, net8);
	if (!(off > 0 && off <= bound))
		fail_msg("off by %.2f %%", 100 * (double)off);
	state_of_random = random;
	again = quantise(net, &e);
	check_same_record(net8, again);
	lower_free(net);
	lower_free(net8);
	lower_free(again);
}

static void a_dense_layer(void **state)
{
	(void)state;
	output(dense(input(NN_F32, DIMS(60)), 60, 20)->out);
	check_network(0.01f, 0);
}

static void several_dense_layers(void **state)
{
	int32_t y = input(NN_F32, DIMS(60));

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct graph_node *n = dense(y, 60, 60);

		n->low = 0;
		y = n->out;
	}
	output(dense(y, 60, 20)->out);
	check_network(0.02f, 0);
}

static void a_convolution(void **state)
{
	(void)state;
	output(conv(picture(9, 3), 9, 3, 13, 2)->out);
	check_network(0.01f, 0);
}

static void a_convolution_in_groups(void **state)
{
	struct graph_node *n = conv(picture(6, 4), 6, 2, 6, 1);

	(void)state;
	n->groups = 2;
	n->low = -INFINITY;
	output(n->out);
	check_network(0.01f, 0);
}

static void a_depthwise_layer(void **state)
{
	struct graph_node *n = node(NN_DEPTHWISE, 0, picture(7, 11), GRAPH_NONE,
				    DIMS(7, 7, 11));

	(void)state;
	add_weights(n, DIMS(3, 3, 11), 9, 11);
	n->window =
		(struct nn_window){ { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } };
	n->low = 0;
	n->high = 6;
	output(n->out);
	check_network(0.01f, 0);
}

/* conv, conv + that, mean, dense */
static void a_residual_network(void **state)
{
	int32_t a = conv(picture(8, 3), 8, 3, 16, 1)->out;
	int32_t b = conv(a, 8, 16, 16, 1)->out;
	int32_t sum = two(NN_ADD, a, b, DIMS(8, 8, 16));
	struct graph_node *mean =
		node(NN_REDUCE, NN_MEAN, sum, GRAPH_NONE, DIMS(1, 1, 16));
	int32_t flat = 0;

	(void)state;
	mean->axes = 3;
	flat = one(NN_RESHAPE, 0, mean->out, DIMS(16));
	output(dense(flat, 16, 10)->out);
	check_network(0.02f, 0);
}

static void pools_and_concatenations(void **state)
{
	int32_t x = picture(8, 3);
	int32_t a = pool(NN_POOL_MAX, conv(x, 8, 3, 8, 1)->out, 8, 8)->out;
	int32_t b = pool(NN_POOL_AVERAGE, conv(x, 8, 3, 4, 1)->out, 8, 4)->out;
	struct graph_node *all = node(NN_CONCAT, 0, a, b, DIMS(4, 4, 14));

	(void)state;
	all->axis = 2;
	all->in[all->in_count++] = constant(DIMS(4, 4, 2), 2, 0);
	output(conv(all->out, 4, 14, 8, 1)->out);
	check_network(0.02f, 0);
}

/* Averages are smaller than what they are made of, and have its scale. */
static void a_pool_and_its_input(void **state)
{
	int32_t y = conv(picture(8, 3), 8, 3, 8, 1)->out;

	(void)state;
	output(y);
	output(pool(NN_POOL_AVERAGE, y, 8, 8)->out);
	check_network(0.01f, 0);
}

/* Constants on either side, of one number and of several. */
static void arithmetic_with_constants(void **state)
{
	const uint32_t *dims = DIMS(5, 5, 8);
	int32_t y = conv(picture(5, 3), 5, 3, 8, 1)->out;

	(void)state;
	y = two(NN_MUL, y, constant(DIMS(8), 1, 1), dims);
	y = two(NN_SUB, constant(DIMS(1), 0, 2), y, dims);
	y = two(NN_SUB, y, constant(DIMS(5, 1), 0.5f, 0), dims);
	output(conv(y, 5, 8, 8, 1)->out);
	check_network(0.02f, 0);
}

/* A function in between is int8; one that no layer reads is f32. */
static void functions(void **state)
{
	int32_t y = conv(picture(5, 3), 5, 3, 8, 1)->out;

	(void)state;
	y = one(NN_UNARY, NN_HARD_SWISH, y, DIMS(5, 5, 8));
	y = conv(y, 5, 8, 8, 1)->out;
	y = one(NN_UNARY, NN_SIGMOID, y, DIMS(5, 5, 8));
	output(one(NN_SOFTMAX, 0, y, DIMS(5, 5, 8)));
	check_network(0.02f, 2);
}

/* What has no int8 stays f32, with dense layers before and behind it. */
static void a_norm_and_a_softmax(void **state)
{
	int32_t y = dense(input(NN_F32, DIMS(40)), 40, 30)->out;
	struct graph_node *norm =
		node(NN_NORM, NN_LAYER_NORM, y, GRAPH_NONE, DIMS(30));

	(void)state;
	norm->alpha = 1e-5f;
	norm->in[1] = constant(DIMS(30), 0.5f, 1);
	norm->in[2] = constant(DIMS(30), 0.5f, 0);
	norm->in_count = 3;
	y = dense(norm->out, 30, 12)->out;
	output(one(NN_SOFTMAX, 0, y, DIMS(12)));
	check_network(0.02f, 2);
}

/* (6, 4) * (4, 6) of two dense layers, scaled; then the smaller of two. */
static void a_product_of_activations(void **state)
{
	int32_t x = input(NN_F32, DIMS(6, 8));
	int32_t a[2] = { 0 };
	struct graph_node *n = NULL;

	(void)state;
	for (int i = 0; i < 2; i++) {
		n = node(NN_CONV, 0, x, GRAPH_NONE, DIMS(6, 4));
		add_weights(n, DIMS(4, 8), 8, 4);
		a[i] = n->out;
	}
	n = node(NN_MATMUL, 0, a[0], a[1], DIMS(6, 6));
	n->transposed = 2;
	n->factor = 0.5f;
	output(two(NN_MIN, n->out, constant(DIMS(6), 1, 1), DIMS(6, 6)));
	check_network(0.02f, 2);
}

/* Rows of a table go into a dense layer; the indices stay integers. */
static void a_table(void **state)
{
	int32_t indices = input(NN_INT32, DIMS(4));
	struct graph_node *n = node(NN_GATHER, 0, constant(DIMS(6, 10), 1, 0),
				    indices, DIMS(4, 10));
	struct graph_node *last =
		node(NN_CONV, 0, n->out, GRAPH_NONE, DIMS(4, 5));

	(void)state;
	add_weights(last, DIMS(5, 10), 10, 5);
	output(last->out);
	check_network(0.01f, 0);
}

static void pixels(void **state)
{
	struct graph_node *n = node(NN_IMAGE, 0, input(NN_UINT8, DIMS(8, 8, 3)),
				    GRAPH_NONE, DIMS(8, 8, 3));

	(void)state;
	n->divisor = 255;
	for (int i = 0; i < 3; i++) {
		n->mean[i] = 0.4f + 0.1f * (float)i;
		n->deviation[i] = 0.25f;
	}
	output(conv(n->out, 8, 3, 8, 2)->out);
	check_network(0.01f, 0);
}

/* All that moves numbers, on its way to a layer: in the layer's int8. */
static void moves(void **state)
{
	struct graph_node *n =
		node(NN_TRANSPOSE, 0, picture(4, 3), GRAPH_NONE, DIMS(4, 3, 4));

	(void)state;
	memcpy(n->from, (const uint8_t[]){ 0, 2, 1 }, 3);
	n = node(NN_PAD, NN_PAD_REFLECT, n->out, GRAPH_NONE, DIMS(6, 5, 4));
	n->before[0] = n->before[1] = 1;
	n = node(NN_PAD, NN_PAD_CONSTANT, n->out, GRAPH_NONE, DIMS(6, 6, 4));
	n->fill = 0.5f;
	n = node(NN_SLICE, 0, n->out, GRAPH_NONE, DIMS(3, 6, 4));
	n->step[0] = 2;
	n->step[1] = n->step[2] = 1;
	n = node(NN_RESIZE, NN_LINEAR, n->out, GRAPH_NONE, DIMS(6, 6, 4));
	n->ratio[0] = 0.5f;
	n->shift[0] = 0.25f;
	n->ratio[1] = 1;
	n = node(NN_REDUCE, NN_REDUCE_MAX, n->out, GRAPH_NONE, DIMS(6, 1, 4));
	n->axes = 2;
	n = node(NN_EXPAND, 0, n->out, GRAPH_NONE, DIMS(6, 6, 4));
	output(conv(n->out, 6, 4, 8, 1)->out);
	check_network(0.02f, 0);
}

/* An output that a layer reads as well: f32 as before, beside its int8. */
static void several_outputs(void **state)
{
	int32_t y = conv(picture(5, 3), 5, 3, 8, 1)->out;

	(void)state;
	output(y);
	output(conv(y, 5, 8, 8, 1)->out);
	check_network(0.02f, 0);
}

/* --- odd weights --- */

/*
 * Channels of nothing but 0, of a bias that is far larger than the weights, of
 * one weight that is far larger than the others.
 */
static void channels_may_be_odd(void **state)
{
	struct graph_node *n = dense(input(NN_F32, DIMS(40)), 40, 8);
	float *w = g.values[n->in[1]].data;
	float *bias = g.values[n->in[2]].data;

	(void)state;
	memset(w, 0, 40 * sizeof(*w));
	bias[0] = 0;
	for (size_t i = 40; i < 80; i++)
		w[i] *= 1e-12f;
	bias[1] = 1;
	memset(w + 80, 0, 40 * sizeof(*w));
	bias[2] = -1;
	w[3 * 40 + 5] = 3;
	output(n->out);
	check_network(0.01f, 0);
}

/* A layer that is always 0 in front of one that has a bias. */
static void activations_may_all_be_0(void **state)
{
	struct graph_node *n = dense(input(NN_F32, DIMS(8)), 8, 8);
	struct graph_node *other = dense(g.inputs[0], 8, 8);
	float *bias = g.values[n->in[2]].data;

	(void)state;
	for (int i = 0; i < 8; i++)
		bias[i] = -20;
	n->low = 0;
	output(two(NN_ADD, dense(n->out, 8, 8)->out, other->out, DIMS(8)));
	check_network(0.02f, 0);
}

/* The weights of an output of the only tile: half a step off, up to 127. */
static void check_weights(const int8_t *tile, size_t o, const float *w)
{
	const struct nn_conv_shape s = { true, 1, 16, 8, 1 };
	float largest = 0;
	float most = 0;

	for (size_t k = 0; k < 16; k++)
		largest = fmaxf(largest, fabsf(w[k]));
	for (size_t k = 0; k < 16; k++) {
		const float q = (float)tile[nn_conv_weight(&s, o, k)];

		assert_true(fabsf(w[k] * 127 / largest - q) <= 0.5001f);
		most = fmaxf(most, fabsf(q));
	}
	assert_true(most == 127);
}

static void weights_have_scales_of_their_own(void **state)
{
	struct graph_node *n = dense(input(NN_F32, DIMS(16)), 16, 8);
	float *w = g.values[n->in[1]].data;
	float kept[8][16];
	struct enc_error e = { 0 };
	struct lowered *net = NULL;
	struct lowered *net8 = NULL;

	(void)state;
	for (size_t o = 0; o < 8; o++) {
		for (size_t k = 0; k < 16; k++)
			kept[o][k] = w[o * 16 + k] *= powf(3, (float)o);
	}
	output(n->out);
	net = lower();
	net8 = quantise(net, &e);
	assert_non_null(net8);
	assert_int_equal(net8->nodes[0].op, NN_QUANTIZE); /* no parameters */
	for (size_t o = 0; o < 8; o++)
		check_weights((const int8_t *)net8->params, o, kept[o]);
	lower_free(net);
	lower_free(net8);
}

/* --- refusals --- */

static void check_refused(const char *what)
{
	struct lowered *net = lower();
	struct enc_error e = { 0 };

	assert_null(quantise(net, &e));
	if (!strstr(e.what, what))
		fail_msg("%s", e.what);
	lower_free(net);
}

static void networks_without_layers_are_refused(void **state)
{
	(void)state;
	output(one(NN_SOFTMAX, 0, input(NN_F32, DIMS(12)), DIMS(12)));
	check_refused("it has no layer that the engine computes in int8");
}

static void infinite_activations_are_refused(void **state)
{
	int32_t y = two(NN_DIV, input(NN_F32, DIMS(12)),
			constant(DIMS(1), 0, 0), DIMS(12));

	(void)state;
	output(dense(y, 12, 4)->out);
	check_refused("tensor 2: a sample of the calibration makes it "
		      "infinite");
}

/* 0 / 0 */
static void activations_that_are_no_numbers_are_refused(void **state)
{
	int32_t y = two(NN_MUL, input(NN_F32, DIMS(12)),
			constant(DIMS(1), 0, 0), DIMS(12));

	(void)state;
	y = two(NN_DIV, y, constant(DIMS(1), 0, 0), DIMS(12));
	output(dense(y, 12, 4)->out);
	check_refused("tensor 3: a sample of the calibration makes it "
		      "infinite or not a number");
}

static void int8_networks_are_refused(void **state)
{
	struct calibration *c = malloc(sizeof(*c));
	struct enc_error e = { 0 };
	struct lowered *net = NULL;
	struct lowered *net8 = NULL;

	(void)state;
	output(dense(input(NN_F32, DIMS(12)), 12, 4)->out);
	net = lower();
	net8 = quantise(net, &e);
	assert_false(calibrate_open(c, net8, &e));
	assert_string_equal(e.what, "it computes in int8 already");
	calibrate_close(c);
	free(c);
	lower_free(net);
	lower_free(net8);
}

/* --- accuracy --- */

/* One number selects the class: the network says which of four is largest. */
static void accuracy_counts_labels(void **state)
{
	struct graph_node *n = dense(input(NN_F32, DIMS(4)), 4, 4);
	float *w = g.values[n->in[1]].data;
	struct accuracy a = { 0 };
	struct enc_error e = { 0 };
	struct lowered *net[2] = { NULL };

	(void)state;
	for (size_t i = 0; i < 16; i++)
		w[i] = i / 4 == i % 4 ? 1 : 0;
	memset(g.values[n->in[2]].data, 0, 4 * sizeof(float));
	output(n->out);
	net[0] = lower();
	net[1] = quantise(net[0], &e);
	assert_true(accuracy_open(&a, net[0], net[1], &e));
	assert_int_equal(a.classes, 4);
	for (uint32_t i = 0; i < 6; i++) {
		const float x[4] = { 0.5f, i > 3 ? 0.5001f : 0.1f, 0, 0 };

		memcpy(run_tensor(&a.run[0], 0), x, sizeof(x));
		assert_true(accuracy_sample(&a, i % 3, &e));
	}
	/* labels 0 1 2 0 1 2; f32 says 0 0 0 0 1 1, and int8 0 each time */
	assert_int_equal(a.samples, 6);
	assert_int_equal(a.right[0], 3);
	assert_int_equal(a.right[1], 2);
	assert_int_equal(a.differ, 2);
	assert_false(accuracy_sample(&a, 4, &e));
	assert_string_equal(e.what, "label 6 is 4; the network has 4 classes");
	accuracy_close(&a);
	lower_free(net[0]);
	lower_free(net[1]);
}

static void check_no_classifier(void)
{
	struct accuracy a = { 0 };
	struct enc_error e = { 0 };
	struct lowered *net = lower();

	assert_false(accuracy_open(&a, net, net, &e));
	assert_non_null(strstr(e.what, "it has no labels"));
	accuracy_close(&a);
	lower_free(net);
	graph_free(&g);
}

static void accuracy_is_for_classifiers(void **state)
{
	int32_t x = 0;

	(void)state;
	output(conv(picture(5, 3), 5, 3, 8, 1)->out);
	check_no_classifier();
	output(dense(input(NN_F32, DIMS(8)), 8, 1)->out);
	check_no_classifier();
	x = input(NN_F32, DIMS(8));
	output(dense(x, 8, 4)->out);
	output(dense(x, 8, 4)->out);
	check_no_classifier();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dense_layer),
		TEST(several_dense_layers),
		TEST(a_convolution),
		TEST(a_convolution_in_groups),
		TEST(a_depthwise_layer),
		TEST(a_residual_network),
		TEST(pools_and_concatenations),
		TEST(a_pool_and_its_input),
		TEST(arithmetic_with_constants),
		TEST(functions),
		TEST(a_norm_and_a_softmax),
		TEST(a_product_of_activations),
		TEST(a_table),
		TEST(pixels),
		TEST(moves),
		TEST(several_outputs),
		TEST(channels_may_be_odd),
		TEST(activations_may_all_be_0),
		TEST(weights_have_scales_of_their_own),
		TEST(networks_without_layers_are_refused),
		TEST(infinite_activations_are_refused),
		TEST(activations_that_are_no_numbers_are_refused),
		TEST(int8_networks_are_refused),
		TEST(accuracy_counts_labels),
		TEST(accuracy_is_for_classifiers),
	};

	return cmocka_run_group_tests_name("net_quantize", tests, NULL, NULL);
}
