/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: an output is the sum over the taps of its window of one channel
 * each, so vectors hold channels that lie side by side. Taps outside of the
 * input are left out; for int8, which has the zero point folded into the bias,
 * their products with the zero point are added to it first.
 *
 * The outputs are cut into rectangles whose windows have the same taps inside:
 * one has all of them, the others lie at the edges. Where three taps lie side
 * by side along a rectangle, a vector of channels keeps its weights in
 * registers for all windows, and each window takes over the inputs that it
 * shares with the last one. Other kernels, and rectangles that are too small,
 * go tap by tap, for POSITIONS windows and NN_TILE channels or for one window
 * and WIDE tiles.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include <string.h>

#include "conv.h"
#include "rules.h"
#include "scale.h"
#include "window.h"

#define POSITIONS 4 /* windows at once */
#define WIDE	  4 /* tiles at once, for a single window */
#define TILE_VECS (NN_TILE / NN_LANES)
#define SPAN	  3 /* taps along a rectangle whose weights stay in registers */

typedef nn_bytes bytes_at __attribute__((aligned(1), may_alias));

_Static_assert(POSITIONS == WIDE, "as many sums");

/* Pairs: for rows and columns. Steps are in bytes. */
struct work {
	struct nn_conv_shape shape;
	struct nn_window window;
	union nn_clamp clamp;
	size_t in[2];
	size_t out[2];
	size_t channels;
	size_t size;	       /* bytes of an element */
	size_t tap_step[2];    /* in the input */
	size_t weight_step[2]; /* from a tap's weights to the next one's */
	size_t x_step[2];      /* from a window to the next one */
	size_t y_step[2];      /* from an output to the next one */
	const uint8_t *params;
	/* of int8 */
	const uint8_t *multipliers;
	const uint8_t *shifts;
	int8_t zero;
	nn_shorts out_zero;
	uint8_t *sums; /* scratch memory: (channels), padded */
};

/* A rectangle of windows with the same taps inside of the input. */
struct windows {
	struct nn_taps taps[2];
	size_t count[2];
	const uint8_t *x;    /* the first tap inside, of the first window */
	const uint8_t *w;    /* its weights */
	uint8_t *y;	     /* the first output */
	const uint8_t *bias; /* what the sums of all channels begin with */
};

static inline size_t taps_of(const struct windows *v, size_t axis)
{
	return v->taps[axis].to - v->taps[axis].from;
}

/*
 * computation: computes channels from c on, for 1 or WIDE tiles, of 1 or
 * POSITIONS windows that follow each other along an axis.
 *
 * strip: computes a tile of channels from c on of all windows, strip by strip
 * along an axis. They have SPAN taps along it, each `stride` taps behind the
 * last one, and `lines` across.
 *
 * positions, tiles, lines, stride: constants where they are inlined, so that
 * sums and weights stay in registers
 */
typedef void computation(const struct work *w, const struct windows *v,
			 const uint8_t *x, uint8_t *y, size_t axis, size_t c,
			 size_t positions, size_t tiles);
typedef void strip(const struct work *w, const struct windows *v, size_t axis,
		   size_t c, size_t lines, size_t stride);

/*
 * POSITIONS windows of a strip; all steps are in bytes. The last windows of a
 * strip may be computed twice.
 */
struct four {
	size_t lines;
	size_t stride;
	size_t step;   /* from a tap to the next one */
	size_t line;   /* from a line to the next one */
	size_t line2;  /* to the one after it */
	size_t y_step; /* from an output to the next one */
};

static inline __attribute__((always_inline)) struct four
four_of(const struct work *w, size_t axis, size_t lines, size_t stride)
{
	return (struct four){ .lines = lines,
			      .stride = stride,
			      .step = w->tap_step[axis],
			      .line = w->tap_step[!axis],
			      .line2 = 2 * w->tap_step[!axis],
			      .y_step = w->y_step[axis] };
}

/* The first of POSITIONS windows, i or the last possible one. */
static inline size_t first_of_four(const struct windows *v, size_t axis,
				   size_t i)
{
	const size_t last = v->count[axis] - POSITIONS;

	return i < last ? i : last;
}

/* --- f32 --- */

