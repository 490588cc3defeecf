/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators of nn/ that are no convolutions, each against a formula that
 * computes one element of its output from the text of its definition; and each
 * rule of their checks, broken once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"
#include "testkit/secret.h"
#include "testkit/test.h"

#define GUARD	   64
#define GUARD_BYTE 0x5a
#define DIMS(...)                          \
	(const uint32_t[]){ __VA_ARGS__ }, \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t)

/* A node with its tensors, and what they hold. */
struct job {
	struct nn_node node;
	struct nn_tensor in[NN_SOURCES_MAX];
	struct nn_tensor out;
	size_t batch;
	int32_t indices; /* those of sources are up to this */
	void *x[NN_SOURCES_MAX];
	void *params;
	void *y;
};

static uint32_t draw(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 24);
}

static float draw_float(void)
{
	return (float)(draw() % 65536) / 8192 - 4;
}

static struct nn_tensor tensor(uint8_t type, const uint32_t *dims, size_t rank)
{
	struct nn_tensor t = { .type = type, .rank = (uint8_t)rank };

	for (size_t d = 0; d < NN_RANK_MAX; d++)
		t.dims[d] = d < rank ? dims[d] : 1;
	if (type == NN_INT8) {
		t.scale = 0.05f;
		t.zero = -3;
	}
	return t;
}

static struct nn_at at_of(const struct job *j)
{
	struct nn_at at = { .node = &j->node, .out = &j->out };

	for (size_t s = 0; s < NN_SOURCES_MAX; s++)
		at.in[s] = &j->in[s];
	return at;
}

static bool allowed(const struct nn_operator *op, const struct job *j)
{
	const struct nn_at at = at_of(j);

	return op->check(&at);
}

/* Memory of exactly the size asked for, and slack where it may be read. */
static void *drawn(uint8_t type, size_t n, int32_t indices)
{
	void *p = malloc(n * nn_type_size(type) + NN_SLACK);

	memset((uint8_t *)p + n * nn_type_size(type), 0xff, NN_SLACK); /* NaN */
	for (size_t i = 0; i < n; i++) {
		if (type == NN_F32)
			((float *)p)[i] = draw_float();
		else if (type == NN_INT32)
			((int32_t *)p)[i] =
				(int32_t)(draw() % (uint32_t)(indices + 2)) - 1;
		else
			((uint8_t *)p)[i] = (uint8_t)draw();
	}
	return p;
}

/* Parameters: drawn numbers, and zeros up to the next 16 bytes. */
static void *drawn_params(const struct nn_operator *op, const struct nn_at *at,
			  size_t count)
{
	const uint8_t type = at->out->type;
	const size_t size = op->params ? op->params(at) : 0;
	const size_t used = count * nn_type_size(type);
	uint8_t *p = drawn(NN_UINT8, size, 0);
	void *numbers = drawn(type, count, 9);

	assert_int_equal(size, (used + 15) / 16 * 16);
	memset(p, 0, size);
	memcpy(p, numbers, used);
	free(numbers);
	return p;
}

static void check_params(const struct nn_operator *op, const struct job *j,
			 size_t count)
{
	const struct nn_at at = at_of(j);
	const size_t used = count * nn_type_size(j->out.type);
	uint8_t *padding = (uint8_t *)j->params + used;

	if (!count)
		return;
	assert_true(op->values(&at, j->params));
	if (op->params(&at) > used) {
		*padding = 1;
		assert_false(op->values(&at, j->params));
		*padding = 0;
	}
	if (j->out.type == NN_F32) {
		float *number = (float *)j->params + count - 1;
		float kept = *number;

		*number = INFINITY;
		assert_false(op->values(&at, j->params));
		*number = NAN;
		assert_false(op->values(&at, j->params));
		*number = kept;
	}
}

static size_t bytes_of(const struct job *j, const struct nn_tensor *t)
{
	return j->batch * nn_elements(t) * nn_type_size(t->type);
}

/* Under valgrind a branch that depends on what a tensor holds is reported. */
static void call(const struct nn_operator *op, const struct job *j, void *y)
{
	const struct nn_at at = at_of(j);
	const size_t params = op->params ? op->params(&at) : 0;
	struct nn_call c = { .at = at,
			     .out = y,
			     .params = j->params,
			     .batch = j->batch,
			     .scratch = aligned_alloc(NN_ALIGN, NN_SCRATCH) };

	for (size_t s = 0; s < j->node.sources; s++) {
		c.in[s] = j->x[s];
		secret_make(j->x[s], bytes_of(j, &j->in[s]));
	}
	secret_make(j->params, params);
	op->run(&c);
	for (size_t s = 0; s < j->node.sources; s++)
		secret_reveal(j->x[s], bytes_of(j, &j->in[s]));
	secret_reveal(j->params, params);
	secret_reveal(y, bytes_of(j, &j->out));
	free(c.scratch);
}

/* Computes with memory behind the output that must stay as it is. */
static void compute(const struct nn_operator *op, struct job *j, size_t count)
{
	const struct nn_at at = at_of(j);
	const size_t bytes = bytes_of(j, &j->out);

	assert_true(op->check(&at));
	assert_true(op->macs(&at) >= nn_elements(&j->out));
	for (size_t s = 0; s < j->node.sources; s++)
		j->x[s] = drawn(j->in[s].type,
				j->batch * nn_elements(&j->in[s]), j->indices);
	j->params = drawn_params(op, &at, count);
	check_params(op, j, count);
	j->y = malloc(bytes + GUARD);
	memset(j->y, GUARD_BYTE, bytes + GUARD);
	call(op, j, j->y);
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(((uint8_t *)j->y)[bytes + i], GUARD_BYTE);
}

/* The same where the output lies in the memory of source 0. */
static void compute_in_place(const struct nn_operator *op, struct job *j)
{
	const size_t bytes = bytes_of(j, &j->out);

	if (!op->in_place || nn_elements(&j->in[0]) != nn_elements(&j->out))
		return;
	call(op, j, j->x[0]);
	assert_memory_equal(j->x[0], j->y, bytes);
}

static void release(struct job *j)
{
	for (size_t s = 0; s < j->node.sources; s++)
		free(j->x[s]);
	free(j->params);
	free(j->y);
}

static double number(uint8_t type, const void *from, size_t i)
{
	if (type == NN_F32)
		return ((const float *)from)[i];
	if (type == NN_INT32)
		return ((const int32_t *)from)[i];
	return ((const int8_t *)from)[i];
}

static size_t place(const struct nn_tensor *t, size_t b, const uint32_t *i)
{
	for (size_t d = 0; d < NN_RANK_MAX; d++)
		b = b * t->dims[d] + i[d];
	return b;
}

/* An element of source s, as it is stored. */
static double source(const struct job *j, size_t s, size_t b, const uint32_t *i)
{
	return number(j->in[s].type, j->x[s], place(&j->in[s], b, i));
}

/* The next index in row order. */
static bool next(const uint32_t *dims, uint32_t *i)
{
	for (size_t d = NN_RANK_MAX; d-- > 0;) {
		if (++i[d] < dims[d])
			return true;
		i[d] = 0;
	}
	return false;
}

/* What element i of sample b is to be. */
typedef double formula(const struct job *j, size_t b, const uint32_t *i);

/*
 * Computes and compares each element: floats within `tolerance`, integers
 * exactly. count: numbers that are parameters.
 */
static void compare(const struct nn_operator *op, struct job j, formula *want,
		    double tolerance, size_t count)
{
	for (j.batch = 1; j.batch <= 3; j.batch += 2) {
		compute(op, &j, count);
		for (size_t b = 0; b < j.batch; b++) {
			uint32_t i[NN_RANK_MAX] = { 0 };

			do {
				double w = want(&j, b, i);
				double got = number(j.out.type, j.y,
						    place(&j.out, b, i));

				if (j.out.type != NN_F32)
					assert_int_equal((int)got, (int)w);
				else if (!(fabs(got - w) <=
					   tolerance * (1 + fabs(w))))
					fail_msg("%g, not %g", got, w);
			} while (next(j.out.dims, i));
		}
		compute_in_place(op, &j);
		release(&j);
	}
}

