/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move elements, of constants and of computed tensors. */
#include <math.h>
#include <string.h>

#include "onnx_read.h"

static bool run_transpose(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	int64_t perm[GRAPH_RANK_MAX] = { 0 }, step[GRAPH_RANK_MAX] = { 0 };
	uint8_t from[GRAPH_RANK_MAX] = { 0 };
	uint32_t seen = 0, rank = x ? x->shape.rank : 0;
	struct onnx_shape s = { .rank = rank };
	size_t n = 0;

	(void)arg;
	if (!x || !onnx_list(c, "perm", SIZE_MAX, perm, GRAPH_RANK_MAX, &n))
		return false;
	for (uint32_t i = 0; i < rank; i++) {
		int64_t d = n ? perm[i] : (int64_t)(rank - 1 - i);

		if ((n && n != rank) || d < 0 || d >= rank || seen >> d & 1)
			return onnx_refuse(c,
					   "perm is not a permutation of "
					   "%u axes",
					   rank);
		seen |= 1u << d;
		from[i] = (uint8_t)d;
		s.dims[i] = x->shape.dims[d];
		step[i] = onnx_stride(&x->shape, (uint32_t)d);
	}
	if (!onnx_const(x)) {
		struct onnx_layout l;

		return onnx_permute(c, x, from, &l) &&
		       onnx_bind(c, y, x->place, &l, &s);
	}
	if (!x->quant.scale)
		return onnx_fold_copy(c, x, y, &s, 0, step);
	/* Quantised weights stay integers. */
	struct onnx_value plain = *x;

	plain.quant.scale = NULL;
	if (!onnx_fold_copy(c, &plain, y, &s, 0, step))
		return false;
	y->quant = x->quant;
	for (uint32_t i = 0; i < rank; i++) {
		if (from[i] == x->quant.axis)
			y->quant.axis = i;
	}
	return true;
}

bool onnx_slice(struct onnx_ctx *c, struct onnx_value *x, struct onnx_value *y,
		const struct onnx_shape *out, const int64_t *begin,
		const int64_t *step)
{
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	uint32_t n = 0, dims[GRAPH_RANK_MAX] = { 1 };
	int64_t jump[GRAPH_RANK_MAX] = { 0 }, offset = 0;
	struct graph_node *node = NULL;
	struct onnx_layout l;
	int32_t place = 0;

	for (uint32_t d = 0; d < out->rank; d++) {
		int64_t stride = onnx_stride(&x->shape, d);

		offset += begin[d] * stride;
		jump[d] = step[d] * stride;
		if (!onnx_const(x) &&
		    (step[d] < 1 || step[d] > UINT16_MAX || !out->dims[d]))
			return onnx_refuse(c,
					   "step %lld, %u element%s along "
					   "axis %u; steps of 1 to 65535, "
					   "one element or more are "
					   "accepted",
					   (long long)step[d], out->dims[d],
					   enc_s(out->dims[d]), d);
	}
	if (onnx_const(x))
		return onnx_fold_copy(c, x, y, out, offset, jump);
	if (!memcmp(out->dims, x->shape.dims, out->rank * sizeof(*out->dims)))
		return onnx_alias(c, x, y, out);
	onnx_order(x, &x->shape, out, order, &n);
	if (!onnx_take_order(c, x, &x->shape, order, n, &place))
		return false;
	for (uint32_t i = 0; i < n; i++)
		dims[i] = out->dims[order[i]];
	node = onnx_emit(c, NN_SLICE, &place, 1, dims, n);
	if (!node)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		node->begin[i] = (uint32_t)begin[order[i]];
		node->step[i] = (uint32_t)step[order[i]];
	}
	l = onnx_layout_of(out, order, n);
	return onnx_bind(c, y, node->out, &l, out);
}

/* ---- Concat. */

static bool concat_shape(struct onnx_ctx *c, uint32_t *axis,
			 struct onnx_shape *s, bool *constant)
{
	struct onnx_value *first = onnx_need(c, 0);
	uint64_t sum = 0;