static inline nn_floats floats_at(const uint8_t *at)
{
	return *(const nn_floats_at *)(const void *)at;
}

static inline __attribute__((always_inline)) void
compute_f32(const struct work *w, const struct windows *v, const uint8_t *x,
	    uint8_t *y, size_t axis, size_t c, size_t positions, size_t tiles)
{
	const size_t vecs = tiles * TILE_VECS;
	const size_t outs = w->channels - c;
	const uint8_t *bias = v->bias + c * sizeof(float);
	const uint8_t *weights = v->w + c * sizeof(float);
	nn_floats sum[WIDE * TILE_VECS];

	x += c * sizeof(float);
	y += c * sizeof(float);
	for (size_t i = 0; i < positions * vecs; i++)
		sum[i] = floats_at(bias + i % vecs * sizeof(*sum));
	for (size_t i = 0; i < taps_of(v, 0); i++) {
		const uint8_t *xj = x + i * w->tap_step[0];
		const uint8_t *wj = weights + i * w->weight_step[0];

		for (size_t j = 0; j < taps_of(v, 1); j++) {
			nn_floats wv[WIDE * TILE_VECS];

			for (size_t k = 0; k < vecs; k++)
				wv[k] = floats_at(wj + k * sizeof(*wv));
			for (size_t k = 0; k < positions * vecs; k++)
				/* cppcheck-suppress uninitvar */
				sum[k] += wv[k % vecs] *
					  floats_at(xj +
						    k / vecs * w->x_step[axis] +
						    k % vecs * sizeof(*wv));
			xj += w->tap_step[1];
			wj += w->weight_step[1];
			NN_HIDE(xj);
			NN_HIDE(wj);
		}
	}
	nn_clamp_floats(sum, positions * vecs, &w->clamp);
	for (size_t p = 0; p < positions; p++) {
		for (size_t i = 0; i < vecs && outs >= tiles * NN_TILE; i++)
			((nn_floats_at *)(void *)y)[i] = sum[p * vecs + i];
		if (outs < tiles * NN_TILE) {
			nn_floats last[] = { sum[p * vecs], sum[p * vecs + 1] };

			memcpy(y, last, outs * sizeof(float));
		}
		y += w->y_step[axis];
		NN_HIDE(y);
	}
}

/* Sums of up to SPAN windows are open at once: each input is loaded once. */
static inline __attribute__((always_inline)) void
compute_four_f32(const struct four *f, const nn_floats (*wv)[TILE_VECS],
		 const nn_floats_at *bias, const nn_floats limits[2],
		 const uint8_t *x, uint8_t *y)
{
	nn_floats sum[POSITIONS][TILE_VECS];

#pragma GCC unroll 9
	for (size_t q = 0; q < (POSITIONS - 1) * f->stride + SPAN; q++) {
		const size_t end = q + 1 - SPAN;
		const uint8_t *at = x;

		if (q % f->stride == 0 && q / f->stride < POSITIONS) {
			sum[q / f->stride][0] = bias[0];
			sum[q / f->stride][1] = bias[1];
		}
		for (size_t l = 0; l < f->lines; l++) {
			nn_floats x0, x1;

			NN_HIDE(at);
			x0 = floats_at(at);
			x1 = floats_at(at + sizeof(x0));
			at += f->line;
			for (size_t p = 0; p < POSITIONS; p++) {
				const size_t j = q - p * f->stride;

				if (j >= SPAN)
					continue;
				sum[p][0] += wv[j * f->lines + l][0] * x0;
				sum[p][1] += wv[j * f->lines + l][1] * x1;
			}
		}
		x += f->step;
		if (q + 1 < SPAN || end % f->stride)
			continue;
		for (size_t i = 0; i < TILE_VECS; i++)
			((nn_floats_at *)(void *)y)[i] = nn_smaller(
				nn_larger(sum[end / f->stride][i], limits[0]),
				limits[1]);
		y += f->y_step;
		NN_HIDE(y);
	}
}