/* Of an allowed node, no longer allowed after the change. */
#define REFUSES(op, good, change)                   \
	do {                                        \
		struct job broken = good;           \
		assert_true(allowed(op, &broken));  \
		broken.change;                      \
		assert_false(allowed(op, &broken)); \
	} while (0)

/* What no operator accepts. */
static void refuses_common(const struct nn_operator *op, struct job j)
{
	REFUSES(op, j, node.bytes[47] = 1);
	REFUSES(op, j, node.sources ^= 4);
	REFUSES(op, j, node.variant += 100);
	REFUSES(op, j, out.type = NN_UINT8);
}

static double limited(double v, double low, double high)
{
	return v < low ? low : v > high ? high : v;
}

/* Pools. */

static double pooled(const struct job *j, size_t b, const uint32_t *i)
{
	const struct nn_window *w = &j->node.conv.window;
	double most = -INFINITY;
	double sum = 0;
	int count = 0;

	for (int k = 0; k < w->kernel[0] * w->kernel[1]; k++) {
		const int y = (int)i[0] * w->stride[0] - w->pad[0] +
			      k / w->kernel[1] * w->dilation[0];
		const int x = (int)i[1] * w->stride[1] - w->pad[1] +
			      k % w->kernel[1] * w->dilation[1];
		const uint32_t at[NN_RANK_MAX] = { (uint32_t)y, (uint32_t)x,
						   i[2] };

		if (y < 0 || x < 0 || y >= (int)j->in[0].dims[0] ||
		    x >= (int)j->in[0].dims[1])
			continue;
		most = fmax(most, source(j, 0, b, at));
		sum += source(j, 0, b, at);
		count++;
	}
	if (j->node.op == NN_POOL_AVERAGE)
		most = j->out.type == NN_INT8 ? round(sum / count) :
						sum / count;
	if (j->out.type == NN_INT8)
		return limited(most, j->node.conv.clamp.int8[0],
			       j->node.conv.clamp.int8[1]);
	return limited(most, j->node.conv.clamp.f32[0],
		       j->node.conv.clamp.f32[1]);
}

static struct job pool_job(uint8_t type, uint32_t channels)
{
	struct job j = { .node = { .sources = 1 } };

	j.in[0] = tensor(type, DIMS(7, 9, channels));
	j.out = tensor(type, DIMS(4, 3, channels));
	j.node.conv.window =
		(struct nn_window){ { 3, 2 }, { 2, 4 }, { 1, 2 }, { 1, 2 } };
	if (type == NN_INT8) {
		j.node.conv.clamp.int8[0] = -100;
		j.node.conv.clamp.int8[1] = 90;
	} else {
		j.node.conv.clamp.f32[0] = -3;
		j.node.conv.clamp.f32[1] = INFINITY;
	}
	return j;
}

static void pool_with(const struct nn_operator *op, uint8_t kind)
{
	static const uint32_t channels[] = { 1, 3, 4, 8, 13, 33 };

	for (uint8_t type = NN_F32; type <= NN_INT8; type++) {
		for (size_t i = 0; i < COUNT(channels); i++) {
			struct job j = pool_job(type, channels[i]);

			j.node.op = kind;
			compare(op, j, pooled, 1e-6, 0);
			j.node.conv.window = (struct nn_window){
				{ 7, 9 }, { 1, 1 }, { 1, 1 }, { 0, 0 }
			};
			j.out = tensor(type, DIMS(1, 1, channels[i]));
			compare(op, j, pooled, 1e-6, 0);
		}
	}
}

static void pools(void **state)
{
	(void)state;
	pool_with(&nn_op_pool_max, NN_POOL_MAX);
	pool_with(&nn_op_pool_average, NN_POOL_AVERAGE);
}

/* Sums up to 65,536 taps are exact, and quotients that end in a half. */
static void average_is_exact(void **state)
{
	struct job j = { .node = { .sources = 1, .op = NN_POOL_AVERAGE } };

	(void)state;
	j.in[0] = tensor(NN_INT8, DIMS(256, 256, 1));
	j.out = tensor(NN_INT8, DIMS(1, 1, 1));
	j.node.conv.window =
		(struct nn_window){ { 256, 256 }, { 1, 1 }, { 1, 1 }, { 0 } };
	j.node.conv.clamp.int8[0] = -128;
	j.node.conv.clamp.int8[1] = 127;
	j.batch = 1;
	compute(&nn_op_pool_average, &j, 0);
	for (int k = 32768 - 331 * 90; k <= 65536; k += 331) {
		memset(j.x[0], -128, 65536);
		memset(j.x[0], -127, (size_t)k);
		call(&nn_op_pool_average, &j, j.y);
		assert_int_equal(*(int8_t *)j.y,
				 (int)round((-128.0 * 65536 + k) / 65536));
	}
	release(&j);
}

static void pool_rules(void **state)
{
	const struct nn_operator *op = &nn_op_pool_average;
	const struct job f = pool_job(NN_F32, 5);
	const struct job q = pool_job(NN_INT8, 5);

	(void)state;
	refuses_common(op, f);
	refuses_common(&nn_op_pool_max, q);
	REFUSES(op, f, node.variant = 1);
	REFUSES(op, f, node.conv.groups = 1);
	REFUSES(op, f, in[0].type = NN_INT8);
	REFUSES(op, q, in[0].zero++);
	REFUSES(op, q, in[0].scale *= 2);
	REFUSES(op, f, node.conv.clamp.f32[0] = NAN);
	REFUSES(op, f, node.conv.clamp.f32[1] = -4);
	REFUSES(op, f,
		node.conv.clamp.f32[0] = broken.node.conv.clamp.f32[1] =
			INFINITY);
	REFUSES(op, q, node.conv.clamp.int8[0] = -129);
	REFUSES(op, q, node.conv.clamp.int8[1] = 128);
	REFUSES(op, q, node.conv.clamp.int8[0] = 91);
	REFUSES(op, f, in[0].rank = 4);
	REFUSES(op, f, out.rank = 4);
	REFUSES(op, f, in[0].dims[2] = 4);
	REFUSES(op, f, node.conv.window.kernel[0] = 0);
	REFUSES(op, f, node.conv.window.stride[1] = 0);
	REFUSES(op, f, node.conv.window.dilation[0] = 0);
	REFUSES(op, f, node.conv.window.pad[0] = 3); /* none within */
	REFUSES(op, f, out.dims[0] = 5);
	REFUSES(op, f, out.dims[1] = 4);
	/* taps at -1 and 7, of an input 0 to 6 */
	REFUSES(op, f,
		node.conv.window = ((struct nn_window){
			{ 2, 2 }, { 2, 4 }, { 8, 2 }, { 1, 2 } }));
	REFUSES(op, q,
		node.conv.window = ((struct nn_window){
			{ 257, 256 }, { 2, 4 }, { 1, 1 }, { 1, 1 } }));
}

/* Binary. */

static double operate(uint8_t variant, double a, double b)
{
	switch (variant) {
	case NN_ADD:
		return a + b;
	case NN_SUB:
		return a - b;
	case NN_MUL:
		return a * b;
	case NN_DIV:
		return a / b;
	case NN_MIN:
		return fmin(a, b);
	case NN_MAX:
		return fmax(a, b);
	case NN_POW:
		return pow(a, b);
	case NN_SUB_FROM:
		return b - a;
	default:
		return b / a;
	}
}

static void narrow(const struct nn_tensor *t, const uint32_t *i,
		   uint32_t of[NN_RANK_MAX])
{
	for (size_t d = 0; d < NN_RANK_MAX; d++)
		of[d] = t->dims[d] == 1 ? 0 : i[d];
}

