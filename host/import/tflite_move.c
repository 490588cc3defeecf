/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that move elements. For int8, both sides have the same scale.
 *
 * The file counts dimensions with the batch. Of its numbers for each dimension,
 * the first are about the batch, which must stay as it is.
 */
#include <string.h>

#include "tflite_ops.h"

#define DIMS (GRAPH_RANK_MAX + 1)

/* Ends an operator that moves elements of x. */
static bool finish_move(struct tflite_reader *r, uint32_t k, int32_t x,
			struct graph_node *node, const struct tflite_shape *s)
{
	return tflite_finish(r, k, node, s) &&
	       tflite_same_scale(r, x, node->out);
}

bool tflite_read_reshape(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	const struct tflite_tensor *out = tflite_out(r, 0);
	struct tflite_shape s = { 0 };
	struct tflite_shape in = { 0 };
	struct graph_node *node = NULL;

	if (x < 0)
		return false;
	if (tflite_in(r, 1) && !tflite_is_constant(tflite_in(r, 1)))
		return tflite_refuse(r, "the shape or axis is not constant; "
					"accepted: constants");
	if (out->wrong)
		return tflite_refuse(r, "output has %s", out->wrong);
	in = tflite_shape_of(r, x);
	if (!tflite_sample(r, out, &s))
		return false;
	if (tflite_elements(&in) != tflite_elements(&s))
		return tflite_damaged(
			r, "from %zu element%s to %zu", tflite_elements(&in),
			enc_s(tflite_elements(&in)), tflite_elements(&s));
	node = tflite_node(r, NN_RESHAPE, x);
	return node && finish_move(r, 0, x, node, &s);
}

/* Reads a number for each dimension of x, with the batch. */
static bool read_each(struct tflite_reader *r, uint32_t k, uint32_t rank,
		      uint32_t numbers, int64_t *v)
{
	uint32_t count = 0;

	if (!tflite_integers(r, k, v, DIMS * numbers, &count))
		return false;
	return count == (rank + 1) * numbers ||
	       tflite_damaged(r, "input %u has %u number%s for %u dimension%s",
			      k, count, enc_s(count), rank + 1,
			      enc_s(rank + 1));
}

bool tflite_read_transpose(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct graph_node *node = tflite_node(r, NN_TRANSPOSE, x);
	struct tflite_shape in;
	struct tflite_shape s = { 0 };
	int64_t from[DIMS] = { 0 };
	uint32_t seen = 0;

	if (!node)
		return false;
	in = tflite_shape_of(r, x);
	s.rank = in.rank;
	if (!read_each(r, 1, in.rank, 1, from))
		return false;
	if (from[0])
		return tflite_refuse(r, "moves the batch; accepted: it stays "
					"the first dimension");
	for (uint32_t d = 0; d < s.rank; d++) {
		uint32_t a = 0;

		if (!tflite_axis(r, from[d + 1], in.rank, &a))
			return false;
		seen |= 1u << a;
		node->from[d] = (uint8_t)a;
		s.dims[d] = in.dims[a];
	}
	if (seen != (1u << s.rank) - 1)
		return tflite_damaged(r, "an axis occurs twice");
	return finish_move(r, 0, x, node, &s);
}

/* --- Padding ------------------------------------------------------------ */

/* Reads how much to put before, and the shape that results. */
static bool read_padding(struct tflite_reader *r, struct graph_node *node,
			 struct tflite_shape *s)
{
	int64_t pad[2 * DIMS] = { 0 };

	if (!read_each(r, 1, s->rank, 2, pad))
		return false;
	if (pad[0] || pad[1])
		return tflite_refuse(r, "pads the batch; accepted: 0 there");
	for (uint32_t d = 0; d < s->rank; d++) {
		int64_t before = pad[2 * d + 2];
		int64_t after = pad[2 * d + 3];

		if (before < 0 || after < 0 || before > NN_DIM_MAX ||
		    after > NN_DIM_MAX)
			return tflite_damaged(r,
					      "padding is out of range; "
					      "accepted: 0 to %u",
					      NN_DIM_MAX);
		node->before[d] = (uint32_t)before;
		s->dims[d] += (uint32_t)(before + after);
	}
	return true;
}