static inline __attribute__((always_inline)) void
strip_f32(const struct work *w, const struct windows *v, size_t axis, size_t c,
	  size_t lines, size_t stride)
{
	const struct four f = four_of(w, axis, lines, stride);
	const nn_floats limits[] = { (nn_floats){ 0 } + w->clamp.f32[0],
				     (nn_floats){ 0 } + w->clamp.f32[1] };
	const uint8_t *weights = v->w + c * sizeof(float);
	const uint8_t *x = v->x + c * sizeof(float);
	uint8_t *y = v->y + c * sizeof(float);
	nn_floats wv[SPAN * SPAN][TILE_VECS];

	for (size_t t = 0; t < lines * SPAN; t++) {
		const uint8_t *at = weights + t / lines * w->weight_step[axis] +
				    t % lines * w->weight_step[!axis];

		wv[t][0] = floats_at(at);
		wv[t][1] = floats_at(at + sizeof(wv[t][0]));
	}
	for (size_t n = 0; n < v->count[!axis]; n++) {
		for (size_t i = 0; i < v->count[axis]; i += POSITIONS) {
			const size_t at = first_of_four(v, axis, i);

			compute_four_f32(
				&f, wv,
				(const void *)(v->bias + c * sizeof(float)),
				limits, x + at * stride * f.step,
				y + at * f.y_step);
		}
		x += w->x_step[!axis];
		y += w->y_step[!axis];
	}
}

/* --- int8 --- */

/*
 * The products of a tap, for NN_TILE channels of one position, and those of
 * another one added: 2 * 127 * 128 fits in 16 bits.
 */
static inline nn_shorts multiply(nn_bytes x, nn_bytes w)
{
#ifdef __ARM_NEON
	return (nn_shorts)vmull_s8((int8x8_t)x, (int8x8_t)w);
#else
	return nn_widen(x) * nn_widen(w);
#endif
}

static inline nn_shorts multiply_add(nn_shorts y, nn_bytes x, nn_bytes w)
{
#ifdef __ARM_NEON
	return (nn_shorts)vmlal_s8((int16x8_t)y, (int8x8_t)x, (int8x8_t)w);
#else
	return y + multiply(x, w);
#endif
}

static inline __attribute__((always_inline)) void add(nn_ints sum[TILE_VECS],
						      nn_shorts y)
{
#ifdef __ARM_NEON
	sum[0] = (nn_ints)vaddw_s16((int32x4_t)sum[0],
				    vget_low_s16((int16x8_t)y));
	sum[1] = (nn_ints)vaddw_high_s16((int32x4_t)sum[1], (int16x8_t)y);
#else
	sum[0] += nn_widen_first(y);
	sum[1] += nn_widen_last(y);
#endif
}

static inline nn_bytes bytes_from(const uint8_t *at)
{
	return *(const bytes_at *)at;
}

/*
 * Adds to the biases of all channels what the products of the taps outside with
 * the zero point are.
 */
static void add_outside(const struct work *w, struct windows *v)
{
	const size_t channels = nn_depthwise_padded(w->channels);
	const nn_bytes zero = (nn_bytes){ 0 } + w->zero;
	const uint8_t *weights =
		w->params + nn_depthwise_weight(&w->shape, 0, 0);

	memcpy(w->sums, w->params, channels * sizeof(int32_t));
	v->bias = w->sums;
	for (size_t i = 0; i < w->shape.taps; i++, weights += channels) {
		const size_t row = i / w->window.kernel[1];
		const size_t col = i % w->window.kernel[1];
		nn_ints_at *at = (nn_ints_at *)(void *)w->sums;

		if (row >= v->taps[0].from && row < v->taps[0].to &&
		    col >= v->taps[1].from && col < v->taps[1].to)
			continue;
		for (size_t c = 0; c < channels; c += NN_TILE) {
			nn_ints sum[] = { at[0], at[1] };

			add(sum, multiply(zero, bytes_from(weights + c)));
			at[0] = sum[0];
			at[1] = sum[1];
			at += TILE_VECS;
		}
	}
}

/* A tap's inputs of some positions, and weights, for some tiles. */
struct loaded {
	nn_bytes x[WIDE];
	nn_bytes w[WIDE];
};