static double constant_of(const struct job *j, const uint32_t *i)
{
	size_t at = 0;

	for (size_t d = 0; d < NN_RANK_MAX; d++) {
		if (j->node.binary.axes >> d & 1)
			at = at * j->out.dims[d] + i[d];
	}
	return ((const float *)j->params)[at];
}

static double combined(const struct job *j, size_t b, const uint32_t *i)
{
	uint32_t at[NN_RANK_MAX];
	double left = 0;
	double right = 0;

	narrow(&j->in[0], i, at);
	left = source(j, 0, b, at);
	if (j->node.binary.has_constant) {
		right = constant_of(j, i);
	} else {
		narrow(&j->in[1], i, at);
		right = source(j, 1, b, at);
	}
	return limited(operate(j->node.variant, left, right),
		       j->node.binary.clamp.f32[0],
		       j->node.binary.clamp.f32[1]);
}

static struct job binary_job(uint8_t type, uint8_t variant)
{
	struct job j = { .node = { .sources = 2, .variant = variant } };

	j.in[0] = tensor(type, DIMS(3, 4, 5));
	j.in[1] = tensor(type, DIMS(3, 4, 5));
	j.out = tensor(type, DIMS(3, 4, 5));
	if (type == NN_F32) {
		j.node.binary.clamp.f32[0] = -INFINITY;
		j.node.binary.clamp.f32[1] = INFINITY;
		return j;
	}
	j.in[1].zero = 100;
	j.out.zero = -128;
	j.node.binary.clamp.int8[0] = -110;
	j.node.binary.clamp.int8[1] = 120;
	j.node.binary.scale[2] = (struct nn_scale){ 0x51eb851f, -20 };
	if (variant == NN_MUL) {
		j.node.binary.scale[2].shift = -6;
		return j;
	}
	j.node.binary.scale[0] = (struct nn_scale){ 1 << 30, 0 };
	j.node.binary.scale[1] = (struct nn_scale){ 0x6b851eb8, -2 };
	return j;
}

/* Shapes of the left and the right operand of (3, 4, 5). */
static const uint32_t shapes[][2][3] = {
	{ { 3, 4, 5 }, { 3, 4, 5 } }, { { 3, 4, 5 }, { 1, 1, 5 } },
	{ { 3, 1, 5 }, { 3, 4, 1 } }, { { 1, 1, 1 }, { 3, 4, 5 } },
	{ { 3, 4, 5 }, { 3, 1, 1 } }, { { 1, 4, 1 }, { 3, 1, 5 } },
	{ { 3, 4, 1 }, { 1, 4, 5 } },
};

static void binary_f32(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_BINARIES; v++) {
		struct job j = binary_job(NN_F32, v);
		const double slack = v == NN_POW ? 1e-5 : 1e-6;

		if (v == NN_POW) /* of negative numbers: test_net_math */
			continue;
		for (size_t s = 0; s < COUNT(shapes); s++) {
			j.in[0] = tensor(NN_F32, shapes[s][0], 3);
			j.in[1] = tensor(NN_F32, shapes[s][1], 3);
			compare(&nn_op_binary, j, combined, slack, 0);
		}
		j.node.binary.clamp.f32[0] = -0.5f;
		j.node.binary.clamp.f32[1] = 1;
		compare(&nn_op_binary, j, combined, slack, 0);
	}
}

static void binary_constants(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_BINARIES; v++) {
		for (uint32_t axes = 0; axes < 8; axes++) {
			struct job j = binary_job(NN_F32, v);
			size_t n = 1;

			for (uint32_t d = 0; d < 3; d++)
				n *= axes >> d & 1 ? j.out.dims[d] : 1;
			j.node.sources = 1;
			j.node.binary.has_constant = 1;
			j.node.binary.axes = axes;
			if (v != NN_POW)
				compare(&nn_op_binary, j, combined, 1e-6, n);
			j.in[0].dims[1] = 1;
			if (v != NN_POW && axes & 2)
				compare(&nn_op_binary, j, combined, 1e-6, n);
		}
	}
}

/* A square by the node, of numbers of both signs. */
static void binary_power(void **state)
{
	struct job j = binary_job(NN_F32, NN_POW);

	(void)state;
	j.node.sources = 1;
	j.node.binary.has_constant = 1;
	j.batch = 1;
	compute(&nn_op_binary, &j, 1);
	*(float *)j.params = 2;
	call(&nn_op_binary, &j, j.y);
	for (size_t i = 0; i < 60; i++) {
		double x = ((float *)j.x[0])[i];

		assert_true(fabs(((float *)j.y)[i] - x * x) <= 1e-6 * x * x);
	}
	release(&j);
}

static int64_t requantised(int64_t x, struct nn_scale s)
{
	const int64_t divisor = INT64_C(1) << (s.shift < 0 ? -s.shift : 0);
	int64_t y = x * (INT64_C(1) << (s.shift > 0 ? s.shift : 0));

	y = (y > INT32_MAX ? INT32_MAX :
	     y < INT32_MIN ? INT32_MIN :
			     y) *
	    s.multiplier;
	y = (y + (y >= 0 ? 1 << 30 : 1 - (1 << 30))) / (INT64_C(1) << 31);
	return (y + (y >= 0 ? divisor / 2 : -(divisor / 2))) / divisor;
}

static double combined_int8(const struct job *j, size_t b, const uint32_t *i)
{
	const struct nn_scale *s = j->node.binary.scale;
	uint32_t at[NN_RANK_MAX];
	int64_t left = 0;
	int64_t right = 0;
	int64_t y = 0;

	narrow(&j->in[0], i, at);
	left = (int64_t)source(j, 0, b, at) - j->in[0].zero;
	narrow(&j->in[1], i, at);
	right = (int64_t)source(j, 1, b, at) - j->in[1].zero;
	if (j->node.variant == NN_MUL) {
		y = requantised(left * right, s[2]);
	} else {
		left = requantised(left * (1 << 20), s[0]);
		right = requantised(right * (1 << 20), s[1]);
		y = requantised(j->node.variant == NN_ADD ? left + right :
							    left - right,
				s[2]);
	}
	return limited((double)(y + j->out.zero), j->node.binary.clamp.int8[0],
		       j->node.binary.clamp.int8[1]);
}

static void binary_int8(void **state)
{
	(void)state;
	for (uint8_t v = NN_ADD; v <= NN_MUL; v++) {
		struct job j = binary_job(NN_INT8, v);

		for (size_t s = 0; s < COUNT(shapes); s++) {
			memcpy(j.in[0].dims, shapes[s][0], sizeof(*shapes[0]));
			memcpy(j.in[1].dims, shapes[s][1], sizeof(*shapes[0]));
			compare(&nn_op_binary, j, combined_int8, 0, 0);
		}
		for (int i = 0; i < 40; i++) {
			for (int k = 0; k < 3; k++)
				j.node.binary.scale[k].multiplier |=
					(int32_t)(draw() >> 2);
			if (v == NN_MUL)
				j.node.binary.scale[0] =
					j.node.binary.scale[1] =
						(struct nn_scale){ 0 };
			compare(&nn_op_binary, j, combined_int8, 0, 0);
		}
	}
}

