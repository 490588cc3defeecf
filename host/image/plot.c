/* SPDX-License-Identifier: Apache-2.0 */
#include "plot.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "host/base/file.h"

/* The page, in points; a PNG has PNG_SCALE pixels a point. */
#define PNG_SCALE 2.0
#define WIDTH	  640.0
#define HEIGHT	  692.0
#define LEFT	  84.0 /* of the matrix */
#define TOP	  92.0
#define CELL	  50.0
#define GAP	  1.5 /* between cells */
#define MATRIX	  (ENC_PLOT_CLASSES * CELL)

#define FONT "DejaVu Sans"

struct colour {
	double r, g, b;
};

/* Okabe and Ito's blue and vermillion, on white, with a near-black ink. */
static const struct colour right_colour = { 0.00, 0.36, 0.64 };
static const struct colour wrong_colour = { 0.84, 0.37, 0.00 };
static const struct colour empty_colour = { 0.955, 0.96, 0.965 };
static const struct colour ink = { 0.13, 0.15, 0.18 };
static const struct colour pale_ink = { 0.42, 0.45, 0.50 };
static const struct colour white = { 1.0, 1.0, 1.0 };

struct matrix {
	const uint32_t (*counts)[ENC_PLOT_CLASSES];
	uint64_t row_sum[ENC_PLOT_CLASSES];
	uint64_t right;
	uint64_t all;
};

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s);
	size_t m = strlen(end);

	return n > m && !strcasecmp(s + n - m, end);
}

static bool check_name(const char *path, struct enc_error *e)
{
	if (ends_with(path, ".png") || ends_with(path, ".svg"))
		return true;
	enc_fail(e, ENC_ERR_UNSUPPORTED, "%s: cannot draw this kind of file",
		 path);
	return enc_hint(e, "give a name that ends in .png or .svg");
}

bool enc_plot_check(const char *path, struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!check_name(path, e) || !enc_out_open(&out, path, 0644, e))
		return false;
	enc_out_abort(&out);
	return true;
}

static void set_colour(cairo_t *cr, struct colour c)
{
	cairo_set_source_rgb(cr, c.r, c.g, c.b);
}

static struct colour mix(struct colour from, struct colour to, double share)
{
	return (struct colour){
		from.r + (to.r - from.r) * share,
		from.g + (to.g - from.g) * share,
		from.b + (to.b - from.b) * share,
	};
}

static void set_font(cairo_t *cr, double size, bool bold)
{
	cairo_select_font_face(cr, FONT, CAIRO_FONT_SLANT_NORMAL,
			       bold ? CAIRO_FONT_WEIGHT_BOLD :
				      CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cr, size);
}

/* Centred on (x, y): by its width, and by the height of a digit. */
static void put_centred(cairo_t *cr, double x, double y, const char *text)
{
	cairo_text_extents_t t = { 0 };
	cairo_text_extents_t digit = { 0 };

	cairo_text_extents(cr, text, &t);
	cairo_text_extents(cr, "0", &digit);
	cairo_move_to(cr, x - t.x_advance / 2,
		      y - digit.y_bearing - digit.height / 2);
	cairo_show_text(cr, text);
}

static void put_left(cairo_t *cr, double x, double y, const char *text)
{
	cairo_move_to(cr, x, y);
	cairo_show_text(cr, text);
}

/* 0 for one in 10,000 of its row or fewer, 1 for the whole row. */
static double shade(uint64_t count, uint64_t row_sum)
{
	double share = row_sum ? (double)count / (double)row_sum : 0.0;

	return share <= 1e-4 ? 0.0 : 1.0 + log10(share) / 4.0;
}

static struct colour scale_colour(bool right, double s)
{
	return mix(white, right ? right_colour : wrong_colour, 0.12 + 0.88 * s);
}

static void draw_cell(cairo_t *cr, const struct matrix *m, size_t row,
		      size_t col)
{
	uint32_t count = m->counts[row][col];
	double s = shade(count, m->row_sum[row]);
	double x = LEFT + CELL * (double)col;
	double y = TOP + CELL * (double)row;
	char text[16] = "";

	set_colour(cr, count ? scale_colour(row == col, s) : empty_colour);
	cairo_rectangle(cr, x + GAP / 2, y + GAP / 2, CELL - GAP, CELL - GAP);
	cairo_fill(cr);
	if (!count)
		return;

	snprintf(text, sizeof(text), "%" PRIu32, count);
	set_font(cr, count < 100000 ? 14.0 : 10.0, row == col);
	set_colour(cr, s > 0.62 ? white : ink);
	put_centred(cr, x + CELL / 2, y + CELL / 2, text);
}

/* Digits along both sides, and what they stand for. */
static void draw_axes(cairo_t *cr)
{
	char digit[2] = "";

	for (size_t i = 0; i < ENC_PLOT_CLASSES; i++) {
		double middle = CELL * ((double)i + 0.5);

		digit[0] = (char)('0' + i);
		set_font(cr, 15.0, false);
		set_colour(cr, ink);
		put_centred(cr, LEFT - 16, TOP + middle, digit);
		put_centred(cr, LEFT + middle, TOP + MATRIX + 18, digit);
	}
	set_font(cr, 13.0, false);
	set_colour(cr, pale_ink);
	put_centred(cr, LEFT + MATRIX / 2, TOP + MATRIX + 44,
		    "predicted digit");
	cairo_save(cr);
	cairo_translate(cr, LEFT - 46, TOP + MATRIX / 2);
	cairo_rotate(cr, -M_PI / 2);
	put_centred(cr, 0, 0, "true digit");
	cairo_restore(cr);
}

