/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

double cli_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