/* With 0, or with the number that is input 2. */
bool tflite_read_pad(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct graph_node *node = tflite_node(r, NN_PAD, x);
	const struct tflite_tensor *fill = tflite_in(r, 2);
	const struct tflite_shape number = { 0 };
	struct tflite_shape s = { 0 };
	int32_t v = -1;

	if (!node)
		return false;
	s = tflite_shape_of(r, x);
	node->variant = NN_PAD_CONSTANT;
	if (fill && !tflite_is_constant(fill))
		return tflite_refuse(r, "the number around it is not constant; "
					"accepted: constants");
	if (fill) {
		v = tflite_constant(r, fill, NN_F32, &number, 0);
		if (v < 0)
			return false;
		node->fill = *(float *)r->g->values[v].data;
	}
	return read_padding(r, node, &s) && finish_move(r, 0, x, node, &s);
}

/* SYMMETRIC repeats the edge itself: padding of 1 has the edge's elements. */
bool tflite_read_mirror_pad(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct graph_node *node = tflite_node(r, NN_PAD, x);
	bool symmetric = flat_number(&r->flat, &r->options, 0, 1, 0);
	struct tflite_shape in;
	struct tflite_shape s = { 0 };

	if (!node)
		return false;
	in = s = tflite_shape_of(r, x);
	node->variant = symmetric ? NN_PAD_EDGE : NN_PAD_REFLECT;
	if (!read_padding(r, node, &s))
		return false;
	for (uint32_t d = 0; d < s.rank; d++) {
		uint32_t after = s.dims[d] - in.dims[d] - node->before[d];
		uint32_t most = symmetric ? 1 : in.dims[d] - 1;

		if (node->before[d] > most || after > most)
			return tflite_refuse(r,
					     "pads dimension %u by more than "
					     "%u, which this mode accepts",
					     d + 1, most);
	}
	return finish_move(r, 0, x, node, &s);
}

/* --- Parts -------------------------------------------------------------- */

/*
 * Output k is a part of x. s: the shape of the part, before dimensions of 1 are
 * taken away.
 */
static bool read_part(struct tflite_reader *r, uint32_t k, int32_t x,
		      const uint32_t *begin, const uint32_t *step,
		      const struct tflite_shape *s)
{
	struct graph_node *node = tflite_node(r, NN_SLICE, x);

	if (!node)
		return false;
	memcpy(node->begin, begin, sizeof(node->begin));
	memcpy(node->step, step, sizeof(node->step));
	return finish_move(r, k, x, node, s);
}

/* As read_part(), of `size` elements along one axis. */
static bool read_piece(struct tflite_reader *r, uint32_t k, int32_t x,
		       uint32_t axis, uint32_t from, uint32_t size)
{
	struct tflite_shape s = tflite_shape_of(r, x);
	uint32_t begin[GRAPH_RANK_MAX] = { 0 };
	uint32_t step[GRAPH_RANK_MAX] = { 0 };

	for (uint32_t d = 0; d < s.rank; d++)
		step[d] = 1;
	begin[axis] = from;
	s.dims[axis] = size;
	return read_part(r, k, x, begin, step, &s);
}

