/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exporters write as several nodes, and the engine computes as one:
 *
 *	x / sqrt(mean(x * x) + e)			a norm (RMS)
 *	(x - mean(x)) / sqrt(mean((x - mean(x))^2) + e)	a norm (layer)
 *	x * 0.5 * (1 + erf(x / sqrt(2)))		GELU
 *	x * 0.5 * (1 + tanh(0.7979 * (x + 0.0447 * x^3)))
 *
 * The last node is changed; those before it are no longer needed.
 */
#include <math.h>

#include "onnx_read.h"

#define LEAVES_MAX 8u
#define DEPTH	   3 /* nodes that a product is taken apart */

/* A product: constants multiplied out, and everything else. */
struct product {
	double factor;
	uint32_t leaf[LEAVES_MAX];
	uint32_t count;
};

static const struct onnx_node *maker(const struct onnx_ctx *c, uint32_t v,
				     const char *op, size_t inputs)
{
	const struct onnx_node *n = NULL;

	if (v == ONNX_ABSENT || c->m.values[v].maker == ONNX_ABSENT)
		return NULL;
	n = &c->m.nodes[c->m.values[v].maker];
	if (!onnx_is(n->op, op) || !onnx_default_domain(n) ||
	    n->in_count < inputs)
		return NULL;
	for (size_t i = 0; i < inputs; i++) {
		if (n->in[i] == ONNX_ABSENT)
			return NULL;
	}
	return n;
}

/* True if it is one constant number. */
static bool number(const struct onnx_ctx *c, uint32_t v, double *out)
{
	const struct onnx_value *x = &c->m.values[v];

	if (!onnx_const(x) || onnx_len(x) != 1)
		return false;
	*out = onnx_real(x, 0);
	return true;
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-3 * fabs(b);
}

static bool leaf_add(struct product *p, uint32_t v, uint32_t times)
{
	if (LEAVES_MAX - p->count < times)
		return false;
	while (times--)
		p->leaf[p->count++] = v;
	return true;
}

/* A factor that may be taken apart, `depth` nodes deep. */
struct part {
	uint32_t v;
	int depth;
};

/* The factors of a node that is no leaf, as parts: their number. */
static uint32_t part_split(const struct onnx_ctx *c, struct part part,
			   struct product *p, struct part to[2])
{
	const struct onnx_node *mul = maker(c, part.v, "Mul", 2);
	const struct onnx_node *div = maker(c, part.v, "Div", 2);
	double k = 0;

	if (!part.depth || (!mul && !div))
		return 0;
	if (mul) {
		to[0] = (struct part){ mul->in[1], part.depth - 1 };
		to[1] = (struct part){ mul->in[0], part.depth - 1 };
		return 2;
	}
	if (!number(c, div->in[1], &k))
		return 0;
	p->factor /= k;
	to[0] = (struct part){ div->in[0], part.depth - 1 };
	return 1;
}

/* A power is so many leaves. */
static bool part_take(const struct onnx_ctx *c, struct part part,
		      struct product *p)
{
	const struct onnx_node *pow = maker(c, part.v, "Pow", 2);
	double k = 0;

	if (part.depth && pow && number(c, pow->in[1], &k)) {
		if (near(k, 2))
			return leaf_add(p, pow->in[0], 2);
		if (near(k, 3))
			return leaf_add(p, pow->in[0], 3);
	}
	return leaf_add(p, part.v, 1);
}

/* Takes a value apart. False: it has too many factors. */
static bool product_of(const struct onnx_ctx *c, uint32_t v, struct product *p)
{
	struct part parts[DEPTH + 1] = { { v, DEPTH } };
	uint32_t count = 1;
	double k = 0;

	*p = (struct product){ .factor = 1 };
	while (count) {
		struct part part = parts[--count];
		uint32_t more = 0;

		if (number(c, part.v, &k)) {
			p->factor *= k;
			continue;
		}
		more = part_split(c, part, p, parts + count);
		count += more;
		if (!more && !part_take(c, part, p))
			return false;
	}
	return true;
}

/* True if v = a + number, in either order. */
static bool plus_number(const struct onnx_ctx *c, uint32_t v, uint32_t *a,
			double *k)
{
	const struct onnx_node *add = maker(c, v, "Add", 2);

	for (size_t i = 0; add && i < 2; i++) {
		if (number(c, add->in[i], k)) {
			*a = add->in[!i];
			return true;
		}
	}
	return false;
}

/* True if v = 0.7979 * (x + 0.0447 * x^3). */
static bool is_cubic(const struct onnx_ctx *c, uint32_t v, uint32_t x)
{
	const struct onnx_node *add = NULL;
	struct product p, cube;

	if (!product_of(c, v, &p) || p.count != 1 ||
	    !near(p.factor, 0.7978845608))
		return false;
	add = maker(c, p.leaf[0], "Add", 2);
	for (size_t i = 0; add && i < 2; i++) {
		if (add->in[i] == x && product_of(c, add->in[!i], &cube) &&
		    cube.count == 3 && near(cube.factor, 0.044715) &&
		    cube.leaf[0] == x && cube.leaf[1] == x && cube.leaf[2] == x)
			return true;
	}
	return false;
}

