/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators touch: each of them, with many shapes, in memory where every
 * tensor, the parameters and the scratch memory have pages of their own. They
 * may read NN_SLACK bytes behind a tensor and behind parameters, and write the
 * output and the scratch memory; what else lies there changes no output.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nn/params.h"
#include "record/write/params.h"
#include "testkit/test.h"
#include "tests/lib/guarded.h"
#include "tests/lib/network.h"
#include "tests/lib/operators.h"
#include "tests/lib/vary.h"

#define ROOM	  (1u << 18) /* of a tensor, for a batch, and its slack */
#define BATCH_MAX 9u
/* The board is emulated, and takes many times as long. */
#ifdef __aarch64__
#define PART	   4u
#define SOAK_TIMES 4u
#else
#define PART	   1u
#define SOAK_TIMES 50u
#endif
#define LEAST (8u / PART) /* cases of an operator with a type */

#define F32   (1u << NN_F32)
#define INT8  (1u << NN_INT8)
#define INT32 (1u << NN_INT32)

/* Types of its output; cases of each of its networks. */
static const struct {
	const char *name;
	uint32_t types;
	uint32_t cases;
} operators[NN_OPS] = {
	[NN_IMAGE] = { "IMAGE", F32 | INT8, 24 },
	[NN_QUANTIZE] = { "QUANTIZE", INT8, 24 },
	[NN_DEQUANTIZE] = { "DEQUANTIZE", F32, 24 },
	[NN_CONV] = { "CONV", F32 | INT8, 250 },
	[NN_DEPTHWISE] = { "DEPTHWISE", F32 | INT8, 250 },
	[NN_MATMUL] = { "MATMUL", F32, 300 },
	[NN_POOL_MAX] = { "POOL_MAX", F32 | INT8, 90 },
	[NN_POOL_AVERAGE] = { "POOL_AVERAGE", F32 | INT8, 90 },
	[NN_BINARY] = { "BINARY", F32 | INT8, 16 },
	[NN_UNARY] = { "UNARY", F32 | INT8, 6 },
	[NN_SOFTMAX] = { "SOFTMAX", F32 | INT8, 24 },
	[NN_NORM] = { "NORM", F32, 24 },
	[NN_REDUCE] = { "REDUCE", F32 | INT8, 24 },
	[NN_RESHAPE] = { "RESHAPE", F32 | INT8 | INT32, 50 },
	[NN_TRANSPOSE] = { "TRANSPOSE", F32 | INT8 | INT32, 60 },
	[NN_SLICE] = { "SLICE", F32 | INT8 | INT32, 60 },
	[NN_PAD] = { "PAD", F32 | INT8 | INT32, 50 },
	[NN_CONCAT] = { "CONCAT", F32 | INT8 | INT32, 60 },
	[NN_EXPAND] = { "EXPAND", F32 | INT8 | INT32, 60 },
	[NN_GATHER] = { "GATHER", F32 | INT8, 24 },
	[NN_RESIZE] = { "RESIZE", F32 | INT8, 24 },
	[NN_CONSTANT] = { "CONSTANT", F32 | INT8 | INT32, 60 },
};

/* How often an operator was run with a type and gave more than one byte. */
static uint32_t ran[NN_OPS][NN_INT32 + 1];
static uint32_t ran_in_place[NN_OPS];

/* --- a case --- */

static struct {
	uint32_t number; /* the seed of all that follows */
	uint32_t state;
	struct operators_tables tables;
	struct nn_at at;
	size_t batch;
	bool same_sources; /* both are one tensor */
	bool at_end;
	bool in_place;
	enum guarded_filling filling;
	uint8_t source[2][ROOM];
	uint8_t params[VARY_PARAMS_MAX];
	uint8_t expected[ROOM]; /* the output */
} one;

static struct guarded in[2], out, params, scratch;

static uint32_t draw(uint32_t below)
{
	return network_draw(&one.state, below);
}

