/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: conv.h says how inputs become runs; here they do. The kernels
 * are in conv32.c and conv8.c.
 *
 * Compiler flags for this file: host/host.mk, ta/sub.mk.
 */
#include "conv.h"

#include <string.h>

#include "rules.h"
#include "scale.h"

#define CHUNK	   16 /* bytes that are copied at once */
#define SHORT	   8  /* elements: a shorter run costs more than a copy */
#define TILE_BYTES (NN_CONV_MOST * NN_TILE * sizeof(float))
#define PLAN_MAX   256 /* bytes: more are cleared by memset(), which is slow */
#define TABLE_ROW  (NN_CONV_MOST * sizeof(uint64_t)) /* at most, in bytes */

_Static_assert(sizeof(struct nn_conv) <= PLAN_MAX, "no call to clear a plan");

typedef uint8_t chunk __attribute__((vector_size(CHUNK)));
typedef uint8_t chunk_at
	__attribute__((vector_size(CHUNK), aligned(1), may_alias));

/* --- what is computed --- */

/* Height, width and channels. Where only channels matter, height is 1. */
static void plane_of(const struct nn_tensor *t, size_t plane[3])
{
	plane[2] = t->dims[t->rank - 1];
	plane[1] = t->rank == 3 ? t->dims[1] : nn_elements(t) / plane[2];
	plane[0] = t->rank == 3 ? t->dims[0] : 1;
}

/* Bytes of so many inputs, with room for what put() writes behind them. */
static size_t room_for(const struct nn_conv *c, size_t inputs)
{
	return inputs * c->size / CHUNK * CHUNK + 3 * CHUNK;
}

/* Runs of `span` taps. False: too large. */
static bool plan_span(struct nn_conv *c, size_t span)
{
	const bool is_patch = span > c->window.kernel[1];
	size_t room = NN_SCRATCH - TILE_BYTES;
	size_t copies = 0;

	c->span = span;
	/* NOLINTNEXTLINE(clang-analyzer-core.*): a window has taps */
	c->run_count = c->shape.taps / span;
	c->run = c->run_count > 1 ? span * c->shape.ins :
				    nn_conv_k_padded(&c->shape);
	c->run_bytes = room_for(c, c->run);
	c->pad_bytes = room_for(c, is_patch ? c->shape.ins : c->run);
	if (c->run_count > room / TABLE_ROW)
		return false;
	room -= c->run_count * TABLE_ROW;
	if (c->pad_bytes > room)
		return false;
	room -= c->pad_bytes;
	copies = span > 1 ? c->at_once * c->run_count : 0;
	if (copies && c->run_bytes > room / copies)
		return false;
	c->panel_bytes = room - copies * c->run_bytes;
	return true;
}

/* As plan_span(); also false if such runs do not suit the kernel. */
static bool plan_long_runs(struct nn_conv *c, size_t span)
{
	return plan_span(c, span) && c->run >= SHORT &&
	       (!c->shape.int8 || c->run % NN_CONV_STEP == 0);
}

/* How the inputs of the positions become runs. False: too large. */
static bool plan_runs(struct nn_conv *c)
{
	const struct nn_conv_shape *s = &c->shape;
	const struct nn_window *w = &c->window;

	c->at_once = NN_CONV_AT_ONCE;
	c->has_rows = w->dilation[1] == 1 && s->groups == 1;
	c->one_by_one = s->taps == 1 && w->stride[0] == 1 &&
			w->stride[1] == 1 && c->in[0] == c->out[0] &&
			c->in[1] == c->out[1];
	if (c->one_by_one) {
		c->run_count = 1;
		c->run = nn_conv_k_padded(s);
		c->panel_bytes = NN_SCRATCH - TILE_BYTES - TABLE_ROW;
		return true;
	}
	if (c->has_rows && plan_long_runs(c, w->kernel[1]))
		return true;
	if (plan_long_runs(c, 1)) {
		c->has_rows = false;
		return true;
	}
	while (!plan_span(c, s->taps)) {
		if (c->at_once == 1)
			return false;
		c->at_once = c->at_once / 2;
	}
	return true;
}

