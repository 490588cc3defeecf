/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: images go through the network in blocks of NN_BLOCK_IMAGES,
 * so that a weight that was loaded serves all of them. The activations of a
 * block, (images, width) row-major, lie in one of two halves of the working
 * memory; each layer reads one half and writes the other.
 *
 * A layer is computed in tiles: some images by some outputs, whose sums stay
 * in registers. Where the last tile would reach past the last output it starts
 * earlier instead and computes some outputs twice, to the same bits.
 *
 * Tiles are written with GCC's vector types, which become NEON or SSE whatever
 * the loop vectoriser makes of them. This file wants -O3: below it the loops
 * over a tile are not unrolled, and the sums live in memory.
 */
#include "forward.h"

#include "reveal.h"

typedef float f32x4 __attribute__((vector_size(16)));
typedef float f32x4_at __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t s32x4 __attribute__((vector_size(16)));

#define LANES	   4
#define TILE_SUMS  16 /* vectors of sums in a tile: half of NEON's registers */
#define WIDE_TILE  (TILE_SUMS * LANES)
#define BLOCK_TILE (TILE_SUMS / NN_BLOCK_IMAGES * LANES)

/*
 * Burn sums up to 256 products, then adds such partial sums (S_KC in
 * matrixmultiply 0.3). The same order of additions gives the same bits.
 */
#define SUM_BLOCK 256

static size_t widest_row(const struct nn_arch *arch)
{
	size_t widest = nn_inputs(arch);

	for (uint32_t l = 0; l < arch->layer_count; l++) {
		if (arch->layers[l].out > widest)
			widest = arch->layers[l].out;
	}
	return widest;
}

static size_t block_of(size_t n)
{
	return n < NN_BLOCK_IMAGES ? n : NN_BLOCK_IMAGES;
}

size_t nn_work_size(const struct nn_arch *arch, size_t n)
{
	return 2 * block_of(n) * widest_row(arch) * sizeof(float);
}

/*
 * Three roundings and a true division, as Burn has them. A table of the 256
 * results would be shorter, and its addresses would depend on the pixels.
 */
static void normalise(const struct nn_arch *arch, const uint8_t *pixels,
		      size_t count, float *x)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		f32x4 v = { pixels[i], pixels[i + 1], pixels[i + 2],
			    pixels[i + 3] };

		*(f32x4_at *)(x + i) = (v / 255.0f - arch->mean) / arch->std;
	}
	for (; i < count; i++)
		x[i] = ((float)pixels[i] / 255.0f - arch->mean) / arch->std;
}

static inline f32x4 relu(f32x4 v)
{
	return (f32x4)((s32x4)v & ~(v < 0.0f));
}

/*
 * Every bit set if a > b, else none. Opaque to the compiler, which would make a
 * branch of what is done with it.
 */
static inline uint32_t greater(float a, float b)
{
	uint32_t mask = 0u - (uint32_t)(a > b);

	__asm__("" : "+r"(mask));
	return mask;
}

/* `yes` where the mask is set, `no` where it is not. */
static inline uint32_t choose(uint32_t mask, uint32_t yes, uint32_t no)
{
	return no ^ (mask & (yes ^ no));
}

