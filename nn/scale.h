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
 * Four scales. A shift is `left`, 0 to 30, or else `right`, 0 to -31. `left`
 * may be more where the numbers are small.
 */
struct nn_scales {
	nn_ints multiplier;
	nn_ints left;
	nn_ints right;
};

/* What becomes of scaled sums: plus zero, then from low to high. */
struct nn_range {
	nn_shorts zero;
	nn_bytes low;
	nn_bytes high;
};

static inline struct nn_scales nn_scales_of(nn_ints multiplier, nn_ints shift)
{
	nn_ints positive = shift > 0;

	return (struct nn_scales){ multiplier, shift & positive,
				   shift & ~positive };
}

/* One for all. */
static inline struct nn_scales nn_scales_all(struct nn_scale s)
{
	const nn_ints zero = { 0 };

	return nn_scales_of(zero + s.multiplier, zero + s.shift);
}

static inline struct nn_range nn_range_of(int8_t zero, const int32_t clamp[2])
{
	return (struct nn_range){ (nn_shorts){ 0 } + zero,
				  (nn_bytes){ 0 } + (int8_t)clamp[0],
				  (nn_bytes){ 0 } + (int8_t)clamp[1] };
}

/* Of eight outputs, as they are stored: see params.h. */
static inline void nn_scales_load(const uint8_t *multiplier,
				  const uint8_t *shift,
				  struct nn_scales scales[2])
{
	nn_ints multipliers[2] = { { 0 } };
	nn_bytes bytes = { 0 };
	nn_shorts shifts = { 0 };

	memcpy(multipliers, multiplier, sizeof(multipliers));
	memcpy(&bytes, shift, sizeof(bytes));
	shifts = nn_widen(bytes);
	scales[0] = nn_scales_of(multipliers[0], nn_widen_first(shifts));
	scales[1] = nn_scales_of(multipliers[1], nn_widen_last(shifts));
}

#ifdef __aarch64__
static inline nn_ints nn_scale_four(nn_ints x, const struct nn_scales *s)
{
	int32x4_t right = (int32x4_t)s->right;
	int32x4_t y =
		vqrdmulhq_s32(vqshlq_s32((int32x4_t)x, (int32x4_t)s->left),
			      (int32x4_t)s->multiplier);

	/*
	 * Half away from zero: 1 less, if negative and shifted. No multiplier
	 * is negative, so y is above INT32_MIN.
	 */
	y = vsraq_n_s32(y, vandq_s32(y, right), 31);
	return (nn_ints)vrshlq_s32(y, right);
}

static inline nn_bytes nn_narrow(nn_ints a, nn_ints b, const struct nn_range *r)
{
	int16x8_t y = vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);
	int8x8_t q = vqmovn_s16(vqaddq_s16(y, (int16x8_t)r->zero));

	return (nn_bytes)vmin_s8(vmax_s8(q, (int8x8_t)r->low),
				 (int8x8_t)r->high);
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

static inline nn_bytes nn_narrow(nn_ints a, nn_ints b, const struct nn_range *r)
{
	nn_bytes y = { 0 };

	for (size_t i = 0; i < 8; i++)
		y[i] = (int8_t)nn_limit_int((int64_t)(i < 4 ? a[i] : b[i - 4]) +
						    r->zero[0],
					    r->low[0], r->high[0]);
	return y;
}
#endif

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
