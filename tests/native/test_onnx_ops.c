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
	memcpy(nn_tensor_at(&net->net, work, 0, 1), x, in * sizeof(*x));
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

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(outputs_keep_their_order),
	};

	return cmocka_run_group_tests_name("onnx operators", tests, NULL, NULL);
}