/* Goes on to the next tap. */
static inline __attribute__((always_inline)) void
load(struct loaded *l, const struct work *w, const uint8_t **x,
     const uint8_t **weights, size_t axis, size_t positions, size_t tiles)
{
	for (size_t i = 0; i < tiles; i++)
		l->w[i] = bytes_from(*weights + i * NN_TILE);
	for (size_t i = 0; i < positions * tiles; i++)
		l->x[i] = bytes_from(*x + i / tiles * w->x_step[axis] +
				     i % tiles * NN_TILE);
	*x += w->tap_step[1];
	*weights += w->weight_step[1];
	NN_HIDE(*x);
	NN_HIDE(*weights);
}

static inline __attribute__((always_inline)) void
compute_int8(const struct work *w, const struct windows *v, const uint8_t *x,
	     uint8_t *y, size_t axis, size_t c, size_t positions, size_t tiles)
{
	const nn_ints_at *bias = (const void *)(v->bias + c * sizeof(int32_t));
	const uint8_t *multipliers = w->multipliers;
	const uint8_t *shifts = w->shifts;
	const nn_shorts zero = w->out_zero;
	nn_ints sum[WIDE][TILE_VECS];
	struct loaded a, b;

	for (size_t i = 0; i < tiles; i++) {
		for (size_t p = 0; p < positions; p++) {
			sum[p * tiles + i][0] = bias[i * TILE_VECS];
			sum[p * tiles + i][1] = bias[i * TILE_VECS + 1];
		}
	}
	for (size_t i = 0; i < taps_of(v, 0); i++) {
		const uint8_t *xj = x + c + i * w->tap_step[0];
		const uint8_t *wj = v->w + c + i * w->weight_step[0];

		if (taps_of(v, 1) % 2) {
			load(&a, w, &xj, &wj, axis, positions, tiles);
			for (size_t k = 0; k < positions * tiles; k++)
				add(sum[k], multiply(a.x[k], a.w[k % tiles]));
		}
		for (size_t j = taps_of(v, 1) / 2; j; j--) {
			load(&a, w, &xj, &wj, axis, positions, tiles);
			load(&b, w, &xj, &wj, axis, positions, tiles);
			for (size_t k = 0; k < positions * tiles; k++)
				add(sum[k],
				    multiply_add(
					    multiply(a.x[k], a.w[k % tiles]),
					    b.x[k], b.w[k % tiles]));
		}
	}
	for (size_t i = 0; i < tiles; i++, c += NN_TILE) {
		const size_t outs = tiles > 1 ? NN_TILE : w->channels - c;
		struct nn_scales s[2];

		nn_scales_load(multipliers + c * sizeof(int32_t), shifts + c,
			       s);
		for (size_t p = 0; p < positions; p++) {
			nn_ints *k = sum[p * tiles + i];

			nn_store_bytes(y + p * w->y_step[axis] + c,
				       nn_narrow(nn_scale_four(k[0], &s[0]),
						 nn_scale_four(k[1], &s[1]),
						 zero),
				       outs);
		}
	}
}

/* Loads a tap of each line. Returns the address of the next one. */
static inline __attribute__((always_inline)) const uint8_t *
load_lines(const struct four *f, const uint8_t *x, nn_bytes *to)
{
	for (size_t l = 0; l < f->lines; l++)
		to[l] = bytes_from(x + (l == 2 ? f->line2 : l * f->line));
	x += f->step;
	NN_HIDE(x);
	return x;
}

/* Each window takes over the inputs that it shares with the last one. */
static inline __attribute__((always_inline)) void
compute_four_int8(const struct four *f, const nn_bytes *wv,
		  const nn_ints bias[TILE_VECS], const struct nn_scales *s,
		  nn_shorts zero, const uint8_t *x, uint8_t *y)
{
	const size_t taps = f->lines * SPAN;
	const size_t new = f->stride * f->lines;
	nn_bytes xv[SPAN * SPAN];

#pragma GCC unroll 4
	for (size_t p = 0; p < POSITIONS; p++) {
		nn_ints sum[] = { bias[0], bias[1] };
		nn_bytes q;

		for (size_t t = 0; p && t < taps - new; t++)
			xv[t] = xv[t + new];
		for (size_t j = p ? SPAN - f->stride : 0; j < SPAN; j++)
			x = load_lines(f, x, xv + j * f->lines);
		for (size_t t = 0; t + 1 < taps; t += 2)
			add(sum, multiply_add(multiply(xv[t], wv[t]), xv[t + 1],
					      wv[t + 1]));
		if (taps % 2)
			add(sum, multiply(xv[taps - 1], wv[taps - 1]));
		q = nn_narrow(nn_scale_four(sum[0], &s[0]),
			      nn_scale_four(sum[1], &s[1]), zero);
		memcpy(y, &q, sizeof(q));
		y += f->y_step;
		NN_HIDE(y);
	}
}

