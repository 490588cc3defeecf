/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: tensors that are computed in place of each other form a block.
 * Blocks are placed one after the other, each where it fits beside those that
 * live at the same time. The order decides how good the plan is: several sorted
 * orders are tried, then small changes of the best of them, until the lower
 * bound or a fixed number of steps is reached.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nn/op.h"

#define TENSORS_MAX (NN_INPUTS_MAX + NN_NODES_MAX)
#define STEPS	    (UINT64_C(1) << 28) /* pairs of blocks compared, at most */

struct block {
	uint64_t size;	      /* a multiple of NN_ALIGN */
	uint32_t first, last; /* nodes while it is live */
	uint64_t offset;
};

struct plan {
	uint32_t tensors;
	uint32_t nodes;
	uint16_t block[TENSORS_MAX]; /* of each tensor */
	uint32_t last[TENSORS_MAX];  /* node that reads it last */
	uint32_t blocks;
	struct block b[TENSORS_MAX];
	uint64_t bound;
};

/* A way to place blocks, and what it needs. */
struct trial {
	uint16_t order[TENSORS_MAX];
	bool best_fit; /* the smallest gap; else the first */
	uint64_t arena;
};

static uint64_t bytes_of(const struct nn_tensor *t)
{
	return (uint64_t)nn_elements(t) * nn_type_size(t->type);
}

static void find_last_readers(struct plan *p, const struct nn_head *head,
			      const struct nn_tensor *tensors,
			      const struct nn_node *nodes)
{
	p->nodes = head->nodes;
	p->tensors = (uint32_t)head->inputs + head->nodes;
	for (uint32_t t = head->inputs; t < p->tensors; t++)
		p->last[t] = t - head->inputs;
	for (uint32_t n = 0; n < p->nodes; n++) {
		for (uint32_t s = 0; s < nodes[n].sources; s++)
			p->last[nodes[n].source[s]] = n;
	}
	for (uint32_t t = 0; t < p->tensors; t++) {
		if (tensors[t].is_output)
			p->last[t] = p->nodes;
	}
}

/* True if the node's output may take the place of its first source. */
static bool is_in_place(const struct plan *p, const struct nn_node *node,
			uint32_t n, const struct nn_tensor *tensors,
			const struct nn_tensor *out)
{
	return node->sources && nn_operators[node->op]->in_place &&
	       p->last[node->source[0]] == n &&
	       bytes_of(&tensors[node->source[0]]) == bytes_of(out);
}

static void make_blocks(struct plan *p, const struct nn_head *head,
			const struct nn_tensor *tensors,
			const struct nn_node *nodes)
{
	for (uint32_t t = 0; t < p->tensors; t++) {
		uint32_t n = t < head->inputs ? 0 : t - head->inputs;
		const struct nn_node *node = &nodes[n];
		struct block *b = &p->b[p->blocks];

		if (t >= head->inputs &&
		    is_in_place(p, node, n, tensors, &tensors[t])) {
			p->block[t] = p->block[node->source[0]];
			p->b[p->block[t]].last = p->last[t];
			continue;
		}
		b->size = (bytes_of(&tensors[t]) + NN_ALIGN - 1) / NN_ALIGN *
			  NN_ALIGN;
		b->first = n;
		b->last = p->last[t];
		p->block[t] = (uint16_t)p->blocks++;
	}
}

