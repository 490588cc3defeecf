/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: 8 outputs of 8 positions stay in registers, 16 vectors of sums.
 * Four inputs of each position are loaded at once, and two vectors of weights
 * are multiplied by one input after the other. A single position takes four
 * tiles at once.
 *
 * If a layer has enough tiles, the inputs of 8 positions are packed first: a
 * panel has those of an input side by side. So a tile loads two vectors for an
 * input, and not eight for four.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include "conv.h"

#define LANES	   4
#define TILE_VECS  (NN_TILE / LANES)
#define PANEL_VECS (NN_CONV_AT_ONCE / LANES)
#define WIDE	   4  /* tiles at once, for a single position */
#define PAIR	   2  /* inputs whose weights are loaded at once */
#define UNROLL	   16 /* inputs of a panel */
#define MANY	   4  /* tiles from which on a panel pays */

#define SUMS	    (NN_CONV_AT_ONCE * TILE_VECS)
#define PANEL_BYTES (NN_SUM_BLOCK * NN_CONV_AT_ONCE * sizeof(float))

_Static_assert(WIDE <= NN_CONV_AT_ONCE, "sums have room");
_Static_assert(PAIR *TILE_VECS == 4, "four vectors: weights of a pair");
_Static_assert(PAIR *PANEL_VECS == 4 || PANEL_VECS == 1, "and its inputs");

/*
 * Adds the products of one input to a tile of each position; their sums lie
 * `step` apart. w: its weights; x: a vector for each position, which has it in
 * a lane. positions is a constant where this is inlined, so that the sums stay
 * in registers.
 */
static inline __attribute__((always_inline)) void
add_input(nn_floats *sum, size_t step, const nn_floats *w, const nn_floats *x,
	  size_t lane, size_t positions)
{
	for (size_t i = 0; i < positions * TILE_VECS; i++)
		NN_ADD_PRODUCT(sum[i / TILE_VECS * step + i % TILE_VECS],
			       w[i % TILE_VECS], x[i / TILE_VECS], lane);
}

/*
 * Adds the products of the inputs from k to `end` of each position. positions
 * and tiles are constants where this is inlined. The tiles lie `stride` floats
 * apart.
 */
static inline __attribute__((always_inline)) void
add_run(nn_floats *sum, const float *const *x, const float *weights,
	size_t stride, size_t k, size_t end, size_t positions, size_t tiles)
{
	const size_t step = tiles * TILE_VECS;
	const float *w[WIDE];
	nn_floats xv[NN_CONV_AT_ONCE];
	nn_floats wv[PAIR * TILE_VECS];

	for (size_t t = 0; t < tiles; t++)
		w[t] = weights + t * stride;
	for (; end - k >= LANES; k += LANES) {
		for (size_t p = 0; p < positions; p++)
			xv[p] = *(const nn_floats_at *)(x[p] + k);
#pragma GCC unroll 8
		for (size_t i = 0; i < LANES / PAIR * tiles; i++) {
			const size_t lane = i / tiles * PAIR;
			nn_floats *s = sum + i % tiles * TILE_VECS;

			w[i % tiles] = nn_load_four(wv, w[i % tiles]);
			add_input(s, step, wv, xv, lane, positions);
			add_input(s, step, wv + TILE_VECS, xv, lane + 1,
				  positions);
		}
	}
	for (; k < end; k++) {
		for (size_t p = 0; p < positions; p++)
			xv[p] = (nn_floats){ x[p][k] };
		for (size_t t = 0; t < tiles; t++) {
			for (size_t i = 0; i < TILE_VECS; i++)
				wv[i] = ((const nn_floats_at *)w[t])[i];
			add_input(sum + t * TILE_VECS, step, wv, xv, 0,
				  positions);
			w[t] += NN_TILE;
		}
	}
}