bool tflite_read_slice(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	int64_t from[DIMS] = { 0 };
	int64_t size[DIMS] = { 0 };
	uint32_t begin[GRAPH_RANK_MAX] = { 0 };
	uint32_t step[GRAPH_RANK_MAX] = { 0 };
	struct tflite_shape s = { 0 };

	if (x < 0)
		return false;
	s = tflite_shape_of(r, x);
	if (!read_each(r, 1, s.rank, 1, from) ||
	    !read_each(r, 2, s.rank, 1, size))
		return false;
	for (uint32_t d = 0; d <= s.rank; d++) {
		uint32_t n = d ? s.dims[d - 1] : 1;
		int64_t len = size[d] == -1 ? n - from[d] : size[d];

		if (from[d] < 0 || from[d] >= n || len < 1 || len > n - from[d])
			return tflite_damaged(r,
					      "it begins or ends outside of "
					      "dimension %u",
					      d);
		if (!d)
			continue;
		begin[d - 1] = (uint32_t)from[d];
		step[d - 1] = 1;
		s.dims[d - 1] = (uint32_t)len;
	}
	return read_part(r, 0, x, begin, step, &s);
}

/* What a STRIDED_SLICE says about its dimensions, with the batch. */
struct strides {
	int64_t from[DIMS];
	int64_t to[DIMS];
	int64_t step[DIMS];
	uint32_t count;
	uint32_t no_from; /* bit d: from the first on */
	uint32_t no_to;
	uint32_t only; /* bit d: one element; the dimension goes */
	bool to_is_size;
};

static bool read_strides(struct tflite_reader *r, struct strides *v)
{
	struct flat *f = &r->flat;
	uint32_t count[2] = { 0 };

	if (flat_i32(f, &r->options, 2, 0) || flat_i32(f, &r->options, 3, 0))
		return tflite_refuse(r, "an ellipsis or new axis; accepted: "
					"none");
	v->no_from = (uint32_t)flat_i32(f, &r->options, 0, 0);
	v->no_to = (uint32_t)flat_i32(f, &r->options, 1, 0);
	v->only = (uint32_t)flat_i32(f, &r->options, 4, 0);
	v->to_is_size = flat_number(f, &r->options, 5, 1, 0);
	if (!tflite_integers(r, 1, v->from, DIMS, &v->count) ||
	    !tflite_integers(r, 2, v->to, DIMS, &count[0]) ||
	    !tflite_integers(r, 3, v->step, DIMS, &count[1]))
		return false;
	return (v->count == count[0] && v->count == count[1]) ||
	       tflite_damaged(r, "begin, end and stride differ in length");
}

/* A position that may count from the end, within 0 to n. */
static int64_t within(int64_t v, uint32_t n)
{
	v = v < 0 ? v + n : v;
	return v < 0 ? 0 : v > n ? n : v;
}

/* Of dimension d, which has n elements: the first, and how many. */
static bool read_stride(struct tflite_reader *r, const struct strides *v,
			uint32_t d, uint32_t n, uint32_t *begin, uint32_t *len)
{
	bool given = d < v->count;
	int64_t from = given && !(v->no_from >> d & 1) ? v->from[d] : 0;
	int64_t to = given ? v->to[d] : n;
	int64_t step = given ? v->step[d] : 1;

	if (step < 1 || step > UINT16_MAX)
		return tflite_refuse(r, "stride %lld; accepted: 1 to %u",
				     (long long)step, UINT16_MAX);
	if (given && v->to_is_size)
		to += from;
	if (given && v->no_to >> d & 1)
		to = n;
	from = within(from, n);
	to = within(to, n);
	if (given && v->only >> d & 1)
		to = from + 1;
	if (from >= to || to > n)
		return tflite_damaged(r, "nothing is left of dimension %u", d);
	*begin = (uint32_t)from;
	*len = (uint32_t)((to - from - 1) / step + 1);
	return true;
}

