/* SPDX-License-Identifier: Apache-2.0 */
#include "look.h"

#include <stdlib.h>

/* None of MNIST's 10,000 test images exceeds these limits. */
#define CENTRE	  14 /* of mass, counted from 0; theirs: within 1 pixel */
#define FAR	  3
#define BOX_LEAST 14 /* longest side; theirs: 19 or 20 pixels */
#define BOX_MOST  24

/* The median of n levels. */
static int median(const size_t counts[256], size_t n)
{
	size_t below = 0;
	int level = 0;

	while (level < 255 && (below += counts[level]) <= n / 2)
		level++;
	return level;
}

struct levels look_levels(const uint8_t *grey, uint32_t width, uint32_t height)
{
	struct levels levels = { .min = 255, .max = 0 };
	size_t counts[256] = { 0 };
	size_t n = 0;

	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			const int v = grey[(size_t)y * width + x];

			levels.min = v < levels.min ? v : levels.min;
			levels.max = v > levels.max ? v : levels.max;
			if (!x || !y || x == width - 1 || y == height - 1) {
				counts[v]++;
				n++;
			}
		}
	}
	levels.ground = median(counts, n);
	return levels;
}

/* Whether what is lighter than the background is off centre, or of another
 * size. */
static bool is_stray(const uint8_t *px, const struct levels *levels)
{
	const int side = (int)ENC_IMAGE_SIDE;
	const int faintest =
		levels->ground + (levels->max - levels->ground) / 4;
	int min[2] = { side, side };
	int max[2] = { -1, -1 };
	long moment[2] = { 0, 0 };
	long mass = 0;
	int most = 0;

	for (int i = 0; i < side * side; i++) {
		const int at[2] = { i % side, i / side };

		if (px[i] <= faintest)
			continue;
		mass += px[i];
		for (int k = 0; k < 2; k++) {
			moment[k] += (long)px[i] * at[k];
			min[k] = at[k] < min[k] ? at[k] : min[k];
			max[k] = at[k] > max[k] ? at[k] : max[k];
		}
	}
	for (int k = 0; k < 2; k++) {
		const int length = max[k] - min[k] + 1;

		most = length > most ? length : most;
		if (labs(moment[k] - CENTRE * mass) > FAR * mass)
			return true;
	}
	return most < BOX_LEAST || most > BOX_MOST;
}

void look(const uint8_t px[ENC_IMAGE_PIXELS], struct enc_image_found *found)
{
	const struct levels levels =
		look_levels(px, ENC_IMAGE_SIDE, ENC_IMAGE_SIDE);
	const int darker = levels.ground - levels.min;
	const int lighter = levels.max - levels.ground;

	found->faint = levels.max - levels.min < LOOK_CONTRAST;
	found->light = !found->faint && darker >= LOOK_CONTRAST &&
		       darker > 2 * lighter;
	found->stray = !found->faint && !found->light && is_stray(px, &levels);
}
