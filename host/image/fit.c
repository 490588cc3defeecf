/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First a photograph becomes what NIST began with, black and white but for the
 * edges: levels near the background become background, and those near the ink
 * become ink. Then specks are dropped, which are small parts that are not
 * connected to others. Then come box and place, as in fit.h.
 */
#include "fit.h"

#include <stdlib.h>
#include <string.h>

#include "look.h"
#include "stb.h"

#define BOX    20u /* longest side of a digit */
#define CENTRE 14u /* where its centre of mass is, counted from 0 */

/* A part with less than 1/SPECK of the ink of the largest one is a speck. */
#define SPECK 32u

struct field {
	uint8_t *px;
	uint32_t width;
	uint32_t height;
	bool *seen;	 /* pixels that have been in the queue */
	uint32_t *queue; /* room for all pixels */
};

struct box {
	uint32_t left;
	uint32_t top;
	uint32_t width;
	uint32_t height;
};

static size_t size(const struct field *f)
{
	return (size_t)f->width * f->height;
}

/*
 * Stretches the levels, in place. Those within a quarter of the contrast from
 * the background become 0, those as near to the ink 255. That keeps the smooth
 * edges of small pictures, and drops noise. The ink is the mean of the pixels
 * that are nearer to the lightest one than to the background.
 */