bool tflite_read_strided_slice(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct strides v = { 0 };
	uint32_t begin[DIMS] = { 0 };
	uint32_t step[GRAPH_RANK_MAX] = { 0 };
	uint32_t len = 0;
	struct tflite_shape s = { 0 };

	if (x < 0 || !read_strides(r, &v))
		return false;
	s = tflite_shape_of(r, x);
	if (v.only & 1)
		return tflite_refuse(r, "takes the batch away; accepted: it "
					"stays");
	if (v.count > s.rank + 1)
		return tflite_damaged(r, "more numbers than dimensions");
	for (uint32_t d = 0; d <= s.rank; d++) {
		if (!read_stride(r, &v, d, d ? s.dims[d - 1] : 1, &begin[d],
				 &len))
			return false;
		if (!d)
			continue;
		s.dims[d - 1] = len;
		step[d - 1] = d < v.count && len > 1 ? (uint32_t)v.step[d] : 1;
	}
	return read_part(r, 0, x, begin + 1, step, &s);
}

/* One number, which is an axis. */
static bool read_axis(struct tflite_reader *r, uint32_t k, uint32_t rank,
		      uint32_t *axis)
{
	int64_t v = 0;
	uint32_t count = 0;

	return tflite_integers(r, k, &v, 1, &count) &&
	       tflite_axis(r, v, rank, axis);
}

bool tflite_read_split(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 1);
	uint32_t n = r->outputs.count;
	uint32_t axis = 0;
	struct tflite_shape s;

	if (x < 0)
		return false;
	s = tflite_shape_of(r, x);
	if (!read_axis(r, 0, s.rank, &axis))
		return false;
	if (s.dims[axis] % n)
		return tflite_damaged(r, "%u element%s in %u part%s",
				      s.dims[axis], enc_s(s.dims[axis]), n,
				      enc_s(n));
	n = s.dims[axis] / n;
	for (uint32_t k = 0; k < r->outputs.count; k++) {
		if (!read_piece(r, k, x, axis, k * n, n))
			return false;
	}
	return true;
}

/* Input 1: the size of each part; one of them may be -1, the rest. */
bool tflite_read_split_v(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	int64_t size[UINT8_MAX] = { 0 };
	struct tflite_shape s;
	uint32_t axis = 0;
	uint32_t n = 0;
	int64_t left = 0;
	int64_t at = 0;

	if (x < 0)
		return false;
	s = tflite_shape_of(r, x);
	if (!tflite_integers(r, 1, size, UINT8_MAX, &n) ||
	    !read_axis(r, 2, s.rank, &axis))
		return false;
	if (n != r->outputs.count)
		return tflite_damaged(r, "%u size%s for %u part%s", n, enc_s(n),
				      r->outputs.count,
				      enc_s(r->outputs.count));
	left = s.dims[axis];
	for (uint32_t k = 0; k < n; k++)
		left -= size[k] == -1 ? 0 : size[k];
	for (uint32_t k = 0; k < n; k++) {
		int64_t len = size[k] == -1 ? left : size[k];

		if (len < 1 || len > s.dims[axis] - at)
			return tflite_damaged(r, "part %u is out of range", k);
		if (!read_piece(r, k, x, axis, (uint32_t)at, (uint32_t)len))
			return false;
		at += len;
	}
	return at == s.dims[axis] ||
	       tflite_damaged(r, "the parts are less than the whole");
}

bool tflite_read_unpack(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct tflite_shape s;
	uint32_t axis = 0;

	if (x < 0)
		return false;
	s = tflite_shape_of(r, x);
	if (!tflite_axis(r, flat_i32(&r->flat, &r->options, 1, 0), s.rank,
			 &axis))
		return false;
	if (r->outputs.count != s.dims[axis])
		return tflite_damaged(r, "%u element%s in %u part%s",
				      s.dims[axis], enc_s(s.dims[axis]),
				      r->outputs.count,
				      enc_s(r->outputs.count));
	for (uint32_t k = 0; k < s.dims[axis]; k++) {
		if (!read_piece(r, k, x, axis, k, 1))
			return false;
	}
	return true;
}

/* --- Together ----------------------------------------------------------- */