static void binary_rules(void **state)
{
	const struct nn_operator *op = &nn_op_binary;
	const struct job f = binary_job(NN_F32, NN_ADD);
	const struct job q = binary_job(NN_INT8, NN_SUB);
	const struct job m = binary_job(NN_INT8, NN_MUL);
	struct job c = f;

	(void)state;
	c.node.sources = 1;
	c.node.binary.has_constant = 1;
	c.node.binary.axes = 6;
	refuses_common(op, f);
	refuses_common(op, q);
	refuses_common(op, c);
	REFUSES(op, f, node.sources = 1);
	REFUSES(op, f, node.variant = 0);
	REFUSES(op, f, node.variant = NN_BINARIES);
	REFUSES(op, f, node.binary.axes = 1);
	REFUSES(op, f, node.binary.has_constant = 1);
	REFUSES(op, f, node.binary.scale[0].shift = 1);
	REFUSES(op, f, node.binary.clamp.f32[1] = NAN);
	REFUSES(op, f,
		node.binary.clamp.f32[0] = broken.node.binary.clamp.f32[1] =
			-INFINITY);
	REFUSES(op, f, in[1].type = NN_INT8);
	REFUSES(op, f, out.type = NN_INT32);
	REFUSES(op, f, in[0].rank = 2);
	REFUSES(op, f, in[1].rank = 4);
	REFUSES(op, f, in[0].dims[0] = 2);
	REFUSES(op, f, in[1].dims[2] = 6);
	REFUSES(op, f, out.dims[1] = 1);
	REFUSES(op, f, out.dims[1] = 8);
	REFUSES(op, c, node.sources = 2);
	REFUSES(op, c, node.binary.has_constant = 2);
	REFUSES(op, c, node.binary.axes = 8);
	REFUSES(op, c, in[0].dims[0] = 1);
	REFUSES(op, q, node.variant = NN_DIV);
	REFUSES(op, q, node.binary.clamp.int8[0] = 121);
	REFUSES(op, q, node.binary.scale[0].multiplier = (1 << 30) - 1);
	REFUSES(op, q, node.binary.scale[0].shift = 1);
	REFUSES(op, q, node.binary.scale[1].shift = 1);
	REFUSES(op, q, node.binary.scale[2].shift = 1);
	REFUSES(op, q, node.binary.scale[2].shift = -32);
	REFUSES(op, q, node.binary.scale[1].multiplier = 0);
	REFUSES(op, m, node.binary.scale[0].shift = 1);
	REFUSES(op, m, node.binary.scale[2].shift = 31);
	REFUSES(op, m, node.binary.scale[1].multiplier = 1 << 30);
	c.node.binary.clamp = q.node.binary.clamp;
	c.in[0] = q.in[0];
	c.out = q.out;
	assert_false(allowed(op, &c));
}

/* Unary. */

static double function(const struct nn_node *n, double x)
{
	const double alpha = n->unary.alpha;
	const double beta = n->unary.beta;

	switch (n->variant) {
	case NN_CLAMP:
		return limited(x, alpha, beta);
	case NN_LEAKY_RELU:
		return x < 0 ? alpha * x : x;
	case NN_ELU:
		return x < 0 ? alpha * expm1(x) : x;
	case NN_SIGMOID:
		return 1 / (1 + exp(-x));
	case NN_HARD_SIGMOID:
		return limited(alpha * x + beta, 0, 1);
	case NN_HARD_SWISH:
		return x * limited(x / 6 + 0.5, 0, 1);
	case NN_TANH:
		return tanh(x);
	case NN_GELU:
		return 0.5 * x * (1 + erf(x / sqrt(2)));
	case NN_GELU_TANH:
		return 0.5 * x *
		       (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
	case NN_ERF:
		return erf(x);
	case NN_EXP:
		return exp(x);
	case NN_LOG:
		return log(x);
	case NN_SQRT:
		return sqrt(x);
	case NN_RECIPROCAL:
		return 1 / x;
	case NN_NEGATE:
		return -x;
	case NN_ABS:
		return fabs(x);
	default:
		return log1p(exp(x));
	}
}

static struct job unary_job(uint8_t type, uint8_t variant)
{
	struct job j = { .node = { .sources = 1, .variant = variant } };

	j.in[0] = tensor(type, DIMS(5, 41));
	j.out = tensor(type, DIMS(5, 41));
	if (variant == NN_CLAMP) {
		j.node.unary.alpha = -INFINITY;
		j.node.unary.beta = 2;
	}
	if (variant == NN_LEAKY_RELU || variant == NN_ELU ||
	    variant == NN_HARD_SIGMOID)
		j.node.unary.alpha = 0.25f;
	if (variant == NN_HARD_SIGMOID)
		j.node.unary.beta = 0.4f;
	return j;
}

static void unary_f32(const struct job *j)
{
	const float *x = j->x[0];

	for (size_t i = 0; i < j->batch * 5 * 41; i++) {
		double want = function(&j->node, x[i]);
		double got = ((float *)j->y)[i];

		if (isnan(want))
			assert_true(isnan(got));
		else if (!(fabs(got - want) <= 4e-7 * (1 + fabs(want))))
			fail_msg("function %d of %g is %g, not %g",
				 j->node.variant, (double)x[i], got, want);
	}
}

/* A number near a half may be rounded either way. */
static void unary_int8(const struct job *j)
{
	const int8_t *x = j->x[0];

	for (size_t i = 0; i < j->batch * 5 * 41; i++) {
		double want =
			function(&j->node, (x[i] - j->in[0].zero) *
						   (double)j->in[0].scale);
		double got = ((int8_t *)j->y)[i];

		want = isnan(want) ? -128 :
				     limited(want / (double)j->out.scale +
						     j->out.zero,
					     -128, 127);
		if (!(fabs(got - want) <= 0.5001))
			fail_msg("function %d of %d is %g, not %g",
				 j->node.variant, x[i], got, want);
	}
}

static void unary(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_UNARIES; v++) {
		struct job f = unary_job(NN_F32, v);
		struct job q = unary_job(NN_INT8, v);

		q.out.scale = 0.011f;
		q.out.zero = -70;
		f.batch = 3;
		q.batch = 3;
		compute(&nn_op_unary, &f, 0);
		unary_f32(&f);
		compute_in_place(&nn_op_unary, &f);
		release(&f);
		compute(&nn_op_unary, &q, 0);
		unary_int8(&q);
		compute_in_place(&nn_op_unary, &q);
		release(&q);
	}
}

static void unary_rules(void **state)
{
	const struct nn_operator *op = &nn_op_unary;
	const struct job f = unary_job(NN_F32, NN_CLAMP);
	const struct job elu = unary_job(NN_INT8, NN_ELU);
	const struct job hard = unary_job(NN_F32, NN_HARD_SIGMOID);
	const struct job tanh_job = unary_job(NN_F32, NN_TANH);

	(void)state;
	refuses_common(op, f);
	refuses_common(op, elu);
	REFUSES(op, f, node.variant = 0);
	REFUSES(op, f, node.variant = NN_UNARIES);
	REFUSES(op, f, node.unary.alpha = 3);
	REFUSES(op, f, node.unary.beta = NAN);
	REFUSES(op, f, node.unary.alpha = broken.node.unary.beta = INFINITY);
	REFUSES(op, f, in[0].type = NN_INT8);
	REFUSES(op, f, in[0].dims[1] = 40);
	REFUSES(op, f, in[0].rank = 3);
	REFUSES(op, elu, node.unary.alpha = INFINITY);
	REFUSES(op, elu, node.unary.beta = 1);
	REFUSES(op, hard, node.unary.beta = NAN);
	REFUSES(op, tanh_job, node.unary.alpha = 1);
}

/* Softmax. */

static double softmax_of(const struct job *j, size_t b, const uint32_t *i)
{
	const uint32_t last = j->out.rank - 1u;
	const double scale =
		j->out.type == NN_INT8 ? (double)j->in[0].scale : 1;
	const double own = source(j, 0, b, i);
	uint32_t at[NN_RANK_MAX];
	double sum = 0;

	memcpy(at, i, sizeof(at));
	for (at[last] = 0; at[last] < j->out.dims[last]; at[last]++)
		sum += exp((source(j, 0, b, at) - own) * scale);
	if (j->out.type == NN_F32)
		return 1 / sum;
	return limited(rint(256 / sum) - 128, -128, 127);
}

static struct job softmax_job(uint8_t type, uint32_t n)
{
	struct job j = { .node = { .sources = 1 } };

	j.in[0] = tensor(type, DIMS(2, 3, n));
	j.out = tensor(type, DIMS(2, 3, n));
	if (type == NN_INT8) {
		j.out.scale = 1.0f / 256;
		j.out.zero = -128;
	}
	return j;
}