static void print_tensor(const char *name, const struct nn_tensor *t)
{
	fprintf(stderr, "  %s: type %u, scale %g, zero %d, dims", name, t->type,
		(double)t->scale, t->zero);
	for (size_t d = 0; d < t->rank; d++)
		fprintf(stderr, " %u", t->dims[d]);
	fprintf(stderr, "\n");
}

static void print_case(void)
{
	const struct nn_node *node = one.at.node;

	fprintf(stderr, "case %u: %s, variant %u, batch %zu\n", one.number,
		operators[node->op].name, node->variant, one.batch);
	for (size_t i = 0; i < node->sources; i++)
		print_tensor(in[i].name, one.at.in[i]);
	print_tensor(out.name, one.at.out);
	fprintf(stderr, "  node:");
	for (size_t i = 0; i < sizeof(node->bytes); i++)
		fprintf(stderr, "%s%02x", i % 4 ? "" : " ", node->bytes[i]);
	fprintf(stderr, "\n  data at the %s of its pages, filling %d%s%s\n",
		one.at_end ? "end" : "begin", (int)one.filling,
		one.in_place ? ", in place" : "",
		one.same_sources ? ", of one tensor twice" : "");
}

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	print_case();
	fail();
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct guarded *all[] = { &in[0], &in[1], &out, &params,
					&scratch };

	(void)context;
	fprintf(stderr, "signal %d at %p\n", number, info->si_addr);
	for (size_t i = 0; i < COUNT(all); i++)
		guarded_explain(all[i], info->si_addr);
	print_case();
	_exit(1);
}

#ifdef GUARDED_EXACT
void __asan_on_error(void)
{
	print_case();
}
#endif

/* --- its numbers --- */

static float any_float(void)
{
	return (float)((int32_t)draw(2001) - 1000) / 512.0f;
}

/* Elements of a type. wild: any bits, also of floats */
static void draw_elements(uint8_t type, size_t count, bool wild, uint8_t *to)
{
	for (size_t i = 0; i < count * nn_type_size(type); i++)
		to[i] = (uint8_t)draw(256);
	for (size_t i = 0; i < count && type == NN_F32 && !wild; i++) {
		const float v = any_float();

		memcpy(to + i * sizeof(v), &v, sizeof(v));
	}
}

static size_t bytes_of(const struct nn_tensor *t)
{
	return one.batch * nn_elements(t) * nn_type_size(t->type);
}

/* Most indices lie in the table. */
static void draw_indices(size_t count, uint8_t *to)
{
	const uint32_t rows = one.at.node->gather.rows;

	for (size_t i = 0; i < count; i++) {
		const int32_t index = (int32_t)draw(rows + 4) - 2;

		memcpy(to + i * sizeof(index), &index, sizeof(index));
	}
}

static void draw_sources(void)
{
	const struct nn_at *at = &one.at;
	const bool wild = !draw(16);

	for (size_t i = 0; i < at->node->sources; i++) {
		const struct nn_tensor *t = at->in[i];
		const size_t count = one.batch * nn_elements(t);

		if (at->node->op == NN_GATHER && t->type == NN_INT32)
			draw_indices(count, one.source[i]);
		else
			draw_elements(t->type, count, wild, one.source[i]);
	}
	one.same_sources = at->node->sources == 2 && draw(2) &&
			   nn_same_shape(at->in[0], at->in[1]) &&
			   at->in[0]->type == at->in[1]->type;
	if (one.same_sources)
		memcpy(one.source[1], one.source[0], bytes_of(at->in[0]));
}

/* --- its parameters --- */

static bool are_allowed(void)
{
	return nn_operators[one.at.node->op]->values(&one.at, one.params);
}

/* Draws a part; what is not allowed, as padding is not, stays 0. */
static void draw_part(size_t from, size_t to)
{
	const size_t half = (from + to) / 2 / 4 * 4;

	draw_elements(one.at.out->type,
		      (to - from) / nn_type_size(one.at.out->type), false,
		      one.params + from);
	if (are_allowed())
		return;
	memset(one.params + from, 0, to - from);
	if (to - from <= 4)
		return;
	draw_part(from, half);
	draw_part(half, to);
}

