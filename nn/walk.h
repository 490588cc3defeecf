/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps through the elements of two tensors together, as through nested loops:
 * one for each dimension, with a stride in each tensor. Dimensions that follow
 * each other without a gap become one, so that the innermost loop is as long as
 * possible. Private to nn/.
 */
#ifndef NN_WALK_H
#define NN_WALK_H

#include "op.h"

struct nn_walk {
	size_t rank; /* 1 to NN_RANK_MAX */
	size_t dims[NN_RANK_MAX];
	size_t stride[2][NN_RANK_MAX];
	size_t index[NN_RANK_MAX];
	size_t at[2]; /* the current element of each tensor */
};

/* One element of each. */
static inline struct nn_walk nn_walk_start(void)
{
	return (struct nn_walk){ .rank = 1,
				 .dims = { 1 },
				 .stride = { { 1 }, { 1 } } };
}

/* Adds a loop inside of those before. */
static inline void nn_walk_add(struct nn_walk *w, size_t n, size_t stride0,
			       size_t stride1)
{
	size_t last = w->rank - 1;

	if (n == 1)
		return;
	if (w->stride[0][last] == n * stride0 &&
	    w->stride[1][last] == n * stride1) {
		n *= w->dims[last];
	} else if (w->dims[last] != 1) {
		last = w->rank++;
	}
	w->dims[last] = n;
	w->stride[0][last] = stride0;
	w->stride[1][last] = stride1;
}

/*
 * Steps to the next index of the outer `rank` loops. False after the last one;
 * the walk is at its start again then.
 */
static inline bool nn_walk_next(struct nn_walk *w, size_t rank)
{
	for (size_t d = rank; d-- > 0;) {
		w->at[0] += w->stride[0][d];
		w->at[1] += w->stride[1][d];
		if (++w->index[d] < w->dims[d])
			return true;
		w->at[0] -= w->dims[d] * w->stride[0][d];
		w->at[1] -= w->dims[d] * w->stride[1][d];
		w->index[d] = 0;
	}
	return false;
}

/* Elements between neighbours along each dimension of a tensor. */
static inline void nn_strides(const struct nn_tensor *t,
			      size_t stride[NN_RANK_MAX])
{
	size_t n = 1;

	for (size_t d = NN_RANK_MAX; d-- > 0;) {
		stride[d] = n;
		n *= t->dims[d];
	}
}

/* The same; 0 where one element serves a whole dimension. */
static inline void nn_broadcast_strides(const struct nn_tensor *t,
					size_t stride[NN_RANK_MAX])
{
	nn_strides(t, stride);
	for (size_t d = 0; d < NN_RANK_MAX; d++)
		stride[d] = t->dims[d] == 1 ? 0 : stride[d];
}

#endif
