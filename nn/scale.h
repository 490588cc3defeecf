/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a 32-bit sum to an int8, rounded twice, as TFLite's reference kernels
 * do: the product with the multiplier to nearest, half up
 * (SaturatingRoundingDoublingHighMul), then the shift to nearest, half away
 * from zero (RoundingDivideByPOT). A shift to the left saturates.
 *
 * NEON has instructions for both; elsewhere plain C gives the same bits.
 * Constant time. Private to nn/.
 */
#ifndef NN_SCALE_H
#define NN_SCALE_H

#include <string.h>

#include "net.h"
#include "vector.h"

/*
 * Four scales. A shift is `left`, 0 to 30, or else `right`, 0 to -31. Numbers
 * below `edge` are negative, and shifted to the right.
 */
struct nn_scales {
	nn_ints multiplier;
	nn_ints left;
	nn_ints right;
	nn_ints edge;
};

static inline struct nn_scales nn_scales_of(nn_ints multiplier, nn_ints shift)
{
#ifdef __ARM_NEON
	const int32x4_t none = { 0 };
	const nn_ints left = (nn_ints)vmaxq_s32((int32x4_t)shift, none);
	const nn_ints right = (nn_ints)vminq_s32((int32x4_t)shift, none);
#else
	const nn_ints left = shift & (shift > 0);
	const nn_ints right = shift & (shift < 0);
#endif

	return (struct nn_scales){ multiplier, left, right,
				   ~shift & INT32_MIN };
}

/* One for all. */
static inline struct nn_scales nn_scales_all(struct nn_scale s)
{
	const nn_ints zero = { 0 };

	return nn_scales_of(zero + s.multiplier, zero + s.shift);
}

/* Of eight outputs, as they are stored: see params.h. */
static inline void nn_scales_load(const uint8_t *multiplier,
				  const uint8_t *shift,
				  struct nn_scales scales[2])
{
	const nn_ints_at *m = (const nn_ints_at *)(const void *)multiplier;
	nn_bytes bytes = { 0 };
	nn_shorts shifts = { 0 };

	memcpy(&bytes, shift, sizeof(bytes));
	shifts = nn_widen(bytes);
	scales[0] = nn_scales_of(m[0], nn_widen_first(shifts));
	scales[1] = nn_scales_of(m[1], nn_widen_last(shifts));
}

#ifdef __ARM_NEON
/*
 * Where `left` is 0. Half away from zero: 1 less, if negative and shifted. No
 * multiplier is negative, so products are above INT32_MIN. If x is negative and
 * its product is 0, the shift takes -1 to 0.
 */
static inline nn_ints nn_scale_down(nn_ints x, const struct nn_scales *s)
{
	const int32x4_t right = (int32x4_t)s->right;
	const int32x4_t multiplier = (int32x4_t)s->multiplier;

#ifdef __ARM_FEATURE_QRDMX
	return (nn_ints)vrshlq_s32(vqrdmlahq_s32((int32x4_t)(x < s->edge),
						 (int32x4_t)x, multiplier),
				   right);
#else
	const int32x4_t y = vqrdmulhq_s32((int32x4_t)x, multiplier);

	return (nn_ints)vrshlq_s32(vsraq_n_s32(y, vandq_s32(y, right), 31),
				   right);
#endif
}

static inline nn_ints nn_scale_four(nn_ints x, const struct nn_scales *s)
{
	return nn_scale_down(
		(nn_ints)vqshlq_s32((int32x4_t)x, (int32x4_t)s->left), s);
}

/* Plus zero, from -128 to 127. */
static inline nn_bytes nn_narrow(nn_ints a, nn_ints b, nn_shorts zero)
{
	int16x8_t y = vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);

	return (nn_bytes)vqmovn_s16(vqaddq_s16(y, (int16x8_t)zero));
}
#else
/* -1 if x is negative, else 0. */
static inline int64_t nn_sign(int64_t x)
{
	return -(int64_t)((uint64_t)x >> 63);
}

/* The nearest value from low to high. The masks hide the comparison. */
static inline int64_t nn_limit_int(int64_t x, int64_t low, int64_t high)
{
	int64_t below = nn_sign(x - low);
	int64_t above = nn_sign(high - x);

	return (x & ~(below | above)) | (low & below) | (high & above);
}

static inline int32_t nn_scale_one(int32_t x, int32_t multiplier, int32_t left,
				   int32_t right)
{
	int64_t shifted = nn_limit_int((int64_t)x * ((int64_t)1 << left),
				       INT32_MIN, INT32_MAX);
	int64_t y = (shifted * multiplier + (1 << 30)) >> 31;
	int64_t mask = ((int64_t)1 << right) - 1;
	int64_t more = nn_sign((mask >> 1) - nn_sign(y) - (y & mask));

	return (int32_t)((y >> right) - more);
}

static inline nn_ints nn_scale_four(nn_ints x, const struct nn_scales *s)
{
	for (size_t i = 0; i < 4; i++)
		x[i] = nn_scale_one(x[i], s->multiplier[i], s->left[i],
				    -s->right[i]);
	return x;
}

static inline nn_ints nn_scale_down(nn_ints x, const struct nn_scales *s)
{
	return nn_scale_four(x, s);
}

static inline nn_bytes nn_narrow(nn_ints a, nn_ints b, nn_shorts zero)
{
	nn_bytes y = { 0 };

	for (size_t i = 0; i < 8; i++)
		y[i] = (int8_t)nn_limit_int((int64_t)(i < 4 ? a[i] : b[i - 4]) +
						    zero[0],
					    INT8_MIN, INT8_MAX);
	return y;
}
#endif

/*
 * Outputs from low to high. Few nodes need it: a clamp mostly ends where an
 * int8 does.
 */
static inline void nn_clamp_bytes(int8_t *y, size_t n, const int32_t clamp[2])
{
	const nn_many_bytes low = (nn_many_bytes){ 0 } + (int8_t)clamp[0];
	const nn_many_bytes high = (nn_many_bytes){ 0 } + (int8_t)clamp[1];
	nn_many_bytes v;
	nn_bytes halves[2];

	if (clamp[0] == INT8_MIN && clamp[1] == INT8_MAX)
		return;
	for (; n >= sizeof(v); n -= sizeof(v), y += sizeof(v)) {
		memcpy(&v, y, sizeof(v));
		v = nn_limit_bytes(v, low, high);
		memcpy(y, &v, sizeof(v));
	}
	memcpy(&v, y, sizeof(v));
	v = nn_limit_bytes(v, low, high);
	memcpy(halves, &v, sizeof(v));
	nn_store_bytes((uint8_t *)y, halves[0], n);
	if (n > sizeof(*halves))
		nn_store_bytes((uint8_t *)y + sizeof(*halves), halves[1],
			       n - sizeof(*halves));
}

/* v + zero, from low to high. A sum outside of an int32 wraps, and is not
 * taken. */
static inline nn_ints nn_limit_sum(nn_ints v, int32_t zero, int32_t low,
				   int32_t high)
{
	const nn_ints above = v > high - zero;
	const nn_ints below = v < low - zero;
	const nn_ints sum = (nn_ints)((nn_uints)v + (uint32_t)zero);

	return (above & high) | (below & low) | (~(above | below) & sum);
}

#endif