static void softmax(void **state)
{
	static const uint32_t widths[] = { 1, 2, 3, 4, 10, 12, 257 };

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		compare(&nn_op_softmax, softmax_job(NN_F32, widths[i]),
			softmax_of, 1e-6, 0);
		compare(&nn_op_softmax, softmax_job(NN_INT8, widths[i]),
			softmax_of, 0, 0);
	}
}

static void softmax_rules(void **state)
{
	const struct nn_operator *op = &nn_op_softmax;
	const struct job f = softmax_job(NN_F32, 9);
	const struct job q = softmax_job(NN_INT8, 9);

	(void)state;
	refuses_common(op, f);
	refuses_common(op, q);
	REFUSES(op, f, node.variant = 1);
	REFUSES(op, f, in[0].type = NN_INT8);
	REFUSES(op, f, in[0].dims[0] = 3);
	REFUSES(op, q, out.scale = 0.01f);
	REFUSES(op, q, out.zero = 0);
}

/* Norms. */

static double normed(const struct job *j, size_t b, const uint32_t *i)
{
	const uint32_t last = j->out.rank - 1u;
	const uint32_t n = j->out.dims[last];
	const uint32_t constants = j->node.norm.constants;
	const float *params = j->params;
	uint32_t at[NN_RANK_MAX];
	double mean = 0;
	double square = 0;
	double y = 0;

	memcpy(at, i, sizeof(at));
	for (at[last] = 0; at[last] < n; at[last]++)
		mean += source(j, 0, b, at) / n;
	if (j->node.variant == NN_RMS_NORM)
		mean = 0;
	for (at[last] = 0; at[last] < n; at[last]++)
		square += pow(source(j, 0, b, at) - mean, 2) / n;
	y = (source(j, 0, b, i) - mean) /
	    sqrt(square + (double)j->node.norm.epsilon);
	if (constants & 1)
		y *= params[i[last]];
	if (constants & 2)
		y += params[i[last] + (constants & 1 ? (n + 3) / 4 * 4 : 0)];
	return y;
}

static struct job norm_job(uint8_t variant, uint32_t n, uint32_t constants)
{
	struct job j = { .node = { .sources = 1, .variant = variant } };

	j.in[0] = tensor(NN_F32, DIMS(4, n));
	j.out = j.in[0];
	j.node.norm.epsilon = 1e-5f;
	j.node.norm.constants = constants;
	return j;
}

static void norm(void **state)
{
	static const uint32_t widths[] = { 2, 4, 7, 64, 130 };

	(void)state;
	for (uint8_t v = 1; v < NN_NORMS; v++) {
		for (size_t i = 0; i < COUNT(widths) * 4; i++) {
			const uint32_t n = widths[i / 4];
			const uint32_t c = i % 4;

			/* with padding between, only of whole units */
			if (c == 3 && n % 4)
				continue;
			compare(&nn_op_norm, norm_job(v, n, c), normed, 1e-5,
				n * (c % 2 + c / 2));
		}
	}
}

/* Padding behind the gain, then the offset. */
static void norm_with_padding(void **state)
{
	struct job j = norm_job(NN_LAYER_NORM, 2, 3);
	const struct nn_at at = at_of(&j);
	float params[8 + NN_SLACK] = { 2, 3, 0, 0, 10, 20, 0, 0 };
	float x[8 + NN_SLACK] = { 1, 3, -1, 1, 5, 7, 0, 2 };
	float y[8] = { 0 };

	(void)state;
	assert_int_equal(nn_op_norm.params(&at), 32);
	assert_true(nn_op_norm.values(&at, params));
	j.params = params;
	j.x[0] = x;
	j.batch = 1;
	call(&nn_op_norm, &j, y);
	for (size_t i = 0; i < 8; i += 2) {
		assert_true(fabsf(y[i] - 8) < 1e-3f);
		assert_true(fabsf(y[i + 1] - 23) < 1e-3f);
	}
	params[2] = 1;
	assert_false(nn_op_norm.values(&at, params));
}

static void norm_rules(void **state)
{
	const struct nn_operator *op = &nn_op_norm;
	const struct job j = norm_job(NN_LAYER_NORM, 7, 1);

	(void)state;
	refuses_common(op, j);
	REFUSES(op, j, node.variant = 0);
	REFUSES(op, j, node.variant = NN_NORMS);
	REFUSES(op, j, node.norm.epsilon = -1e-5f);
	REFUSES(op, j, node.norm.epsilon = NAN);
	REFUSES(op, j, node.norm.epsilon = INFINITY);
	REFUSES(op, j, node.norm.constants = 4);
	REFUSES(op, j, in[0].type = NN_INT8);
	REFUSES(op, j, out.type = NN_INT8);
	REFUSES(op, j, in[0].dims[1] = 8);
}

/* Reductions. */

static double reduced(const struct job *j, size_t b, const uint32_t *i)
{
	const struct nn_node *n = &j->node;
	uint32_t at[NN_RANK_MAX] = { 0 };
	double most = -INFINITY;
	double least = INFINITY;
	double sum = 0;
	int64_t count = 0;

	do {
		bool ours = true;

		for (uint32_t d = 0; d < NN_RANK_MAX; d++)
			ours &= n->reduce.axes >> d & 1 || at[d] == i[d];
		if (!ours)
			continue;
		most = fmax(most, source(j, 0, b, at));
		least = fmin(least, source(j, 0, b, at));
		sum += source(j, 0, b, at);
		count++;
	} while (next(j->in[0].dims, at));
	if (n->variant == NN_REDUCE_MAX)
		return most;
	if (n->variant == NN_REDUCE_MIN)
		return least;
	if (j->out.type == NN_INT8)
		return limited(
			(double)(requantised((int64_t)sum -
						     j->in[0].zero * count,
					     n->reduce.scale) +
				 j->out.zero),
			-128, 127);
	return n->variant == NN_MEAN ? sum / (double)count : sum;
}

static struct job reduce_job(uint8_t type, uint8_t variant, uint32_t axes)
{
	struct job j = { .node = { .sources = 1, .variant = variant } };

	j.in[0] = tensor(type, DIMS(3, 5, 2, 6));
	j.out = j.in[0];
	j.node.reduce.axes = axes;
	for (uint32_t d = 0; d < 4; d++) {
		if (axes >> d & 1)
			j.out.dims[d] = 1;
	}
	if (type == NN_INT8 && variant <= NN_SUM) {
		j.node.reduce.scale =
			(struct nn_scale){ 0x2aaaaaab, -(int)(axes % 5) };
		j.out.zero = 7;
	}
	return j;
}

static void reduce(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_REDUCES; v++) {
		for (uint32_t axes = 1; axes < 16; axes++) {
			compare(&nn_op_reduce, reduce_job(NN_F32, v, axes),
				reduced, 1e-5, 0);
			compare(&nn_op_reduce, reduce_job(NN_INT8, v, axes),
				reduced, 0, 0);
		}
	}
}

static void reduce_of_one(void **state)
{
	struct job j = reduce_job(NN_F32, NN_SUM, 3);

	(void)state;
	j.in[0] = tensor(NN_F32, DIMS(1, 1, 1));
	j.out = j.in[0];
	for (j.node.reduce.axes = 1; j.node.reduce.axes < 8;
	     j.node.reduce.axes++)
		compare(&nn_op_reduce, j, reduced, 0, 0);
	j.in[0] = tensor(NN_F32, DIMS(3, 4, 1));
	j.out = j.in[0];
	j.node.reduce.axes = 4;
	compare(&nn_op_reduce, j, reduced, 0, 0);
	j.out.dims[1] = 1;
	j.node.reduce.axes = 2;
	compare(&nn_op_reduce, j, reduced, 1e-6, 0);
}