/* A scale that takes a sum of k products to the range of an int8. */
static struct nn_scale scale_for(size_t k)
{
	struct nn_scale s = { 1 << 30 | (int32_t)draw(1 << 24) << 6,
			      -7 + (int32_t)draw(3) };

	for (; k > 1; k /= 4)
		s.shift--;
	if (!draw(16))
		s = (struct nn_scale){ 0, 0 };
	return s;
}

/* Weights of a layer, at random. */
static void draw_layer(const struct nn_conv_shape *s, bool depthwise)
{
	const uint8_t type = one.at.out->type;
	const size_t outs = s->groups * s->outs;
	const size_t k = depthwise ? s->taps : nn_conv_k(s);
	const size_t count = depthwise ? s->taps * s->ins : outs * k;
	uint8_t *weights = malloc(count * nn_type_size(type));
	uint8_t *bias = malloc(outs * sizeof(int32_t));
	struct nn_scale *scale = malloc(outs * sizeof(*scale));
	const struct record_weights w = { weights, bias, scale };

	draw_elements(type, count, false, weights);
	for (size_t i = 0; i < count && type == NN_INT8; i++)
		weights[i] |= (uint8_t)(weights[i] == 0x80);
	draw_elements(NN_F32, outs, false, bias);
	for (size_t i = 0; i < outs; i++) {
		const int32_t sum = (int32_t)draw(20001) - 10000;

		scale[i] = scale_for(k);
		if (type == NN_INT8)
			memcpy(bias + i * sizeof(sum), &sum, sizeof(sum));
	}
	assert_true(record_params_pack(&one.at, &w, one.params));
	free(weights);
	free(bias);
	free(scale);
}

static void draw_params(void)
{
	const bool depthwise = one.at.node->op == NN_DEPTHWISE;
	struct nn_conv_shape s;

	memset(one.params, 0, sizeof(one.params));
	if (!one.tables.head.params)
		return;
	if (depthwise || one.at.node->op == NN_CONV) {
		s = nn_conv_shape(&one.at,
				  depthwise ? 1 : one.at.node->conv.groups);
		draw_layer(&s, depthwise);
	} else {
		draw_part(0, one.tables.head.params);
	}
	require(are_allowed(), "parameters that are not allowed");
}

/* --- running it --- */

static void place_all(void)
{
	const struct nn_at *at = &one.at;

	for (size_t i = 0; i < at->node->sources; i++)
		guarded_place(&in[i], bytes_of(at->in[i]), NN_SLACK,
			      one.at_end);
	guarded_place(&out, bytes_of(at->out), NN_SLACK, one.at_end);
	guarded_place(&params, one.tables.head.params, NN_SLACK, one.at_end);
	guarded_place(&scratch, NN_SCRATCH, 0, one.at_end);
}

/* Calls a function for each memory that the case has. */
static void with_all(void (*call)(struct guarded *g))
{
	for (size_t i = 0; i < one.at.node->sources; i++)
		call(&in[i]);
	call(&out);
	call(&params);
	call(&scratch);
}

static void fill(struct guarded *g)
{
	guarded_fill(g, one.filling);
}

static void close_one(struct guarded *g)
{
	guarded_close(g);
}

static void open_one(struct guarded *g)
{
	guarded_open(g);
}

static void check_around(struct guarded *g)
{
	require(guarded_is_intact(g, one.filling),
		"written outside of the output");
}

static void run_operator(void)
{
	struct nn_call call = { .at = one.at,
				.in = { in[0].data, in[1].data },
				.out = out.data,
				.params = params.data,
				.batch = one.batch,
				.scratch = scratch.data };

	if (one.in_place)
		call.in[0] = out.data;
	if (one.same_sources)
		call.in[1] = call.in[0];
	with_all(close_one);
	nn_operators[one.at.node->op]->run(&call);
	with_all(open_one);
}