static void stretch(struct field *f, int ground, int lightest)
{
	const size_t n = size(f);
	long sum = lightest; /* counted once more, so that count is not 0 */
	long count = 1;
	int ink = 0;

	for (size_t i = 0; i < n; i++) {
		if (f->px[i] > (ground + lightest) / 2) {
			sum += f->px[i];
			count++;
		}
	}
	ink = (int)(sum / count);
	for (size_t i = 0; i < n; i++) {
		int v = (4 * f->px[i] - 3 * ground - ink) * 255 /
			(2 * (ink - ground));

		f->px[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
}

/* Puts this pixel and those connected to it in the queue. Returns how many. */
static size_t flood(struct field *f, uint32_t start)
{
	size_t n = 0;

	f->seen[start] = true;
	f->queue[n++] = start;
	for (size_t i = 0; i < n; i++) {
		const uint32_t x = f->queue[i] % f->width;
		const uint32_t y = f->queue[i] / f->width;

		for (uint32_t v = y ? y - 1 : 0; v <= y + 1 && v < f->height;
		     v++) {
			for (uint32_t u = x ? x - 1 : 0;
			     u <= x + 1 && u < f->width; u++) {
				const uint32_t at = v * f->width + u;

				if (f->seen[at] || !f->px[at])
					continue;
				f->seen[at] = true;
				f->queue[n++] = at;
			}
		}
	}
	return n;
}

/* Counts pixels in the queue that are nearer to ink than to background. */
static size_t inked(const struct field *f, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += f->px[f->queue[i]] >= 128;
	return count;
}

static size_t largest_part(struct field *f)
{
	size_t most = 0;

	for (uint32_t i = 0; i < size(f); i++) {
		if (!f->seen[i] && f->px[i]) {
			size_t here = inked(f, flood(f, i));

			most = here > most ? here : most;
		}
	}
	return most;
}

static void drop_specks(struct field *f)
{
	const size_t most = largest_part(f);

	memset(f->seen, 0, size(f) * sizeof(*f->seen));
	for (uint32_t i = 0; i < size(f); i++) {
		size_t n = 0;

		if (f->seen[i] || !f->px[i])
			continue;
		n = flood(f, i);
		if (inked(f, n) * SPECK >= most)
			continue;
		while (n)
			f->px[f->queue[--n]] = 0;
	}
}

/* The bounding box of all pixels that are left. There is at least one. */
static struct box surround(const struct field *f)
{
	uint32_t left = f->width;
	uint32_t right = 0;
	uint32_t top = f->height;
	uint32_t bottom = 0;

	for (uint32_t y = 0; y < f->height; y++) {
		for (uint32_t x = 0; x < f->width; x++) {
			if (!f->px[y * f->width + x])
				continue;
			left = x < left ? x : left;
			right = x > right ? x : right;
			top = y < top ? y : top;
			bottom = y;
		}
	}
	return (struct box){ left, top, right - left + 1, bottom - top + 1 };
}

/* Scales n of `most` pixels as `most` becomes BOX: rounded, at least 1. */
static uint32_t scaled(uint32_t n, uint32_t most)
{
	uint32_t to = (n * BOX + most / 2) / most;

	return to ? to : 1;
}

static bool shrink(const struct field *f, const struct box *from,
		   const struct box *to, uint8_t *digit)
{
	return stbir_resize(f->px + from->top * f->width + from->left,
			    (int)from->width, (int)from->height, (int)f->width,
			    digit, (int)to->width, (int)to->height, 0,
			    STBIR_1CHANNEL, STBIR_TYPE_UINT8, STBIR_EDGE_CLAMP,
			    STBIR_FILTER_TRIANGLE) != NULL;
}

/* Makes a thin stroke as light as a thick one. */
static void brighten(uint8_t *digit, size_t n)
{
	unsigned int most = 1;

	for (size_t i = 0; i < n; i++)
		most = digit[i] > most ? digit[i] : most;
	for (size_t i = 0; i < n; i++)
		digit[i] = (uint8_t)(digit[i] * 255u / most);
}

/* Where the digit begins on one axis, to have its centre of mass at CENTRE. */
static uint32_t offset(size_t moment, size_t mass, uint32_t side)
{
	const size_t centre = mass ? (2 * moment + mass) / (2 * mass) : 0;
	const size_t last = ENC_IMAGE_SIDE - side;
	const size_t at = centre < CENTRE ? CENTRE - centre : 0;

	return (uint32_t)(at < last ? at : last);
}

static void place(const struct box *box, const uint8_t *digit, uint8_t *px)
{
	size_t mass = 0;
	size_t across = 0;
	size_t down = 0;
	uint32_t left = 0;
	uint32_t top = 0;

	for (uint32_t y = 0; y < box->height; y++) {
		for (uint32_t x = 0; x < box->width; x++) {
			const size_t v = digit[y * box->width + x];

			mass += v;
			across += v * x;
			down += v * y;
		}
	}
	left = offset(across, mass, box->width);
	top = offset(down, mass, box->height);
	memset(px, 0, ENC_IMAGE_PIXELS);
	for (uint32_t y = 0; y < box->height; y++)
		memcpy(px + (top + y) * ENC_IMAGE_SIDE + left,
		       digit + y * box->width, box->width);
}

static bool normalise(const struct field *f, uint8_t *px)
{
	uint8_t digit[BOX * BOX] = { 0 };
	const struct box from = surround(f);
	const uint32_t most =
		from.width > from.height ? from.width : from.height;
	const struct box to = { 0, 0, scaled(from.width, most),
				scaled(from.height, most) };

	if (!shrink(f, &from, &to, digit))
		return false;
	brighten(digit, to.width * to.height);
	place(&to, digit, px);
	return true;
}

bool fit_digit(uint8_t *grey, uint32_t width, uint32_t height,
	       uint8_t px[ENC_IMAGE_PIXELS], const char *name,
	       struct enc_error *e)
{
	struct field f = { .px = grey, .width = width, .height = height };
	const struct levels levels = look_levels(grey, width, height);
	bool ok = false;

	if (levels.max - levels.ground < LOOK_CONTRAST)
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: has no digit that is lighter than its "
				"background",
				name);
	f.seen = calloc(size(&f), sizeof(*f.seen));
	f.queue = calloc(size(&f), sizeof(*f.queue));
	if (f.seen && f.queue) {
		stretch(&f, levels.ground, levels.max);
		drop_specks(&f);
		ok = normalise(&f, px);
	}
	free(f.seen);
	free(f.queue);
	return ok || enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", name);
}
