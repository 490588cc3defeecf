/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four numbers at once, and functions of them. Errors are those that
 * test_net_math.c holds them to.
 *
 * No branch and no address depends on a number: where a function has cases, all
 * of them are computed and a mask selects one. A number that is no number (NaN)
 * stays one, unless stated.
 *
 * Vectors are read whole, also the last one of a tensor: NN_SLACK bytes follow.
 */
#ifndef NN_MATH_H
#define NN_MATH_H

#include <string.h>

#include "net.h"
#include "vector.h"

#define NN_INFINITY __builtin_inff()
#define NN_NAN	    __builtin_nanf("")

static inline nn_floats nn_splat(float v)
{
	return (nn_floats){ v, v, v, v };
}

/* The first `count` lanes, or all. */
static inline nn_ints nn_lanes(size_t count)
{
	const int32_t n = count < NN_LANES ? (int32_t)count : (int32_t)NN_LANES;
	const nn_ints lane = { 0, 1, 2, 3 };

	return lane < n;
}

static inline nn_floats nn_choose(nn_ints mask, nn_floats yes, nn_floats no)
{
	return (nn_floats)(((nn_ints)yes & mask) | ((nn_ints)no & ~mask));
}

/* max(low, min(high, v)); NaN stays. */
static inline nn_floats nn_limit(nn_floats v, float low, float high)
{
	return nn_larger(nn_smaller(v, nn_splat(high)), nn_splat(low));
}

/* The greater number; NaN if one is. */
static inline nn_floats nn_max(nn_floats a, nn_floats b)
{
	return nn_choose((a > b) | (a != a), a, b);
}

static inline nn_floats nn_min(nn_floats a, nn_floats b)
{
	return nn_choose((a < b) | (a != a), a, b);
}

static inline nn_floats nn_abs(nn_floats v)
{
	return (nn_floats)((nn_ints)v & 0x7fffffff);
}

/* v, not negative, with the sign of `sign`. */
static inline nn_floats nn_with_sign(nn_floats v, nn_floats sign)
{
	return (nn_floats)((nn_ints)v | ((nn_ints)sign & INT32_MIN));
}

/* Lanes in another order: each with the lane `step` away. */
static inline nn_floats nn_across(nn_floats v, int step)
{
	return step == 2 ? __builtin_shufflevector(v, v, 2, 3, 0, 1) :
			   __builtin_shufflevector(v, v, 1, 0, 3, 2);
}

/* The sum, the maximum of the lanes, in each lane. */
static inline nn_floats nn_sum_lanes(nn_floats v)
{
	v += nn_across(v, 2);
	return v + nn_across(v, 1);
}

static inline nn_floats nn_max_lanes(nn_floats v)
{
	v = nn_max(v, nn_across(v, 2));
	return nn_max(v, nn_across(v, 1));
}

/* Four elements from `i` on: as they are stored. */
static inline nn_ints nn_load_int8(const void *from, size_t i)
{
	nn_bytes eight = { 0 };

	memcpy(&eight, (const int8_t *)from + i, sizeof(eight));
	return nn_widen_first(nn_widen(eight));
}

/* The same, of NN_F32 or NN_INT8. */
static inline nn_floats nn_load(uint8_t type, const void *from, size_t i)
{
	if (type == NN_F32)
		return *(const nn_floats_at *)((const float *)from + i);
	return __builtin_convertvector(nn_load_int8(from, i), nn_floats);
}

/* Stores the first `count` of four integers, or all: -128 to 127. */
static inline void nn_store_int8(void *to, size_t i, nn_ints v, size_t count)
{
	const nn_four_shorts four = __builtin_convertvector(v, nn_four_shorts);
	const nn_bytes bytes = __builtin_convertvector(
		__builtin_shufflevector(four, four, 0, 1, 2, 3, 0, 1, 2, 3),
		nn_bytes);

	if (count >= NN_LANES)
		memcpy((int8_t *)to + i, &bytes, NN_LANES);
	else
		nn_store_bytes((uint8_t *)to + i, bytes, count);
}

/* Stores the first `count` of four, or all. NN_INT8: integers in range. */
static inline void nn_store(uint8_t type, void *to, size_t i, nn_floats v,
			    size_t count)
{
	if (type != NN_F32)
		nn_store_int8(to, i, __builtin_convertvector(v, nn_ints),
			      count);
	else if (count >= NN_LANES)
		*(nn_floats_at *)((float *)to + i) = v;
	else
		memcpy((float *)to + i, &v, count * sizeof(float));
}