static void run_one(void)
{
	const size_t sources = one.at.node->sources;

	place_all();
	with_all(fill);
	for (size_t i = 0; i < sources; i++)
		memcpy(in[i].data, one.source[i], in[i].size);
	memcpy(params.data, one.params, params.size);
	if (one.in_place)
		memcpy(out.data, one.source[0], out.size);
	run_operator();
	with_all(check_around);
	for (size_t i = 0; i < sources; i++)
		require(!memcmp(in[i].data, one.source[i], in[i].size),
			"a source has changed");
	require(!memcmp(params.data, one.params, params.size),
		"parameters have changed");
}

/* The first run of a case says what the others must give. */
static void run_ways(bool in_place)
{
	one.in_place = in_place;
	for (uint32_t way = 0; way < 2 * GUARDED_FILLINGS; way++) {
		one.at_end = way % 2;
		one.filling = way / 2;
		run_one();
		if (!in_place && !way)
			memcpy(one.expected, out.data, out.size);
		require(!memcmp(out.data, one.expected, out.size),
			"another output than in the first run");
	}
}

static void begin_case(uint32_t number, size_t network)
{
	struct operators_tables *t = &one.tables;

	one.number = number;
	one.state = number;
	*t = operators_tables(network);
	operators_vary(&one.state, t);
	one.at = (struct nn_at){ .node = &t->node,
				 .in = { &t->tensors[t->node.source[0]],
					 &t->tensors[t->node.source[1]] },
				 .out = &t->tensors[t->head.inputs] };
	one.batch = 1 + draw(BATCH_MAX);
	while (one.batch * t->head.arena > ROOM - NN_SLACK ||
	       one.batch * t->head.macs > VARY_MACS_MAX)
		one.batch--;
	draw_sources();
	draw_params();
}

static void run_case(uint32_t number, size_t network)
{
	const struct nn_at *at = &one.at;
	uint8_t op = 0;

	begin_case(number, network);
	op = at->node->op;
	run_ways(false);
	if (memcmp(one.expected, one.expected + 1, out.size - 1) != 0)
		ran[op][at->out->type]++;
	if (nn_operators[op]->in_place &&
	    bytes_of(at->in[0]) == bytes_of(at->out)) {
		run_ways(true);
		ran_in_place[op]++;
	}
}

/* --- tests --- */

static void watch_for_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault,
				    .sa_flags = SA_SIGINFO };

	assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
	assert_int_equal(sigaction(SIGBUS, &action, NULL), 0);
}

static void operators_touch_their_memory_only(void **state)
{
	const uint32_t soak = getenv("SOAK") ? SOAK_TIMES : 1;
	uint32_t number = 0;

	(void)state;
	watch_for_faults();
	for (size_t n = 0; n < operators_count(); n++) {
		const uint8_t op = operators_tables(n).node.op;

		for (uint32_t i = 0; i * PART < operators[op].cases * soak; i++)
			run_case(number++, n);
	}
	print_message("# %u cases of %zu networks\n", number,
		      operators_count());
}

static void each_was_run_with_each_type(void **state)
{
	bool enough = true;

	(void)state;
	for (uint8_t op = 1; op < NN_OPS; op++) {
		for (uint8_t type = NN_F32; type <= NN_INT32; type++) {
			const bool wanted = operators[op].types >> type & 1;

			if (wanted ? ran[op][type] >= LEAST : !ran[op][type])
				continue;
			print_error("%s, type %u: %u cases\n",
				    operators[op].name, type, ran[op][type]);
			enough = false;
		}
		if (nn_operators[op]->in_place && ran_in_place[op] < LEAST) {
			print_error("%s in place: %u cases\n",
				    operators[op].name, ran_in_place[op]);
			enough = false;
		}
	}
	assert_true(enough);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_touch_their_memory_only),
		cmocka_unit_test(each_was_run_with_each_type),
	};

	guarded_make(&in[0], "source 0", ROOM);
	guarded_make(&in[1], "source 1", ROOM);
	guarded_make(&out, "output", ROOM);
	guarded_make(&params, "parameters", VARY_PARAMS_MAX + NN_SLACK);
	guarded_make(&scratch, "scratch memory", NN_SCRATCH);
	return cmocka_run_group_tests_name("net_memory", tests, NULL, NULL);
}