static inline __attribute__((always_inline)) void
strip_int8(const struct work *w, const struct windows *v, size_t axis, size_t c,
	   size_t lines, size_t stride)
{
	struct four f = four_of(w, axis, lines, stride);
	const nn_shorts zero = w->out_zero;
	const nn_ints_at *bias = (const void *)(v->bias + c * sizeof(int32_t));
	const nn_ints first[] = { bias[0], bias[1] };
	const uint8_t *x = v->x + c;
	uint8_t *y = v->y + c;
	nn_bytes wv[SPAN * SPAN];
	struct nn_scales s[2];

	NN_HIDE(f.line2);
	nn_scales_load(w->multipliers + c * sizeof(int32_t), w->shifts + c, s);
	for (size_t t = 0; t < lines * SPAN; t++)
		wv[t] = bytes_from(v->w + c + t / lines * w->weight_step[axis] +
				   t % lines * w->weight_step[!axis]);
	for (size_t n = 0; n < v->count[!axis]; n++) {
		for (size_t i = 0; i < v->count[axis]; i += POSITIONS) {
			const size_t at = first_of_four(v, axis, i);

			compute_four_int8(&f, wv, first, s, zero,
					  x + at * stride * f.step,
					  y + at * f.y_step);
		}
		x += w->x_step[!axis];
		y += w->y_step[!axis];
	}
}

/* --- rectangles --- */

/*
 * Computes whole vectors of channels in strips, if the rectangle is long enough
 * along the axis. Returns the number of channels computed.
 */
static inline __attribute__((always_inline)) size_t
compute_strips(const struct work *w, const struct windows *v, size_t axis,
	       size_t vec, strip *one_strip)
{
	const size_t lines = taps_of(v, !axis);
	const bool two = w->x_step[axis] == 2 * w->tap_step[axis];
	size_t c = 0;

	if (v->count[axis] < POSITIONS || taps_of(v, axis) != SPAN ||
	    (w->x_step[axis] != w->tap_step[axis] && !two))
		return 0;
	for (; w->channels - c >= vec; c += vec) {
		if (lines == 3 && !two)
			one_strip(w, v, axis, c, 3, 1);
		else if (lines == 3)
			one_strip(w, v, axis, c, 3, 2);
		else if (lines == 2 && !two)
			one_strip(w, v, axis, c, 2, 1);
		else if (lines == 2)
			one_strip(w, v, axis, c, 2, 2);
		else
			break;
	}
	return c;
}

/* Computes channels from c on of 1 or POSITIONS windows. */
static inline __attribute__((always_inline)) void
compute_windows(const struct work *w, const struct windows *v, size_t axis,
		size_t c, const size_t at[2], size_t positions,
		computation *compute)
{
	const uint8_t *x =
		v->x + at[0] * w->x_step[axis] + at[1] * w->x_step[!axis];
	uint8_t *y = v->y + at[0] * w->y_step[axis] + at[1] * w->y_step[!axis];

	for (; positions == 1 && w->channels - c >= WIDE * NN_TILE;
	     c += WIDE * NN_TILE)
		compute(w, v, x, y, axis, c, 1, WIDE);
	for (; c < w->channels; c += NN_TILE)
		compute(w, v, x, y, axis, c, positions, 1);
}

static inline __attribute__((always_inline)) void
compute_rectangle(const struct work *w, const struct windows *v, size_t vec,
		  strip *one_strip, computation *compute)
{
	const size_t axis = v->count[1] >= v->count[0];
	const size_t count = v->count[axis];
	const size_t c = compute_strips(w, v, axis, vec, one_strip);
	size_t at[2] = { 0 };

	if (c == w->channels)
		return;
	for (; at[1] < v->count[!axis]; at[1]++) {
		for (at[0] = 0; count - at[0] >= POSITIONS; at[0] += POSITIONS)
			compute_windows(w, v, axis, c, at, POSITIONS, compute);
		for (; at[0] < count; at[0]++)
			compute_windows(w, v, axis, c, at, 1, compute);
	}
}

