/* SPDX-License-Identifier: Apache-2.0 */
#include "label.h"

#include <stddef.h>

#include "choose.h"
#include "reveal.h"

/*
 * e^x for x <= 0, within 1 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, and a Taylor
 * polynomial for e^r whose first dropped term is below 2^-27.
 */
static float exp_nonpositive(float x)
{
	const float ln2_high = 0x1.62e4p-1f; /* exact products with n */
	const float ln2_low = 0x1.7f7d1cp-20f;
	float clamped = nn_choose_float(nn_mask(-87.0f > x), -87.0f, x);
	int32_t n = (int32_t)(clamped * 0x1.715476p0f - 0.5f);
	float r = (clamped - (float)n * ln2_high) - (float)n * ln2_low;
	float p = 1.0f / 5040;
	float two_to_n = nn_from_bits((uint32_t)(n + 127) << 23);

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
		finite &= nn_is_finite(logits[c]);
		max = nn_choose_float(nn_mask(logits[c] > max), logits[c], max);
	}
	if (!NN_REVEAL(finite))
		return false;
	for (uint32_t c = 0; c < classes; c++)
		sum += exp_nonpositive(logits[c] - max);
	for (uint32_t c = 0; c < classes; c++) {
		float p = exp_nonpositive(logits[c] - max) / sum;
		uint32_t more = nn_mask(p > best);

		found = nn_choose_bits(more, c, found);
		best = nn_choose_float(more, p, best);
	}
	*label = (uint8_t)NN_REVEAL(found);
	return true;
}