/* Finds which windows do not hang over at the bottom and to the right. */
static void find_inside(struct nn_conv *c)
{
	const struct nn_window *w = &c->window;
	const size_t height = (w->kernel[0] - 1u) * w->dilation[0];
	const size_t width = (w->kernel[1] - 1u) * w->dilation[1];
	size_t end = 0;

	c->inside[0] = c->in[0] > height ? c->in[0] - height : 0;
	if (c->in[1] + w->pad[1] > width)
		end = (c->in[1] + w->pad[1] - width - 1) / w->stride[1] + 1;
	c->inside[1] = end < c->out[1] ? end : c->out[1];
}

/* False if it does not fit in scratch memory. */
static bool conv_plan(const struct nn_at *at, struct nn_conv *c)
{
	*c = (struct nn_conv){
		.shape = nn_conv_shape(at, at->node->conv.groups),
		.window = at->node->conv.window,
		.clamp = at->node->conv.clamp,
		.size = (uint8_t)nn_type_size(at->out->type),
		.in_zero = at->in[0]->zero,
		.out_zero = at->out->zero,
	};
	plane_of(at->in[0], c->in);
	plane_of(at->out, c->out);
	c->pixel = c->in[2] * c->size;
	c->row = c->window.dilation[0] * c->in[1] * c->pixel;
	c->tile_bytes = nn_conv_tile_bytes(&c->shape);
	c->weights = nn_conv_weights(&c->shape);
	find_inside(c);
	return plan_runs(c);
}

/* --- the table of runs --- */

/* Where the window of a position begins: not in the image if negative. */
struct origin {
	const uint8_t *image;
	size_t at; /* bytes, from the image on; before it, it has wrapped */
	ptrdiff_t y;
	ptrdiff_t x;
	size_t out[2]; /* the position: row, column */
};

static void begin_row(const struct nn_conv *c, struct origin *o, size_t row)
{
	o->out[0] = row;
	o->out[1] = 0;
	o->y = (ptrdiff_t)(row * c->window.stride[0]) - c->window.pad[0];
	o->x = -(ptrdiff_t)c->window.pad[1];
	o->at = ((size_t)o->y * c->in[1] + (size_t)o->x) * c->pixel;
}

/* Moves on by `count` positions of a row. */
static inline void next_origin(const struct nn_conv *c, struct origin *o,
			       size_t count)
{
	o->x += (ptrdiff_t)(count * c->window.stride[1]);
	o->at += count * c->window.stride[1] * c->pixel;
	o->out[1] += count;
	if (o->out[1] < c->out[1])
		return;
	if (o->out[0] + 1 < c->out[0]) {
		begin_row(c, o, o->out[0] + 1);
		return;
	}
	begin_row(c, o, 0);
	o->image += c->in[0] * c->in[1] * c->pixel;
}

/* Copies whole chunks, at least one; what lies behind `len` is written next. */
static inline uint8_t *put(uint8_t *to, const uint8_t *from, size_t len)
{
	*(chunk_at *)to = *(const chunk_at *)from;
	for (size_t i = CHUNK; i < len; i += CHUNK)
		*(chunk_at *)(to + i) = *(const chunk_at *)(from + i);
	return to + len;
}

/* The pixel under a tap; padding if it lies outside. */
static inline const uint8_t *
pixel_at(const struct nn_conv *c, const struct origin *o, size_t i, size_t j)
{
	size_t y = (size_t)o->y + i * c->window.dilation[0];
	size_t x = (size_t)o->x + j * c->window.dilation[1];

	if (y >= c->in[0] || x >= c->in[1])
		return c->padding;
	return o->image + (y * c->in[1] + x) * c->pixel;
}

/* The taps of any window, one by one. */
static void take_taps(const struct nn_conv *c, const struct origin *o,
		      const void **to, uint8_t *copy)
{
	const size_t width = c->window.kernel[1];

	*to = copy;
	for (size_t t = 0; t < c->shape.taps; t++) {
		const uint8_t *at = pixel_at(c, o, t / width, t % width);

		if (c->span == 1)
			to[t * NN_CONV_AT_ONCE] = at;
		else
			copy = put(copy, at, c->shape.ins * c->size);
	}
}

