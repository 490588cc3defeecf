/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of two activations, left (..., n, k) and right (..., k, m), either
 * of them transposed. Dimensions before the last two are broadcast.
 *
 * How it works: PANEL columns of the right matrix are copied to scratch memory,
 * side by side and padded with zeros, so that one loop serves both orders and
 * has no remainder. The sums of TILE rows by PANEL columns stay in registers.
 */
#include "math.h"
#include "rules.h"
#include "walk.h"

#ifdef NN_ARM32
#define TILE 2
#else
#define TILE 4
#endif
#define PANEL	    16
#define PANEL_VECS  (PANEL / NN_LANES)
#define PANEL_STEPS (NN_SCRATCH / (PANEL * sizeof(float))) /* of k, at once */

enum {
	LEFT = 1,
	RIGHT = 2,
};

/* One of the last two dimensions: 1 is the last one. */
static uint32_t dim(const struct nn_tensor *t, uint32_t from_end)
{
	return t->dims[t->rank - from_end];
}

static bool shapes_allowed(const struct nn_at *at)
{
	const struct nn_tensor *left = at->in[0];
	const struct nn_tensor *right = at->in[1];
	const uint32_t flags = at->node->matmul.transposed;
	const uint32_t rank = at->out->rank;

	if (rank < 2 || left->rank != rank || right->rank != rank)
		return false;
	for (uint32_t d = 0; d < rank - 2; d++) {
		const uint32_t a = left->dims[d];
		const uint32_t b = right->dims[d];

		if ((a != b && a != 1 && b != 1) ||
		    at->out->dims[d] != (a == 1 ? b : a))
			return false;
	}
	return dim(left, flags & LEFT ? 2 : 1) ==
		       dim(right, flags & RIGHT ? 1 : 2) &&
	       dim(left, flags & LEFT ? 1 : 2) == dim(at->out, 2) &&
	       dim(right, flags & RIGHT ? 2 : 1) == dim(at->out, 1);
}

static bool check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;

	return node->sources == 2 && !node->variant &&
	       nn_unused_zero(node, sizeof(node->matmul)) &&
	       node->matmul.transposed <= (LEFT | RIGHT) &&
	       nn_is_finite(node->matmul.scale) && at->out->type == NN_F32 &&
	       at->in[0]->type == NN_F32 && at->in[1]->type == NN_F32 &&
	       shapes_allowed(at);
}

/* k */
static uint32_t depth(const struct nn_at *at)
{
	return dim(at->in[0], at->node->matmul.transposed & LEFT ? 2 : 1);
}

static uint64_t macs(const struct nn_at *at)
{
	/* The product has up to 44 bits, and size_t may have 32. */
	return (uint64_t)nn_elements(at->out) * depth(at) +
	       nn_elements(at->in[0]) + nn_elements(at->in[1]) +
	       nn_elements(at->out);
}

/* A matrix in memory. */
struct matrix {
	const float *at;
	size_t row; /* elements between rows */
	size_t col;
};

static struct matrix matrix(const void *base, const struct nn_tensor *t,
			    bool transposed)
{
	const size_t width = dim(t, 1);

	return (struct matrix){
		.at = base,
		.row = transposed ? 1 : width,
		.col = transposed ? width : 1,
	};
}

/* A block of steps, from `k` on, of `columns` columns, from `j` on. */
struct block {
	size_t k;
	size_t steps;
	size_t j;
	size_t columns;
	float scale; /* of the sums, when this block has been added */
};

/* panel: (steps, PANEL) */
static void pack(struct matrix right, const struct block *b, float *panel)
{
	const float *from = right.at + b->k * right.row + b->j * right.col;

	for (size_t k = 0; k < b->steps; k++, from += right.row) {
		for (size_t j = 0; j < PANEL; j++)
			*panel++ = j < b->columns ? from[j * right.col] : 0;
	}
}