/* Finds how many windows from output `o` on have the same taps inside. */
static void find_taps(const struct work *w, size_t axis, size_t o,
		      struct windows *v)
{
	const struct nn_window *win = &w->window;
	const size_t span =
		(win->kernel[axis] - 1u) * (size_t)win->dilation[axis] + 1;
	size_t end = 0;

	v->taps[axis] =
		nn_taps_inside(win, axis, (uint32_t)w->in[axis], (uint32_t)o);
	v->count[axis] = 1;
	if (taps_of(v, axis) < win->kernel[axis])
		return;
	end = (w->in[axis] + win->pad[axis] - span) / win->stride[axis] + 1;
	v->count[axis] = (end < w->out[axis] ? end : w->out[axis]) - o;
}

/* Bytes from the first input of a row or column to the first tap inside. */
static size_t first_tap(const struct work *w, size_t axis, size_t o,
			const struct windows *v)
{
	const struct nn_window *win = &w->window;
	const size_t pixels =
		(size_t)(nn_window_start(win, axis, (uint32_t)o) +
			 (int64_t)v->taps[axis].from * win->dilation[axis]);

	return pixels * (axis ? 1 : w->in[1]) * w->channels * w->size;
}

static void run_sample(const struct work *w, const uint8_t *x, uint8_t *y)
{
	struct windows v;

	for (size_t row = 0; row < w->out[0]; row += v.count[0]) {
		find_taps(w, 0, row, &v);
		for (size_t col = 0; col < w->out[1]; col += v.count[1]) {
			find_taps(w, 1, col, &v);
			v.x = x + first_tap(w, 0, row, &v) +
			      first_tap(w, 1, col, &v);
			v.w = w->params + nn_depthwise_weight(&w->shape, 0, 0) +
			      v.taps[0].from * w->weight_step[0] +
			      v.taps[1].from * w->weight_step[1];
			v.y = y + row * w->y_step[0] + col * w->y_step[1];
			v.bias = w->params;
			if (w->shape.int8 &&
			    taps_of(&v, 0) * taps_of(&v, 1) < w->shape.taps)
				add_outside(w, &v);
			if (w->shape.int8)
				compute_rectangle(w, &v, NN_TILE, strip_int8,
						  compute_int8);
			else
				compute_rectangle(w, &v, NN_TILE, strip_f32,
						  compute_f32);
		}
	}
}

static void depthwise_run(const struct nn_call *call)
{
	const struct nn_tensor *in = call->at.in[0];
	const struct nn_tensor *out = call->at.out;
	const struct nn_window *win = &call->at.node->conv.window;
	struct work w = {
		.shape = nn_conv_shape(&call->at, 1),
		.window = *win,
		.clamp = call->at.node->conv.clamp,
		.in = { in->dims[0], in->dims[1] },
		.out = { out->dims[0], out->dims[1] },
		.channels = in->dims[2],
		.size = nn_type_size(out->type),
		.params = call->params,
	};
	const size_t pixel = w.channels * w.size;

	for (size_t d = 0; d < 2; d++) {
		const size_t step = d ? pixel : w.in[1] * pixel;

		w.tap_step[d] = win->dilation[d] * step;
		w.x_step[d] = win->stride[d] * step;
		w.y_step[d] = d ? pixel : w.out[1] * pixel;
		w.weight_step[d] = nn_depthwise_padded(w.channels) * w.size *
				   (d ? 1 : win->kernel[1]);
	}
	if (w.shape.int8) {
		w.zero = in->zero;
		w.sums = call->scratch;
		w.multipliers = w.params + nn_depthwise_multiplier(&w.shape, 0);
		w.shifts = w.params + nn_depthwise_shift(&w.shape, 0);
		w.out_zero += out->zero;
	}
	for (size_t i = 0; i < call->batch; i++)
		run_sample(&w,
			   (const uint8_t *)call->in[0] +
				   i * w.in[0] * w.in[1] * pixel,
			   (uint8_t *)call->out +
				   i * w.out[0] * w.out[1] * pixel);
	if (w.shape.int8)
		nn_clamp_bytes(call->out, call->batch * nn_elements(out),
			       w.clamp.int8);
}

