/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bits of numbers, and the choice between secret ones without a branch, by
 * masks of 32 bits.
 */
#ifndef NN_CHOOSE_H
#define NN_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* All bits set, or none. Opaque to the compiler, which would make a branch. */
static inline uint32_t nn_mask(bool is_set)
{
	uint32_t mask = 0u - (uint32_t)is_set;

	__asm__("" : "+r"(mask));
	return mask;
}

/* `yes` where the mask is set, `no` where it is not. */
static inline uint32_t nn_choose_bits(uint32_t mask, uint32_t yes, uint32_t no)
{
	return no ^ (mask & (yes ^ no));
}

static inline uint32_t nn_to_bits(float v)
{
	uint32_t bits = 0;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static inline float nn_from_bits(uint32_t bits)
{
	float v = 0;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* Bit 31 for an infinity and for what is no number: all exponent bits carry. */
static inline uint32_t nn_not_finite(uint32_t bits)
{
	return (bits & 0x7f800000) + 0x00800000;
}

static inline bool nn_is_finite(float v)
{
	return !(nn_not_finite(nn_to_bits(v)) >> 31);
}

/* Neither 0 nor subnormal, and finite. */
static inline bool nn_is_normal(float v)
{
	const uint32_t bits = nn_to_bits(v) & 0x7fffffff;

	return bits >= 0x00800000 && bits < 0x7f800000;
}

static inline float nn_choose_float(uint32_t mask, float yes, float no)
{
	return nn_from_bits(
		nn_choose_bits(mask, nn_to_bits(yes), nn_to_bits(no)));
}

#endif