static void reduce_rules(void **state)
{
	const struct nn_operator *op = &nn_op_reduce;
	const struct job f = reduce_job(NN_F32, NN_MEAN, 3);
	const struct job q = reduce_job(NN_INT8, NN_MEAN, 3);
	const struct job most = reduce_job(NN_INT8, NN_REDUCE_MAX, 3);

	(void)state;
	refuses_common(op, f);
	refuses_common(op, q);
	REFUSES(op, f, node.variant = 0);
	REFUSES(op, f, node.variant = NN_REDUCES);
	REFUSES(op, f, node.reduce.axes = 0);
	REFUSES(op, f, node.reduce.axes = 19);
	REFUSES(op, f, node.reduce.axes = 7);
	REFUSES(op, f, node.reduce.axes = 1);
	REFUSES(op, f, node.reduce.scale.shift = 1);
	REFUSES(op, f, in[0].type = NN_INT8);
	REFUSES(op, q, in[0].type = NN_F32);
	REFUSES(op, f, in[0].rank = 5);
	REFUSES(op, f, out.dims[3] = 5);
	REFUSES(op, q, node.reduce.scale.multiplier = -1);
	REFUSES(op, q, node.reduce.scale.multiplier = 0);
	REFUSES(op, q, node.reduce.scale.shift = 31);
	REFUSES(op, q, node.reduce.scale.shift = -32);
	REFUSES(op, q, in[0].dims[0] = 20000);
	REFUSES(op, most, node.reduce.scale.multiplier = 1 << 30);
	REFUSES(op, most, out.zero = 0);
}

/* Products. */

static double product(const struct job *j, size_t b, const uint32_t *i)
{
	const uint32_t flags = j->node.matmul.transposed;
	const uint32_t last = j->out.rank - 1u;
	const uint32_t depth = j->in[0].dims[last - (flags & 1)];
	double sum = 0;

	for (uint32_t k = 0; k < depth; k++) {
		uint32_t left[NN_RANK_MAX];
		uint32_t right[NN_RANK_MAX];

		narrow(&j->in[0], i, left);
		narrow(&j->in[1], i, right);
		left[last - (flags & 1)] = k;
		left[last - !(flags & 1)] = i[last - 1];
		right[last - !(flags & 2)] = k;
		right[last - !!(flags & 2)] = i[last];
		sum += source(j, 0, b, left) * source(j, 1, b, right);
	}
	return sum * (double)j->node.matmul.scale;
}

static struct job matmul_job(uint32_t n, uint32_t k, uint32_t m, uint32_t flags)
{
	struct job j = { .node = { .sources = 2 } };

	j.in[0] = flags & 1 ? tensor(NN_F32, DIMS(2, 3, k, n)) :
			      tensor(NN_F32, DIMS(2, 3, n, k));
	j.in[1] = flags & 2 ? tensor(NN_F32, DIMS(2, 3, m, k)) :
			      tensor(NN_F32, DIMS(2, 3, k, m));
	j.out = tensor(NN_F32, DIMS(2, 3, n, m));
	j.node.matmul.transposed = flags;
	j.node.matmul.scale = 0.25f;
	return j;
}

static void matmul(void **state)
{
	static const uint32_t sizes[][3] = { { 1, 1, 1 },   { 4, 8, 16 },
					     { 5, 3, 17 },  { 1, 600, 3 },
					     { 3, 7, 40 },  { 16, 8, 16 },
					     { 6, 1025, 2 } };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes) * 4; i++) {
		const uint32_t *s = sizes[i / 4];
		struct job j = matmul_job(s[0], s[1], s[2], i % 4);

		compare(&nn_op_matmul, j, product, 2e-4, 0);
		j.in[0].dims[0] = 1;
		j.in[1].dims[1] = 1;
		compare(&nn_op_matmul, j, product, 2e-4, 0);
	}
}

/* More multiplications than 32 bits count, of tensors that are allowed. */
static void matmul_work_is_counted(void **state)
{
	struct job j = { .node = { .sources = 2 } };
	const struct nn_at at = at_of(&j);

	(void)state;
	j.in[0] = tensor(NN_F32, DIMS(1024, 4096));
	j.in[1] = tensor(NN_F32, DIMS(4096, 1024));
	j.out = tensor(NN_F32, DIMS(1024, 1024));
	assert_true(nn_op_matmul.macs(&at) == ((uint64_t)1 << 32) + (9u << 20));
}

static void matmul_rules(void **state)
{
	const struct nn_operator *op = &nn_op_matmul;
	const struct job j = matmul_job(3, 5, 7, 1);
	const struct job t = matmul_job(3, 5, 7, 2);

	(void)state;
	refuses_common(op, j);
	REFUSES(op, j, node.sources = 1);
	REFUSES(op, j, node.variant = 1);
	REFUSES(op, j, node.matmul.transposed = 5);
	REFUSES(op, j, node.matmul.transposed = 0);
	REFUSES(op, t, node.matmul.transposed = 0);
	REFUSES(op, j, node.matmul.scale = INFINITY);
	REFUSES(op, j, in[0].type = NN_INT8);
	REFUSES(op, j, in[1].type = NN_INT8);
	REFUSES(op, j, out.type = NN_INT8);
	REFUSES(op, j, in[0].rank = 3);
	REFUSES(op, j, in[1].rank = 3);
	REFUSES(op, j, out.rank = 1);
	REFUSES(op, j, in[0].dims[0] = 3);
	REFUSES(op, j, in[1].dims[1] = 2);
	REFUSES(op, j, out.dims[0] = 1);
	REFUSES(op, j, out.dims[2] = 4);
	REFUSES(op, j, out.dims[3] = 6);
	REFUSES(op, j, in[1].dims[2] = 4);
}

/* A call computes a batch, so that its work is what has a limit. */
static void work_of_a_batch_is_limited(void **state)
{
	struct nn_head head = { .magic = NN_MAGIC,
				.version = NN_VERSION,
				.nodes = 1,
				.inputs = 1,
				.batch = 64,
				.macs = (uint64_t)1 << 34 };

	(void)state;
	assert_int_equal(nn_head_check(&head), NN_OK);
	head.macs++;
	assert_int_equal(nn_head_check(&head), NN_ERROR_HEAD);
	head.batch = 63;
	assert_int_equal(nn_head_check(&head), NN_OK);
}

/* Moves. */

static double moved(const struct job *j, size_t b, const uint32_t *i)
{
	const struct nn_node *n = &j->node;
	uint32_t at[NN_RANK_MAX] = { 0 };
	size_t s = 0;

	for (uint32_t d = 0; d < j->out.rank; d++) {
		if (n->op == NN_TRANSPOSE)
			at[n->transpose.from[d]] = i[d];
		else if (n->op == NN_SLICE)
			at[d] = n->slice.begin[d] + i[d] * n->slice.step[d];
		else
			at[d] = j->in[0].dims[d] == 1 ? 0 : i[d];
	}
	if (n->op == NN_CONCAT) {
		memcpy(at, i, sizeof(at));
		for (; at[n->concat.axis] >= j->in[s].dims[n->concat.axis]; s++)
			at[n->concat.axis] -= j->in[s].dims[n->concat.axis];
	}
	if (n->op == NN_RESHAPE)
		return number(j->out.type, j->x[0], place(&j->out, b, i));
	return source(j, s, b, at);
}

static const uint8_t types[] = { NN_F32, NN_INT8, NN_INT32 };

static struct job move_job(uint8_t kind, uint8_t type)
{
	struct job j = { .node = { .op = kind, .sources = 1 } };

	j.indices = 1000;
	j.in[0] = tensor(type, DIMS(2, 5, 3, 4));
	j.out = j.in[0];
	return j;
}

static void reshape(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(types); t++) {
		struct job j = move_job(NN_RESHAPE, types[t]);

		j.out = tensor(types[t], DIMS(6, 20));
		compare(&nn_op_reshape, j, moved, 0, 0);
		refuses_common(&nn_op_reshape, j);
		REFUSES(&nn_op_reshape, j, node.bytes[0] = 1);
		REFUSES(&nn_op_reshape, j, node.variant = 1);
		REFUSES(&nn_op_reshape, j, out.dims[0] = 5);
		REFUSES(&nn_op_reshape, j, in[0].zero++);
	}
}