	if (!first || !onnx_axis(c, onnx_attr_int(c, "axis", c->m.opset < 4),
				 first->shape.rank, axis))
		return false;
	*s = first->shape;
	*constant = true;
	for (size_t i = 0; i < c->node->in_count; i++) {
		struct onnx_value *x = onnx_need(c, i);
		struct onnx_shape same;

		if (!x)
			return false;
		same = x->shape;
		sum += *axis < same.rank ? same.dims[*axis] : 0;
		same.dims[*axis] = s->dims[*axis];
		if (memcmp(&same, s, sizeof(same)))
			return onnx_misfit(c);
		*constant &= onnx_const(x);
		if (!onnx_same_type(x, first))
			return onnx_refuse(c, "its inputs have different "
					      "element types");
	}
	if (sum > NN_ELEMENTS_MAX)
		return onnx_refuse(c, "its output is too large");
	s->dims[*axis] = (uint32_t)sum;
	return true;
}

static bool concat_constants(struct onnx_ctx *c, uint32_t axis,
			     const struct onnx_shape *s)
{
	const struct onnx_value *x = onnx_in(c, 0);
	struct onnx_value *y = onnx_out(c, 0);
	size_t inner = onnx_stride(s, axis), row = s->dims[axis] * inner;
	size_t at = 0;

	if (!onnx_make(c, y, onnx_made_type(x), s))
		return false;
	for (size_t i = 0; i < c->node->in_count; i++) {
		size_t part = 0, n = 0;

		x = onnx_in(c, i);
		part = x->shape.dims[axis] * inner;
		n = onnx_len(x);
		for (size_t k = 0; k < n; k++)
			onnx_set(y, k / part * row + at + k % part,
				 onnx_real(x, k), onnx_int(x, k));
		at += part;
	}
	return true;
}

bool onnx_concat(struct onnx_ctx *c, struct onnx_value **part, size_t count,
		 uint32_t axis, const struct onnx_shape *s,
		 struct onnx_value *y)
{
	int32_t in[GRAPH_INPUTS_MAX] = { 0 };
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	uint32_t n = 0, dims[GRAPH_RANK_MAX] = { 1 };
	struct onnx_value *x = NULL;
	struct onnx_layout l;
	struct graph_node *node = NULL;

	if (count == 1)
		return onnx_alias(c, part[0], y, s);
	for (size_t i = count; i-- > 0;)
		x = onnx_const(part[i]) ? x : part[i];
	onnx_order(x, &x->shape, s, order, &n);
	for (size_t i = 0; i < count; i++) {
		x = part[i];
		if (!onnx_take_order(c, x, &x->shape, order, n, &in[i]))
			return false;
		if (c->g->values[in[i]].type != c->g->values[in[0]].type)
			return onnx_refuse(c, "its inputs have different "
					      "element types");
	}
	for (uint32_t i = 0; i < n; i++)
		dims[i] = s->dims[order[i]];
	node = onnx_emit(c, NN_CONCAT, in, (uint32_t)count, dims, n);
	if (!node)
		return false;
	while (order[node->axis] != axis)
		node->axis++;
	l = onnx_layout_of(s, order, n);
	return onnx_bind(c, y, node->out, &l, s);
}

static bool run_concat(struct onnx_ctx *c, int arg)
{
	struct onnx_value *part[GRAPH_INPUTS_MAX] = { NULL };
	struct onnx_shape s;
	bool constant = false;
	size_t count = c->node->in_count;
	uint32_t axis = 0;

	(void)arg;
	if (!concat_shape(c, &axis, &s, &constant))
		return false;
	if (constant)
		return concat_constants(c, axis, &s);
	if (count > GRAPH_INPUTS_MAX)
		return onnx_refuse(c, "%zu inputs; %u are accepted", count,
				   GRAPH_INPUTS_MAX);
	for (size_t i = 0; i < count; i++)
		part[i] = onnx_in(c, i);
	return onnx_concat(c, part, count, axis, &s, onnx_out(c, 0));
}

/* ---- Positions of a computed tensor, in any order. */

/* Elements from `first` on that ascend in equal steps. */
static uint32_t pick_run(const uint32_t *at, uint32_t n, int64_t *step)
{
	uint32_t run = 1;

	*step = n > 1 ? (int64_t)at[1] - at[0] : 1;
	if (*step < 1)
		return 1;
	while (run < n && at[run] == at[run - 1] + *step)
		run++;
	return run;
}

