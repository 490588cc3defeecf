/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where elements lie. ONNX numbers the elements of a tensor row by row. A
 * layout says in which order they are stored: as nested loops, outermost first,
 * each over `size` elements at a distance of `stride` in ONNX's numbering. A
 * picture (1, C, H, W) that is stored channels last has
 *
 *	(H, W) (W, 1) (C, H * W), merged: (H * W, 1) (C, H * W)
 *
 * Reshape leaves the numbering alone, so the layout stays; Transpose changes
 * strides. Neither moves data. Loops of size 1 are left out, so the batch
 * vanishes, and two loops that are one are merged: equal orders are equal
 * layouts.
 */
#include <string.h>

#include "onnx_read.h"

static bool layout_push(struct onnx_layout *l, uint32_t size, uint32_t stride)
{
	if (size == 1)
		return true;
	if (l->n == ONNX_FACTORS)
		return false;
	l->size[l->n] = size;
	l->stride[l->n++] = stride;
	return true;
}

void onnx_layout_add(struct onnx_layout *l, uint32_t size, uint32_t stride)
{
	uint32_t last = l->n - 1;

	if (size > 1 && l->n && l->stride[last] == (uint64_t)size * stride) {
		l->size[last] *= size;
		l->stride[last] = stride;
	} else {
		(void)layout_push(l, size, stride);
	}
}

uint32_t onnx_stride(const struct onnx_shape *s, uint32_t d)
{
	uint32_t stride = 1;

	while (++d < s->rank)
		stride *= s->dims[d];
	return stride;
}

uint32_t onnx_total(const struct onnx_shape *s)
{
	return s->rank ? s->dims[0] * onnx_stride(s, 0) : 1;
}

struct onnx_layout onnx_layout_of(const struct onnx_shape *s,
				  const uint8_t *order, uint32_t n)
{
	struct onnx_layout l = { .n = 0 };

	for (uint32_t i = 0; i < n; i++)
		onnx_layout_add(&l, s->dims[order[i]],
				onnx_stride(s, order[i]));
	return l;
}

struct onnx_layout onnx_layout_plain(const struct onnx_shape *s)
{
	struct onnx_layout l = { .n = 0 };

	onnx_layout_add(&l, onnx_total(s), 1);
	return l;
}

static bool layout_same(const struct onnx_layout *a,
			const struct onnx_layout *b)
{
	return a->n == b->n &&
	       !memcmp(a->size, b->size, a->n * sizeof(*a->size)) &&
	       !memcmp(a->stride, b->stride, a->n * sizeof(*a->stride));
}

/* Cuts loops at these distances, the largest first. */
static bool layout_split(const struct onnx_layout *l, const uint32_t *bounds,
			 uint32_t count, struct onnx_layout *out)
{
	out->n = 0;
	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t size = l->size[i], stride = l->stride[i];

		for (uint32_t b = 0; b < count; b++) {
			uint32_t inner = bounds[b] / stride;

			if (bounds[b] <= stride ||
			    bounds[b] >= (uint64_t)stride * size)
				continue;
			if (bounds[b] % stride || size % inner ||
			    !layout_push(out, size / inner, bounds[b]))
				return false;
			size = inner;
		}
		if (!layout_push(out, size, stride))
			return false;
	}
	return true;
}

/* Cuts loops where dimensions meet. */
static bool layout_split_dims(const struct onnx_layout *l,
			      const struct onnx_shape *s,
			      struct onnx_layout *out)
{
	uint32_t bounds[GRAPH_RANK_MAX] = { 0 };

	for (uint32_t d = 0; d < s->rank; d++)
		bounds[d] = onnx_stride(s, d);
	return layout_split(l, bounds, s->rank, out);
}

/* Cuts loops where another layout's loops begin. */
static bool layout_split_as(const struct onnx_layout *l,
			    const struct onnx_layout *other,
			    struct onnx_layout *out)
{
	uint32_t bounds[ONNX_FACTORS] = { 0 };

	for (uint32_t i = 0; i < other->n; i++) {
		uint32_t at = i;

		for (; at && bounds[at - 1] < other->stride[i]; at--)
			bounds[at] = bounds[at - 1];
		bounds[at] = other->stride[i];
	}
	return layout_split(l, bounds, other->n, out);
}

/* ---- Orders of dimensions. */

/* The dimension, of more than one element, that a step of this stride is in. */
static uint32_t dim_of(const struct onnx_shape *s, uint32_t stride)
{
	uint32_t d = s->rank - 1;

	while (d && (uint64_t)onnx_stride(s, d) * s->dims[d] <= stride)
		d--;
	return d;
}

