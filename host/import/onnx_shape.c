/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes, and the operators that change nothing else. */
#include <string.h>

#include "onnx_read.h"

struct onnx_shape onnx_pad_rank(const struct onnx_shape *s, uint32_t rank)
{
	struct onnx_shape out = { .rank = rank };
	uint32_t more = rank - s->rank;

	for (uint32_t d = 0; d < rank; d++)
		out.dims[d] = d < more ? 1 : s->dims[d - more];
	return out;
}

bool onnx_broadcast(struct onnx_ctx *c, const struct onnx_shape *a,
		    const struct onnx_shape *b, struct onnx_shape *out)
{
	uint32_t rank = a->rank > b->rank ? a->rank : b->rank;
	struct onnx_shape l = onnx_pad_rank(a, rank);
	struct onnx_shape r = onnx_pad_rank(b, rank);
	size_t count = 0;

	*out = l;
	for (uint32_t d = 0; d < rank; d++) {
		if (l.dims[d] == 1)
			out->dims[d] = r.dims[d];
		else if (r.dims[d] != 1 && r.dims[d] != l.dims[d])
			return onnx_refuse(c,
					   "shapes do not fit: %u and %u "
					   "elements along axis %u",
					   l.dims[d], r.dims[d], d);
	}
	return onnx_count(out, &count) ||
	       onnx_refuse(c, "its output has more than %u elements",
			   NN_ELEMENTS_MAX);
}

static bool run_identity(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_value *training = onnx_in(c, 2);

	(void)arg;
	if (!x)
		return false;
	if (training && !(onnx_const(training) && onnx_len(training) == 1 &&
			  !onnx_int(training, 0)))
		return onnx_refuse(c, "training_mode must be a constant false");
	return onnx_alias(c, x, onnx_out(c, 0), &x->shape);
}

/* Where 0 copies a dimension and -1 takes what is left. */
static bool reshape_dims(struct onnx_ctx *c, const struct onnx_shape *x,
			 const int64_t *want, size_t count,
			 struct onnx_shape *out)
{
	bool zero = onnx_attr_int(c, "allowzero", 0) != 0;
	uint64_t known = 1, total = onnx_total(x);
	size_t open = SIZE_MAX;

	out->rank = (uint32_t)count;
	for (size_t d = 0; d < count; d++) {
		int64_t n = want[d];

		if (!n && !zero && d < x->rank)
			n = x->dims[d];
		if (n == -1 && open == SIZE_MAX) {
			open = d;
			n = 1;
		}
		if (n < 0 || n > NN_ELEMENTS_MAX ||
		    known * (uint64_t)n > NN_ELEMENTS_MAX)
			return onnx_refuse(c,
					   "dimension %zu of its shape is "
					   "%lld",
					   d, (long long)want[d]);
		out->dims[d] = (uint32_t)n;
		known *= (uint64_t)n;
	}
	if (open != SIZE_MAX && known) {
		out->dims[open] = (uint32_t)(total / known);
		known *= out->dims[open];
	}
	return known == total ||
	       onnx_refuse(c, "its shape has another number of elements than "
			      "its input");
}

static bool run_reshape(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	int64_t want[GRAPH_RANK_MAX] = { 0 };
	struct onnx_shape s = { .rank = 0 };
	size_t n = 0;

	(void)arg;
	if (!x || !onnx_need_const(c, 1, "its shape") ||
	    !onnx_list(c, "shape", 1, want, GRAPH_RANK_MAX, &n) ||
	    !reshape_dims(c, &x->shape, want, n, &s))
		return false;
	return onnx_alias(c, x, onnx_out(c, 0), &s);
}

static bool run_flatten(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_shape s = { .rank = 2, .dims = { 1, 1 } };
	int64_t axis = onnx_attr_int(c, "axis", 1);

	(void)arg;
	if (!x)
		return false;
	if (axis < 0)
		axis += x->shape.rank;
	if (axis < 0 || axis > (int64_t)x->shape.rank)
		return onnx_refuse(c, "axis of a tensor of rank %u",
				   x->shape.rank);
	for (uint32_t d = 0; d < x->shape.rank; d++)
		s.dims[d >= axis] *= x->shape.dims[d];
	return onnx_alias(c, x, onnx_out(c, 0), &s);
}

/* A set of axes below `rank`. */
static bool axes_read(struct onnx_ctx *c, uint32_t rank, uint32_t *set,
		      size_t *count)
{
	int64_t axes[GRAPH_RANK_MAX] = { 0 };
	uint32_t d = 0;

	*set = 0;
	if (!onnx_list(c, "axes", 1, axes, GRAPH_RANK_MAX, count))
		return false;
	for (size_t i = 0; i < *count; i++) {
		if (!onnx_axis(c, axes[i], rank, &d))
			return false;
		if (*set >> d & 1)
			return onnx_refuse(c, "axis %u is given twice", d);
		*set |= 1u << d;
	}
	return true;
}

static bool run_squeeze(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_shape s = { .rank = 0 };
	uint32_t set = 0;
	size_t n = 0;

	(void)arg;
	if (!x || !axes_read(c, x->shape.rank, &set, &n))
		return false;
	for (uint32_t d = 0; d < x->shape.rank; d++) {
		bool drop = n ? set >> d & 1 : x->shape.dims[d] == 1;

		if (drop && x->shape.dims[d] != 1)
			return onnx_refuse(c, "axis %u has %u elements, not 1",
					   d, x->shape.dims[d]);
		if (!drop)
			s.dims[s.rank++] = x->shape.dims[d];
	}
	return onnx_alias(c, x, onnx_out(c, 0), &s);
}

