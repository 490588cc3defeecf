/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: each channel has a kernel of its own, so a vector holds
 * channels. A list has the address of each tap in the input and of its weights.
 * Windows that lie inside of the image share one list, moved from window to
 * window; each of the others has its own list. For f32 it leaves out the taps
 * that lie outside. For int8 such a tap points to a pixel of zero points,
 * because the zero point is folded into the bias.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include <string.h>

#include "conv.h"
#include "reveal.h"
#include "scale.h"

#define POSITIONS 4 /* at once, for NN_TILE channels */
#define WIDE	  4 /* tiles at once, for a single position */
#define TILE_VECS (NN_TILE / 4)

typedef nn_ints ints_at __attribute__((aligned(4), may_alias));
typedef nn_bytes bytes_at __attribute__((aligned(1), may_alias));

_Static_assert(POSITIONS == WIDE, "as many sums");

struct tap {
	const uint8_t *x;
	const uint8_t *w;
};

struct work {
	struct nn_conv_shape shape;
	struct nn_window window;
	union nn_clamp clamp;
	size_t in[2];
	size_t out[2];
	size_t channels;
	size_t size;  /* bytes of an element */
	size_t pixel; /* bytes of one */
	size_t step;  /* bytes from a window to the next one */
	/* Windows from `first` on, before `end`, do not hang over sideways. */
	size_t first;
	size_t end;
	const uint8_t *x;
	const uint8_t *params;
	const uint8_t *zeros; /* (channels), padded; NULL for f32 */
	struct tap *inside;   /* of the windows inside, at 0, 0 */
	struct tap *edge;     /* of one of the others */
	/* of int8 */
	const uint8_t *multipliers;
	const uint8_t *shifts;
	struct nn_range range;
};

/* The taps of windows that follow each other. */
struct windows {
	const struct tap *taps;
	size_t count;
	size_t moved; /* bytes from the taps to the first window */
};

/*
 * Computes channels from c on: for 1 or POSITIONS windows, 1 or WIDE tiles.
 * outs: channels from c on that exist
 */
typedef void computation(const struct work *w, const struct windows *v,
			 size_t c, uint8_t *y, size_t positions, size_t tiles,
			 size_t outs);

static inline __attribute__((always_inline)) void
compute_f32(const struct work *w, const struct windows *v, size_t c,
	    uint8_t *out, size_t positions, size_t tiles, size_t outs)
{
	const size_t vecs = tiles * TILE_VECS;
	const nn_floats_at *bias =
		(const void *)(w->params + c * sizeof(float));
	nn_floats sum[WIDE * TILE_VECS];

	for (size_t i = 0; i < positions * vecs; i++)
		sum[i] = (nn_floats){ 0 };
	for (size_t t = 0; t < v->count; t++) {
		const uint8_t *x = v->taps[t].x + v->moved + c * sizeof(float);
		const uint8_t *weights = v->taps[t].w + c * sizeof(float);
		nn_floats wv[WIDE * TILE_VECS];
		nn_floats xv[WIDE * TILE_VECS];

		if (positions == 1) {
			NN_HIDE(x);
			NN_HIDE(weights);
		}
		for (size_t i = 0; i < vecs; i++)
			wv[i] = ((
				const nn_floats_at *)(const void *)weights)[i];
		for (size_t i = 0; i < positions * vecs; i++)
			xv[i] = ((const nn_floats_at
					  *)(const void *)(x +
							   i / vecs * w->step))
				[i % vecs];
		for (size_t i = 0; i < positions * vecs; i++)
			sum[i] += wv[i % vecs] * xv[i];
	}
	for (size_t i = 0; i < positions * vecs; i++)
		sum[i] += bias[i % vecs];
	nn_clamp_floats(sum, positions * vecs, &w->clamp);
	for (size_t p = 0; p < positions; p++) {
		for (size_t i = 0; i < vecs && outs >= tiles * NN_TILE; i++)
			((nn_floats_at *)(void *)out)[i] = sum[p * vecs + i];
		if (outs < tiles * NN_TILE) {
			nn_floats last[] = { sum[p * vecs], sum[p * vecs + 1] };

			memcpy(out, last, outs * sizeof(float));
		}
		out += w->channels * sizeof(float);
		NN_HIDE(out);
	}
}

/*
 * The products of a tap, for NN_TILE channels of one position, and those of
 * another one added: 2 * 127 * 128 fits in 16 bits.
 */
static inline nn_shorts multiply(nn_bytes x, nn_bytes w)
{
#ifdef __aarch64__
	return (nn_shorts)vmull_s8((int8x8_t)x, (int8x8_t)w);
#else
	return __builtin_convertvector(x, nn_shorts) *
	       __builtin_convertvector(w, nn_shorts);
#endif
}

static inline nn_shorts multiply_add(nn_shorts y, nn_bytes x, nn_bytes w)
{
#ifdef __aarch64__
	return (nn_shorts)vmlal_s8((int16x8_t)y, (int8x8_t)x, (int8x8_t)w);
#else
	return y + multiply(x, w);
#endif
}