/* The order in which the dimensions lie, those of size 1 first. */
static bool order_stored(const struct onnx_layout *l,
			 const struct onnx_shape *s, uint32_t first,
			 uint8_t *order)
{
	struct onnx_layout split;
	uint32_t n = 0;

	if (!s->rank || !layout_split_dims(l, s, &split))
		return false;
	for (uint32_t d = first; d < s->rank; d++) {
		if (s->dims[d] == 1)
			order[n++] = (uint8_t)d;
	}
	for (uint32_t i = 0; i < split.n; i++) {
		uint32_t d = dim_of(s, split.stride[i]);

		if (i && dim_of(s, split.stride[i - 1]) == d)
			continue;
		if (n == s->rank - first)
			return false;
		order[n++] = (uint8_t)d;
	}
	return n == s->rank - first;
}

static bool order_fits(const struct onnx_layout *l, const struct onnx_shape *s,
		       const uint8_t *order, uint32_t n)
{
	struct onnx_layout want = onnx_layout_of(s, order, n);

	return layout_same(l, &want);
}

void onnx_order(const struct onnx_value *x, const struct onnx_shape *s,
		const struct onnx_shape *out, uint8_t *order, uint32_t *n)
{
	static const uint8_t last[4] = { 0, 2, 3, 1 };
	uint32_t first = s->rank > 1 && s->dims[0] == 1 && out->dims[0] == 1;

	*n = s->rank - first;
	if (s->rank == 4) {
		memcpy(order, last + first, *n);
		if (order_fits(&x->layout, s, order, *n))
			return;
	}
	for (uint32_t i = 0; i < *n; i++)
		order[i] = (uint8_t)(i + first);
	if (order_fits(&x->layout, s, order, *n))
		return;
	if (order_stored(&x->layout, s, first, order) &&
	    order_fits(&x->layout, s, order, *n))
		return;
	for (uint32_t i = 0; i < *n; i++)
		order[i] = (uint8_t)(i + first);
}

/* ---- Moves. */

bool onnx_reshape(struct onnx_ctx *c, int32_t in, const uint32_t *dims,
		  uint32_t rank, int32_t *out)
{
	const struct graph_value *v = &c->g->values[in];
	struct graph_node *n = NULL;

	*out = in;
	if (v->rank == rank && !memcmp(v->dims, dims, rank * sizeof(*dims)))
		return true;
	n = onnx_emit(c, NN_RESHAPE, &in, 1, dims, rank);
	if (n)
		*out = n->out;
	return n;
}

/* Runs of loops that are side by side before and after become one. */
static uint32_t runs_find(const struct onnx_layout *from,
			  const struct onnx_layout *to, uint32_t *at,
			  uint32_t *size)
{
	uint32_t runs = 0, before = 0;

	for (uint32_t i = 0; i < to->n; i++) {
		uint32_t j = 0;

		while (j < from->n && from->stride[j] != to->stride[i])
			j++;
		if (j == from->n || from->size[j] != to->size[i])
			return 0;
		if (i && j == before + 1 &&
		    (uint64_t)size[runs - 1] * to->size[i] <= NN_DIM_MAX) {
			size[runs - 1] *= to->size[i];
		} else {
			at[runs] = j;
			size[runs++] = to->size[i];
		}
		before = j;
	}
	return runs;
}

/* Transposes a value; both layouts have the same loops in another order. */
static bool layout_move(struct onnx_ctx *c, int32_t in,
			const struct onnx_layout *from,
			const struct onnx_layout *to, int32_t *out)
{
	uint32_t at[ONNX_FACTORS] = { 0 }, size[ONNX_FACTORS] = { 0 };
	uint32_t stored[GRAPH_RANK_MAX] = { 0 };
	uint8_t perm[GRAPH_RANK_MAX] = { 0 };
	struct graph_node *n = NULL;
	uint32_t runs = runs_find(from, to, at, size);

	if (from->n != to->n || !runs || runs > NN_RANK_MAX)
		return onnx_refuse(c,
				   "its input needs a transposition of more "
				   "than %u dimensions",
				   NN_RANK_MAX);
	for (uint32_t i = 0; i < runs; i++) {
		for (uint32_t j = 0; j < runs; j++)
			perm[i] = (uint8_t)(perm[i] + (at[j] < at[i]));
		stored[perm[i]] = size[i];
	}
	if (!onnx_reshape(c, in, stored, runs, &in))
		return false;
	n = onnx_emit(c, NN_TRANSPOSE, &in, 1, size, runs);
	if (!n)
		return false;
	memcpy(n->from, perm, sizeof(perm));
	*out = n->out;
	return true;
}

static bool take_moved(struct onnx_ctx *c, const struct onnx_value *x,
		       const struct onnx_layout *want, int32_t *place)
{
	struct onnx_layout plain = onnx_layout_plain(&x->shape);
	struct onnx_layout from, to;

	if (layout_split_as(&x->layout, want, &from) &&
	    layout_split_as(want, &x->layout, &to))
		return layout_move(c, x->place, &from, &to, place);
	/* The loops of the two cross: through ONNX's order. */
	if (!layout_split_as(&plain, &x->layout, &to) ||
	    !layout_move(c, x->place, &x->layout, &to, place) ||
	    !layout_split_as(&plain, want, &from))
		return onnx_refuse(c, "its input cannot be put in order");
	return layout_move(c, *place, &from, want, place);
}