/* Adds a block to `rows` rows of sums; y: (rows, m) */
static inline __attribute__((always_inline)) void
tile(struct matrix left, size_t rows, const struct block *b, const float *panel,
     float *y, size_t m)
{
	const float *a = left.at + b->k * left.col;
	nn_floats sum[TILE][PANEL_VECS] = { 0 };

	for (size_t k = 0; k < b->steps; k++, a += left.col) {
		for (size_t r = 0; r < rows; r++) {
			for (size_t v = 0; v < PANEL_VECS; v++)
				sum[r][v] += ((const nn_floats_at *)panel)[v] *
					     a[r * left.row];
		}
		panel += PANEL;
	}
	for (size_t r = 0; r < rows; r++, y += m) {
		for (size_t c = 0; c < b->columns; c += NN_LANES) {
			nn_floats part = sum[r][c / NN_LANES];

			if (b->k)
				part += nn_load(NN_F32, y, c);
			nn_store(NN_F32, y, c, part * b->scale, b->columns - c);
		}
	}
}

/* All rows of a block. y: (n, m) */
static void run_block(struct matrix left, const struct block *b,
		      const float *panel, float *y, size_t n, size_t m)
{
	size_t i = 0;

	y += b->j;
	for (; n - i >= TILE; i += TILE) {
		tile(left, TILE, b, panel, y + i * m, m);
		left.at += TILE * left.row;
	}
	for (; i < n; i++) {
		tile(left, 1, b, panel, y + i * m, m);
		left.at += left.row;
	}
}

static void multiply(const struct nn_call *call, struct matrix left,
		     struct matrix right, float *y)
{
	const size_t n = dim(call->at.out, 2);
	const size_t m = dim(call->at.out, 1);
	const size_t depth_all = depth(&call->at);
	struct block b = { 0 };

	for (b.j = 0; b.j < m; b.j += PANEL) {
		b.columns = m - b.j < PANEL ? m - b.j : PANEL;
		for (b.k = 0; b.k < depth_all; b.k += b.steps) {
			const size_t rest = depth_all - b.k;

			b.steps = rest < PANEL_STEPS ? rest : PANEL_STEPS;
			b.scale = b.steps == rest ?
					  call->at.node->matmul.scale :
					  1;
			pack(right, &b, call->scratch);
			run_block(left, &b, call->scratch, y, n, m);
		}
	}
}

/* The matrices of one sample, one after the other. */
static void run_sample(const struct nn_call *call, struct nn_walk *w,
		       struct matrix left, struct matrix right, float *y)
{
	const size_t size = (size_t)dim(call->at.out, 1) * dim(call->at.out, 2);
	const float *left_at = left.at;
	const float *right_at = right.at;

	do {
		left.at = left_at + w->at[0];
		right.at = right_at + w->at[1];
		multiply(call, left, right, y);
		y += size;
	} while (nn_walk_next(w, w->rank));
}

static void run(const struct nn_call *call)
{
	const struct nn_tensor *const *in = call->at.in;
	const uint32_t flags = call->at.node->matmul.transposed;
	struct matrix left = matrix(call->in[0], in[0], flags & LEFT);
	struct matrix right = matrix(call->in[1], in[1], flags & RIGHT);
	struct nn_walk w = nn_walk_start();
	size_t strides[2][NN_RANK_MAX];
	float *y = call->out;

	nn_broadcast_strides(in[0], strides[0]);
	nn_broadcast_strides(in[1], strides[1]);
	for (size_t d = 0; d + 2 < call->at.out->rank; d++)
		nn_walk_add(&w, call->at.out->dims[d], strides[0][d],
			    strides[1][d]);
	for (size_t b = 0; b < call->batch; b++) {
		run_sample(call, &w, left, right, y);
		left.at += nn_elements(in[0]);
		right.at += nn_elements(in[1]);
		y += nn_elements(call->at.out);
	}
}

const struct nn_operator nn_op_matmul = {
	.check = check,
	.macs = macs,
	.run = run,
};