/* What NN_INT8 stores for v / scale: half to even; NaN is the lowest number. */
static inline nn_floats nn_to_int8(nn_floats v, float zero)
{
	const float round = 0x1.8p23f; /* leaves no bits for a fraction */
	const nn_floats low = nn_splat(-128 - zero);

	v = nn_smaller(nn_choose(v > low, v, low), nn_splat(127 - zero));
	return (v + round) - round + zero;
}

static inline nn_floats nn_sqrt(nn_floats x)
{
#ifdef __aarch64__
	return (nn_floats)vsqrtq_f32((float32x4_t)x);
#elif defined(NN_ARM32)
	/* NEON has none, and the compiler would call sqrtf(). */
	for (size_t i = 0; i < NN_LANES; i++) {
		float lane = x[i];

		__asm__("vsqrt.f32 %0, %0" : "+t"(lane));
		x[i] = lane;
	}
	return x;
#else
	return __builtin_ia32_sqrtps(x);
#endif
}

/* 2^n, n from -126 to 127. */
static inline nn_floats nn_power_of_2(nn_ints n)
{
	return (nn_floats)(((nn_uints)n + 127) << 23);
}

/*
 * e^r - 1, for x = n ln 2 + r and |r| <= ln 2 / 2: a Taylor polynomial whose
 * first dropped term is below 2^-27.
 */
static inline nn_floats nn_exp_parts(nn_floats x, nn_ints *n)
{
	const float round = 0x1.8p23f;
	const float ln2_high = 0x1.62e4p-1f; /* exact products with n */
	const float ln2_low = 0x1.7f7d1cp-20f;
	const nn_floats t = x * 0x1.715476p0f + round;
	const nn_floats whole = t - round;
	const nn_floats r = (x - whole * ln2_high) - whole * ln2_low;
	nn_floats p = r * (1.0f / 5040) + 1.0f / 720;

	p = p * r + 1.0f / 120;
	p = p * r + 1.0f / 24;
	p = p * r + 1.0f / 6;
	p = p * r + 1.0f / 2;
	*n = (nn_ints)((nn_uints)t - 0x4b400000); /* t without 1.5 * 2^23 */
	return p * r * r + r;
}

/* In two steps, as 2^n may be too small or too large. */
static inline nn_floats nn_exp(nn_floats x)
{
	nn_ints n = { 0 };
	const nn_floats p = nn_exp_parts(nn_limit(x, -104, 89), &n);
	const nn_ints half = n >> 1;

	return (1.0f + p) * nn_power_of_2(half) * nn_power_of_2(n - half);
}

/* e^x - 1, for x up to 80. */
static inline nn_floats nn_exp_minus_1(nn_floats x)
{
	nn_ints n = { 0 };
	const nn_floats p = nn_exp_parts(nn_limit(x, -80, 80), &n);
	const nn_floats scale = nn_power_of_2(n);

	return p * scale + (scale - 1.0f);
}

/*
 * x = 2^k (1 + f), with 1 + f from sqrt(1/2) to sqrt(2), and s = f / (2 + f):
 * ln(1 + f) = ln((1 + s) / (1 - s)) = 2 s + 2/3 s^3 + ..., and 2 s = f - s f.
 */
static inline nn_floats nn_log(nn_floats x)
{
	const uint32_t sqrt_half = 0x3f3504f3;
	const float ln2_high = 0x1.62e4p-1f;
	const float ln2_low = 0x1.7f7d1cp-20f;
	const nn_ints tiny = x < 0x1p-126f;
	const nn_uints bits =
		(nn_uints)nn_choose(tiny, x * 0x1p25f, x) - sqrt_half;
	const nn_floats k = __builtin_convertvector(
		((nn_ints)bits >> 23) - (tiny & 25), nn_floats);
	const nn_floats f = (nn_floats)((bits & 0x7fffff) + sqrt_half) - 1.0f;
	const nn_floats s = f / (f + 2.0f);
	const nn_floats z = s * s;
	const nn_floats half = f * f * 0.5f;
	nn_floats p = z * (2.0f / 9) + 2.0f / 7;
	nn_floats y;

	p = p * z + 2.0f / 5;
	p = p * z + 2.0f / 3;
	p = s * (half + p * z) + k * ln2_low;
	y = k * ln2_high - ((half - p) - f);
	y = nn_choose(x < NN_INFINITY, y, x);
	y = nn_choose(x == 0.0f, nn_splat(-NN_INFINITY), y);
	return nn_choose(x < 0.0f, nn_splat(NN_NAN), y);
}

