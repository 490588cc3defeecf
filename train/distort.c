/* SPDX-License-Identifier: Apache-2.0 */
#include "distort.h"

#include <math.h>
#include <string.h>

/* Largest changes; each change is drawn from a uniform distribution. */
#define TURN	0.20f /* radians */
#define STRETCH 0.15f /* fraction of the width, and of the height */
#define SHEAR	0.15f
#define SHIFT	2.0f /* pixels, in each direction */

#define CENTRE ((ENC_IMAGE_SIDE - 1) / 2.0f)

/* With a border of background that holds both neighbours of any clamped x. */
#define PADDED (ENC_IMAGE_SIDE + 3)

/* Maps an output pixel to its source, relative to the centre: (x, y) M. */
struct map {
	float xx, xy, yx, yy;
	float dx, dy;
};

static struct map random_map(struct random *random)
{
	float turn = random_within(random, TURN);
	float width = 1.0f + random_within(random, STRETCH);
	float height = 1.0f + random_within(random, STRETCH);
	float shear = random_within(random, SHEAR);
	float dx = random_within(random, SHIFT);
	float dy = random_within(random, SHIFT);

	return (struct map){
		.xx = width * cosf(turn),
		.xy = height * sinf(turn),
		.yx = width * (shear * cosf(turn) - sinf(turn)),
		.yy = height * (shear * sinf(turn) + cosf(turn)),
		.dx = dx,
		.dy = dy,
	};
}

/* Converts a coordinate of the image to the padded image, and clamps it. */
static float to_padded(float at)
{
	return fminf(fmaxf(at + CENTRE, -1.0f), ENC_IMAGE_SIDE) + 1.0f;
}

void distort(const uint8_t *in, float *out, struct random *random)
{
	uint8_t padded[PADDED][PADDED] = { { 0 } };
	struct map map = random_map(random);

	for (size_t y = 0; y < ENC_IMAGE_SIDE; y++)
		memcpy(&padded[y + 1][1], in + y * ENC_IMAGE_SIDE,
		       ENC_IMAGE_SIDE);

	for (size_t i = 0; i < ENC_IMAGE_PIXELS; i++) {
		size_t column = i % ENC_IMAGE_SIDE;
		size_t row = i / ENC_IMAGE_SIDE;
		float x = (float)column - CENTRE - map.dx;
		float y = (float)row - CENTRE - map.dy;
		float u = to_padded(x * map.xx + y * map.yx);
		float v = to_padded(x * map.xy + y * map.yy);
		size_t left = (size_t)u;
		size_t top = (size_t)v;
		const uint8_t *p = &padded[top][left];
		float fx = u - (float)left;
		float fy = v - (float)top;
		float upper = (float)p[0] * (1.0f - fx) + (float)p[1] * fx;
		float lower = (float)p[PADDED] * (1.0f - fx) +
			      (float)p[PADDED + 1] * fx;

		out[i] = upper * (1.0f - fy) + lower * fy;
	}
}