/* y = x at n positions along an axis: a slice, or some that are joined. */
static bool pick(struct onnx_ctx *c, struct onnx_value *x, uint32_t axis,
		 const uint32_t *at, uint32_t n, struct onnx_value *y)
{
	struct onnx_value run[GRAPH_INPUTS_MAX], *part[GRAPH_INPUTS_MAX];
	int64_t begin[GRAPH_RANK_MAX] = { 0 };
	int64_t step[GRAPH_RANK_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct onnx_shape s = x->shape;
	size_t count = 0;

	for (uint32_t i = 0; i < n; count++) {
		if (count == GRAPH_INPUTS_MAX)
			return onnx_refuse(c,
					   "positions along axis %u that "
					   "ascend in equal steps, in %u "
					   "pieces, are accepted",
					   axis, GRAPH_INPUTS_MAX);
		begin[axis] = at[i];
		s.dims[axis] = pick_run(at + i, n - i, &step[axis]);
		i += s.dims[axis];
		run[count] = onnx_temp();
		part[count] = &run[count];
		if (s.dims[axis] == 1)
			step[axis] = 1;
		if (!onnx_slice(c, x, &run[count], &s, begin, step))
			return false;
	}
	s.dims[axis] = n;
	return onnx_concat(c, part, count, axis, &s, y);
}

/* Where a slice begins and how long it is, as numpy has it. */
static void slice_range(int64_t size, int64_t start, int64_t end, int64_t step,
			int64_t *begin, uint32_t *count)
{
	int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;

	start = start < -size ? low : start < 0 ? start + size : start;
	start = start > high ? high : start;
	end = end < -size ? low : end < 0 ? end + size : end;
	end = end > high && step > 0 ? high : end > size ? size : end;
	*begin = start < 0 ? 0 : start;
	*count = 0;
	if (step > 0 && end > start)
		*count = (uint32_t)((end - start - 1) / step + 1);
	if (step < 0 && start > end)
		*count = (uint32_t)((start - end - 1) / -step + 1);
}

static bool slice_lists(struct onnx_ctx *c, uint32_t rank, int64_t *starts,
			int64_t *ends, int64_t *axes, int64_t *steps, size_t *n)
{
	size_t count[3] = { 0 };

	for (size_t i = 0; i < GRAPH_RANK_MAX; i++) {
		axes[i] = (int64_t)i;
		steps[i] = 1;
	}
	if (!onnx_list(c, "starts", 1, starts, rank, n) ||
	    !onnx_list(c, "ends", 2, ends, rank, &count[0]) ||
	    !onnx_list(c, "axes", 3, axes, rank, &count[1]) ||
	    !onnx_list(c, "steps", 4, steps, rank, &count[2]))
		return false;
	if (count[0] != *n || (count[1] && count[1] != *n) ||
	    (count[2] && count[2] != *n))
		return onnx_refuse(c, "starts, ends, axes and steps have "
				      "different lengths");
	return true;
}

/* y = x with the order of elements turned along some dimensions. */
static bool slice_turn(struct onnx_ctx *c, struct onnx_value *x, uint32_t set,
		       struct onnx_value *y)
{
	uint32_t at[GRAPH_INPUTS_MAX] = { 0 };
	struct onnx_value now = *x, turned;

	for (uint32_t d = 0; d < x->shape.rank; d++) {
		uint32_t n = x->shape.dims[d];

		if (!(set >> d & 1))
			continue;
		if (n > GRAPH_INPUTS_MAX)
			return onnx_refuse(c,
					   "a step below 0 and %u elements; "
					   "%u are accepted",
					   n, GRAPH_INPUTS_MAX);
		for (uint32_t i = 0; i < n; i++)
			at[i] = n - 1 - i;
		turned = onnx_temp();
		if (!pick(c, &now, d, at, n, &turned))
			return false;
		now = turned;
	}
	return onnx_alias(c, &now, y, &x->shape);
}

static bool run_slice(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), forward = onnx_temp();
	int64_t starts[GRAPH_RANK_MAX] = { 0 }, ends[GRAPH_RANK_MAX] = { 0 };
	int64_t axes[GRAPH_RANK_MAX] = { 0 }, steps[GRAPH_RANK_MAX] = { 0 };
	int64_t begin[GRAPH_RANK_MAX] = { 0 };
	int64_t step[GRAPH_RANK_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct onnx_shape s;
	uint32_t d = 0, back = 0;
	size_t n = 0;

	(void)arg;
	if (!x || !slice_lists(c, x->shape.rank, starts, ends, axes, steps, &n))
		return false;
	s = x->shape;
	for (size_t i = 0; i < n; i++) {
		if (!onnx_axis(c, axes[i], s.rank, &d))
			return false;
		if (!steps[i] || steps[i] < -(int64_t)NN_DIM_MAX ||
		    steps[i] > NN_DIM_MAX)
			return onnx_refuse(c, "a step of %lld",
					   (long long)steps[i]);
		step[d] = steps[i];
		slice_range(x->shape.dims[d], starts[i], ends[i], steps[i],
			    &begin[d], &s.dims[d]);
		if (!onnx_const(x) && steps[i] < 0 && s.dims[d]) {
			/* forward first, from what is its last element */
			begin[d] += (s.dims[d] - 1) * steps[i];
			step[d] = -steps[i];
			back |= 1u << d;
		}
	}
	if (!back)
		return onnx_slice(c, x, onnx_out(c, 0), &s, begin, step);
	return onnx_slice(c, x, &forward, &s, begin, step) &&
	       slice_turn(c, &forward, back, onnx_out(c, 0));
}

static bool split_sizes(struct onnx_ctx *c, uint32_t size, int64_t *sizes,
			size_t outs)
{
	int64_t each = (size + (int64_t)outs - 1) / (int64_t)outs, sum = 0;
	size_t n = 0;

	if (!onnx_list(c, "split", 1, sizes, outs, &n))
		return false;
	for (size_t i = 0; i < outs; i++) {
		if (!n)
			sizes[i] = size - sum < each ? size - sum : each;
		if (sizes[i] < 0 || sizes[i] > size)
			return onnx_refuse(c, "part %zu has %lld element%s", i,
					   (long long)sizes[i],
					   enc_s((uint64_t)sizes[i]));
		sum += sizes[i];
	}
	if ((n && n != outs) || sum != size)
		return onnx_refuse(c, "its parts have %lld element%s, not %u",
				   (long long)sum, enc_s((uint64_t)sum), size);
	return true;
}

static bool run_split(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	int64_t sizes[GRAPH_INPUTS_MAX] = { 0 }, begin[GRAPH_RANK_MAX] = { 0 };
	const int64_t step[GRAPH_RANK_MAX] = { 1, 1, 1, 1, 1, 1, 1, 1 };
	struct onnx_shape s;
	uint32_t d = 0;

	(void)arg;
	if (!x)
		return false;
	if (c->node->out_count > GRAPH_INPUTS_MAX)
		return onnx_refuse(c, "%zu outputs; %u are accepted",
				   c->node->out_count, GRAPH_INPUTS_MAX);
	if (!onnx_axis(c, onnx_attr_int(c, "axis", 0), x->shape.rank, &d) ||
	    !split_sizes(c, x->shape.dims[d], sizes, c->node->out_count))
		return false;
	s = x->shape;
	for (size_t i = 0; i < c->node->out_count; i++) {
		struct onnx_value *y = onnx_out(c, i);

		s.dims[d] = (uint32_t)sizes[i];
		if (y && y->uses && !onnx_slice(c, x, y, &s, begin, step))
			return false;
		begin[d] += sizes[i];
	}
	return true;
}

/* ---- Pad. */

static bool pad_amounts(struct onnx_ctx *c, struct onnx_shape *s,
			uint32_t *before)
{
	int64_t pads[2 * GRAPH_RANK_MAX] = { 0 }, axes[GRAPH_RANK_MAX] = { 0 };
	size_t n = 0, axis_count = 0;
	uint32_t d = 0;

	if (!onnx_list(c, "pads", 1, pads, 2 * GRAPH_RANK_MAX, &n) ||
	    !onnx_list(c, "axes", 3, axes, GRAPH_RANK_MAX, &axis_count))
		return false;
	if (!axis_count) {
		axis_count = s->rank;
		for (size_t i = 0; i < axis_count; i++)
			axes[i] = (int64_t)i;
	}
	if (n != 2 * axis_count)
		return onnx_refuse(c, "pads has %zu number%s, not %zu", n,
				   enc_s(n), 2 * axis_count);
	for (size_t i = 0; i < n; i++) {
		if (!onnx_axis(c, axes[i % axis_count], s->rank, &d))
			return false;
		if (pads[i] < 0 || pads[i] > NN_DIM_MAX)
			return onnx_refuse(c,
					   "pads has %lld; 0 to %u are "
					   "accepted",
					   (long long)pads[i], NN_DIM_MAX);
		s->dims[d] += (uint32_t)pads[i];
		if (i < axis_count)
			before[d] = (uint32_t)pads[i];
	}
	return true;
}

static bool pad_value(struct onnx_ctx *c, float *fill)
{
	const struct onnx_value *v = onnx_in(c, 2);

	*fill = onnx_attr_float(c, "value", 0);
	if (v && onnx_const(v) && onnx_len(v) == 1)
		*fill = (float)onnx_real(v, 0);
	else if (v)
		return onnx_refuse(c, "constant_value must be one constant");
	return isfinite(*fill) || onnx_refuse(c, "its value is not finite");
}

static bool run_pad(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0);
	uint32_t before[GRAPH_RANK_MAX] = { 0 }, n = 0;
	uint32_t dims[GRAPH_RANK_MAX] = { 1 };
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	struct onnx_shape s;
	struct onnx_layout l;
	struct graph_node *node = NULL;
	int32_t place = 0;
	float fill = 0;
	bool reflect = onnx_attr_is(c, "mode", "reflect", false);
	bool edge = onnx_attr_is(c, "mode", "edge", false);
	size_t count = 0;

	(void)arg;
	if (!x)
		return false;
	s = x->shape;
	if (!reflect && !edge && !onnx_attr_is(c, "mode", "constant", true))
		return onnx_refuse(c, "mode must be constant, reflect or edge");
	if (!pad_amounts(c, &s, before) || !pad_value(c, &fill))
		return false;
	for (uint32_t d = 0; reflect && d < s.rank; d++) {
		if (before[d] >= x->shape.dims[d] ||
		    s.dims[d] - before[d] >= 2 * x->shape.dims[d])
			return onnx_refuse(c,
					   "it reflects more elements than "
					   "axis %u has",
					   d);
	}
	if (!onnx_count(&s, &count))
		return onnx_refuse(c, "its output is too large");
	onnx_order(x, &x->shape, &s, order, &n);
	if (!onnx_take_order(c, x, &x->shape, order, n, &place))
		return false;
	for (uint32_t i = 0; i < n; i++)
		dims[i] = s.dims[order[i]];
	node = onnx_emit(c, NN_PAD, &place, 1, dims, n ? n : 1);
	if (!node)
		return false;
	node->variant = reflect ? NN_PAD_REFLECT :
			edge	? NN_PAD_EDGE :
				  NN_PAD_CONSTANT;
	node->fill = fill;
	for (uint32_t i = 0; i < n; i++)
		node->before[i] = before[order[i]];
	l = onnx_layout_of(&s, order, n);
	return onnx_bind(c, onnx_out(c, 0), node->out, &l, &s);
}

