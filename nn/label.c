/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include <stddef.h>

#include "reveal.h"

/*
 * All bits set if a > b, else none. Opaque to the compiler, which would
 * otherwise turn uses of the mask into a branch.
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
