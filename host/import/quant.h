/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The integers that TensorFlow Lite makes of real scales. Each factor is
 * computed in the precision in which TensorFlow Lite computes it, because the
 * last bit of a multiplier shows in activations.
 *
 * Pure functions: any thread may call them.
 */
#ifndef HOST_IMPORT_QUANT_H
#define HOST_IMPORT_QUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/net.h"

/*
 * A factor as multiplier / 2^31 * 2^shift. A factor below 2^-32 becomes 0.
 * False if it is negative, not a number, or 2^30 or more.
 */
bool quant_scale(double real, struct nn_scale *scale);

/*
 * The factor from the sum of an output channel to the output. dense: a fully
 * connected layer with one weight scale, where TensorFlow Lite multiplies in
 * float.
 */
double quant_layer_factor(float x, float weight, float y, bool dense);

/*
 * A sum: left and right to a common scale with 20 more bits, then to y. False
 * if y's scale is a millionth of theirs.
 */
bool quant_add(float left, float right, float y, struct nn_scale scale[3]);

/* A product: scale[2] only. */
bool quant_mul(float left, float right, float y, struct nn_scale scale[3]);

/*
 * The mean of `count` values: 1 / count is in the multiplier, cut, so it may
 * be less than 2^30.
 */
bool quant_mean(float x, float y, size_t count, struct nn_scale *scale);

/* A real number as an int8 of this scale, nearest; saturates. */
int32_t quant_value(float real, float scale, int32_t zero);

/* max(low, min(high, y)) of real numbers, for int8 values. */
void quant_clamp(float low, float high, float scale, int32_t zero,
		 int32_t clamp[2]);

#endif