static bool live_together(const struct block *a, const struct block *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static uint64_t find_bound(const struct plan *p)
{
	uint64_t most = 0;

	for (uint32_t n = 0; n < p->nodes; n++) {
		uint64_t sum = 0;

		for (uint32_t i = 0; i < p->blocks; i++) {
			if (p->b[i].first <= n && n <= p->b[i].last)
				sum += p->b[i].size;
		}
		most = sum > most ? sum : most;
	}
	return most;
}

/* An offset for a block beside those placed, which are sorted by offset. */
static uint64_t find_gap(const struct plan *p, const uint16_t *placed,
			 uint32_t count, const struct block *b, bool best_fit)
{
	uint64_t at = 0; /* end of what is live beside it, so far */
	uint64_t found = 0;
	uint64_t smallest = UINT64_MAX;

	for (uint32_t i = 0; i < count; i++) {
		const struct block *other = &p->b[placed[i]];
		uint64_t end = other->offset + other->size;

		if (!live_together(b, other))
			continue;
		if (other->offset >= at + b->size &&
		    other->offset - at < smallest) {
			found = at;
			smallest = other->offset - at;
			if (!best_fit)
				return found;
		}
		at = end > at ? end : at;
	}
	return smallest < UINT64_MAX ? found : at;
}

static void place(struct plan *p, struct trial *trial)
{
	uint16_t placed[TENSORS_MAX];

	trial->arena = 0;
	for (uint32_t i = 0; i < p->blocks; i++) {
		struct block *b = &p->b[trial->order[i]];
		uint32_t k = i;

		b->offset = find_gap(p, placed, i, b, trial->best_fit);
		for (; k && p->b[placed[k - 1]].offset > b->offset; k--)
			placed[k] = placed[k - 1];
		placed[k] = trial->order[i];
		if (b->offset + b->size > trial->arena)
			trial->arena = b->offset + b->size;
	}
}

enum sorting {
	BY_SIZE,
	BY_LIFE,
	BY_AREA,
	BY_FIRST,
	BY_LAST,
	SORTINGS
};

/* Larger comes first. */
static uint64_t rank_of(const struct plan *p, const struct block *b,
			enum sorting by)
{
	uint64_t life = b->last - b->first + 1;

	switch (by) {
	case BY_SIZE:
		return b->size;
	case BY_LIFE:
		return life;
	case BY_AREA:
		return b->size * life;
	case BY_FIRST:
		return p->nodes - b->first;
	default:
		return b->last;
	}
}

/* Equal ones stay in order: the result must not depend on a library's sort. */
static void sort_blocks(const struct plan *p, uint16_t *order, enum sorting by)
{
	for (uint32_t i = 0; i < p->blocks; i++) {
		uint64_t rank = rank_of(p, &p->b[i], by);
		uint32_t k = i;

		for (; k && rank_of(p, &p->b[order[k - 1]], by) < rank; k--)
			order[k] = order[k - 1];
		order[k] = (uint16_t)i;
	}
}

static void try_sorted(struct plan *p, struct trial *best)
{
	best->arena = UINT64_MAX;
	for (uint32_t i = 0; i < 2 * SORTINGS; i++) {
		struct trial trial = { .best_fit = i % 2 };

		sort_blocks(p, trial.order, (enum sorting)(i / 2));
		place(p, &trial);
		if (trial.arena < best->arena)
			*best = trial;
	}
}

/* The same numbers on every machine. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static void move_block(uint16_t *order, uint32_t from, uint32_t to)
{
	uint16_t moved = order[from];

	if (from < to)
		memmove(order + from, order + from + 1,
			(to - from) * sizeof(*order));
	else
		memmove(order + to + 1, order + to,
			(from - to) * sizeof(*order));
	order[to] = moved;
}

static void search(struct plan *p, struct trial *best)
{
	uint32_t blocks = p->blocks;
	uint64_t rounds = 0;
	uint32_t state = 1;

	if (blocks)
		rounds = STEPS / ((uint64_t)blocks * blocks);
	rounds = rounds > 20000 ? 20000 : rounds;
	for (uint64_t i = 0; i < rounds && best->arena > p->bound; i++) {
		struct trial trial = *best;
		uint32_t from = draw(&state, blocks);
		uint32_t to = draw(&state, blocks);

		move_block(trial.order, from, to);
		place(p, &trial);
		if (trial.arena <= best->arena)
			*best = trial;
	}
}

bool plan_arena(struct nn_head *head, struct nn_tensor *tensors,
		const struct nn_node *nodes, uint64_t *bound,
		struct enc_error *e)
{
	struct plan *p = calloc(1, sizeof(*p));
	struct trial best = { 0 };

	if (!p)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	find_last_readers(p, head, tensors, nodes);
	make_blocks(p, head, tensors, nodes);
	*bound = p->bound = find_bound(p);
	try_sorted(p, &best);
	search(p, &best);
	place(p, &best);
	for (uint32_t t = 0; t < p->tensors; t++)
		tensors[t].offset = (uint32_t)p->b[p->block[t]].offset;
	free(p);
	head->arena = (uint32_t)best.arena;
	if (best.arena > UINT32_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"activations of a sample need %" PRIu64
				" bytes at once; the limit is %" PRIu32,
				best.arena, UINT32_MAX);
	return true;
}