/* The same for padding. */
static inline uint8_t *put_padding(uint8_t *to, chunk zeros, size_t len)
{
	*(chunk_at *)to = zeros;
	for (size_t i = CHUNK; i < len; i += CHUNK)
		*(chunk_at *)(to + i) = zeros;
	return to + len;
}

/* The rows of a window that hangs over. */
static __attribute__((noinline)) void take_edge(const struct nn_conv *c,
						const struct origin *o,
						const void **to, uint8_t *copy)
{
	const chunk zeros = (chunk){ 0 } + (uint8_t)c->in_zero;
	const size_t width = c->window.kernel[1];
	const size_t left = o->x < 0 ? (size_t)-o->x : 0;
	const size_t most = c->in[1] - ((size_t)o->x + left);
	const size_t taps = width - left < most ? width - left : most;
	const size_t before = left * c->pixel;
	const size_t inside = taps * c->pixel;
	const size_t bytes = width * c->pixel;
	size_t at = o->at + before;
	size_t y = (size_t)o->y;

	for (size_t i = 0; i < c->window.kernel[0]; i++) {
		const bool outside = y >= c->in[0];
		uint8_t *end =
			put_padding(copy, zeros, outside ? bytes : before);

		if (!outside) {
			end = put(end, o->image + at, inside);
			put_padding(end, zeros, bytes - before - inside);
		}
		at += c->row;
		if (c->run_count > 1 || !i)
			to[i * NN_CONV_AT_ONCE] = copy;
		copy += bytes;
		y += c->window.dilation[0];
	}
}

/* Sets a run of each position: `step` bytes behind the last one's. */
static inline void set_runs(const void **to, size_t count, const uint8_t *at,
			    size_t step)
{
	if (count == NN_CONV_AT_ONCE) {
#pragma GCC unroll 8
		for (size_t p = 0; p < NN_CONV_AT_ONCE; p++)
			to[p] = at + p * step;
		return;
	}
#pragma GCC unroll 4
	for (size_t p = 0; p < count; p++)
		to[p] = at + p * step;
}

/*
 * The rows of `count` windows that do not hang over on the left or right, side
 * by side.
 */
static inline void take_rows(const struct nn_conv *c, const struct origin *o,
			     size_t count, const void **to)
{
	const size_t step = c->window.stride[1] * c->pixel;
	size_t at = o->at;
	size_t y = (size_t)o->y;

	for (size_t i = 0; i < c->window.kernel[0]; i++) {
		const bool outside = y >= c->in[0];

		set_runs(to, count, outside ? c->padding : o->image + at,
			 outside ? 0 : step);
		to += NN_CONV_AT_ONCE;
		at += c->row;
		y += c->window.dilation[0];
	}
}

/* Copies `count` windows that do not hang over, side by side. */
static inline void take_patches(const struct nn_conv *c, const struct origin *o,
				size_t count, const void **to, uint8_t *copy)
{
	const uint8_t *at = o->image + o->at;
	const size_t bytes = c->window.kernel[1] * c->pixel;
	const size_t rows = c->window.kernel[0];
	const size_t row = c->row;
	const size_t step = c->window.stride[1] * c->pixel;
	const size_t run_bytes = c->run_bytes;

	set_runs(to, count, copy, run_bytes);
	for (size_t p = 0; p < count; p++, at += step, copy += run_bytes) {
		const uint8_t *from = at;
		uint8_t *end = copy;

		if (bytes <= CHUNK) {
			for (size_t i = rows; i; i--, from += row, end += bytes)
				put(end, from, CHUNK);
		} else {
			for (size_t i = rows; i; i--, from += row)
				end = put(end, from, bytes);
		}
	}
}

/* Sets the runs of `count` positions. o: of the first one */
static void find_runs(const struct nn_conv *c, size_t count, struct origin *o)
{
	const bool is_patch = c->span > c->window.kernel[1];
	const void **to = c->runs;
	uint8_t *copy = c->copies;

	for (size_t n = 1; count; count -= n) {
		n = 1;
		if (!c->has_rows) {
			take_taps(c, o, to, copy);
		} else if (o->x >= 0 && o->out[1] < c->inside[1] &&
			   (!is_patch || (size_t)o->y < c->inside[0])) {
			n = c->inside[1] - o->out[1];
			n = n < count ? n : count;
			if (is_patch)
				take_patches(c, o, n, to, copy);
			else
				take_rows(c, o, n, to);
		} else {
			const struct origin here = *o;

			take_edge(c, &here, to, copy);
		}
		next_origin(c, o, n);
		copy += n * c->run_count * c->run_bytes;
		to += n;
	}
}