/* Adds all runs of the inputs from k to `end`; taps > 1: k is 0. */
static inline __attribute__((always_inline)) void
add_runs(const struct nn_conv *c, nn_floats *sum, const float *w, size_t stride,
	 size_t k, size_t end, size_t positions, size_t tiles)
{
	const void *const *runs = c->runs;

	for (size_t r = 0; r < c->run_count; r++) {
		const float *x[NN_CONV_AT_ONCE];

		for (size_t p = 0; p < positions; p++)
			x[p] = runs[p];
		add_run(sum, x, w, stride, k, end, positions, tiles);
		w += (end - k) * NN_TILE;
		runs += NN_CONV_AT_ONCE;
	}
}

/* Adds the bias of each tile and clamps. The tiles lie `stride` floats apart.
 */
static inline __attribute__((always_inline)) void
finish(const struct nn_conv *c, nn_floats *sum, const float *tile,
       size_t stride, size_t positions, size_t tiles)
{
	const size_t vecs = tiles * TILE_VECS;

	for (size_t t = 0; t < vecs; t++) {
		nn_floats bias =
			*(const nn_floats_at *)(tile + t / TILE_VECS * stride +
						t % TILE_VECS * LANES);

		for (size_t p = 0; p < positions; p++)
			sum[p * vecs + t] += bias;
	}
	nn_clamp_floats(sum, positions * vecs, &c->clamp);
}

static inline __attribute__((always_inline)) void store(const nn_floats *sum,
							float *y, size_t step,
							size_t positions,
							size_t vecs)
{
	for (size_t p = 0; p < positions; p++) {
		for (size_t i = 0; i < vecs; i++)
			((nn_floats_at *)y)[i] = sum[p * vecs + i];
		y += step;
		NN_HIDE(y);
	}
}

/* Computes `tiles` tiles, of which `outs` outputs are wanted. */
static inline __attribute__((always_inline)) void
compute(const struct nn_conv *c, const float *tile, float *y, size_t positions,
	size_t tiles, size_t outs)
{
	const size_t stride = c->tile_bytes / sizeof(float);
	const size_t block = c->shape.taps == 1 ? NN_SUM_BLOCK : c->run;
	const size_t vecs = positions * tiles * TILE_VECS;
	const bool whole = outs >= tiles * NN_TILE;
	nn_floats_at *part = (nn_floats_at *)c->tile;
	nn_floats sum[SUMS];
	size_t k = 0;

	for (;;) {
		size_t end = c->run - k < block ? c->run : k + block;

		for (size_t i = 0; i < vecs; i++)
			sum[i] = (nn_floats){ 0 };
		add_runs(c, sum, tile + (1 + k) * NN_TILE, stride, k, end,
			 positions, tiles);
		if (k) {
			for (size_t i = 0; i < vecs; i++)
				sum[i] += part[i];
		}
		k = end;
		if (k == c->run)
			break;
		for (size_t i = 0; i < vecs; i++)
			part[i] = sum[i];
	}
	finish(c, sum, tile, stride, positions, tiles);
	store(sum, whole ? y : c->tile, whole ? c->out[2] : tiles * NN_TILE,
	      positions, tiles * TILE_VECS);
	if (!whole)
		nn_conv_store_part(c, (uint8_t *)y, positions,
				   tiles * NN_TILE * sizeof(*y), outs);
}

static inline __attribute__((always_inline)) size_t
compute_tiles(const struct nn_conv *c, const uint8_t *tiles, float *y,
	      size_t first, size_t positions, size_t wide)
{
	const size_t bytes = c->tile_bytes;
	const size_t count = nn_conv_tiles(&c->shape);
	size_t t = first;

	for (; count - t >= wide; t += wide)
		compute(c, (const float *)(const void *)(tiles + t * bytes),
			y + t * NN_TILE, positions, wide,
			c->shape.outs - t * NN_TILE);
	return t;
}

/* --- panels --- */