static void transpose(void **state)
{
	const struct nn_operator *op = &nn_op_transpose;

	(void)state;
	for (size_t t = 0; t < COUNT(types) * 256; t++) {
		struct job j = move_job(NN_TRANSPOSE, types[t / 256]);
		uint32_t seen = 0;

		for (uint32_t d = 0; d < 4; d++) {
			const uint8_t from = t >> 2 * d & 3;

			j.node.transpose.from[d] = from;
			j.out.dims[d] = j.in[0].dims[from];
			seen |= 1u << from;
		}
		if (seen != 15) {
			assert_false(allowed(op, &j));
			continue;
		}
		compare(op, j, moved, 0, 0);
		refuses_common(op, j);
		REFUSES(op, j, node.variant = 1);
		REFUSES(op, j, node.transpose.from[0] = 4);
		REFUSES(op, j, node.transpose.from[4] = 4);
		REFUSES(op, j, out.dims[2]++);
		REFUSES(op, j, in[0].rank = 5);
		REFUSES(op, j, in[0].type ^= 1);
	}
}

static void slice(void **state)
{
	const struct nn_operator *op = &nn_op_slice;

	(void)state;
	for (size_t t = 0; t < COUNT(types); t++) {
		struct job j = move_job(NN_SLICE, types[t]);

		for (uint32_t d = 0; d < 4; d++)
			j.node.slice.step[d] = 1;
		compare(op, j, moved, 0, 0);
		j.node.slice.begin[1] = 1;
		j.out.dims[1] = 3;
		compare(op, j, moved, 0, 0);
		j.node.slice.step[1] = 2;
		j.out.dims[1] = 2;
		j.node.slice.step[3] = 3;
		j.out.dims[3] = 2;
		compare(op, j, moved, 0, 0);
		refuses_common(op, j);
		REFUSES(op, j, node.variant = 1);
		REFUSES(op, j, node.slice.begin[1] = 3);
		REFUSES(op, j, node.slice.begin[1] = UINT32_MAX);
		REFUSES(op, j, node.slice.begin[4] = 1);
		REFUSES(op, j, node.slice.step[0] = 0);
		REFUSES(op, j, node.slice.step[4] = 1);
		REFUSES(op, j, node.slice.step[1] = 4);
		REFUSES(op, j, out.dims[1] = 3);
		REFUSES(op, j, out.rank = 3);
	}
}

static void expand(void **state)
{
	const struct nn_operator *op = &nn_op_expand;

	(void)state;
	for (size_t t = 0; t < COUNT(types) * 16; t++) {
		struct job j = move_job(NN_EXPAND, types[t / 16]);

		for (uint32_t d = 0; d < 4; d++) {
			if (t >> d & 1)
				j.in[0].dims[d] = 1;
		}
		compare(op, j, moved, 0, 0);
		refuses_common(op, j);
		REFUSES(op, j, node.variant = 1);
		REFUSES(op, j, in[0].dims[1] = 4);
		REFUSES(op, j, in[0].rank = 3);
		REFUSES(op, j, node.bytes[0] = 1);
	}
}

static void concat(void **state)
{
	const struct nn_operator *op = &nn_op_concat;

	(void)state;
	for (size_t t = 0; t < COUNT(types) * 4; t++) {
		const uint32_t axis = t % 4;
		struct job j = move_job(NN_CONCAT, types[t / 4]);

		for (uint32_t s = 1; s < NN_SOURCES_MAX; s++) {
			j.in[s] = j.in[0];
			j.in[s].dims[axis] = s;
		}
		j.node.concat.axis = axis;
		for (j.node.sources = 1; j.node.sources <= NN_SOURCES_MAX;
		     j.node.sources++) {
			compare(op, j, moved, 0, 0);
			j.out.dims[axis] += j.node.sources;
		}
		j.node.sources = 3;
		j.out.dims[axis] = j.in[0].dims[axis] + 3;
		REFUSES(op, j, node.bytes[47] = 1);
		REFUSES(op, j, node.sources = 0);
		REFUSES(op, j, node.sources = 2);
		REFUSES(op, j, node.sources = 4);
		REFUSES(op, j, node.sources = NN_SOURCES_MAX + 1);
		REFUSES(op, j, node.variant = 1);
		REFUSES(op, j, node.concat.axis = 4);
		REFUSES(op, j, node.concat.axis ^= 1);
		REFUSES(op, j, in[2].dims[axis ^ 1]++);
		REFUSES(op, j, in[2].rank = 3);
		REFUSES(op, j, in[1].type ^= 1);
		REFUSES(op, j, in[1].scale += 1);
	}
}

static double padded(const struct job *j, size_t b, const uint32_t *i)
{
	const struct nn_node *n = &j->node;
	uint32_t at[NN_RANK_MAX] = { 0 };

	for (uint32_t d = 0; d < j->out.rank; d++) {
		const int last = (int)j->in[0].dims[d] - 1;
		int k = (int)i[d] - (int)n->pad.before[d];

		if ((k < 0 || k > last) && n->variant == NN_PAD_CONSTANT)
			return j->out.type == NN_F32 ? (double)n->pad.f32 :
						       n->pad.int8;
		if (n->variant == NN_PAD_REFLECT)
			k = k < 0 ? -k : k > last ? 2 * last - k : k;
		k = k < 0 ? 0 : k > last ? last : k;
		at[d] = (uint32_t)k;
	}
	return source(j, 0, b, at);
}

static struct job pad_job(uint8_t type, uint8_t variant)
{
	struct job j = move_job(NN_PAD, type);

	j.node.variant = variant;
	j.out = tensor(type, DIMS(3, 8, 3, 9));
	j.node.pad.before[0] = 1;
	j.node.pad.before[1] = 2;
	j.node.pad.before[3] = 3;
	if (variant == NN_PAD_CONSTANT && type == NN_F32)
		j.node.pad.f32 = -2.5f;
	if (variant == NN_PAD_CONSTANT && type == NN_INT8)
		j.node.pad.int8 = -77;
	return j;
}

static void pad(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_PADS; v++) {
		for (size_t t = 0; t < COUNT(types); t++) {
			struct job j = pad_job(types[t], v);

			if (types[t] == NN_INT32 && v == NN_PAD_CONSTANT)
				assert_false(allowed(&nn_op_pad, &j));
			else
				compare(&nn_op_pad, j, padded, 0, 0);
		}
	}
}

static void pad_rules(void **state)
{
	const struct nn_operator *op = &nn_op_pad;
	const struct job f = pad_job(NN_F32, NN_PAD_CONSTANT);
	const struct job q = pad_job(NN_INT8, NN_PAD_CONSTANT);
	const struct job r = pad_job(NN_F32, NN_PAD_REFLECT);
	struct job wide = r;

	(void)state;
	wide.out.dims[1] = 10;
	wide.node.pad.before[1] = 4;
	REFUSES(op, wide, node.pad.before[1] = 5);
	refuses_common(op, f);
	refuses_common(op, q);
	refuses_common(op, r);
	REFUSES(op, f, node.variant = 0);
	REFUSES(op, f, node.variant = NN_PADS);
	REFUSES(op, f, node.pad.f32 = INFINITY);
	REFUSES(op, f, node.pad.int8 = 1);
	REFUSES(op, q, node.pad.f32 = 1);
	REFUSES(op, q, node.pad.int8 = 128);
	REFUSES(op, q, node.pad.int8 = -129);
	REFUSES(op, r, node.pad.f32 = 1);
	REFUSES(op, r, node.pad.int8 = 1);
	REFUSES(op, f, node.pad.before[0] = 2);
	REFUSES(op, f, node.pad.before[0] = UINT32_MAX);
	REFUSES(op, f, node.pad.before[4] = 1);
	REFUSES(op, f, out.dims[1] = 4);
	REFUSES(op, f, out.rank = 5);
	REFUSES(op, f, in[0].type = NN_INT32);
	REFUSES(op, r, node.pad.before[1] = 5);
	REFUSES(op, r, out.dims[3] = 11);
}

/* Gather, resize, constant. */

