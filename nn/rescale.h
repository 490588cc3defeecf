/* SPDX-License-Identifier: Apache-2.0 */
/* TFLite's requantisation: of two roundings, in integers. */
#ifndef NN_RESCALE_H
#define NN_RESCALE_H

#include "net.h"

/*
 * x * multiplier / 2^31 * 2^shift: the product rounded to nearest, half up;
 * then the division by 2^-shift to nearest, half away from zero.
 */
static inline int32_t nn_scale_by(int32_t x, struct nn_scale s)
{
	const int32_t left = s.shift > 0 ? s.shift : 0;
	const int32_t right = s.shift < 0 ? -s.shift : 0;
	const int32_t mask = (int32_t)((1u << right) - 1);
	const int64_t product =
		(int64_t)(int32_t)((uint32_t)x << left) * s.multiplier;
	const int32_t y = (int32_t)((product + (1 << 30)) >> 31);
	const int32_t half = (mask >> 1) + (int32_t)((uint32_t)y >> 31);

	return (y >> right) + (int32_t)((uint32_t)(half - (y & mask)) >> 31);
}

#endif
