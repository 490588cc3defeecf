/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of the arena: no overlap, and no byte more than needed. */
#include <stdlib.h>
#include <string.h>

#include "host/import/plan.h"
#include "nn/op.h"
#include "testkit/test.h"

#define NODES 64

struct network {
	struct nn_head head;
	struct nn_tensor tensors[NN_INPUTS_MAX + NN_NODES_MAX];
	struct nn_node nodes[NN_NODES_MAX];
	uint64_t bound;
};

/* A tensor of so many bytes. */
static struct nn_tensor bytes(uint32_t size)
{
	uint32_t rows = size > NN_DIM_MAX ? 64 : 1;

	return (struct nn_tensor){
		.type = NN_INT8,
		.rank = 2,
		.dims = { rows, size / rows, 1, 1, 1, 1 },
	};
}

static struct network *begin(uint32_t input)
{
	struct network *net = calloc(1, sizeof(*net));

	assert_non_null(net);
	net->head.inputs = 1;
	net->tensors[0] = bytes(input);
	return net;
}

/* Appends a node; the number of its output. b: a second source, or -1. */
static uint16_t add(struct network *net, enum nn_op op, int a, int b,
		    uint32_t size)
{
	struct nn_node *node = &net->nodes[net->head.nodes];
	uint16_t out = (uint16_t)(net->head.inputs + net->head.nodes++);

	node->op = (uint8_t)op;
	node->sources = b < 0 ? 1 : 2;
	node->source[0] = (uint16_t)a;
	node->source[1] = (uint16_t)(b < 0 ? 0 : b);
	net->tensors[out] = bytes(size);
	return out;
}

static bool reads(const struct nn_node *node, uint32_t t)
{
	return (node->sources > 0 && node->source[0] == t) ||
	       (node->sources > 1 && node->source[1] == t);
}

static uint32_t last_reader(const struct network *net, uint32_t t)
{
	uint32_t last = t < net->head.inputs ? 0 : t - net->head.inputs;

	for (uint32_t n = 0; n < net->head.nodes; n++)
		last = reads(&net->nodes[n], t) ? n : last;
	return net->tensors[t].is_output ? net->head.nodes : last;
}

static uint32_t end_of(const struct nn_tensor *t)
{
	return t->offset + (uint32_t)nn_elements(t);
}

static bool overlap(const struct nn_tensor *a, const struct nn_tensor *b)
{
	return a->offset < end_of(b) && b->offset < end_of(a);
}

/* Each pair of tensors, as nn_net_check() has to see them. */
static void check_plan(const struct network *net)
{
	uint32_t count = (uint32_t)net->head.inputs + net->head.nodes;

	for (uint32_t a = 0; a < count; a++) {
		const struct nn_tensor *t = &net->tensors[a];
		uint32_t last = last_reader(net, a);

		assert_int_equal(t->offset % NN_ALIGN, 0);
		assert_true(end_of(t) <= net->head.arena);
		for (uint32_t b = a + 1; b < count; b++) {
			uint32_t n =
				b < net->head.inputs ? 0 : b - net->head.inputs;
			const struct nn_node *node = &net->nodes[n];

			if (n > last || !overlap(t, &net->tensors[b]))
				continue;
			assert_true(n == last && b >= net->head.inputs);
			assert_true(nn_operators[node->op]->in_place &&
				    node->source[0] == a);
			assert_int_equal(t->offset, net->tensors[b].offset);
			assert_int_equal(end_of(t), end_of(&net->tensors[b]));
		}
	}
}

static void plan(struct network *net)
{
	struct enc_error e = { 0 };

	net->tensors[net->head.inputs + net->head.nodes - 1].is_output = 1;
	assert_true(plan_arena(&net->head, net->tensors, net->nodes,
			       &net->bound, &e));
	check_plan(net);
	assert_true(net->head.arena >= net->bound);
}

/* The plan needs exactly this. */
static void finish(struct network *net, uint32_t arena)
{
	plan(net);
	assert_int_equal(net->bound, arena);
	assert_int_equal(net->head.arena, arena);
	free(net);
}

static void a_chain_needs_its_two_largest_neighbours(void **state)
{
	struct network *net = begin(100);
	uint16_t t = 0;

	(void)state;
	t = add(net, NN_CONV, 0, -1, 1000);
	t = add(net, NN_CONV, t, -1, 500);
	add(net, NN_CONV, t, -1, 10);
	finish(net, 1024 + 512);
}

static void what_is_computed_in_place_needs_nothing(void **state)
{
	struct network *net = begin(1000);
	uint16_t t = 0;

	(void)state;
	t = add(net, NN_UNARY, 0, -1, 1000);
	t = add(net, NN_RESHAPE, t, -1, 1000);
	add(net, NN_SOFTMAX, t, -1, 1000);
	finish(net, 1024);
}

static void a_source_that_is_read_again_stays(void **state)
{
	struct network *net = begin(64);
	uint16_t a = add(net, NN_CONV, 0, -1, 1024);
	uint16_t b = add(net, NN_UNARY, a, -1, 1024);

	(void)state;
	add(net, NN_BINARY, b, a, 1024);
	finish(net, 2048);
}

static void an_output_stays(void **state)
{
	struct network *net = begin(64);
	uint16_t a = add(net, NN_CONV, 0, -1, 1024);

	(void)state;
	net->tensors[a].is_output = 1;
	add(net, NN_UNARY, a, -1, 1024);
	finish(net, 2048);
}

