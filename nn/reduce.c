/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mean, sum, maximum or minimum over any dimensions. One walk goes through
 * those that stay, and for each of its steps another one through those that are
 * reduced. Vectors lie along the innermost dimension, whichever it is. int8
 * stands in floats meanwhile: sums of so few numbers are exact.
 */
#include "math.h"
#include "rules.h"
#include "scale.h"
#include "walk.h"

#define COUNT_MAX (1u << 16) /* of int8: 128 * COUNT_MAX < 2^24 */

/* Elements that become one. */
static size_t count(const struct nn_at *at)
{
	return nn_elements(at->in[0]) / nn_elements(at->out);
}

static bool is_sum(const struct nn_node *node)
{
	return node->variant == NN_MEAN || node->variant == NN_SUM;
}

static bool shape_allowed(const struct nn_at *at)
{
	const uint32_t axes = at->node->reduce.axes;

	if (at->in[0]->rank != at->out->rank || !axes ||
	    axes >> at->in[0]->rank)
		return false;
	for (uint32_t d = 0; d < at->in[0]->rank; d++) {
		if (at->out->dims[d] !=
		    (axes >> d & 1 ? 1 : at->in[0]->dims[d]))
			return false;
	}
	return true;
}

/* A mean has its count in the scale: its multiplier may be below 2^30. */
static bool type_allowed(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const struct nn_scale *scale = &node->reduce.scale;

	if (at->out->type != NN_INT8 || !is_sum(node)) {
		if (!nn_unused_zero(node, sizeof(node->reduce.axes)) ||
		    !nn_same_type(at->in[0], at->out))
			return false;
	}
	if (at->out->type == NN_F32)
		return true;
	return at->out->type == NN_INT8 && at->in[0]->type == NN_INT8 &&
	       count(at) <= COUNT_MAX &&
	       (scale->multiplier > 0 || nn_scale_allowed(scale)) &&
	       -31 <= scale->shift && scale->shift <= 30;
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	return node->sources == 1 && node->variant >= 1 &&
	       node->variant < NN_REDUCES &&
	       nn_unused_zero(node, sizeof(node->reduce)) &&
	       shape_allowed(at) && type_allowed(at);
}

static uint64_t macs(const struct nn_at *at)
{
	return nn_elements(at->in[0]) + nn_elements(at->out);
}

static inline nn_floats reduce(uint8_t variant, nn_floats x, nn_floats y)
{
	if (variant == NN_REDUCE_MAX)
		return nn_max(x, y);
	if (variant == NN_REDUCE_MIN)
		return nn_min(x, y);
	return x + y;
}

/* What changes nothing. */
static inline nn_floats neutral(uint8_t variant)
{
	if (variant == NN_REDUCE_MAX)
		return nn_splat(-NN_INFINITY);
	return nn_splat(variant == NN_REDUCE_MIN ? NN_INFINITY : 0);
}

static nn_floats scaled(const struct nn_at *at, nn_floats sum)
{
	const nn_ints x = __builtin_convertvector(sum, nn_ints) -
			  at->in[0]->zero * (int32_t)count(at);
	const struct nn_scales s = nn_scales_all(at->node->reduce.scale);
	const nn_ints y = nn_limit_sum(nn_scale_four(x, &s), at->out->zero,
				       INT8_MIN, INT8_MAX);

	return __builtin_convertvector(y, nn_floats);
}

static void store(const struct nn_call *call, size_t to, nn_floats y,
		  size_t left)
{
	const struct nn_at *at = &call->at;

	if (at->out->type == NN_INT8 && is_sum(at->node))
		y = scaled(at, y);
	else if (at->node->variant == NN_MEAN)
		y = y / (float)count(at);
	nn_store(at->out->type, call->out, to, y, left);
}

/* The innermost dimension stays: a vector has several outputs. */
static void reduce_outer(const struct nn_call *call, struct nn_walk *kept,
			 struct nn_walk *reduced, size_t to)
{
	const uint8_t variant = call->at.node->variant;
	const uint8_t type = call->at.out->type;
	const size_t n = kept->dims[kept->rank - 1];

	do {
		for (size_t i = 0; i < n; i += NN_LANES) {
			nn_floats y = neutral(variant);

			do {
				nn_floats x = nn_load(
					type, call->in[0],
					kept->at[0] + reduced->at[0] + i);

				y = reduce(variant, x, y);
			} while (nn_walk_next(reduced, reduced->rank));
			store(call, to + i, y, n - i);
		}
		to += n;
	} while (nn_walk_next(kept, kept->rank - 1));
}

/* The innermost dimension is reduced: a vector has parts of one output. */
static void reduce_inner(const struct nn_call *call, struct nn_walk *kept,
			 struct nn_walk *reduced, size_t to)
{
	const uint8_t variant = call->at.node->variant;
	const uint8_t type = call->at.out->type;
	const size_t n = reduced->dims[reduced->rank - 1];

	do {
		nn_floats y = neutral(variant);

		do {
			for (size_t i = 0; i < n; i += NN_LANES) {
				nn_floats x = nn_load(
					type, call->in[0],
					kept->at[0] + reduced->at[0] + i);

				x = nn_choose(nn_lanes(n - i), x,
					      neutral(variant));
				y = reduce(variant, x, y);
			}
		} while (nn_walk_next(reduced, reduced->rank - 1));
		y = reduce(variant, y, nn_across(y, 2));
		y = reduce(variant, y, nn_across(y, 1));
		store(call, to++, y, 1);
	} while (nn_walk_next(kept, kept->rank));
}

static void run(const struct nn_call *call)
{
	const struct nn_tensor *in = call->at.in[0];
	struct nn_walk kept = nn_walk_start();
	struct nn_walk reduced = nn_walk_start();
	size_t stride[NN_RANK_MAX];
	size_t last = NN_RANK_MAX - 1;

	nn_strides(in, stride);
	for (size_t d = 0; d < NN_RANK_MAX; d++) {
		if (call->at.node->reduce.axes >> d & 1)
			nn_walk_add(&reduced, in->dims[d], stride[d],
				    stride[d]);
		else
			nn_walk_add(&kept, in->dims[d], stride[d], stride[d]);
	}
	while (last > 0 && in->dims[last] == 1)
		last--;
	for (size_t b = 0; b < call->batch; b++) {
		size_t to = b * nn_elements(call->at.out);

		kept.at[0] = b * nn_elements(in);
		if (call->at.node->reduce.axes >> last & 1)
			reduce_inner(call, &kept, &reduced, to);
		else
			reduce_outer(call, &kept, &reduced, to);
	}
}

const struct nn_operator nn_op_reduce = {
	.check = check,
	.macs = macs,
	.run = run,
};
