/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that only move elements: reshape, transpose, slice, pad, concat and
 * expand. All of them but the first are copies with strides.
 */
#include "rules.h"
#include "walk.h"

/* A part of a tensor: its first element, and a stride for each dimension. */
struct part {
	size_t first;
	size_t stride[NN_RANK_MAX];
};

static struct part whole(const struct nn_tensor *t)
{
	struct part p = { 0 };

	nn_strides(t, p.stride);
	return p;
}

/* Both tensors are stored alike; the union is 0 behind `used` bytes. */
static bool alike(const struct nn_at *at, uint32_t sources, size_t used)
{
	if (at->node->sources != sources || sources > NN_SOURCES_MAX ||
	    !nn_unused_zero(at->node, used))
		return false;
	for (uint32_t s = 0; s < sources; s++) {
		if (!nn_same_type(at->in[s], at->out))
			return false;
	}
	return at->out->type != NN_UINT8;
}

/* Zeros from the rank on. */
static bool ends_at_rank(const struct nn_at *at, const uint32_t *of_dims)
{
	for (uint32_t d = at->out->rank; d < NN_RANK_MAX; d++) {
		if (of_dims[d])
			return false;
	}
	return true;
}

static uint64_t macs(const struct nn_at *at)
{
	uint64_t n = nn_elements(at->out);

	for (uint32_t s = 0; s < at->node->sources; s++)
		n += nn_elements(at->in[s]);
	return n;
}

static void copy_words(uint32_t *to, const uint32_t *from, size_t n,
		       size_t step_to, size_t step_from)
{
	for (size_t i = 0; i < n; i++)
		to[i * step_to] = from[i * step_from];
}

static void copy_bytes(uint8_t *to, const uint8_t *from, size_t n,
		       size_t step_to, size_t step_from)
{
	for (size_t i = 0; i < n; i++)
		to[i * step_to] = from[i * step_from];
}

/* Copies dims elements of `size` bytes. The parts do not overlap. */
static void copy_part(const uint32_t dims[NN_RANK_MAX], size_t size, void *to,
		      const struct part *to_part, const void *from,
		      const struct part *from_part)
{
	struct nn_walk w = nn_walk_start();
	size_t inner;
	size_t n;

	for (size_t d = 0; d < NN_RANK_MAX; d++)
		nn_walk_add(&w, dims[d], to_part->stride[d],
			    from_part->stride[d]);
	inner = w.rank - 1;
	n = w.dims[inner];
	w.at[0] = to_part->first;
	w.at[1] = from_part->first;
	do {
		uint8_t *t = (uint8_t *)to + w.at[0] * size;
		const uint8_t *f = (const uint8_t *)from + w.at[1] * size;

		if (w.stride[0][inner] == 1 && w.stride[1][inner] == 1)
			memcpy(t, f, n * size);
		else if (size == sizeof(uint32_t))
			copy_words((void *)t, (const void *)f, n,
				   w.stride[0][inner], w.stride[1][inner]);
		else
			copy_bytes(t, f, n, w.stride[0][inner],
				   w.stride[1][inner]);
	} while (nn_walk_next(&w, inner));
}

static uint8_t *sample(const void *base, const struct nn_tensor *t, size_t b)
{
	return (uint8_t *)base + b * nn_elements(t) * nn_type_size(t->type);
}

/* Copies a part of source 0 to the whole output, for each sample. */
static void copy_from(const struct nn_call *call, const struct part *from)
{
	const struct nn_tensor *out = call->at.out;
	const struct part to = whole(out);

	for (size_t b = 0; b < call->batch; b++)
		copy_part(out->dims, nn_type_size(out->type),
			  sample(call->out, out, b), &to,
			  sample(call->in[0], call->at.in[0], b), from);
}

/* Reshape. */

static bool reshape_check(const struct nn_at *at)
{
	return alike(at, 1, 0) && !at->node->variant &&
	       nn_elements(at->in[0]) == nn_elements(at->out);
}

static void reshape_run(const struct nn_call *call)
{
	const struct nn_tensor *t = call->at.out;

	if (call->out != call->in[0])
		memcpy(call->out, call->in[0],
		       call->batch * nn_elements(t) * nn_type_size(t->type));
}

const struct nn_operator nn_op_reshape = {
	.check = reshape_check,
	.macs = macs,
	.run = reshape_run,
	.in_place = true,
};