/* --- the operator --- */

/* Not by memcpy(), which costs more than so few elements. */
void nn_conv_store_part(const struct nn_conv *c, uint8_t *y, size_t positions,
			size_t bytes, size_t outs)
{
	const uint8_t *tile = (const uint8_t *)c->tile;
	const size_t pixel = c->out[2] * c->size;

	for (size_t p = 0; p < positions; p++, y += pixel, tile += bytes) {
		if (c->shape.int8) {
#pragma GCC unroll 1
			for (size_t o = 0; o < outs; o++)
				y[o] = tile[o];
		} else {
#pragma GCC unroll 1
			for (size_t o = 0; o < outs; o++)
				((float *)(void *)y)[o] =
					((const float *)(const void *)tile)[o];
		}
	}
}

/* Computes a group for all positions. y: the first one's outputs */
static void run_group(const struct nn_conv *c, const uint8_t *x,
		      size_t positions, const uint8_t *tiles, uint8_t *y)
{
	nn_conv_block *block = c->shape.int8 ? nn_conv8_block : nn_conv32_block;
	const size_t pixel = c->pixel;
	const void **runs = c->runs;
	struct origin o = { .image = x };
	size_t count = c->at_once;

	begin_row(c, &o, 0);
	for (; positions; positions -= count) {
		while (count > positions)
			count /= 2;
		if (c->one_by_one) {
			set_runs(runs, count, x, pixel);
			x += count * pixel;
		} else {
			find_runs(c, count, &o);
		}
		block(c, tiles, y, count);
		y += count * c->out[2] * c->size;
	}
}

/* In chunks: memset() goes byte by byte in OP-TEE. */
static void fill_padding(const struct nn_conv *c)
{
	const chunk zero = (chunk){ 0 } + (uint8_t)c->in_zero;

	for (size_t i = 0; i < c->pad_bytes; i += CHUNK)
		*(chunk_at *)(c->padding + i) = zero;
}

static void conv_run(const struct nn_call *call)
{
	const uint8_t *tiles = call->params;
	const uint8_t *x = call->in[0];
	uint8_t *y = call->out;
	struct nn_conv c;

	conv_plan(&call->at, &c);
	c.tile = call->scratch;
	c.runs = (const void **)(void *)((uint8_t *)call->scratch + TILE_BYTES);
	c.padding = (uint8_t *)(c.runs + c.run_count * NN_CONV_AT_ONCE);
	c.copies = c.padding + c.pad_bytes;
	c.panel = (uint8_t *)call->scratch + NN_SCRATCH - c.panel_bytes;
	fill_padding(&c);
	for (size_t g = 0; g < c.shape.groups; g++) {
		run_group(&c, x, call->batch * c.out[0] * c.out[1], tiles, y);
		tiles += nn_conv_tiles(&c.shape) * c.tile_bytes;
		x += c.shape.ins * c.size;
		y += c.shape.outs * c.size;
	}
	if (c.shape.int8)
		nn_clamp_bytes(call->out,
			       call->batch * nn_elements(call->at.out),
			       c.clamp.int8);
}

bool nn_window_check(const struct nn_window *w, const uint32_t *in,
		     const uint32_t *out)
{
	for (size_t d = 0; d < 2; d++) {
		int64_t span = 0;

		if (!w->kernel[d] || !w->stride[d] || !w->dilation[d])
			return false;
		span = (int64_t)(w->kernel[d] - 1) * w->dilation[d] + 1;
		if (span > NN_DIM_MAX || w->pad[d] >= span ||
		    (int64_t)(out[d] - 1) * w->stride[d] - w->pad[d] >= in[d])
			return false;
	}
	return true;
}

