/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy SCORES of proto/enc_mnist_ta.h gives of a value, in double.
 */
#ifndef TEST_SCORE_H
#define TEST_SCORE_H

#include <math.h>

/* largest: the largest magnitude of the output. Never -0. */
static inline float score_of(float value, float largest, int bits)
{
	double m = 1;

	while (m < fabs((double)largest))
		m *= 2;
	return (float)(nearbyint(ldexp((double)value / m, bits)) *
		       ldexp(m, -bits)) +
	       0.0f;
}

#endif