/* Stores four inputs of each position as rows: (LANES, NN_CONV_AT_ONCE). */
static inline __attribute__((always_inline)) void
store_rows(float *to, const nn_floats x[NN_CONV_AT_ONCE])
{
#ifdef __aarch64__
	float64x2x4_t rows[2];

	for (size_t i = 0; i < 4; i++) {
		const float32x4_t a = (float32x4_t)x[2 * i];
		const float32x4_t b = (float32x4_t)x[2 * i + 1];

		rows[0].val[i] = (float64x2_t)vzip1q_f32(a, b);
		rows[1].val[i] = (float64x2_t)vzip2q_f32(a, b);
	}
	vst4q_f64((double *)(void *)to, rows[0]);
	vst4q_f64((double *)(void *)to + 8, rows[1]);
#elif defined(NN_ARM32)
	float32x4x4_t rows;

	for (size_t i = 0; i < 4; i++)
		rows.val[i] = (float32x4_t)x[i];
	vst4q_f32(to, rows);
#else
	for (size_t i = 0; i < LANES * NN_CONV_AT_ONCE; i++)
		to[i] = x[i % NN_CONV_AT_ONCE][i / NN_CONV_AT_ONCE];
#endif
}

/* What a panel has: some inputs of each of some runs. */
struct part {
	size_t run; /* the first one */
	size_t runs;
	size_t k; /* the first input */
	size_t count;
	size_t rows;	/* of a run in the panel: its last vector is whole */
	size_t weights; /* where they begin in a tile */
	enum {
		FIRST,
		GO_ON,
		ADD
	} sums;
	bool last;
};

static size_t rows_of(size_t inputs)
{
	return (inputs + LANES - 1) / LANES * LANES;
}

/* Where `p` ends, the next part begins: of NN_SUM_BLOCK inputs at most. */
static void next_part(const struct nn_conv *c, struct part *p)
{
	const size_t most = NN_SUM_BLOCK / rows_of(c->run);

	p->k += p->count;
	if (p->k == c->run) {
		p->run += p->runs;
		p->k = 0;
	}
	p->count = c->run - p->k < NN_SUM_BLOCK ? c->run - p->k : NN_SUM_BLOCK;
	p->runs = c->run_count - p->run < most ? c->run_count - p->run :
		  most			       ? most :
						 1;
	p->rows = rows_of(p->count);
	p->weights = (1 + p->run * c->run + p->k) * NN_TILE;
	p->last = p->run + p->runs == c->run_count && p->k + p->count == c->run;
}

static __attribute__((noinline)) void pack(const struct nn_conv *c,
					   const struct part *part)
{
	float *to = c->panel;

	for (size_t r = 0; r < part->runs; r++) {
		const float *x[NN_CONV_AT_ONCE];

		for (size_t p = 0; p < NN_CONV_AT_ONCE; p++)
			x[p] = (const float *)c->runs[(part->run + r) *
							      NN_CONV_AT_ONCE +
						      p] +
			       part->k;
		for (size_t k = 0; k < part->count; k += LANES) {
			nn_floats v[NN_CONV_AT_ONCE];

			for (size_t p = 0; p < NN_CONV_AT_ONCE; p++)
				v[p] = *(const nn_floats_at *)(x[p] + k);
			store_rows(to, v);
			to += LANES * NN_CONV_AT_ONCE;
		}
	}
}

/* Adds the products of an input. x: (PANEL_VECS), of 8 positions */
static inline __attribute__((always_inline)) void
add_row(nn_floats sum[SUMS], const nn_floats *w, const nn_floats *x)
{
	const size_t sums = SUMS / PANEL_VECS; /* of a vector of positions */

	for (size_t p = 0; p < PANEL_VECS; p++) {
		nn_floats four = x[p];

		NN_WHOLE(four);
		for (size_t i = 0; i < sums; i++)
			NN_ADD_PRODUCT(sum[p * sums + i], w[i % TILE_VECS],
				       four, i / TILE_VECS);
	}
}

static inline __attribute__((always_inline)) void
add_rows(nn_floats sum[SUMS], const float **w, const float **x)
{
	nn_floats wv[PAIR * TILE_VECS];
	nn_floats xv[PAIR * PANEL_VECS];

	*x = PANEL_VECS > 1 ? nn_load_four(xv, *x) : nn_load_two(xv, *x);
	*w = nn_load_four(wv, *w);
	for (size_t i = 0; i < PAIR; i++)
		add_row(sum, wv + i * TILE_VECS, xv + i * PANEL_VECS);
}