/* A constant where a tensor is wanted: floats, without a batch of 1. */
static bool take_constant(struct onnx_ctx *c, struct onnx_value *x)
{
	static const uint8_t all[GRAPH_RANK_MAX] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	uint32_t skip = x->shape.rank > 1 && x->shape.dims[0] == 1;
	struct onnx_value floats;

	if (onnx_is_integer(x))
		return onnx_refuse(c, "a constant input has integer elements; "
				      "FLOAT is accepted");
	if (!onnx_fold_expand(c, x, &floats, &x->shape))
		return false;
	floats.name = x->name;
	if (!onnx_constant(c, &floats, &x->shape, all + skip,
			   x->shape.rank - skip, &x->place))
		return false;
	x->layout = onnx_layout_plain(&x->shape);
	return true;
}

bool onnx_take(struct onnx_ctx *c, struct onnx_value *x,
	       const struct onnx_layout *want, const uint32_t *dims,
	       uint32_t rank, int32_t *place)
{
	if (x->place == GRAPH_NONE && !take_constant(c, x))
		return false;
	if (layout_same(&x->layout, want))
		return onnx_reshape(c, x->place, dims, rank, place);
	if (x->other == GRAPH_NONE || !layout_same(&x->other_layout, want)) {
		if (!take_moved(c, x, want, &x->other))
			return false;
		x->other_layout = *want;
	}
	return onnx_reshape(c, x->other, dims, rank, place);
}

bool onnx_take_order(struct onnx_ctx *c, struct onnx_value *x,
		     const struct onnx_shape *s, const uint8_t *order,
		     uint32_t n, int32_t *place)
{
	struct onnx_layout want = onnx_layout_of(s, order, n);
	uint32_t dims[GRAPH_RANK_MAX] = { 1 };

	for (uint32_t i = 0; i < n; i++)
		dims[i] = s->dims[order[i]];
	return onnx_take(c, x, &want, dims, n ? n : 1, place);
}

/* Splits off the loops over the K elements, if they are the last ones. */
static bool last_split(const struct onnx_layout *l, uint32_t k, uint32_t inner,
		       struct onnx_layout *rows, struct onnx_layout *last)
{
	const uint32_t bounds[2] = { k * inner, inner };
	struct onnx_layout s;

	rows->n = last->n = 0;
	if (!layout_split(l, bounds, 2, &s))
		return false;
	for (uint32_t i = 0; i < s.n; i++) {
		bool in_k = s.stride[i] >= inner &&
			    s.stride[i] < (uint64_t)k * inner;

		if (last->n && !in_k)
			return false;
		(void)layout_push(in_k ? last : rows, s.size[i], s.stride[i]);
	}
	return true;
}

bool onnx_take_last(struct onnx_ctx *c, struct onnx_value *x, uint32_t k,
		    uint32_t inner, int32_t *place, struct onnx_layout *rows,
		    struct onnx_layout *last)
{
	struct onnx_layout want = { .n = 0 };
	uint32_t total = onnx_total(&x->shape);
	uint32_t dims[2] = { total / k, k };

	if (x->place == GRAPH_NONE && !take_constant(c, x))
		return false;
	if (last_split(&x->layout, k, inner, rows, last)) {
		*place = x->place;
		return true;
	}
	onnx_layout_add(&want, total / k / inner, k * inner);
	onnx_layout_add(&want, inner, 1);
	onnx_layout_add(&want, k, inner);
	return onnx_take(c, x, &want, dims, 2, place) &&
	       last_split(&want, k, inner, rows, last);
}

/* x in ONNX's own order. */
static bool take_plain(struct onnx_ctx *c, struct onnx_value *x)
{
	struct onnx_layout plain = onnx_layout_plain(&x->shape);
	uint32_t total = onnx_total(&x->shape);
	int32_t place = 0;

	if (!onnx_take(c, x, &plain, &total, 1, &place))
		return false;
	x->place = place;
	x->layout = plain;
	return true;
}

bool onnx_permute(struct onnx_ctx *c, struct onnx_value *x, const uint8_t *from,
		  struct onnx_layout *out)
{
	struct onnx_shape s = x->shape, y = s;
	struct onnx_layout split;

	if (!layout_split_dims(&x->layout, &s, &split) &&
	    (!take_plain(c, x) || !layout_split_dims(&x->layout, &s, &split)))
		return onnx_refuse(c, "its input cannot be put in order");
	for (uint32_t i = 0; i < s.rank; i++)
		y.dims[i] = s.dims[from[i]];
	out->n = 0;
	for (uint32_t i = 0; i < split.n; i++) {
		uint32_t d = dim_of(&s, split.stride[i]), to = 0;

		while (from[to] != d)
			to++;
		onnx_layout_add(out, split.size[i],
				split.stride[i] / onnx_stride(&s, d) *
					onnx_stride(&y, to));
	}
	return true;
}
