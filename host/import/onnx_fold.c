/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants. Exporters compute shapes, masks and scales with ordinary nodes:
 * those whose inputs are all constant are computed here. Operators that move
 * elements do both kinds themselves, with onnx_fold_copy().
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx_read.h"

uint8_t *onnx_make(struct onnx_ctx *c, struct onnx_value *y,
		   enum onnx_type type, const struct onnx_shape *s)
{
	uint8_t *data = NULL;
	size_t count = 0;

	if (type == ONNX_FLOAT16 || type == ONNX_BFLOAT16)
		type = ONNX_FLOAT;
	if (onnx_type_size(type) && onnx_count(s, &count))
		data = onnx_alloc(&c->m.pool, count, onnx_type_size(type));
	if (!data) {
		onnx_explain(c, "its constant output is too large, or of an "
				"element type that is not accepted");
		return NULL;
	}
	y->known = true;
	y->type = type;
	y->shape = *s;
	y->data = data;
	y->quant.scale = NULL;
	return data;
}

void onnx_set(struct onnx_value *y, size_t i, double real, int64_t integer)
{
	size_t size = onnx_type_size(y->type);
	uint8_t *at = (uint8_t *)y->data + i * size;
	float f = (float)real;

	if (y->type == ONNX_FLOAT)
		memcpy(at, &f, size);
	else if (y->type == ONNX_DOUBLE)
		memcpy(at, &real, size);
	else
		memcpy(at, &integer, size);
}

static void copy_element(const struct onnx_value *x, size_t from,
			 struct onnx_value *y, size_t to)
{
	if (onnx_is_integer(x))
		onnx_set(y, to, 0, onnx_int(x, from));
	else
		onnx_set(y, to, onnx_real(x, from), 0);
}

bool onnx_fold_copy(struct onnx_ctx *c, const struct onnx_value *x,
		    struct onnx_value *y, const struct onnx_shape *s,
		    int64_t offset, const int64_t *step)
{
	uint32_t at[GRAPH_RANK_MAX] = { 0 };
	int64_t from = offset;

	if (!onnx_make(c, y, onnx_made_type(x), s))
		return false;
	for (size_t i = 0, n = onnx_len(y); i < n; i++) {
		copy_element(x, (size_t)from, y, i);
		for (uint32_t d = s->rank; d-- > 0;) {
			from += step[d];
			if (++at[d] < s->dims[d])
				break;
			from -= step[d] * (int64_t)s->dims[d];
			at[d] = 0;
		}
	}
	return true;
}

/* ---- Arithmetic. */

enum fold {
	FOLD_ADD,
	FOLD_SUB,
	FOLD_MUL,
	FOLD_DIV,
	FOLD_POW,
	FOLD_MIN,
	FOLD_MAX,
	FOLD_MOD,
	FOLD_EQUAL,
	FOLD_LESS,
	FOLD_GREATER,
	FOLD_LESS_EQUAL,
	FOLD_GREATER_EQUAL,
	FOLD_AND,
	FOLD_OR,
	FOLD_NEG,
	FOLD_ABS,
	FOLD_SQRT,
	FOLD_EXP,
	FOLD_LOG,
	FOLD_RECIPROCAL,
	FOLD_FLOOR,
	FOLD_CEIL,
	FOLD_NOT
};

static const struct {
	const char *name;
	enum fold what;
} folds[] = {
	{ "Add", FOLD_ADD },
	{ "Sub", FOLD_SUB },
	{ "Mul", FOLD_MUL },
	{ "Div", FOLD_DIV },
	{ "Pow", FOLD_POW },
	{ "Min", FOLD_MIN },
	{ "Max", FOLD_MAX },
	{ "Mod", FOLD_MOD },
	{ "Equal", FOLD_EQUAL },
	{ "Less", FOLD_LESS },
	{ "Greater", FOLD_GREATER },
	{ "LessOrEqual", FOLD_LESS_EQUAL },
	{ "GreaterOrEqual", FOLD_GREATER_EQUAL },
	{ "And", FOLD_AND },
	{ "Or", FOLD_OR },
	{ "Neg", FOLD_NEG },
	{ "Abs", FOLD_ABS },
	{ "Sqrt", FOLD_SQRT },
	{ "Exp", FOLD_EXP },
	{ "Log", FOLD_LOG },
	{ "Reciprocal", FOLD_RECIPROCAL },
	{ "Floor", FOLD_FLOOR },
	{ "Ceil", FOLD_CEIL },
	{ "Not", FOLD_NOT },
};