/* ---- Gather. */

static struct onnx_shape gather_shape(const struct onnx_value *x,
				      const struct onnx_value *index,
				      uint32_t axis)
{
	struct onnx_shape s = { .rank = x->shape.rank + index->shape.rank - 1 };
	uint32_t n = 0;

	for (uint32_t d = 0; d < x->shape.rank && s.rank <= GRAPH_RANK_MAX;
	     d++) {
		if (d != axis) {
			s.dims[n++] = x->shape.dims[d];
			continue;
		}
		for (uint32_t i = 0; i < index->shape.rank; i++)
			s.dims[n++] = index->shape.dims[i];
	}
	return s;
}

/* An index as one of `size`; false: outside. */
static bool gather_index(struct onnx_ctx *c, const struct onnx_value *index,
			 size_t i, uint32_t size, uint32_t *out)
{
	int64_t k = onnx_int(index, i);

	if (k < -(int64_t)size || k >= size)
		return onnx_refuse(c, "index %lld of %u", (long long)k, size);
	*out = (uint32_t)(k < 0 ? k + size : k);
	return true;
}

static bool gather_constant(struct onnx_ctx *c, const struct onnx_value *x,
			    const struct onnx_value *index, uint32_t axis,
			    const struct onnx_shape *s)
{
	struct onnx_value *y = onnx_out(c, 0);
	size_t inner = onnx_stride(&x->shape, axis), n = onnx_len(index);

	if (!onnx_make(c, y, onnx_made_type(x), s))
		return false;
	for (size_t i = 0, count = onnx_len(y); i < count; i++) {
		size_t outer = i / inner / n, k = i / inner % n;
		uint32_t row = 0;

		if (!gather_index(c, index, k, x->shape.dims[axis], &row))
			return false;
		row += (uint32_t)outer * x->shape.dims[axis];
		onnx_set(y, i, onnx_real(x, row * inner + i % inner),
			 onnx_int(x, row * inner + i % inner));
	}
	return true;
}