static void find_gelu(struct onnx_ctx *c, struct onnx_node *n)
{
	struct product p, arg;
	uint32_t inner = 0;
	double one = 0;

	if (n->out[0] == ONNX_ABSENT || !product_of(c, n->out[0], &p) ||
	    p.count != 2 || !near(p.factor, 0.5))
		return;
	for (size_t i = 0; i < 2; i++) {
		uint32_t x = p.leaf[!i];
		const struct onnx_node *erf = NULL, *tanh = NULL;

		if (!plus_number(c, p.leaf[i], &inner, &one) || !near(one, 1))
			continue;
		erf = maker(c, inner, "Erf", 1);
		tanh = maker(c, inner, "Tanh", 1);
		if (erf && product_of(c, erf->in[0], &arg) && arg.count == 1 &&
		    arg.leaf[0] == x && near(arg.factor, 0.7071067812))
			n->op = (struct onnx_str){ "Gelu", 4 };
		else if (tanh && is_cubic(c, tanh->in[0], x))
			n->op = (struct onnx_str){ "enc.GeluTanh", 12 };
		else
			continue;
		n->in[0] = x;
		n->in_count = 1;
		n->attr_count = 0;
		return;
	}
}

/* ReduceMean along the last axis, which is kept: its input, or absent. */
static uint32_t mean_of(struct onnx_ctx *c, uint32_t v)
{
	const struct onnx_node *n = maker(c, v, "ReduceMean", 1);
	struct onnx_node *now = c->node;
	int64_t axes[GRAPH_RANK_MAX] = { 0 };
	size_t count = 0;
	bool fits = false;

	if (!n)
		return ONNX_ABSENT;
	c->node = (struct onnx_node *)n;
	fits = onnx_attr_int(c, "keepdims", 1) &&
	       onnx_list(c, "axes", 1, axes, 1, &count) && count == 1 &&
	       axes[0] == -1;
	c->node = now;
	return fits ? n->in[0] : ONNX_ABSENT;
}

/* True if v = sqrt(mean(x * x) + epsilon). */
static bool is_root(struct onnx_ctx *c, uint32_t v, uint32_t x, float *epsilon)
{
	const struct onnx_node *root = maker(c, v, "Sqrt", 1);
	struct product p;
	uint32_t mean = 0;
	double k = 0;

	if (!root || !plus_number(c, root->in[0], &mean, &k) || k < 0)
		return false;
	mean = mean_of(c, mean);
	if (mean == ONNX_ABSENT || !product_of(c, mean, &p) || p.count != 2 ||
	    !near(p.factor, 1) || p.leaf[0] != x || p.leaf[1] != x)
		return false;
	*epsilon = (float)k;
	return true;
}

/* n = x / root, or x * (1 / root). */
static bool norm_parts(struct onnx_ctx *c, const struct onnx_node *n,
		       uint32_t *x, float *epsilon)
{
	double one = 0;

	*x = n->in[0];
	if (onnx_is(n->op, "Div"))
		return is_root(c, n->in[1], n->in[0], epsilon);
	for (size_t i = 0; i < 2; i++) {
		const struct onnx_node *r = maker(c, n->in[i], "Reciprocal", 1);
		const struct onnx_node *d = maker(c, n->in[i], "Div", 2);

		*x = n->in[!i];
		if (r && is_root(c, r->in[0], *x, epsilon))
			return true;
		if (d && number(c, d->in[0], &one) && near(one, 1) &&
		    is_root(c, d->in[1], *x, epsilon))
			return true;
	}
	return false;
}

static void find_norm(struct onnx_ctx *c, struct onnx_node *n)
{
	const struct onnx_node *sub = NULL;
	uint32_t x = 0;

	if (n->in_count != 2 || n->in[0] == ONNX_ABSENT ||
	    n->in[1] == ONNX_ABSENT || !norm_parts(c, n, &x, &n->epsilon))
		return;
	n->op = (struct onnx_str){ "enc.RmsNorm", 11 };
	sub = maker(c, x, "Sub", 2);
	if (sub && mean_of(c, sub->in[1]) == sub->in[0]) {
		n->op = (struct onnx_str){ "enc.LayerNorm", 13 };
		x = sub->in[0];
	}
	n->in[0] = x;
	n->in_count = 1;
	n->attr_count = 0;
}

void onnx_patterns(struct onnx_ctx *c)
{
	for (size_t i = c->m.node_count; i-- > 0;) {
		struct onnx_node *n = &c->m.nodes[i];
		bool mul = onnx_is(n->op, "Mul");

		if (mul)
			find_gelu(c, n);
		if (onnx_is(n->op, "Mul") || onnx_is(n->op, "Div"))
			find_norm(c, n);
	}
}