static inline __attribute__((always_inline)) void add(nn_ints sum[TILE_VECS],
						      nn_shorts y)
{
#ifdef __aarch64__
	sum[0] = (nn_ints)vaddw_s16((int32x4_t)sum[0],
				    vget_low_s16((int16x8_t)y));
	sum[1] = (nn_ints)vaddw_high_s16((int32x4_t)sum[1], (int16x8_t)y);
#else
	sum[0] += __builtin_convertvector(
		__builtin_shufflevector(y, y, 0, 1, 2, 3), nn_ints);
	sum[1] += __builtin_convertvector(
		__builtin_shufflevector(y, y, 4, 5, 6, 7), nn_ints);
#endif
}

/* Loads a tap's inputs, (positions, tiles), and its weights, (tiles). */
static inline __attribute__((always_inline)) void
load(const struct work *w, const struct windows *v, const struct tap *tap,
     size_t c, size_t positions, size_t tiles, nn_bytes *x, nn_bytes *weights)
{
	const uint8_t *from = tap->x + v->moved + c;
	const uint8_t *with = tap->w + c;

	if (positions == 1) {
		NN_HIDE(from);
		NN_HIDE(with);
	}
	for (size_t i = 0; i < tiles; i++)
		weights[i] = ((const bytes_at *)with)[i];
	for (size_t i = 0; i < positions * tiles; i++)
		x[i] = ((const bytes_at *)(from +
					   i / tiles * w->step))[i % tiles];
}

/* Scales and stores a tile of `positions` windows. */
static inline __attribute__((always_inline)) void
finish_int8(const struct work *w, nn_ints (*sum)[TILE_VECS], size_t step,
	    size_t c, uint8_t *y, size_t positions, size_t outs)
{
	struct nn_scales s[2];

	nn_scales_load(w->multipliers + c * sizeof(int32_t), w->shifts + c, s);
	for (size_t p = 0; p < positions; p++, sum += step, y += w->channels) {
		nn_bytes q =
			nn_narrow(nn_scale_four((*sum)[0], &s[0]),
				  nn_scale_four((*sum)[1], &s[1]), &w->range);

		nn_store_bytes(y, q, outs);
	}
}

static inline __attribute__((always_inline)) void
compute_int8(const struct work *w, const struct windows *v, size_t c,
	     uint8_t *y, size_t positions, size_t tiles, size_t outs)
{
	const ints_at *bias =
		(const ints_at *)(w->params + c * sizeof(int32_t));
	nn_ints sum[WIDE][TILE_VECS], total[WIDE][TILE_VECS];
	nn_bytes x0[WIDE], x1[WIDE], w0[WIDE], w1[WIDE];
	size_t t = v->count % 2; /* then taps go in pairs */

	for (size_t i = 0; i < positions * tiles; i++) {
		sum[i][0] = bias[i % tiles * TILE_VECS];
		sum[i][1] = bias[i % tiles * TILE_VECS + 1];
	}
	if (t) {
		load(w, v, v->taps, c, positions, tiles, x0, w0);
		for (size_t i = 0; i < positions * tiles; i++)
			add(sum[i], multiply(x0[i], w0[i % tiles]));
	}
	for (; t < v->count; t += 2) {
		load(w, v, &v->taps[t], c, positions, tiles, x0, w0);
		load(w, v, &v->taps[t + 1], c, positions, tiles, x1, w1);
		for (size_t i = 0; i < positions * tiles; i++)
			add(sum[i], multiply_add(multiply(x0[i], w0[i % tiles]),
						 x1[i], w1[i % tiles]));
	}
	for (size_t i = 0; i < positions * tiles; i++) {
		/* a copy: `sum` itself stays in registers */
		total[i][0] = sum[i][0];
		total[i][1] = sum[i][1];
	}
	for (size_t i = 0; i < tiles; i++)
		finish_int8(w, total + i, tiles, c + i * NN_TILE,
			    y + i * NN_TILE, positions, outs - i * NN_TILE);
}

/* Computes all channels of 1 or POSITIONS windows. */
static inline __attribute__((always_inline)) void
compute_windows(const struct work *w, const struct windows *v, uint8_t *y,
		size_t positions, computation *compute)
{
	size_t c = 0;

	for (; positions == 1 && w->channels - c >= WIDE * NN_TILE;
	     c += WIDE * NN_TILE)
		compute(w, v, c, y + c * w->size, 1, WIDE, WIDE * NN_TILE);
	for (; c < w->channels; c += NN_TILE)
		compute(w, v, c, y + c * w->size, positions, 1,
			w->channels - c);
}

/* The taps of a window, without those that lie outside if f32. */
static size_t list_taps(const struct work *w, const uint8_t *image, size_t top,
			size_t left, struct tap *taps)
{
	const struct nn_window *win = &w->window;
	const size_t step = nn_depthwise_weight(&w->shape, 1, 0) -
			    nn_depthwise_weight(&w->shape, 0, 0);
	const size_t right = left + (size_t)win->kernel[1] * win->dilation[1];
	const size_t width = w->in[1];
	const uint8_t *zeros = w->zeros;
	struct tap tap = { .w = w->params +
				nn_depthwise_weight(&w->shape, 0, 0) };
	size_t count = 0;

	/* y and x wrap around to what is not inside either */
	for (size_t i = 0, y = top; i < win->kernel[0]; i++) {
		const size_t end = y < w->in[0] ? width : 0;

		for (size_t x = left; x != right; x += win->dilation[1]) {
			tap.x = x < end ? image + (y * width + x) * w->pixel :
					  zeros;
			taps[count] = tap;
			count += tap.x != NULL;
			tap.w += step;
		}
		y += win->dilation[0];
	}
	return count;
}