/* --- checks --- */

/* See add_outside(). */
static bool fits_in_scratch(const struct nn_at *at)
{
	return at->out->type == NN_F32 ||
	       nn_depthwise_padded(at->out->dims[2]) * sizeof(int32_t) <=
		       NN_SCRATCH;
}

static bool depthwise_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	const struct nn_tensor *in = at->in[0];
	const struct nn_tensor *out = at->out;

	if (node->sources != 1 || node->variant ||
	    (out->type != NN_F32 && out->type != NN_INT8) ||
	    in->type != out->type)
		return false;
	return in->rank == 3 && out->rank == 3 && in->dims[2] == out->dims[2] &&
	       nn_window_check(&node->conv.window, in->dims, out->dims) &&
	       nn_clamp_allowed(&node->conv.clamp, out->type) &&
	       nn_unused_zero(node, sizeof(node->conv.window) +
					    sizeof(node->conv.clamp)) &&
	       fits_in_scratch(at);
}

static uint64_t depthwise_macs(const struct nn_at *at)
{
	const struct nn_conv_shape s = nn_conv_shape(at, 1);

	return (uint64_t)nn_elements(at->out) * s.taps;
}

static uint64_t depthwise_params(const struct nn_at *at)
{
	const struct nn_conv_shape s = nn_conv_shape(at, 1);

	return nn_depthwise_bytes(&s);
}

static uint32_t wrong_floats(const struct nn_conv_shape *s,
			     const uint8_t *params)
{
	uint32_t infinite = 0;
	uint32_t used = 0; /* padding that is not 0 */

	for (size_t i = 0; i <= s->taps; i++) {
		for (size_t c = 0; c < nn_depthwise_padded(s->ins); c++) {
			uint32_t bits = 0;

			memcpy(&bits, params, sizeof(bits));
			infinite |= nn_not_finite(bits);
			if (c >= s->ins)
				used |= bits;
			params += sizeof(bits);
		}
	}
	return infinite >> 31 | used;
}

/* Of one channel; all are 0 if it is padding. */
static uint32_t wrong_channel(const struct nn_conv_shape *s,
			      const uint8_t *params, size_t c)
{
	int32_t bias = 0;
	int32_t multiplier = 0;
	int8_t shift = (int8_t)params[nn_depthwise_shift(s, c)];
	uint32_t wrong = 0;

	memcpy(&bias, params + c * sizeof(bias), sizeof(bias));
	memcpy(&multiplier, params + nn_depthwise_multiplier(s, c),
	       sizeof(multiplier));
	wrong = nn_wrong_scale(bias, multiplier, shift, s->taps);
	if (c >= s->ins)
		wrong |= (uint32_t)(bias | multiplier | shift);
	for (size_t i = 0; i < s->taps; i++) {
		uint8_t weight = params[nn_depthwise_weight(s, i, c)];

		wrong |= weight == 0x80;
		if (c >= s->ins)
			wrong |= weight;
	}
	return wrong;
}

static bool depthwise_values(const struct nn_at *at, const void *params)
{
	const struct nn_conv_shape s = nn_conv_shape(at, 1);
	const uint8_t *bytes = params;
	uint32_t bad = 0;

	if (!s.int8)
		return !NN_REVEAL(wrong_floats(&s, bytes));
	for (size_t c = 0; c < nn_depthwise_padded(s.ins); c++)
		bad |= wrong_channel(&s, bytes, c);
	for (uint64_t i = nn_depthwise_weight(&s, s.taps, 0);
	     i < nn_depthwise_bytes(&s); i++)
		bad |= bytes[i];
	return !NN_REVEAL(bad);
}

const struct nn_operator nn_op_depthwise = {
	.check = depthwise_check,
	.macs = depthwise_macs,
	.params = depthwise_params,
	.values = depthwise_values,
	.run = depthwise_run,
};
