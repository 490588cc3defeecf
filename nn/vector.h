/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of GCC and clang, the same on every processor. Private to nn/. */
#ifndef NN_VECTOR_H
#define NN_VECTOR_H

#include <stdint.h>
#include <string.h>

#ifdef __ARM_NEON
#include <arm_neon.h>
#elif defined(__arm__) || defined(__aarch64__)
#error "the engine needs NEON: -mfpu=neon, and a kit of CFG_TA_FLOAT_SUPPORT=y"
#endif

/*
 * NEON has 32 registers of 16 bytes with 64 bits, and 16 with 32 bits; there,
 * what aarch64 does with the last half of a register takes it by its own name.
 */
#if defined(__ARM_NEON) && !defined(__aarch64__)
#define NN_ARM32 1

#define vmovl_high_s16(x)	 vmovl_s16(vget_high_s16(x))
#define vmull_high_s8(x, y)	 vmull_s8(vget_high_s8(x), vget_high_s8(y))
#define vaddw_high_s16(x, y)	 vaddw_s16(x, vget_high_s16(y))
#define vmlal_high_s8(sum, x, y) vmlal_s8(sum, vget_high_s8(x), vget_high_s8(y))
#define vqmovn_high_s32(low, x)	 vcombine_s16(low, vqmovn_s32(x))
#define vpaddq_s32(x, y)                                           \
	vcombine_s32(vpadd_s32(vget_low_s32(x), vget_high_s32(x)), \
		     vpadd_s32(vget_low_s32(y), vget_high_s32(y)))
#endif

#define NN_LANES 4u

typedef float nn_floats __attribute__((vector_size(16)));
typedef int32_t nn_ints __attribute__((vector_size(16)));
typedef uint32_t nn_uints __attribute__((vector_size(16)));
typedef int16_t nn_shorts __attribute__((vector_size(16)));
typedef int8_t nn_bytes __attribute__((vector_size(8)));
typedef int8_t nn_many_bytes __attribute__((vector_size(16)));
typedef int16_t nn_four_shorts __attribute__((vector_size(8)));

/* In memory, at the address of an element. */
typedef float nn_floats_at
	__attribute__((vector_size(16), aligned(4), may_alias));
typedef nn_ints nn_ints_at __attribute__((aligned(4), may_alias));

/* Keeps a vector in a register: GCC 14 would take its lanes from memory. */
#if defined(__aarch64__) && __GNUC__ >= 13
#define NN_WHOLE(vector) __asm__("" : "+w"(vector))
#else
#define NN_WHOLE(vector) ((void)0)
#endif

/*
 * Loads four vectors that lie side by side. GCC 12 has no single instruction
 * for it that does not copy what it loads. Returns the address behind them.
 */