static double fold_real(enum fold what, double a, double b)
{
	switch (what) {
	case FOLD_ADD:
		return a + b;
	case FOLD_SUB:
		return a - b;
	case FOLD_MUL:
		return a * b;
	case FOLD_DIV:
		return a / b;
	case FOLD_POW:
		return pow(a, b);
	case FOLD_MIN:
		return fmin(a, b);
	case FOLD_MAX:
		return fmax(a, b);
	case FOLD_MOD:
		return fmod(a, b);
	case FOLD_EQUAL:
		return a >= b && a <= b;
	case FOLD_LESS:
		return a < b;
	case FOLD_GREATER:
		return a > b;
	case FOLD_LESS_EQUAL:
		return a <= b;
	case FOLD_GREATER_EQUAL:
		return a >= b;
	case FOLD_AND:
		return a > 0 && b > 0;
	case FOLD_OR:
		return a > 0 || b > 0;
	case FOLD_NEG:
		return -a;
	case FOLD_ABS:
		return fabs(a);
	case FOLD_SQRT:
		return sqrt(a);
	case FOLD_EXP:
		return exp(a);
	case FOLD_LOG:
		return log(a);
	case FOLD_RECIPROCAL:
		return 1 / a;
	case FOLD_FLOOR:
		return floor(a);
	case FOLD_CEIL:
		return ceil(a);
	case FOLD_NOT:
		return a > 0 ? 0 : 1;
	}
	return 0;
}

/* Whole numbers, wrapping; a division by 0 is 0. */
static int64_t fold_int(enum fold what, int64_t a, int64_t b)
{
	uint64_t u = (uint64_t)a, v = (uint64_t)b;
	double r = 0;

	switch (what) {
	case FOLD_ADD:
		return (int64_t)(u + v);
	case FOLD_SUB:
		return (int64_t)(u - v);
	case FOLD_MUL:
		return (int64_t)(u * v);
	case FOLD_NEG:
		return (int64_t)-u;
	case FOLD_DIV:
		return b == -1 ? (int64_t)-u : b ? a / b : 0;
	case FOLD_MOD:
		if (!b || b == -1)
			return 0;
		a %= b;
		return a && (a < 0) != (b < 0) ? a + b : a;
	default:
		r = fold_real(what, (double)a, (double)b);
		return r > -9e18 && r < 9e18 ? (int64_t)r : 0;
	}
}

/* Step of each operand along each output dimension: 0 where it is repeated. */
static void fold_steps(const struct onnx_shape *s, uint32_t rank, int64_t *step)
{
	struct onnx_shape p = onnx_pad_rank(s, rank);

	for (uint32_t d = 0; d < rank; d++)
		step[d] = p.dims[d] == 1 ? 0 : onnx_stride(&p, d);
}

bool onnx_fold_expand(struct onnx_ctx *c, const struct onnx_value *x,
		      struct onnx_value *y, const struct onnx_shape *s)
{
	int64_t step[GRAPH_RANK_MAX] = { 0 };

	fold_steps(&x->shape, s->rank, step);
	memset(y, 0, sizeof(*y));
	return onnx_fold_copy(c, x, y, s, 0, step);
}

static bool fold_arithmetic(struct onnx_ctx *c, enum fold what,
			    const struct onnx_value *a,
			    const struct onnx_value *b, struct onnx_value *y)
{
	bool logic =
		(what >= FOLD_EQUAL && what <= FOLD_OR) || what == FOLD_NOT;
	bool whole = onnx_is_integer(a) && onnx_is_integer(b);
	struct onnx_value l, r;
	struct onnx_shape s;

	if (!onnx_same_type(a, b) && what != FOLD_POW)
		return onnx_refuse(c, "its inputs have different element "
				      "types");
	if (!onnx_broadcast(c, &a->shape, &b->shape, &s) ||
	    !onnx_fold_expand(c, a, &l, &s) ||
	    !onnx_fold_expand(c, b, &r, &s) ||
	    !onnx_make(c, y,
		       logic ? ONNX_BOOL :
		       whole ? a->type :
			       ONNX_FLOAT,
		       &s))
		return false;
	for (size_t i = 0, n = onnx_len(y); i < n; i++) {
		double real = whole ? 0 :
				      fold_real(what, onnx_real(&l, i),
						onnx_real(&r, i));

		onnx_set(y, i, real,
			 whole ? fold_int(what, onnx_int(&l, i),
					  onnx_int(&r, i)) :
				 real > 0);
	}
	return true;
}