/* Values one behind the other along an axis; s: the shape of the first. */
static bool read_row(struct tflite_reader *r, const int32_t *v, uint32_t n,
		     uint32_t axis, struct tflite_shape s)
{
	struct graph_node *node = tflite_node(r, NN_CONCAT, v[0]);

	if (!node)
		return false;
	node->axis = axis;
	node->in_count = n;
	for (uint32_t i = 1; i < n; i++) {
		struct tflite_shape other = tflite_shape_of(r, v[i]);

		node->in[i] = v[i];
		s.dims[axis] += other.dims[axis];
		other.dims[axis] = s.dims[axis];
		if (memcmp(&other, &s, sizeof(s)))
			return tflite_damaged(r,
					      "input %u has another shape than "
					      "the first",
					      i);
	}
	if (!tflite_finish(r, 0, node, &s))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!tflite_same_scale(r, v[i], node->out))
			return false;
	}
	return true;
}

bool tflite_read_concat(struct tflite_reader *r)
{
	int32_t v[GRAPH_INPUTS_MAX] = { 0 };
	struct tflite_shape s;
	uint32_t n = r->inputs.count;
	uint32_t axis = 0;

	if (flat_number(&r->flat, &r->options, 1, 1, 0))
		return tflite_refuse(r, "has an activation; accepted: none");
	for (uint32_t k = 0; k < n; k++) {
		v[k] = tflite_operand(r, k);
		if (v[k] < 0)
			return false;
	}
	s = tflite_shape_of(r, v[0]);
	return tflite_axis(r, flat_i32(&r->flat, &r->options, 0, 0), s.rank,
			   &axis) &&
	       read_row(r, v, n, axis, s);
}

/* Each input gets a dimension of 1, along which they are put together. */
bool tflite_read_pack(struct tflite_reader *r)
{
	int32_t v[GRAPH_INPUTS_MAX] = { tflite_source(r, 0) };
	struct tflite_shape first = { 0 };
	struct tflite_shape s = { 0 };
	uint32_t axis = 0;

	if (v[0] < 0)
		return false;
	s = first = tflite_shape_of(r, v[0]);
	s.rank++;
	if (!tflite_axis(r, flat_i32(&r->flat, &r->options, 1, 0), s.rank,
			 &axis))
		return false;
	memmove(s.dims + axis + 1, s.dims + axis,
		(first.rank - axis) * sizeof(*s.dims));
	s.dims[axis] = 1;
	for (uint32_t k = 0; k < r->inputs.count; k++) {
		struct tflite_shape is = { 0 };

		v[k] = tflite_source(r, k);
		if (v[k] < 0)
			return false;
		is = tflite_shape_of(r, v[k]);
		if (memcmp(&is, &first, sizeof(is)))
			return tflite_damaged(r,
					      "input %u has another shape than "
					      "the first",
					      k);
		v[k] = tflite_reshaped(r, v[k], &s);
		if (v[k] < 0)
			return false;
	}
	return read_row(r, v, r->inputs.count, axis, s);
}

/* --- By index ----------------------------------------------------------- */

/* Rows of a table, at indices that the network computes or is given. */
static bool read_rows(struct tflite_reader *r)
{
	const struct tflite_tensor *t = tflite_in(r, 0);
	int32_t at = tflite_computed(r, 1);
	enum nn_type type = NN_F32;
	struct graph_node *node = NULL;
	struct tflite_shape s = { 0 };

	if (at < 0 || !tflite_type(r, &type))
		return false;
	s = tflite_shape_of(r, at);
	if (r->g->values[at].type != NN_INT32 || !t->shape.rank ||
	    s.rank + t->shape.rank - 1 > GRAPH_RANK_MAX)
		return tflite_refuse(r, "accepted: rows of a constant, at "
					"indices of int32");
	memcpy(s.dims + s.rank, t->shape.dims + 1,
	       (t->shape.rank - 1) * sizeof(*s.dims));
	s.rank += t->shape.rank - 1;
	if (type == NN_INT8 && t->scale.count > 1)
		return tflite_refuse(r,
				     "the table has %u scales; accepted: "
				     "one",
				     t->scale.count);
	node = tflite_node(r, NN_GATHER,
			   tflite_constant(r, t, type, &t->shape, 0));
	if (!node)
		return false;
	node->in[1] = at;
	node->in_count = 2;
	return finish_move(r, 0, node->in[0], node, &s);
}

