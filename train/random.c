/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

void random_seed(struct random *r, uint64_t seed, uint64_t stream)
{
	r->state = 0;
	r->increment = stream << 1 | 1;
	random_bits(r);
	r->state += seed;
	random_bits(r);
}

uint32_t random_bits(struct random *r)
{
	uint64_t old = r->state;
	uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);

	r->state = old * 6364136223846793005u + r->increment;
	return mixed >> turn | mixed << (-turn & 31);
}

/* The bias towards small numbers is n / 2^32, which does not matter here. */
uint32_t random_below(struct random *r, uint32_t n)
{
	return (uint32_t)((uint64_t)random_bits(r) * n >> 32);
}

float random_within(struct random *r, float limit)
{
	float unit = (float)(random_bits(r) >> 8) * 0x1p-24f;

	return limit * (2.0f * unit - 1.0f);
}