static bool fold_where(struct onnx_ctx *c)
{
	const struct onnx_value *in[3] = { onnx_in(c, 0), onnx_in(c, 1),
					   onnx_in(c, 2) };
	struct onnx_value *y = onnx_out(c, 0), v[3];
	struct onnx_shape s;

	if (!in[0] || !in[1] || !in[2])
		return onnx_refuse(c, "an input is missing");
	if (!onnx_same_type(in[1], in[2]))
		return onnx_refuse(c, "its branches have different element "
				      "types");
	if (!onnx_broadcast(c, &in[0]->shape, &in[1]->shape, &s) ||
	    !onnx_broadcast(c, &s, &in[2]->shape, &s))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (!onnx_fold_expand(c, in[i], &v[i], &s))
			return false;
	}
	if (!onnx_make(c, y, v[1].type, &s))
		return false;
	for (size_t i = 0, n = onnx_len(y); i < n; i++)
		copy_element(&v[onnx_int(&v[0], i) ? 1 : 2], i, y, i);
	return true;
}

static bool fold_cast(struct onnx_ctx *c)
{
	const struct onnx_value *x = onnx_in(c, 0);
	struct onnx_value *y = onnx_out(c, 0);

	if (!onnx_make(c, y, (enum onnx_type)onnx_attr_int(c, "to", 0),
		       &x->shape))
		return false;
	for (size_t i = 0, n = onnx_len(y); i < n; i++) {
		int64_t integer = onnx_int(x, i);

		if (y->type == ONNX_BOOL)
			integer = onnx_real(x, i) < 0 || onnx_real(x, i) > 0;
		onnx_set(y, i, onnx_real(x, i), integer);
	}
	return true;
}

/* Over all elements: what shapes and sizes are computed with. */
static bool fold_product(struct onnx_ctx *c)
{
	const struct onnx_value *x = onnx_in(c, 0);
	struct onnx_shape s = { .rank = 0 };
	uint64_t product = 1;

	if (!onnx_is_integer(x) || x->shape.rank > 1)
		return onnx_refuse(c, "integers of rank 1 are accepted");
	s.rank = onnx_attr_int(c, "keepdims", 1) ? x->shape.rank : 0;
	s.dims[0] = 1;
	if (!onnx_make(c, onnx_out(c, 0), x->type, &s))
		return false;
	for (size_t i = 0, n = onnx_len(x); i < n; i++)
		product *= (uint64_t)onnx_int(x, i);
	onnx_set(onnx_out(c, 0), 0, 0, (int64_t)product);
	return true;
}

static bool all_constant(struct onnx_ctx *c)
{
	bool all = c->node->in_count > 0;

	for (size_t i = 0; i < c->node->in_count; i++)
		all &= onnx_in(c, i) && onnx_const(onnx_in(c, i));
	return all;
}

/* One input, two, or for Min and Max any number of them. */
static bool fold_chain(struct onnx_ctx *c, enum fold what)
{
	struct onnx_value *y = onnx_out(c, 0), l = *onnx_in(c, 0);
	bool one = what >= FOLD_NEG;

	if (c->node->in_count > 2 && what != FOLD_MIN && what != FOLD_MAX)
		return onnx_refuse(c, "too many inputs");
	if (one || c->node->in_count == 1)
		return fold_arithmetic(c, one ? what : FOLD_MIN, &l, &l, y);
	for (size_t i = 1; i < c->node->in_count; i++) {
		if (!fold_arithmetic(c, what, &l, onnx_in(c, i), y))
			return false;
		l = *y;
	}
	return true;
}

bool onnx_fold(struct onnx_ctx *c, bool *done)
{
	*done = all_constant(c);
	if (!*done)
		return true;
	if (onnx_is(c->node->op, "Where"))
		return fold_where(c);
	if (onnx_is(c->node->op, "Cast"))
		return fold_cast(c);
	if (onnx_is(c->node->op, "ReduceProd"))
		return fold_product(c);
	for (size_t i = 0; i < sizeof(folds) / sizeof(*folds); i++) {
		if (onnx_is(c->node->op, folds[i].name))
			return fold_chain(c, folds[i].what);
	}
	*done = false;
	return true;
}