/* One strip of the key: shades from one in 10,000 to all of a row. */
static void draw_strip(cairo_t *cr, double x, double y, bool right,
		       const char *label)
{
	const double width = 120.0;
	const int steps = 60;

	for (int i = 0; i < steps; i++) {
		set_colour(cr, scale_colour(right, (i + 0.5) / steps));
		cairo_rectangle(cr, x + width * i / steps, y, width / steps, 9);
		cairo_fill(cr);
	}
	set_colour(cr, pale_ink);
	put_left(cr, x + width + 8, y + 8.5, label);
}

static void draw_key(cairo_t *cr)
{
	const double y = TOP + MATRIX + 66;

	set_font(cr, 11.0, false);
	draw_strip(cr, LEFT, y, true, "right");
	draw_strip(cr, LEFT + 180, y, false, "wrong");
	put_left(cr, LEFT + 364, y + 8.5, "0.01 % to 100 % of row");
}

static void draw_title(cairo_t *cr, const struct matrix *m)
{
	double percent = 0.0;
	char text[96] = "";

	if (m->all)
		percent = 100.0 * (double)m->right / (double)m->all;
	/* Never "100.00 %" of anything less: cut, do not round. */
	snprintf(text, sizeof(text), "%.2f %% of %" PRIu64 " digit%s right",
		 floor(percent * 100.0 + 1e-7) / 100.0, m->all, enc_s(m->all));
	set_font(cr, 22.0, true);
	set_colour(cr, ink);
	put_left(cr, LEFT, 44, text);

	snprintf(text, sizeof(text),
		 "%" PRIu64 " right, %" PRIu64
		 " wrong; each row is a digit as it was written",
		 m->right, m->all - m->right);
	set_font(cr, 13.0, false);
	set_colour(cr, pale_ink);
	put_left(cr, LEFT, 68, text);
}

static void draw(cairo_t *cr, const struct matrix *m)
{
	set_colour(cr, white);
	cairo_paint(cr);
	draw_title(cr, m);
	for (size_t row = 0; row < ENC_PLOT_CLASSES; row++)
		for (size_t col = 0; col < ENC_PLOT_CLASSES; col++)
			draw_cell(cr, m, row, col);
	draw_axes(cr);
	draw_key(cr);
}

static struct matrix
sum_up(const uint32_t counts[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES])
{
	struct matrix m = { .counts = counts };

	for (size_t row = 0; row < ENC_PLOT_CLASSES; row++) {
		for (size_t col = 0; col < ENC_PLOT_CLASSES; col++)
			m.row_sum[row] += counts[row][col];
		m.right += counts[row][row];
		m.all += m.row_sum[row];
	}
	return m;
}

static cairo_status_t write_out(void *f, const unsigned char *data,
				unsigned int len)
{
	return fwrite(data, 1, len, f) == len ? CAIRO_STATUS_SUCCESS :
						CAIRO_STATUS_WRITE_ERROR;
}

static cairo_status_t paint(cairo_surface_t *surface, const struct matrix *m)
{
	cairo_t *cr = cairo_create(surface);
	cairo_status_t st = CAIRO_STATUS_SUCCESS;

	draw(cr, m);
	st = cairo_status(cr);
	cairo_destroy(cr);
	return st;
}

static cairo_status_t write_svg(FILE *f, const struct matrix *m)
{
	cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
		write_out, f, WIDTH, HEIGHT);
	cairo_status_t st = paint(surface, m);

	cairo_surface_finish(surface);
	if (st == CAIRO_STATUS_SUCCESS)
		st = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	return st;
}

static cairo_status_t write_png(FILE *f, const struct matrix *m)
{
	cairo_surface_t *surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, (int)(WIDTH * PNG_SCALE),
		(int)(HEIGHT * PNG_SCALE));
	cairo_status_t st = CAIRO_STATUS_SUCCESS;

	cairo_surface_set_device_scale(surface, PNG_SCALE, PNG_SCALE);
	st = paint(surface, m);
	if (st == CAIRO_STATUS_SUCCESS)
		st = cairo_surface_write_to_png_stream(surface, write_out, f);
	cairo_surface_destroy(surface);
	return st;
}

bool enc_plot_confusion(
	const char *path,
	const uint32_t counts[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES],
	struct enc_error *e)
{
	struct matrix m = sum_up(counts);
	struct enc_out_file out = { 0 };
	cairo_status_t st = CAIRO_STATUS_SUCCESS;

	if (!check_name(path, e) || !enc_out_open(&out, path, 0644, e))
		return false;
	st = ends_with(path, ".svg") ? write_svg(out.stream, &m) :
				       write_png(out.stream, &m);
	/* commit() describes write errors better. */
	if (st != CAIRO_STATUS_SUCCESS && st != CAIRO_STATUS_WRITE_ERROR) {
		enc_out_abort(&out);
		return enc_fail(e, ENC_ERR_MEMORY, "%s: cannot draw: %s", path,
				cairo_status_to_string(st));
	}
	return enc_out_commit(&out, e);
}