static inline uint32_t to_bits(float v)
{
	uint32_t bits = 0;

	__builtin_memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static inline float from_bits(uint32_t bits)
{
	float v = 0;

	__builtin_memcpy(&v, &bits, sizeof(v));
	return v;
}

static inline float choose_float(uint32_t mask, float yes, float no)
{
	return from_bits(choose(mask, to_bits(yes), to_bits(no)));
}

/*
 * Outputs [o, o + LANES * vectors) of `images` images. Both counts are
 * constants where this is inlined, so that `part` stays in registers.
 * x: (images, in), y: (images, out), both row-major
 */
static inline __attribute__((always_inline)) void
tile(const struct nn_layer *layer, const float *weight, const float *bias,
     const float *x, float *y, size_t o, size_t images, size_t vectors)
{
	for (size_t k = 0; k < layer->in;) {
		size_t end =
			layer->in - k < SUM_BLOCK ? layer->in : k + SUM_BLOCK;
		bool first = k == 0;
		f32x4 part[TILE_SUMS] = { { 0 } };

		for (; k < end; k++) {
			const float *w = weight + k * layer->out + o;

			for (size_t v = 0; v < vectors; v++) {
				f32x4 wv = *(const f32x4_at *)(w + v * LANES);

				for (size_t b = 0; b < images; b++)
					part[b * vectors + v] +=
						x[b * layer->in + k] * wv;
			}
		}
		for (size_t i = 0; i < images * vectors; i++) {
			size_t at = o + i % vectors * LANES;
			float *out = y + i / vectors * layer->out + at;
			f32x4 sum = part[i];

			if (!first)
				sum += *(const f32x4_at *)out;
			if (end == layer->in)
				sum += *(const f32x4_at *)(bias + at);
			if (end == layer->in && layer->relu)
				sum = relu(sum);
			*(f32x4_at *)out = sum;
		}
	}
}

/* Any layer, one image: for those too narrow for a tile. */
static void dense_narrow(const struct nn_layer *layer, const float *weight,
			 const float *bias, const float *x, float *y)
{
	for (size_t o = 0; o < layer->out; o++) {
		float sum = 0.0f;

		for (size_t k = 0; k < layer->in;) {
			size_t end = layer->in - k < SUM_BLOCK ? layer->in :
								 k + SUM_BLOCK;
			float part = 0.0f;

			for (; k < end; k++)
				part += x[k] * weight[k * layer->out + o];
			sum += part;
		}
		sum += bias[o];
		y[o] = layer->relu ? relu((f32x4){ sum })[0] : sum;
	}
}

/* Where the tile after the one at o starts: never past the last output. */
static size_t next_tile(const struct nn_layer *layer, size_t o, size_t width)
{
	size_t next = o + width;

	if (next < layer->out && layer->out - next < width)
		return layer->out - width;
	return next;
}

static void dense_one(const struct nn_layer *layer, const float *weight,
		      const float *bias, const float *x, float *y)
{
	size_t o = 0;

	if (layer->out >= WIDE_TILE) {
		for (; o < layer->out; o = next_tile(layer, o, WIDE_TILE))
			tile(layer, weight, bias, x, y, o, 1,
			     WIDE_TILE / LANES);
	} else if (layer->out >= BLOCK_TILE) {
		for (; o < layer->out; o = next_tile(layer, o, BLOCK_TILE))
			tile(layer, weight, bias, x, y, o, 1,
			     BLOCK_TILE / LANES);
	} else {
		dense_narrow(layer, weight, bias, x, y);
	}
}

static void dense(const struct nn_layer *layer, const float *weight,
		  const float *bias, const float *x, float *y, size_t images)
{
	if (images == NN_BLOCK_IMAGES && layer->out >= BLOCK_TILE) {
		size_t o = 0;

		for (; o < layer->out; o = next_tile(layer, o, BLOCK_TILE))
			tile(layer, weight, bias, x, y, o, NN_BLOCK_IMAGES,
			     BLOCK_TILE / LANES);
		return;
	}
	for (size_t b = 0; b < images; b++)
		dense_one(layer, weight, bias, x + b * layer->in,
			  y + b * layer->out);
}

void nn_logits(const struct nn_arch *arch, const float *params,
	       const uint8_t *images, size_t n, float *logits, void *work)
{
	float *half[2] = { work,
			   (float *)work + block_of(n) * widest_row(arch) };

	for (size_t done = 0; done < n; done += NN_BLOCK_IMAGES) {
		size_t block = block_of(n - done);
		const float *p = params;

		normalise(arch, images + done * nn_inputs(arch),
			  block * nn_inputs(arch), half[0]);
		for (uint32_t l = 0; l < arch->layer_count; l++) {
			const struct nn_layer *layer = &arch->layers[l];
			const float *bias = p + (size_t)layer->in * layer->out;
			bool last = l + 1 == arch->layer_count;
			float *y = last ? logits + done * layer->out :
					  half[(l + 1) % 2];

			dense(layer, p, bias, half[l % 2], y, block);
			p = bias + layer->out;
		}
	}
}

/* All bits of the exponent set: an infinity or not a number. */
static bool is_finite(float v)
{
	return (to_bits(v) & 0x7f800000) != 0x7f800000;
}

/*
 * e^x for x <= 0, within 1 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, and a Taylor
 * polynomial for e^r whose first dropped term is below 2^-27.
 */
static float exp_nonpositive(float x)
{
	const float ln2_high = 0x1.62e4p-1f; /* exact products with n */
	const float ln2_low = 0x1.7f7d1cp-20f;
	float clamped = choose_float(greater(-87.0f, x), -87.0f, x);
	int32_t n = (int32_t)(clamped * 0x1.715476p0f - 0.5f);
	float r = (clamped - (float)n * ln2_high) - (float)n * ln2_low;
	float p = 1.0f / 5040;
	float two_to_n = from_bits((uint32_t)(n + 127) << 23);

	p = p * r + 1.0f / 720;
	p = p * r + 1.0f / 120;
	p = p * r + 1.0f / 24;
	p = p * r + 1.0f / 6;
	p = p * r + 1.0f / 2;
	p = p * r * r + r;
	return (1.0f + p) * two_to_n;
}

bool nn_label(const float *logits, uint32_t classes, uint8_t *label)
{
	float max = logits[0];
	float sum = 0;
	float best = 0;
	uint32_t found = 0;
	bool finite = true;

	for (uint32_t c = 0; c < classes; c++) {
		finite &= is_finite(logits[c]);
		max = choose_float(greater(logits[c], max), logits[c], max);
	}
	if (!NN_REVEAL(finite))
		return false;
	for (uint32_t c = 0; c < classes; c++)
		sum += exp_nonpositive(logits[c] - max);
	for (uint32_t c = 0; c < classes; c++) {
		float p = exp_nonpositive(logits[c] - max) / sum;
		uint32_t more = greater(p, best);

		found = choose(more, c, found);
		best = choose_float(more, p, best);
	}
	*label = (uint8_t)NN_REVEAL(found);
	return true;
}