/* |x|^y from a logarithm; a negative x needs an integer y. */
static inline nn_floats nn_pow(nn_floats x, nn_floats y)
{
	const float round = 0x1.8p23f;
	const nn_floats near = nn_limit(y, -0x1p22f, 0x1p22f);
	const nn_floats whole = (near + round) - round;
	const nn_ints odd = (nn_ints)((nn_uints)(near + round) << 31);
	const nn_ints integer = (whole == near) | (nn_abs(y) > 0x1p22f);
	nn_floats p = nn_exp(y * nn_log(nn_abs(x)));

	p = nn_choose((y == 0.0f) | (x == 1.0f), nn_splat(1.0f), p);
	p = nn_choose((x < 0.0f) & ~integer, nn_splat(NN_NAN), p);
	return (nn_floats)((nn_ints)p ^ (odd & integer & (x < 0.0f)));
}

/* With t = e^(2 |x|) - 1: t / (t + 2). */
static inline nn_floats nn_tanh(nn_floats x)
{
	const nn_floats twice = nn_abs(x) * 2.0f;
	const nn_floats t = nn_exp_minus_1(
		nn_choose(twice > 40.0f, nn_splat(40.0f), twice));

	return nn_with_sign(t / (t + 2.0f), x);
}

/* 1 / (1 + e^-x), from the exponential that does not overflow. */
static inline nn_floats nn_sigmoid(nn_floats x)
{
	const nn_floats e = nn_exp(-nn_abs(x));

	return nn_choose(x < 0.0f, e, nn_splat(1.0f)) / (1.0f + e);
}

/*
 * Below 7/8 the Taylor series; from there on 1 - e^q, with a polynomial q that
 * was fitted to ln(1 - erf) by least squares, and is 2^-28 away from it. From 4
 * on erf rounds to 1.
 */
static inline nn_floats nn_erf(nn_floats x)
{
	static const float series[] = { -1.0f / 6894720, 1.0f / 685440,
					-1.0f / 75600,	 1.0f / 9360,
					-1.0f / 1320,	 1.0f / 216,
					-1.0f / 42,	 1.0f / 10,
					-1.0f / 3 };
	static const float fitted[] = { 0x1.a61c3ap-13f, -0x1.9596f0p-9f,
					0x1.6f6f32p-6f,	 -0x1.ab5cbcp-4f,
					-0x1.46018ep-1f, -0x1.20c090p0f,
					-0x1.17c0dep-13f };
	const float scale = 0x1.20dd76p0f;   /* 2 / sqrt(pi) */
	const float over_1 = 0x1.06eba8p-3f; /* that less 1 */
	const nn_floats t = nn_limit(nn_abs(x), 0, 4);
	const nn_floats z = t * t;
	nn_floats p = nn_splat(series[0]);
	nn_floats q = nn_splat(fitted[0]);

	for (size_t i = 1; i < sizeof(series) / sizeof(series[0]); i++)
		p = p * z + series[i];
	for (size_t i = 1; i < sizeof(fitted) / sizeof(fitted[0]); i++)
		q = q * t + fitted[i];
	p = (p * z * scale + over_1) * t + t;
	q = 1.0f - nn_exp(q);
	return nn_with_sign(nn_choose(t < 0.875f, p, q), x);
}

/*
 * ln(1 + e^x) = max(x, 0) + ln(1 + u) with u = e^-|x|. The part that rounding
 * v = 1 + u lost is added again, divided by v.
 */
static inline nn_floats nn_softplus(nn_floats x)
{
	const nn_floats u = nn_exp(-nn_abs(x));
	const nn_floats v = 1.0f + u;
	const nn_floats y = nn_log(v) + (u - (v - 1.0f)) / v;

	return nn_choose(x < 0.0f, nn_splat(0), x) + y;
}

#endif