static bool run_unsqueeze(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_shape s = { .rank = 0 };
	int64_t axes[GRAPH_RANK_MAX] = { 0 };
	uint32_t set = 0, from = 0;
	size_t n = 0;

	(void)arg;
	if (!x || !onnx_list(c, "axes", 1, axes, GRAPH_RANK_MAX, &n))
		return false;
	s.rank = x->shape.rank + (uint32_t)n;
	if (s.rank > GRAPH_RANK_MAX)
		return onnx_refuse(c, "its output has rank %u; %u is accepted",
				   s.rank, GRAPH_RANK_MAX);
	if (!axes_read(c, s.rank, &set, &n))
		return false;
	for (uint32_t d = 0; d < s.rank; d++)
		s.dims[d] = set >> d & 1 ? 1 : x->shape.dims[from++];
	return onnx_alias(c, x, onnx_out(c, 0), &s);
}

/* Shape (arg 0) and Size (1): known before anything is computed. */
static bool run_shape(struct onnx_ctx *c, int size)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_shape s = { .rank = !size };
	int64_t rank = x ? x->shape.rank : 0;
	int64_t start = onnx_attr_int(c, "start", 0);
	int64_t end = onnx_attr_int(c, "end", rank);

	if (!x)
		return false;
	start += start < 0 ? rank : 0;
	end += end < 0 ? rank : 0;
	start = start < 0 ? 0 : start;
	end = end > rank ? rank : end;
	s.dims[0] = end > start ? (uint32_t)(end - start) : 0;
	if (!onnx_make(c, y, ONNX_INT64, &s))
		return false;
	if (size)
		onnx_set(y, 0, 0, onnx_total(&x->shape));
	for (uint32_t d = 0; !size && d < s.dims[0]; d++)
		onnx_set(y, d, 0, x->shape.dims[start + d]);
	return true;
}

/* ConstantOfShape. */
static bool run_constant_of_shape(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need_const(c, 0, "its shape");
	const struct onnx_attr *a = onnx_attr(c, "value");
	const struct onnx_value *v = a ? a->tensor : NULL;
	struct onnx_value *y = onnx_out(c, 0);
	struct onnx_shape s = { .rank = 0 };

	(void)arg;
	if (!x)
		return false;
	if ((v && onnx_len(v) != 1) || onnx_len(x) > GRAPH_RANK_MAX)
		return onnx_refuse(c,
				   "value has one element, and the shape "
				   "%u at most",
				   GRAPH_RANK_MAX);
	s.rank = (uint32_t)onnx_len(x);
	for (uint32_t d = 0; d < s.rank; d++) {
		int64_t n = onnx_int(x, d);

		if (n < 0 || n > NN_ELEMENTS_MAX)
			return onnx_refuse(c, "dimension %u is %lld", d,
					   (long long)n);
		s.dims[d] = (uint32_t)n;
	}
	if (!onnx_make(c, y, v ? v->type : ONNX_FLOAT, &s))
		return false;
	for (size_t i = 0; v && i < onnx_len(y); i++)
		onnx_set(y, i, onnx_real(v, 0), onnx_int(v, 0));
	return true;
}

static bool run_range(struct onnx_ctx *c, int arg)
{
	struct onnx_value *from = onnx_need_const(c, 0, "start");
	struct onnx_value *to = onnx_need_const(c, 1, "limit");
	struct onnx_value *step = onnx_need_const(c, 2, "delta");
	struct onnx_shape s = { .rank = 1 };
	double first = 0, by = 0, count = 0;

	(void)arg;
	if (!from || !to || !step)
		return false;
	if (onnx_len(from) != 1 || onnx_len(to) != 1 || onnx_len(step) != 1)
		return onnx_refuse(c, "its inputs must have one element each");
	if (!onnx_same_type(from, to) || !onnx_same_type(from, step))
		return onnx_refuse(c, "its inputs have different element "
				      "types");
	first = onnx_real(from, 0);
	by = onnx_real(step, 0);
	count = (onnx_real(to, 0) - first) / by;
	if (!(count < NN_ELEMENTS_MAX))
		return onnx_refuse(c, "the range has too many elements");
	if (count > 0)
		s.dims[0] = (uint32_t)count + ((uint32_t)count < count);
	if (!onnx_make(c, onnx_out(c, 0), onnx_made_type(from), &s))
		return false;
	for (size_t i = 0; i < s.dims[0]; i++)
		onnx_set(onnx_out(c, 0), i, first + (double)i * by,
			 (int64_t)((uint64_t)onnx_int(from, 0) +
				   i * (uint64_t)onnx_int(step, 0)));
	return true;
}

const struct onnx_op onnx_ops_shape[] = {
	{ "Identity", run_identity, 0 },
	{ "Dropout", run_identity, 0 },
	{ "Reshape", run_reshape, 0 },
	{ "Flatten", run_flatten, 0 },
	{ "Squeeze", run_squeeze, 0 },
	{ "Unsqueeze", run_unsqueeze, 0 },
	{ "Shape", run_shape, 0 },
	{ "Size", run_shape, 1 },
	{ "ConstantOfShape", run_constant_of_shape, 0 },
	{ "Range", run_range, 0 },
	{ NULL, NULL, 0 },
};