static inline __attribute__((always_inline)) void
add_panel(nn_floats sum[SUMS], const float *w, const float *x, size_t count)
{
	for (; count >= UNROLL; count -= UNROLL) {
#pragma GCC unroll 8
		for (size_t i = 0; i < UNROLL; i += PAIR)
			add_rows(sum, &w, &x);
	}
	for (; count >= PAIR; count -= PAIR)
		add_rows(sum, &w, &x);
	if (count) {
		const nn_floats_at *wv = (const nn_floats_at *)w;
		const nn_floats_at *xv = (const nn_floats_at *)x;
		const nn_floats last[] = { wv[0], wv[1], xv[0],
					   xv[PANEL_VECS - 1] };

		add_row(sum, last, last + TILE_VECS);
	}
}

/* Takes the sums of a tile from y, or adds those in y. */
static inline __attribute__((always_inline)) void
take_sums(nn_floats sum[SUMS], const float *y, size_t step, bool add)
{
#pragma GCC unroll 8
	for (size_t i = 0; i < SUMS; i += TILE_VECS) {
		for (size_t v = 0; v < TILE_VECS; v++) {
			nn_floats part = ((const nn_floats_at *)y)[v];

			sum[i + v] = add ? sum[i + v] + part : part;
		}
		y += step;
		NN_HIDE(y);
	}
}

/* Adds a panel to a tile. y has the sums of the parts before. */
static inline __attribute__((always_inline)) void
compute_panel(const struct nn_conv *c, const float *tile, float *y,
	      const struct part *part)
{
	const float *w = tile + part->weights;
	const float *x = c->panel;
	nn_floats sum[SUMS] = { 0 };

	if (part->sums == GO_ON)
		take_sums(sum, y, c->out[2], false);
	for (size_t r = part->runs; r; r--) {
		add_panel(sum, w, x, part->count);
		w += part->count * NN_TILE;
		x += part->rows * NN_CONV_AT_ONCE;
	}
	if (part->sums == ADD)
		take_sums(sum, y, c->out[2], true);
	if (part->last)
		finish(c, sum, tile, 0, NN_CONV_AT_ONCE, 1);
	store(sum, y, c->out[2], NN_CONV_AT_ONCE, TILE_VECS);
}

/* Computes the tiles whose outputs are all wanted. Returns their number. */
static __attribute__((noinline)) size_t
compute_panels(const struct nn_conv *c, const uint8_t *tiles, float *y)
{
	const size_t bytes = c->tile_bytes;
	const size_t count = c->shape.outs / NN_TILE;
	struct part part = { .sums = FIRST };

	for (; !part.last; part.sums = c->shape.taps > 1 ? GO_ON : ADD) {
		next_part(c, &part);
		pack(c, &part);
		for (size_t t = 0; t < count; t++)
			compute_panel(c,
				      (const float *)(const void *)(tiles +
								    t * bytes),
				      y + t * NN_TILE, &part);
	}
	return count;
}

/* --- a block --- */

void nn_conv32_block(const struct nn_conv *c, const uint8_t *tiles,
		     uint8_t *out, size_t count)
{
	float *y = (float *)(void *)out;
	size_t t = 0;

	switch (count) {
	case NN_CONV_AT_ONCE:
		if (c->panel_bytes >= PANEL_BYTES &&
		    nn_conv_tiles(&c->shape) >= MANY)
			t = compute_panels(c, tiles, y);
		compute_tiles(c, tiles, y, t, NN_CONV_AT_ONCE, 1);
		break;
#if NN_CONV_AT_ONCE > 4
	case 4:
		compute_tiles(c, tiles, y, 0, 4, 1);
		break;
#endif
	case 2:
		compute_tiles(c, tiles, y, 0, 2, 1);
		break;
	default:
		t = compute_tiles(c, tiles, y, 0, 1, WIDE);
		compute_tiles(c, tiles, y, t, 1, 1);
	}
}