/* Rows of a constant, or one part of what is computed. */
bool tflite_read_gather(struct tflite_reader *r)
{
	const struct tflite_tensor *t = tflite_in(r, 0);
	int64_t axis = flat_i32(&r->flat, &r->options, 0, 0);
	struct tflite_shape s;
	uint32_t along = 0;
	uint32_t count = 0;
	int64_t at = 0;
	int32_t x = -1;

	if (flat_i32(&r->flat, &r->options, 1, 0))
		return tflite_refuse(r, "has a batch of indices; accepted: 0 "
					"batch_dims");
	if (t && !t->wrong && tflite_is_constant(t))
		return axis == 0 || axis == -(int64_t)t->shape.rank ?
			       read_rows(r) :
			       tflite_refuse(r,
					     "axis %d of a constant; "
					     "accepted: 0, rows",
					     (int)axis);
	x = tflite_source(r, 0);
	if (x < 0)
		return false;
	s = tflite_shape_of(r, x);
	if (!tflite_axis(r, axis, s.rank, &along) ||
	    !tflite_integers(r, 1, &at, 1, &count))
		return false;
	if (at < 0)
		at += s.dims[along];
	if (at < 0 || at >= s.dims[along])
		return tflite_damaged(r, "index %lld is out of range",
				      (long long)at);
	return read_piece(r, 0, x, along, (uint32_t)at, 1);
}

/* --- Pictures of another size ------------------------------------------- */

/*
 * Where an output coordinate lies in the input. With corners aligned, the first
 * and the last elements lie on each other; with half_pixel, elements are
 * squares around their middle. The nearest is found by rounding down.
 */
static void set_ratio(struct graph_node *node, unsigned int d, uint32_t in,
		      uint32_t out, bool align, bool half_pixel)
{
	bool nearest = node->variant == NN_NEAREST;
	float ratio = (float)in / (float)out;

	if (align && out > 1)
		ratio = (float)(in - 1) / (float)(out - 1);
	node->ratio[d] = ratio;
	if (half_pixel)
		node->shift[d] = nearest ? ratio / 2 : ratio / 2 - 0.5f;
	else if (align && nearest)
		node->shift[d] = 0.5f;
}

bool tflite_read_resize(struct tflite_reader *r)
{
	int32_t x = tflite_source(r, 0);
	struct graph_node *node = tflite_node(r, NN_RESIZE, x);
	bool nearest = r->kind->variant == NN_NEAREST;
	unsigned int field = nearest ? 0 : 2;
	bool align = flat_number(&r->flat, &r->options, field, 1, 0);
	bool half = flat_number(&r->flat, &r->options, field + 1, 1, 0);
	struct tflite_shape s = { 0 };
	int64_t size[2] = { 0 };
	uint32_t count = 0;

	if (!node || !tflite_integers(r, 1, size, 2, &count))
		return false;
	s = tflite_shape_of(r, x);
	node->variant = r->kind->variant;
	if (s.rank != 3 || count != 2 || (align && half))
		return tflite_refuse(r, "accepted: pictures, of batch, height, "
					"width and channels, two sizes, and "
					"one of align_corners and "
					"half_pixel_centers");
	for (unsigned int d = 0; d < 2; d++) {
		if (size[d] < 1 || size[d] > NN_DIM_MAX)
			return tflite_damaged(r, "size %lld; accepted: 1 to %u",
					      (long long)size[d], NN_DIM_MAX);
		set_ratio(node, d, s.dims[d], (uint32_t)size[d], align, half);
		s.dims[d] = (uint32_t)size[d];
	}
	return finish_move(r, 0, x, node, &s);
}