/* Transpose. */

static bool transpose_check(const struct nn_at *at)
{
	const uint8_t *from = at->node->transpose.from;
	uint32_t seen = 0;

	if (!alike(at, 1, at->out->rank) || at->node->variant ||
	    at->in[0]->rank != at->out->rank)
		return false;
	for (uint32_t d = 0; d < at->out->rank; d++) {
		if (from[d] >= at->out->rank || seen >> from[d] & 1 ||
		    at->out->dims[d] != at->in[0]->dims[from[d]])
			return false;
		seen |= 1u << from[d];
	}
	return true;
}

static void transpose_run(const struct nn_call *call)
{
	const struct part in = whole(call->at.in[0]);
	struct part from = in;

	for (uint32_t d = 0; d < call->at.out->rank; d++)
		from.stride[d] = in.stride[call->at.node->transpose.from[d]];
	copy_from(call, &from);
}

const struct nn_operator nn_op_transpose = {
	.check = transpose_check,
	.macs = macs,
	.run = transpose_run,
};

/* Slice: the output has every step-th element, from `begin` on. */

static bool slice_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	if (!alike(at, 1, sizeof(node->slice)) || node->variant ||
	    at->in[0]->rank != at->out->rank ||
	    !ends_at_rank(at, node->slice.begin))
		return false;
	for (uint32_t d = 0; d < NN_RANK_MAX; d++) {
		const uint64_t last =
			(uint64_t)node->slice.begin[d] +
			(uint64_t)(at->out->dims[d] - 1) * node->slice.step[d];

		if ((node->slice.step[d] != 0) != (d < at->out->rank) ||
		    last >= at->in[0]->dims[d])
			return false;
	}
	return true;
}

static void slice_run(const struct nn_call *call)
{
	const struct nn_node *node = call->at.node;
	struct part from = whole(call->at.in[0]);

	for (uint32_t d = 0; d < call->at.out->rank; d++) {
		from.first += node->slice.begin[d] * from.stride[d];
		from.stride[d] *= node->slice.step[d];
	}
	copy_from(call, &from);
}

const struct nn_operator nn_op_slice = {
	.check = slice_check,
	.macs = macs,
	.run = slice_run,
};

/* Expand: dimensions of one element are repeated. */

static bool expand_check(const struct nn_at *at)
{
	if (!alike(at, 1, 0) || at->node->variant ||
	    at->in[0]->rank != at->out->rank)
		return false;
	for (uint32_t d = 0; d < at->out->rank; d++) {
		if (at->in[0]->dims[d] != 1 &&
		    at->in[0]->dims[d] != at->out->dims[d])
			return false;
	}
	return true;
}

static void expand_run(const struct nn_call *call)
{
	struct part from = { 0 };

	nn_broadcast_strides(call->at.in[0], from.stride);
	copy_from(call, &from);
}

const struct nn_operator nn_op_expand = {
	.check = expand_check,
	.macs = macs,
	.run = expand_run,
};

/* Concat: the sources one behind the other, along one dimension. */

static bool concat_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const uint32_t axis = node->concat.axis;
	uint64_t sum = 0;

	if (!alike(at, node->sources, sizeof(node->concat)) || !node->sources ||
	    node->variant || axis >= at->out->rank)
		return false;
	for (uint32_t s = 0; s < node->sources; s++) {
		if (at->in[s]->rank != at->out->rank)
			return false;
		for (uint32_t d = 0; d < at->out->rank; d++) {
			if (d != axis && at->in[s]->dims[d] != at->out->dims[d])
				return false;
		}
		sum += at->in[s]->dims[axis];
	}
	return sum == at->out->dims[axis];
}

static void concat_run(const struct nn_call *call)
{
	const struct nn_tensor *out = call->at.out;
	const uint32_t axis = call->at.node->concat.axis;
	struct part to = whole(out);

	for (uint32_t s = 0; s < call->at.node->sources; s++) {
		const struct nn_tensor *in = call->at.in[s];
		const struct part from = whole(in);

		for (size_t b = 0; b < call->batch; b++)
			copy_part(in->dims, nn_type_size(out->type),
				  sample(call->out, out, b), &to,
				  sample(call->in[s], in, b), &from);
		to.first += in->dims[axis] * to.stride[axis];
	}
}