/* Rows of a constant table by computed indices. */
static bool gather_table(struct onnx_ctx *c, const struct onnx_value *x,
			 struct onnx_value *index, uint32_t axis,
			 const struct onnx_shape *s)
{
	struct onnx_shape table = { .rank = 2 };
	static const uint8_t order[2] = { 0, 1 };
	uint32_t rows = onnx_total(&index->shape);
	uint32_t width = onnx_stride(&x->shape, 0);
	uint32_t dims[2] = { rows, width };
	struct onnx_layout plain = onnx_layout_plain(&index->shape);
	struct graph_node *n = NULL;
	int32_t in[2] = { 0, 0 };

	if (axis || index->type != ONNX_INT64 || !width)
		return onnx_refuse(c, "rows (axis 0) of a constant table by "
				      "integers are accepted");
	table.dims[0] = x->shape.dims[0];
	table.dims[1] = width;
	if (!onnx_constant(c, x, &table, order, 2, &in[0]) ||
	    !onnx_take(c, index, &plain, &rows, 1, &in[1]))
		return false;
	n = onnx_emit(c, NN_GATHER, in, 2, dims, 2);
	if (!n)
		return false;
	plain = onnx_layout_plain(s);
	return onnx_bind(c, onnx_out(c, 0), n->out, &plain, s);
}

