/* SPDX-License-Identifier: Apache-2.0 */
#include "adam.h"

#include <math.h>

#define RATE	    3e-3f
#define RISE	    0.05f /* fraction of the steps */
#define KEEP_MEAN   0.9f
#define KEEP_SQUARE 0.999f
#define EPSILON	    1e-8f
#define PI	    3.14159265f

static float rate_at(uint32_t step, uint32_t steps)
{
	float done = ((float)step + 1.0f) / (float)steps;

	if (done < RISE)
		return RATE * done / RISE;
	return RATE * 0.5f * (1.0f + cosf(PI * (done - RISE) / (1.0f - RISE)));
}

void adam_step(struct adam *adam, float *params, const float *gradient,
	       size_t begin, size_t end, uint32_t step, uint32_t steps)
{
	float count = (float)step + 1.0f;
	/* The means start at 0; this corrects their bias towards 0. */
	float mean_scale = 1.0f / (1.0f - powf(KEEP_MEAN, count));
	float square_scale = 1.0f / (1.0f - powf(KEEP_SQUARE, count));
	float rate = rate_at(step, steps) * mean_scale;

	for (size_t i = begin; i < end; i++) {
		float g = gradient[i];
		float m = KEEP_MEAN * adam->mean[i] + (1.0f - KEEP_MEAN) * g;
		float s = KEEP_SQUARE * adam->square[i] +
			  (1.0f - KEEP_SQUARE) * g * g;

		adam->mean[i] = m;
		adam->square[i] = s;
		params[i] -= rate * m / (sqrtf(s * square_scale) + EPSILON);
	}
}