const struct nn_operator nn_op_concat = {
	.check = concat_check,
	.macs = macs,
	.run = concat_run,
};

/*
 * Pad. The input is copied to its place; then one dimension after the other,
 * from the last one on, is continued on both sides.
 */

static bool fill_allowed(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const uint32_t float_bits = nn_to_bits(node->pad.f32);

	if (node->variant != NN_PAD_CONSTANT)
		return !float_bits && !node->pad.int8;
	if (at->out->type == NN_F32)
		return nn_is_finite(node->pad.f32) && !node->pad.int8;
	return at->out->type == NN_INT8 && !float_bits &&
	       -128 <= node->pad.int8 && node->pad.int8 <= 127;
}

static bool pad_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	if (!alike(at, 1, sizeof(node->pad)) || node->variant < 1 ||
	    node->variant >= NN_PADS || !fill_allowed(at) ||
	    at->in[0]->rank != at->out->rank ||
	    !ends_at_rank(at, node->pad.before))
		return false;
	for (uint32_t d = 0; d < at->out->rank; d++) {
		const uint32_t in = at->in[0]->dims[d];
		const uint32_t before = node->pad.before[d];
		const uint32_t out = at->out->dims[d];

		if (out < in || before > out - in)
			return false;
		if (node->variant == NN_PAD_REFLECT &&
		    (before >= in || out - in - before >= in))
			return false;
	}
	return true;
}

/* The element of the output whose value stands at `i`, outside of the input. */
static size_t mirrored(const struct nn_node *node, size_t i, size_t before,
		       size_t in)
{
	const size_t last = before + in - 1;
	const size_t edge = i < before ? before : last;

	return node->variant == NN_PAD_EDGE ? edge : 2 * edge - i;
}

/*
 * Continues dimension `axis` of one sample. Those behind it are complete; of
 * those up to it, `dims` elements are there, from to.first on.
 */
static void pad_axis(const struct nn_call *call, uint8_t *out, uint32_t axis,
		     uint32_t dims[NN_RANK_MAX], struct part to)
{
	const struct nn_node *node = call->at.node;
	const uint32_t before = node->pad.before[axis];
	const uint32_t in = dims[axis];
	const size_t first = to.first - before * to.stride[axis];

	dims[axis] = 1;
	for (size_t i = 0; i < call->at.out->dims[axis]; i++) {
		struct part from = to;

		if (i >= before && i < before + in)
			continue;
		to.first = first + i * to.stride[axis];
		from.first =
			first + mirrored(node, i, before, in) * to.stride[axis];
		copy_part(dims, nn_type_size(call->at.out->type), out, &to, out,
			  &from);
	}
	dims[axis] = call->at.out->dims[axis];
}

static void pad_constant(const struct nn_call *call)
{
	const struct nn_tensor *out = call->at.out;
	const struct nn_node *node = call->at.node;
	const size_t n = call->batch * nn_elements(out);

	if (out->type == NN_INT8)
		memset(call->out, node->pad.int8, n);
	for (size_t i = 0; out->type == NN_F32 && i < n; i++)
		((float *)call->out)[i] = node->pad.f32;
}

static void pad_run(const struct nn_call *call)
{
	const struct nn_tensor *out = call->at.out;
	const struct nn_tensor *in = call->at.in[0];
	const struct nn_node *node = call->at.node;
	const struct part from = whole(in);
	struct part to = whole(out);

	for (uint32_t d = 0; d < out->rank; d++)
		to.first += node->pad.before[d] * to.stride[d];
	if (node->variant == NN_PAD_CONSTANT)
		pad_constant(call);
	for (size_t b = 0; b < call->batch; b++) {
		uint8_t *place = sample(call->out, out, b);
		uint32_t dims[NN_RANK_MAX];
		struct part inner = to;

		memcpy(dims, in->dims, sizeof(dims));
		copy_part(dims, nn_type_size(out->type), place, &to,
			  sample(call->in[0], in, b), &from);
		for (uint32_t d = out->rank;
		     node->variant != NN_PAD_CONSTANT && d-- > 0;) {
			pad_axis(call, place, d, dims, inner);
			inner.first -= node->pad.before[d] * to.stride[d];
		}
	}
}

const struct nn_operator nn_op_pad = {
	.check = pad_check,
	.macs = macs,
	.run = pad_run,
};
