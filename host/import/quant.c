/* SPDX-License-Identifier: Apache-2.0 */
#include "quant.h"

#include <math.h>

#define SUM_BITS 20 /* more bits of both sides of a sum */

bool quant_scale(double real, struct nn_scale *scale)
{
	int shift = 0;
	int64_t m = 0;

	*scale = (struct nn_scale){ 0 };
	if (!(real >= 0 && real < 0x1p30))
		return false;
	m = (int64_t)round(frexp(real, &shift) * 0x1p31);
	if (m == INT64_C(1) << 31) {
		m /= 2;
		shift++;
	}
	if (shift >= -31) {
		scale->multiplier = (int32_t)m;
		scale->shift = m ? shift : 0;
	}
	return shift <= 30;
}

double quant_layer_factor(float x, float weight, float y, bool dense)
{
	if (dense) {
		float product = x * weight;

		return (double)product / (double)y;
	}
	return (double)x * (double)weight / (double)y;
}

bool quant_add(float left, float right, float y, struct nn_scale scale[3])
{
	double twice = 2 * fmax((double)left, (double)right);

	return quant_scale((double)left / twice, &scale[0]) &&
	       quant_scale((double)right / twice, &scale[1]) &&
	       quant_scale(twice / ((1 << SUM_BITS) * (double)y), &scale[2]) &&
	       scale[2].shift <= 0;
}

bool quant_mul(float left, float right, float y, struct nn_scale scale[3])
{
	return quant_scale((double)left * (double)right / (double)y, &scale[2]);
}

bool quant_mean(float x, float y, size_t count, struct nn_scale *scale)
{
	int bits = 0;

	if (!count || !quant_scale((double)x / (double)y, scale))
		return false;
	if (!scale->multiplier)
		return true;
	while (bits < 32 && count >> bits > 1)
		bits++;
	if (bits > 31 + scale->shift)
		bits = 31 + scale->shift;
	scale->multiplier =
		(int32_t)(((uint64_t)scale->multiplier << bits) / count);
	scale->shift -= bits;
	return true;
}

int32_t quant_value(float real, float scale, int32_t zero)
{
	float q = roundf(real / scale) + (float)zero;

	return (int32_t)fmaxf(-128, fminf(127, q));
}

void quant_clamp(float low, float high, float scale, int32_t zero,
		 int32_t clamp[2])
{
	clamp[0] = quant_value(low, scale, zero);
	clamp[1] = quant_value(high, scale, zero);
}