/* y = x with each `inner` elements `times` times, side by side. */
static bool repeat(struct onnx_ctx *c, struct onnx_value *x, uint32_t inner,
		   uint32_t times, const struct onnx_shape *s,
		   struct onnx_value *y)
{
	struct onnx_shape from = { .rank = 3 }, to;
	static const uint8_t order[3] = { 0, 1, 2 };
	const int64_t step[3] = { inner, 0, 1 };
	struct onnx_layout plain = onnx_layout_plain(s);
	struct graph_node *n = NULL;
	int32_t place = 0;

	from.dims[0] = onnx_total(&x->shape) / inner;
	from.dims[1] = 1;
	from.dims[2] = inner;
	to = from;
	to.dims[1] = times;
	if (onnx_const(x)) {
		if (!onnx_fold_copy(c, x, y, &to, 0, step))
			return false;
		y->shape = *s;
		return true;
	}
	if (!onnx_take_order(c, x, &from, order, 3, &place))
		return false;
	n = onnx_emit(c, NN_EXPAND, &place, 1, to.dims, 3);
	return n && onnx_bind(c, y, n->out, &plain, s);
}

/* Constant indices into a computed tensor: each several times, or any. */
static bool gather_slice(struct onnx_ctx *c, struct onnx_value *x,
			 const struct onnx_value *index, uint32_t axis,
			 const struct onnx_shape *s)
{
	uint32_t size = x->shape.dims[axis], n = (uint32_t)onnx_len(index);
	uint32_t times = n / size;
	uint32_t *at = onnx_alloc(&c->m.pool, n, sizeof(*at));
	struct onnx_value picked = onnx_temp();
	bool each = times > 1 && n % size == 0;

	if (!n || !at)
		return onnx_refuse(c, "its indices are empty, or too many");
	for (uint32_t i = 0; i < n; i++) {
		if (!gather_index(c, index, i, size, &at[i]))
			return false;
		each &= times && at[i] == i / times;
	}
	if (each)
		return repeat(c, x, onnx_stride(&x->shape, axis), times, s,
			      onnx_out(c, 0));
	return pick(c, x, axis, at, n, &picked) &&
	       onnx_alias(c, &picked, onnx_out(c, 0), s);
}