static double gathered(const struct job *j, size_t b, const uint32_t *i)
{
	const size_t last = j->node.sources - 1u;
	const struct nn_tensor *indices = &j->in[last];
	const size_t rows = j->node.gather.rows;
	const size_t width = nn_elements(&j->out) / nn_elements(indices);
	const size_t at = place(&j->out, b, i);
	const int32_t row = ((const int32_t *)j->x[last])[at / width];

	if (row < 0 || row >= (int32_t)rows)
		return 0;
	return number(j->out.type, last ? j->x[0] : j->params,
		      ((last ? b * rows : 0) + (size_t)row) * width +
			      at % width);
}

static struct job gather_job(uint8_t type, uint32_t width, uint8_t sources)
{
	struct job j = { .node = { .sources = sources } };

	j.in[0] = tensor(type, DIMS(9, width));
	j.in[sources - 1] = tensor(NN_INT32, DIMS(4, 2));
	j.out = tensor(type, DIMS(4, 2, width));
	j.node.gather.rows = 9;
	j.indices = 9; /* -1 and 9 are outside */
	return j;
}

static void gather(void **state)
{
	static const uint32_t widths[] = { 1, 3, 16, 33, 64, 100 };

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		for (uint8_t t = NN_F32; t <= NN_INT8; t++) {
			compare(&nn_op_gather, gather_job(t, widths[i], 1),
				gathered, 0, 9 * widths[i]);
			compare(&nn_op_gather, gather_job(t, widths[i], 2),
				gathered, 0, 0);
		}
	}
}

static void gather_rules(void **state)
{
	const struct nn_operator *op = &nn_op_gather;
	const struct job c = gather_job(NN_F32, 5, 1);
	const struct job t = gather_job(NN_INT8, 5, 2);

	(void)state;
	refuses_common(op, c);
	refuses_common(op, t);
	REFUSES(op, c, node.sources = 0);
	REFUSES(op, t, node.sources = 3);
	REFUSES(op, c, node.variant = 1);
	REFUSES(op, c, node.gather.rows = 0);
	REFUSES(op, c, node.gather.rows = NN_ELEMENTS_MAX);
	REFUSES(op, c, in[0].type = NN_F32);
	REFUSES(op, c, out.type = NN_INT32);
	REFUSES(op, c, out.dims[1] = 1);
	REFUSES(op, c, out.rank = 1);
	REFUSES(op, t, node.gather.rows = 8);
	REFUSES(op, t, in[0].zero++);
	REFUSES(op, t, in[0].rank = 3);
	REFUSES(op, t, in[0].dims[1] = 4);
}

static double resized(const struct job *j, size_t b, const uint32_t *i)
{
	uint32_t at[2][NN_RANK_MAX] = { { 0, 0, i[2] }, { 0, 0, i[2] } };
	double weight[2];
	double y = 0;

	for (size_t a = 0; a < 2; a++) {
		const double last = j->in[0].dims[a] - 1;
		const double x =
			limited(i[a] * (double)j->node.resize.scale[a] +
					(double)j->node.resize.offset[a],
				0, last);

		at[0][a] = (uint32_t)floor(x);
		at[1][a] = (uint32_t)fmin(floor(x) + 1, last);
		weight[a] = x - floor(x);
		if (j->node.variant == NN_NEAREST)
			weight[a] = 0;
	}
	for (size_t k = 0; k < 4; k++) {
		const uint32_t corner[NN_RANK_MAX] = { at[k / 2][0],
						       at[k % 2][1], i[2] };

		y += source(j, 0, b, corner) *
		     (k / 2 ? weight[0] : 1 - weight[0]) *
		     (k % 2 ? weight[1] : 1 - weight[1]);
	}
	return j->out.type == NN_F32 ? y : rint(y);
}

static struct job resize_job(uint8_t type, uint8_t variant, uint32_t channels)
{
	struct job j = { .node = { .sources = 1, .variant = variant } };

	j.in[0] = tensor(type, DIMS(5, 4, channels));
	j.out = tensor(type, DIMS(10, 3, channels));
	/* no result is near a half */
	j.node.resize.scale[0] = 0.4717f;
	j.node.resize.offset[0] = -0.2113f;
	j.node.resize.scale[1] = 1.3137f;
	j.node.resize.offset[1] = 0.1731f;
	return j;
}

static void resize(void **state)
{
	(void)state;
	for (uint8_t v = 1; v < NN_RESIZES; v++) {
		for (uint8_t t = NN_F32; t <= NN_INT8; t++) {
			for (uint32_t c = 1; c < 10; c += 2)
				compare(&nn_op_resize, resize_job(t, v, c),
					resized, 1e-6, 0);
		}
	}
}

static void resize_rules(void **state)
{
	const struct nn_operator *op = &nn_op_resize;
	const struct job j = resize_job(NN_F32, NN_LINEAR, 3);

	(void)state;
	refuses_common(op, j);
	REFUSES(op, j, node.variant = 0);
	REFUSES(op, j, node.variant = NN_RESIZES);
	REFUSES(op, j, node.resize.scale[0] = NAN);
	REFUSES(op, j, node.resize.scale[1] = INFINITY);
	REFUSES(op, j, node.resize.offset[0] = -INFINITY);
	REFUSES(op, j, node.resize.offset[1] = NAN);
	REFUSES(op, j, in[0].rank = 4);
	REFUSES(op, j, out.rank = 4);
	REFUSES(op, j, in[0].type = NN_INT8);
	REFUSES(op, j, in[0].dims[2] = 2);
}

/* Coordinates far outside are at the edge. */
static void resize_far(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		struct job j = resize_job(NN_F32, NN_LINEAR, 3);

		j.node.resize.scale[0] = (float)sign * 3e38f;
		j.node.resize.offset[1] = (float)sign * 3e38f;
		compare(&nn_op_resize, j, resized, 1e-6, 0);
	}
}

static double constant_at(const struct job *j, size_t b, const uint32_t *i)
{
	(void)b;
	return number(j->out.type, j->params, place(&j->out, 0, i));
}

static void constant(void **state)
{
	const struct nn_operator *op = &nn_op_constant;

	(void)state;
	for (size_t t = 0; t < COUNT(types); t++) {
		struct job j = { .node = { .op = NN_CONSTANT } };

		j.out = tensor(types[t], DIMS(3, 7));
		compare(op, j, constant_at, 0, 21);
		refuses_common(op, j);
		REFUSES(op, j, node.sources = 1);
		REFUSES(op, j, node.variant = 1);
		REFUSES(op, j, node.bytes[0] = 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pools),
		cmocka_unit_test(average_is_exact),
		cmocka_unit_test(pool_rules),
		cmocka_unit_test(binary_f32),
		cmocka_unit_test(binary_constants),
		cmocka_unit_test(binary_power),
		cmocka_unit_test(binary_int8),
		cmocka_unit_test(binary_rules),
		cmocka_unit_test(unary),
		cmocka_unit_test(unary_rules),
		cmocka_unit_test(softmax),
		cmocka_unit_test(softmax_rules),
		cmocka_unit_test(norm),
		cmocka_unit_test(norm_with_padding),
		cmocka_unit_test(norm_rules),
		cmocka_unit_test(reduce),
		cmocka_unit_test(reduce_of_one),
		cmocka_unit_test(reduce_rules),
		cmocka_unit_test(matmul),
		cmocka_unit_test(matmul_work_is_counted),
		cmocka_unit_test(matmul_rules),
		cmocka_unit_test(work_of_a_batch_is_limited),
		cmocka_unit_test(reshape),
		cmocka_unit_test(transpose),
		cmocka_unit_test(slice),
		cmocka_unit_test(expand),
		cmocka_unit_test(concat),
		cmocka_unit_test(pad),
		cmocka_unit_test(pad_rules),
		cmocka_unit_test(gather),
		cmocka_unit_test(gather_rules),
		cmocka_unit_test(resize),
		cmocka_unit_test(resize_rules),
		cmocka_unit_test(resize_far),
		cmocka_unit_test(constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