/* ---- To the graph. */

static bool constant_quant(struct onnx_ctx *c, const struct onnx_value *v,
			   struct graph_value *g, uint32_t axis)
{
	int32_t shift = v->type == ONNX_UINT8 ? 128 : 0;
	size_t n = v->quant.count;

	g->quant.scale = malloc(n * sizeof(float));
	g->quant.zero = malloc(n * sizeof(int32_t));
	if (!g->quant.scale || !g->quant.zero)
		return enc_fail(c->e, ENC_ERR_MEMORY, "out of memory");
	g->quant.count = n;
	g->quant.axis = axis;
	for (size_t i = 0; i < n; i++) {
		g->quant.scale[i] = v->quant.scale[i];
		g->quant.zero[i] = v->quant.zero[i] - shift;
	}
	return true;
}

/* A weight is finite: infinity is the largest number of its sign. */
static bool constant_real(const struct onnx_value *v, size_t from, float *out)
{
	double r = onnx_real(v, from);

	*out = (float)fmax(-3.4028234663852886e38,
			   fmin(3.4028234663852886e38, r));
	return !isnan(r);
}

static void constant_int(const struct onnx_value *v, size_t from,
			 struct graph_value *g, size_t to)
{
	int64_t q = onnx_stored(v, from);

	if (g->type == NN_INT8)
		((int8_t *)g->data)[to] =
			(int8_t)(v->type == ONNX_UINT8 ? q - 128 : q);
	else
		((int32_t *)g->data)[to] = (int32_t)q;
}

/* Elements in the order of g's dimensions. */
static bool constant_fill(const struct onnx_value *v,
			  const struct onnx_shape *s, const uint8_t *order,
			  uint32_t n, struct graph_value *g)
{
	uint32_t at[GRAPH_RANK_MAX] = { 0 };
	size_t from = 0, count = onnx_total(s);

	for (size_t i = 0; i < count; i++) {
		if (g->type != NN_F32)
			constant_int(v, from, g, i);
		else if (!constant_real(v, from, (float *)g->data + i))
			return false;
		for (uint32_t d = n; d-- > 0;) {
			size_t step = onnx_stride(s, order[d]);

			from += step;
			if (++at[d] < s->dims[order[d]])
				break;
			from -= step * s->dims[order[d]];
			at[d] = 0;
		}
	}
	return true;
}

/* The place in `order` of the scales' axis; n: it is split or left out. */
static uint32_t constant_axis(const struct onnx_value *v,
			      const struct onnx_shape *s, const uint8_t *order,
			      uint32_t n)
{
	uint32_t axis = v->quant.axis;

	for (uint32_t i = 0; v->quant.count > 1 && i < n; i++) {
		if (s->dims[order[i]] == v->shape.dims[axis] &&
		    onnx_stride(s, order[i]) == onnx_stride(&v->shape, axis))
			return i;
	}
	return v->quant.count > 1 ? n : 0;
}

bool onnx_constant(struct onnx_ctx *c, const struct onnx_value *v,
		   const struct onnx_shape *s, const uint8_t *order, uint32_t n,
		   int32_t *place)
{
	uint32_t axis = v->quant.scale ? constant_axis(v, s, order, n) : 0;
	bool whole = v->quant.scale && (axis < n || !axis);
	struct graph_value *g = NULL;

	*place = graph_value(c->g, v->name.at, v->name.len, c->e);
	if (*place < 0)
		return false;
	g = &c->g->values[*place];
	g->type = !whole ? NN_F32 : v->type == ONNX_INT32 ? NN_INT32 : NN_INT8;
	g->rank = n ? n : 1;
	g->dims[0] = 1;
	for (uint32_t i = 0; i < n; i++)
		g->dims[i] = s->dims[order[i]];
	if (!onnx_total(s) || !onnx_spend(&c->m.pool, 4 * onnx_total(s)))
		return onnx_refuse(c, "a constant has no elements, or the "
				      "constants are too large");
	g->data = calloc(onnx_total(s), graph_type_bytes(g->type));
	if (!g->data || (whole && !constant_quant(c, v, g, axis)))
		return enc_fail(c->e, ENC_ERR_MEMORY, "out of memory");
	return constant_fill(v, s, order, n, g) ||
	       onnx_refuse(c, "a constant has an element that is no number");
}