static inline __attribute__((always_inline)) const void *
nn_load_four(nn_floats v[4], const void *from)
{
#if defined(__ARM_NEON) && !defined(__clang__)
	const void *at = from;
	float32x4x4_t four;

#ifdef NN_ARM32
	__asm__("vldmia %1!, %h0"
#else
	__asm__("ld1 {%S0.4s - %V0.4s}, [%1], #64"
#endif
		: "=w"(four), "+r"(at)
		: "m"(*(const uint8_t(*)[64])from));
	for (size_t i = 0; i < 4; i++)
		v[i] = (nn_floats)four.val[i];
	return at;
#else
	memcpy(v, from, 4 * sizeof(*v));
	return (const uint8_t *)from + 4 * sizeof(*v);
#endif
}

/* The same for two. */
static inline __attribute__((always_inline)) const void *
nn_load_two(nn_floats v[2], const void *from)
{
#if defined(NN_ARM32) && !defined(__clang__)
	const void *at = from;
	float32x4x2_t two;

	__asm__("vldmia %1!, %h0"
		: "=w"(two), "+r"(at)
		: "m"(*(const uint8_t(*)[32])from));
	v[0] = (nn_floats)two.val[0];
	v[1] = (nn_floats)two.val[1];
	return at;
#else
	memcpy(v, from, 2 * sizeof(*v));
	return (const uint8_t *)from + 2 * sizeof(*v);
#endif
}

/*
 * Adds x * y[lane]. GCC does not find the instruction of 32-bit NEON for it,
 * which wants a lane that becomes constant; clang does.
 */
#if defined(NN_ARM32) && !defined(__clang__)
#define NN_ADD_PRODUCT(sum, x, y, lane)                        \
	((sum) = (nn_floats)vmlaq_lane_f32(                    \
		 (float32x4_t)(sum), (float32x4_t)(x),         \
		 (lane) < 2 ? vget_low_f32((float32x4_t)(y)) : \
			      vget_high_f32((float32x4_t)(y)), \
		 (lane) % 2))
#else
#define NN_ADD_PRODUCT(sum, x, y, lane) ((sum) += (x) * (y)[lane])
#endif

/* The larger and the smaller one of each. A y that is no number stays. */
static inline nn_floats nn_larger(nn_floats y, nn_floats low)
{
#ifdef __ARM_NEON
	return (nn_floats)vmaxq_f32((float32x4_t)y, (float32x4_t)low);
#else
	nn_ints below = y < low;

	return (nn_floats)(((nn_ints)low & below) | ((nn_ints)y & ~below));
#endif
}

static inline nn_floats nn_smaller(nn_floats y, nn_floats high)
{
#ifdef __ARM_NEON
	return (nn_floats)vminq_f32((float32x4_t)y, (float32x4_t)high);
#else
	nn_ints above = y > high;

	return (nn_floats)(((nn_ints)high & above) | ((nn_ints)y & ~above));
#endif
}

/* Each from low to high. */
static inline nn_many_bytes nn_limit_bytes(nn_many_bytes y, nn_many_bytes low,
					   nn_many_bytes high)
{
#ifdef __ARM_NEON
	return (nn_many_bytes)vminq_s8(vmaxq_s8((int8x16_t)y, (int8x16_t)low),
				       (int8x16_t)high);
#else
	const nn_many_bytes below = y < low;
	const nn_many_bytes above = y > high;

	return (y & ~(below | above)) | (low & below) | (high & above);
#endif
}

/* Wider vectors: GCC 12 may widen element by element unless it is told how. */
#ifdef __ARM_NEON
static inline nn_shorts nn_widen(nn_bytes x)
{
	return (nn_shorts)vmovl_s8((int8x8_t)x);
}

/* a - b */
static inline nn_shorts nn_difference(nn_bytes a, nn_bytes b)
{
	return (nn_shorts)vsubl_s8((int8x8_t)a, (int8x8_t)b);
}

static inline nn_ints nn_widen_first(nn_shorts x)
{
	return (nn_ints)vmovl_s16(vget_low_s16((int16x8_t)x));
}

static inline nn_ints nn_widen_last(nn_shorts x)
{
	return (nn_ints)vmovl_high_s16((int16x8_t)x);
}
#else
static inline nn_shorts nn_widen(nn_bytes x)
{
	return __builtin_convertvector(x, nn_shorts);
}

static inline nn_shorts nn_difference(nn_bytes a, nn_bytes b)
{
	return nn_widen(a) - nn_widen(b);
}

static inline nn_ints nn_widen_first(nn_shorts x)
{
	return __builtin_convertvector(
		__builtin_shufflevector(x, x, 0, 1, 2, 3), nn_ints);
}

static inline nn_ints nn_widen_last(nn_shorts x)
{
	return __builtin_convertvector(
		__builtin_shufflevector(x, x, 4, 5, 6, 7), nn_ints);
}
#endif

/*
 * Stores the first `count` bytes, or all of them. Byte by byte, because a call
 * of memcpy() would drive the vectors around it out of their registers.
 */
static inline void nn_store_bytes(uint8_t *to, nn_bytes bytes, size_t count)
{
	uint64_t left = 0;

	if (count >= sizeof(bytes)) {
		memcpy(to, &bytes, sizeof(bytes));
		return;
	}
	memcpy(&left, &bytes, sizeof(left));
#pragma GCC unroll 1
	for (size_t i = 0; i < count; i++, left >>= 8)
		to[i] = (uint8_t)left;
}

#endif