/* Without height and width, all dimensions but the last are positions. */
static bool shapes_match(const struct nn_at *at)
{
	static const struct nn_window none = {
		{ 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }
	};
	const struct nn_tensor *in = at->in[0];
	const struct nn_window *w = &at->node->conv.window;

	if (in->rank != at->out->rank)
		return false;
	if (in->rank == 3)
		return nn_window_check(w, in->dims, at->out->dims);
	for (size_t d = 0; d + 1 < in->rank; d++) {
		if (in->dims[d] != at->out->dims[d])
			return false;
	}
	return memcmp(w, &none, sizeof(none)) == 0;
}

static bool groups_match(const struct nn_at *at)
{
	const struct nn_tensor *in = at->in[0];
	const struct nn_tensor *out = at->out;
	uint32_t groups = at->node->conv.groups;

	return groups && in->dims[in->rank - 1] % groups == 0 &&
	       out->dims[out->rank - 1] % groups == 0;
}

static bool k_is_valid(const struct nn_at *at)
{
	const struct nn_tensor *in = at->in[0];
	const uint16_t *kernel = at->node->conv.window.kernel;
	uint64_t k = (uint64_t)kernel[0] * kernel[1] *
		     (in->dims[in->rank - 1] / at->node->conv.groups);

	return k <=
	       (at->out->type == NN_INT8 ? NN_CONV_K_MAX_INT8 : NN_CONV_K_MAX);
}

static bool conv_check(const struct nn_at *at)
{
	const struct nn_node *node = at->node;
	struct nn_conv c;

	if (node->sources != 1 || node->variant ||
	    (at->out->type != NN_F32 && at->out->type != NN_INT8) ||
	    at->in[0]->type != at->out->type)
		return false;
	return shapes_match(at) && groups_match(at) && k_is_valid(at) &&
	       nn_clamp_allowed(&node->conv.clamp, at->out->type) &&
	       nn_unused_zero(node, sizeof(node->conv)) && conv_plan(at, &c);
}

static uint64_t conv_macs(const struct nn_at *at)
{
	const struct nn_conv_shape s = nn_conv_shape(at, at->node->conv.groups);

	return (uint64_t)nn_elements(at->out) * nn_conv_k(&s);
}

static uint64_t conv_params(const struct nn_at *at)
{
	const struct nn_conv_shape s = nn_conv_shape(at, at->node->conv.groups);

	return nn_conv_bytes(&s);
}

/* Not 0 if a value of a tile is not finite, or padding is not 0. */
static uint32_t wrong_floats(const struct nn_conv_shape *s, const uint8_t *tile,
			     size_t outs)
{
	const size_t count = nn_conv_tile_bytes(s) / sizeof(float);
	uint32_t padding[NN_TILE] = { 0 }; /* masks of unused outputs */
	uint32_t infinite = 0;
	uint32_t used = 0;

	for (size_t o = outs; o < NN_TILE; o++)
		padding[o] = UINT32_MAX;
	for (size_t i = 0; i < count; i += NN_TILE) {
		uint32_t row[NN_TILE];

		memcpy(row, tile + i * sizeof(float), sizeof(row));
		for (size_t o = 0; o < NN_TILE; o++) {
			infinite |= nn_not_finite(row[o]);
			used |= row[o] & padding[o];
		}
	}
	return infinite >> 31 | used;
}

static bool conv_values(const struct nn_at *at, const void *params)
{
	const struct nn_conv_shape s = nn_conv_shape(at, at->node->conv.groups);
	const uint8_t *tile = params;
	uint32_t bad = 0;

	for (size_t i = 0; i < s.groups * nn_conv_tiles(&s); i++) {
		size_t o = i % nn_conv_tiles(&s) * NN_TILE;
		size_t outs = s.outs - o < NN_TILE ? s.outs - o : NN_TILE;

		bad |= s.int8 ? nn_conv8_wrong(&s, tile, outs) :
				wrong_floats(&s, tile, outs);
		tile += nn_conv_tile_bytes(&s);
	}
	return !NN_REVEAL(bad);
}

const struct nn_operator nn_op_conv = {
	.check = conv_check,
	.macs = conv_macs,
	.params = conv_params,
	.values = conv_values,
	.run = conv_run,
};