static bool run_gather(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *index = onnx_need(c, 1);
	struct onnx_shape s;
	uint32_t axis = 0;
	size_t count = 0;

	(void)arg;
	if (!x || !index ||
	    !onnx_axis(c, onnx_attr_int(c, "axis", 0), x->shape.rank, &axis))
		return false;
	s = gather_shape(x, index, axis);
	if (s.rank > GRAPH_RANK_MAX || !onnx_count(&s, &count))
		return onnx_refuse(c, "its output is too large");
	if (onnx_const(x) && onnx_const(index))
		return gather_constant(c, x, index, axis, &s);
	if (onnx_const(x))
		return gather_table(c, x, index, axis, &s);
	if (!onnx_const(index))
		return onnx_refuse(c, "its data and its indices are both "
				      "computed; one must be constant");
	return gather_slice(c, x, index, axis, &s);
}

/* ---- Expand. */

static bool run_expand(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), *y = onnx_out(c, 0);
	struct onnx_shape want = { .rank = 0 }, s, p;
	int64_t list[GRAPH_RANK_MAX] = { 0 }, step[GRAPH_RANK_MAX] = { 0 };
	uint8_t order[GRAPH_RANK_MAX] = { 0 };
	uint32_t n = 0, dims[GRAPH_RANK_MAX] = { 1 };
	struct onnx_layout l;
	struct graph_node *node = NULL;
	int32_t place = 0;
	size_t count = 0;

	(void)arg;
	if (!x || !onnx_need_const(c, 1, "its shape") ||
	    !onnx_list(c, "shape", 1, list, GRAPH_RANK_MAX, &count))
		return false;
	want.rank = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		if (list[i] < 0 || list[i] > NN_ELEMENTS_MAX)
			return onnx_refuse(c, "dimension %zu is %lld", i,
					   (long long)list[i]);
		want.dims[i] = (uint32_t)list[i];
	}
	if (!onnx_broadcast(c, &x->shape, &want, &s))
		return false;
	p = onnx_pad_rank(&x->shape, s.rank);
	for (uint32_t d = 0; d < s.rank; d++)
		step[d] = p.dims[d] == 1 ? 0 : onnx_stride(&p, d);
	if (onnx_const(x))
		return onnx_fold_copy(c, x, y, &s, 0, step);
	if (!memcmp(&p, &s, sizeof(s)))
		return onnx_alias(c, x, y, &s);
	onnx_order(x, &p, &s, order, &n);
	if (!onnx_take_order(c, x, &p, order, n, &place))
		return false;
	for (uint32_t i = 0; i < n; i++)
		dims[i] = s.dims[order[i]];
	l = onnx_layout_of(&s, order, n);
	node = onnx_emit(c, NN_EXPAND, &place, 1, dims, n);
	return node && onnx_bind(c, y, node->out, &l, &s);
}

/* ---- Tile. */

/* A dimension after the other, each with the elements behind it. */
static bool run_tile(struct onnx_ctx *c, int arg)
{
	struct onnx_value *x = onnx_need(c, 0), now, next;
	int64_t times[GRAPH_RANK_MAX] = { 0 };
	struct onnx_shape s;
	size_t n = 0, count = 0;

	(void)arg;
	if (!x || !onnx_need_const(c, 1, "repeats") ||
	    !onnx_list(c, "repeats", 1, times, GRAPH_RANK_MAX, &n))
		return false;
	now = *x;
	s = x->shape;
	for (uint32_t d = 0; d < s.rank; d++) {
		uint32_t inner = onnx_stride(&s, d) * s.dims[d];

		if (n != s.rank || times[d] < 1 || times[d] > NN_DIM_MAX)
			return onnx_refuse(c, "repeats must be a number of 1 "
					      "or more for each axis");
		s.dims[d] *= (uint32_t)times[d];
		if (s.dims[d] > NN_ELEMENTS_MAX || !onnx_count(&s, &count))
			return onnx_refuse(c, "its output is too large");
		if (times[d] == 1)
			continue;
		next = onnx_temp();
		if (!repeat(c, &now, inner, (uint32_t)times[d], &s, &next))
			return false;
		now = next;
	}
	return onnx_alias(c, &now, onnx_out(c, 0), &s);
}