static inline __attribute__((always_inline)) void
compute_row(const struct work *w, const uint8_t *image, size_t row, uint8_t *y,
	    computation *compute)
{
	const struct nn_window *win = &w->window;
	const size_t pixel = w->pixel;
	const size_t top = row * win->stride[0] - win->pad[0];
	const size_t last =
		top + (size_t)(win->kernel[0] - 1) * win->dilation[0];
	const bool whole = top < w->in[0] && last < w->in[0];
	struct windows v = { 0 };
	size_t count = 0;

	for (size_t x = 0; x < w->out[1]; x += count, y += count * pixel) {
		size_t left = x * win->stride[1] - win->pad[1];

		count = 1;
		if (whole && x >= w->first && x < w->end) {
			v.taps = w->inside;
			v.count = w->shape.taps;
			v.moved = (size_t)(image - w->x) +
				  (top * w->in[1] + left) * pixel;
			if (w->end - x >= POSITIONS)
				count = POSITIONS;
		} else {
			v.taps = w->edge;
			v.count = list_taps(w, image, top, left, w->edge);
			v.moved = 0;
		}
		if (count == POSITIONS)
			compute_windows(w, &v, y, POSITIONS, compute);
		else
			compute_windows(w, &v, y, 1, compute);
	}
}

static inline __attribute__((always_inline)) void
compute_batch(const struct work *w, size_t batch, uint8_t *y,
	      computation *compute)
{
	const size_t pixel = w->pixel;

	for (size_t i = 0; i < batch; i++) {
		for (size_t row = 0; row < w->out[0]; row++) {
			compute_row(w, w->x + i * w->in[0] * w->in[1] * pixel,
				    row, y, compute);
			y += w->out[1] * pixel;
		}
	}
}

/* Finds the windows of a row that do not hang over. */
static void find_inside(struct work *w)
{
	const struct nn_window *win = &w->window;
	size_t span = (size_t)(win->kernel[1] - 1) * win->dilation[1] + 1;

	if (w->in[1] + win->pad[1] < span)
		return;
	w->end = (w->in[1] + win->pad[1] - span) / win->stride[1] + 1;
	if (w->end > w->out[1])
		w->end = w->out[1];
	w->first = (win->pad[1] + win->stride[1] - 1u) / win->stride[1];
	if (w->first > w->end)
		w->first = w->end;
}

static void depthwise_run(const struct nn_call *call)
{
	const struct nn_tensor *in = call->at.in[0];
	const struct nn_tensor *out = call->at.out;
	struct work w = {
		.shape = nn_conv_shape(&call->at, 1),
		.window = call->at.node->conv.window,
		.clamp = call->at.node->conv.clamp,
		.in = { in->dims[0], in->dims[1] },
		.out = { out->dims[0], out->dims[1] },
		.channels = in->dims[2],
		.size = nn_type_size(out->type),
		.x = call->in[0],
		.params = call->params,
		.inside = call->scratch,
	};
	uint8_t *zeros = NULL;

	w.edge = w.inside + w.shape.taps;
	w.pixel = w.channels * w.size;
	w.step = w.window.stride[1] * w.pixel;
	if (w.shape.int8) {
		zeros = (uint8_t *)(w.edge + w.shape.taps);
		memset(zeros, (uint8_t)in->zero,
		       nn_depthwise_padded(w.channels));
		w.zeros = zeros;
		w.multipliers = w.params + nn_depthwise_multiplier(&w.shape, 0);
		w.shifts = w.params + nn_depthwise_shift(&w.shape, 0);
		w.range = nn_range_of(out->zero, w.clamp.int8);
	}
	find_inside(&w);
	list_taps(&w, w.x, 0, 0, w.inside);
	if (w.shape.int8)
		compute_batch(&w, call->batch, call->out, compute_int8);
	else
		compute_batch(&w, call->batch, call->out, compute_f32);
}

/* --- checks --- */

static bool fits_in_scratch(const struct nn_at *at)
{
	const uint16_t *kernel = at->node->conv.window.kernel;
	uint64_t bytes = (uint64_t)kernel[0] * kernel[1] * 2 *
			 (2 * sizeof(uint64_t)); /* two lists */

	if (at->out->type == NN_INT8)
		bytes += nn_depthwise_padded(at->out->dims[2]);
	return bytes <= NN_SCRATCH;
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
	       nn_clamp_check(&node->conv.clamp, out->type == NN_INT8) &&
	       nn_unused_check(node, sizeof(node->conv.window) +
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
	for (size_t i = nn_depthwise_weight(&s, s.taps, 0);
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