/* MLPerf Tiny's ResNet-8. */
static void a_residual_network_reaches_the_bound(void **state)
{
	struct network *net = begin(32 * 32 * 3);
	uint16_t x = add(net, NN_CONV, 0, -1, 16384);
	uint16_t y = 0;

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		uint32_t size = 16384 >> i;
		uint16_t side = x;

		y = add(net, NN_CONV, x, -1, size);
		y = add(net, NN_CONV, y, -1, size);
		if (i)
			side = add(net, NN_CONV, x, -1, size);
		x = add(net, NN_BINARY, side, y, size);
	}
	x = add(net, NN_POOL_AVERAGE, x, -1, 64);
	x = add(net, NN_CONV, x, -1, 10);
	add(net, NN_SOFTMAX, x, -1, 10);
	finish(net, 49152);
}

/* MobileNetV2-1.0-224, with its transpose at the beginning. */
static void inverted_residuals_reach_the_bound(void **state)
{
	static const struct {
		uint32_t factor, channels, count, stride;
	} rows[] = { { 1, 16, 1, 1 }, { 6, 24, 2, 2 }, { 6, 32, 3, 2 },
		     { 6, 64, 4, 2 }, { 6, 96, 3, 1 }, { 6, 160, 3, 2 },
		     { 6, 320, 1, 1 } };
	struct network *net = begin(224 * 224 * 3);
	uint16_t x = add(net, NN_TRANSPOSE, 0, -1, 224 * 224 * 3);
	uint32_t in = 32;
	uint32_t side = 112;

	(void)state;
	x = add(net, NN_CONV, x, -1, side * side * in);
	for (size_t r = 0; r < COUNT(rows); r++) {
		for (uint32_t i = 0; i < rows[r].count; i++) {
			uint32_t stride = i ? 1 : rows[r].stride;
			uint32_t wide = in * rows[r].factor;
			uint16_t y = x;

			if (rows[r].factor > 1)
				y = add(net, NN_CONV, y, -1,
					side * side * wide);
			side /= stride;
			y = add(net, NN_DEPTHWISE, y, -1, side * side * wide);
			y = add(net, NN_CONV, y, -1,
				side * side * rows[r].channels);
			x = i ? add(net, NN_BINARY, x, y,
				    side * side * rows[r].channels) :
				y;
			in = rows[r].channels;
		}
	}
	x = add(net, NN_CONV, x, -1, 49 * 1280);
	x = add(net, NN_POOL_AVERAGE, x, -1, 1280);
	add(net, NN_CONV, x, -1, 1000);
	finish(net, 1505280);
}

static uint32_t draw(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Any network, each node of one or two of the last tensors. */
static void networks_at_random_have_good_plans(void **state)
{
	static const enum nn_op ops[] = { NN_CONV, NN_UNARY, NN_BINARY,
					  NN_RESHAPE, NN_CONCAT };
	uint32_t seed = 1;
	uint32_t reached = 0;

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct network *net = begin(1 + draw(&seed) % 5000);

		for (uint32_t n = 1; n <= NODES; n++) {
			uint32_t near = n < 5 ? n : 5;
			int a = (int)(n - 1 - draw(&seed) % near);
			int b = (int)(n - 1 - draw(&seed) % near);
			enum nn_op op = ops[draw(&seed) % COUNT(ops)];
			bool same = op != NN_CONV && op != NN_CONCAT;

			add(net, op, a,
			    op == NN_BINARY || op == NN_CONCAT ? b : -1,
			    same ? (uint32_t)nn_elements(&net->tensors[a]) :
				   1 + draw(&seed) % 5000);
		}
		plan(net);
		assert_true(net->head.arena <= net->bound + net->bound / 5);
		reached += net->head.arena == net->bound;
		free(net);
	}
	assert_true(reached >= 100);
}

static void the_plan_is_always_the_same(void **state)
{
	struct network *nets[2] = { NULL };

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t seed = 7;

		nets[i] = begin(3000);
		for (int n = 1; n <= NODES; n++)
			add(nets[i], NN_CONCAT, n - 1,
			    (int)(draw(&seed) % (uint32_t)n),
			    1 + draw(&seed) % 5000);
		plan(nets[i]);
	}
	assert_memory_equal(nets[0], nets[1], sizeof(*nets[0]));
	free(nets[0]);
	free(nets[1]);
}

static void more_than_4_gib_are_refused(void **state)
{
	struct network *net = begin(1);
	struct enc_error e = { 0 };
	uint16_t t = 0;

	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		t = add(net, NN_CONCAT, t, 0, 1);
		net->tensors[t].dims[0] = 16384;
		net->tensors[t].dims[1] = 16384;
		net->tensors[t].is_output = 1;
	}
	assert_false(plan_arena(&net->head, net->tensors, net->nodes,
				&net->bound, &e));
	assert_int_equal(e.code, ENC_ERR_LIMIT);
	assert_true(net->bound > UINT32_MAX);
	free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_needs_its_two_largest_neighbours),
		cmocka_unit_test(what_is_computed_in_place_needs_nothing),
		cmocka_unit_test(a_source_that_is_read_again_stays),
		cmocka_unit_test(an_output_stays),
		cmocka_unit_test(a_residual_network_reaches_the_bound),
		cmocka_unit_test(inverted_residuals_reach_the_bound),
		cmocka_unit_test(networks_at_random_have_good_plans),
		cmocka_unit_test(the_plan_is_always_the_same),
		cmocka_unit_test(more_than_4_gib_are_refused),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