/* ---- Between channels and pixels: names and layouts only. */

/* y = x seen as s, its dimensions in the order `from`, seen as `to`. */
static bool depth_move(struct onnx_ctx *c, struct onnx_value *x,
		       const struct onnx_shape *s, const uint8_t *from,
		       const struct onnx_shape *to)
{
	struct onnx_value seen = onnx_temp(), *y = onnx_out(c, 0);

	return onnx_alias(c, x, &seen, s) && onnx_alias(c, &seen, y, to) &&
	       onnx_permute(c, &seen, from, &y->layout) &&
	       onnx_bind(c, y, seen.place, &y->layout, to);
}

/* x: (1, channels, height, width), computed; the side of a block. */
static bool depth_block(struct onnx_ctx *c, const struct onnx_value *x,
			uint32_t *block)
{
	int64_t size = onnx_attr_int(c, "blocksize", 0);

	if (!x)
		return false;
	if (onnx_const(x) || x->shape.rank != 4 || size < 1 ||
	    size > UINT16_MAX)
		return onnx_refuse(c, "a computed tensor of rank 4 and a "
				      "blocksize are accepted");
	*block = (uint32_t)size;
	return true;
}

static bool run_depth_to_space(struct onnx_ctx *c, int arg)
{
	static const uint8_t depth_first[6] = { 0, 3, 4, 1, 5, 2 };
	static const uint8_t column_first[6] = { 0, 1, 4, 2, 5, 3 };
	struct onnx_value *x = onnx_need(c, 0);
	bool crd = onnx_attr_is(c, "mode", "CRD", false);
	struct onnx_shape s = { .rank = 6 }, to = { .rank = 4 };
	const uint32_t *d = x ? x->shape.dims : NULL;
	uint32_t b = 1;

	(void)arg;
	if (!depth_block(c, x, &b))
		return false;
	if (d[1] % (b * b))
		return onnx_refuse(c,
				   "%u channel%s; a multiple of %u is "
				   "accepted",
				   d[1], enc_s(d[1]), b * b);
	s = (struct onnx_shape){ 6, { d[0], b, b, b, d[2], d[3] } };
	s.dims[crd ? 1 : 3] = d[1] / (b * b);
	to = (struct onnx_shape){
		4, { d[0], d[1] / (b * b), d[2] * b, d[3] * b }
	};
	return depth_move(c, x, &s, crd ? column_first : depth_first, &to);
}

static bool run_space_to_depth(struct onnx_ctx *c, int arg)
{
	static const uint8_t from[6] = { 0, 3, 5, 1, 2, 4 };
	struct onnx_value *x = onnx_need(c, 0);
	struct onnx_shape s = { .rank = 6 }, to = { .rank = 4 };
	const uint32_t *d = x ? x->shape.dims : NULL;
	uint32_t b = 1;

	(void)arg;
	if (!depth_block(c, x, &b))
		return false;
	if (d[2] % b || d[3] % b)
		return onnx_refuse(c,
				   "%u x %u pixels; multiples of %u are "
				   "accepted",
				   d[2], d[3], b);
	s = (struct onnx_shape){ 6, { d[0], d[1], d[2] / b, b, d[3] / b, b } };
	to = (struct onnx_shape){ 4,
				  { d[0], d[1] * b * b, d[2] / b, d[3] / b } };
	return depth_move(c, x, &s, from, &to);
}

const struct onnx_op onnx_ops_move[] = {
	{ "Transpose", run_transpose, 0 },
	{ "Slice", run_slice, 0 },
	{ "Split", run_split, 0 },
	{ "Concat", run_concat, 0 },
	{ "Pad", run_pad, 0 },
	{ "Gather", run_gather, 0 },
	{ "Expand", run_expand, 0 },
	{ "Tile", run_tile, 0 },
	{ "DepthToSpace", run_depth_to_space, 0 },
	{ "SpaceToDepth", run_space_to_depth, 0 },
	{ NULL, NULL, 0 },
};
