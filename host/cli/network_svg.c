/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network as SVG, from left to right a column for each node. Above, the
 * arena: each tensor is a box, as wide as the nodes that it is in use for, at
 * its place in memory. Below, the work of each node, and its weights.
 */
#include <inttypes.h>
#include <stdio.h>

#include "network.h"
#include "terms.h"

#define LEFT	     90u
#define TOP	     50u
#define ARENA_HEIGHT 320u
#define BAR_HEIGHT   80u
#define GAP	     30u
#define NAME_HEIGHT  110u
#define WIDTH	     1100u /* of all columns, where they are not too wide */

struct drawing {
	FILE *to;
	const struct lowered *net;
	const struct cost *cost;
	double column; /* width */
};

/* A colour for each operator: the same in each drawing. */
static unsigned int hue(uint8_t op)
{
	return op * 137u % 360u;
}

/* Text from a file's name. */
static void put_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			fputc('?', to);
		else if (*text == '<' || *text == '>' || *text == '&')
			fprintf(to, "&#%d;", *text);
		else
			fputc(*text, to);
	}
}

static double x_of(const struct drawing *d, uint32_t node)
{
	return LEFT + node * d->column;
}

static void draw_tensor(const struct drawing *d, uint32_t t)
{
	const struct nn_head *head = &d->net->head;
	const struct nn_tensor *tensor = &d->net->tensors[t];
	const struct tensor_span *span = &d->cost->spans[t];
	const bool is_input = t < head->inputs;
	const double scale = (double)ARENA_HEIGHT / head->arena;
	const double height = (double)cost_tensor(tensor) * scale;
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(tensor->dims, tensor->rank, shape);
	fprintf(d->to,
		"<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
		"fill='hsl(%u,%u%%,70%%)' stroke='#444'><title>",
		x_of(d, span->first),
		TOP + ARENA_HEIGHT - tensor->offset * scale - height,
		(span->last - span->first + 1) * d->column, height,
		is_input ? 0 : hue(d->net->nodes[t - head->inputs].op),
		is_input ? 0 : 60u);
	if (is_input)
		fprintf(d->to, "input %" PRIu32, t);
	else
		fprintf(d->to, "node %" PRIu32 ": %s", t - head->inputs,
			lower_op_name(&d->net->nodes[t - head->inputs]));
	fprintf(d->to,
		", %s %s, %" PRIu64 " bytes at %" PRIu32 "</title></rect>\n",
		shape, cli_type(tensor->type), cost_tensor(tensor),
		tensor->offset);
}

static uint64_t value_of(const struct drawing *d, uint32_t n, bool weights)
{
	const struct node_cost *c = &d->cost->nodes[n];

	return weights ? c->params : c->macs;
}

/* Bars up from y + BAR_HEIGHT; the longest has that height. */
static void draw_bars(const struct drawing *d, double y, bool weights)
{
	const char *what =
		weights ? "bytes of weights" : "multiply-accumulates";
	uint64_t most = 1;

	for (uint32_t n = 0; n < d->net->head.nodes; n++) {
		const uint64_t v = value_of(d, n, weights);

		most = v > most ? v : most;
	}
	fprintf(d->to,
		"<text x='%u' y='%.1f' text-anchor='end'>%s</text>\n"
		"<text x='%u' y='%.1f' text-anchor='end'>%" PRIu64 "</text>\n",
		LEFT - 6, y + BAR_HEIGHT, weights ? "weights" : "work",
		LEFT - 6, y + 10, most);
	for (uint32_t n = 0; n < d->net->head.nodes; n++) {
		const uint64_t v = value_of(d, n, weights);
		const double height = BAR_HEIGHT * (double)v / (double)most;

		fprintf(d->to,
			"<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
			"fill='hsl(%u,60%%,45%%)'><title>node %" PRIu32
			": %" PRIu64 " %s</title></rect>\n",
			x_of(d, n), y + BAR_HEIGHT - height, d->column * 0.8,
			height, hue(d->net->nodes[n].op), n, v, what);
	}
}

static void draw_names(const struct drawing *d, double y)
{
	for (uint32_t n = 0; n < d->net->head.nodes; n++) {
		const double x = x_of(d, n) + d->column / 2;

		fprintf(d->to,
			"<text x='%.1f' y='%.1f' "
			"transform='rotate(90,%.1f,%.1f)' font-size='%.1f'>"
			"%" PRIu32 " %s</text>\n",
			x - 3, y, x - 3, y,
			d->column < 11 ? d->column * 0.9 : 10, n,
			lower_op_name(&d->net->nodes[n]));
	}
}

static void draw_arena(const struct drawing *d)
{
	const struct nn_head *head = &d->net->head;

	fprintf(d->to,
		"<rect x='%u' y='%u' width='%.1f' height='%u' fill='none' "
		"stroke='#888'/>\n",
		LEFT, TOP, head->nodes * d->column, ARENA_HEIGHT);
	for (uint32_t t = 0; t < (uint32_t)head->inputs + head->nodes; t++)
		draw_tensor(d, t);
	fprintf(d->to,
		"<text x='%u' y='%u' text-anchor='end'>%" PRIu32 "</text>\n"
		"<text x='%u' y='%u' text-anchor='end'>arena 0</text>\n",
		LEFT - 6, TOP + 10, head->arena, LEFT - 6, TOP + ARENA_HEIGHT);
}

void cli_network_plot(FILE *to, const struct lowered *net,
		      const struct cost *cost, const char *title)
{
	const struct nn_head *head = &net->head;
	const double fair = (double)WIDTH / head->nodes;
	const struct drawing d = {
		.to = to,
		.net = net,
		.cost = cost,
		.column = fair > 40 ? 40 :
			  fair < 6  ? 6 :
				      fair,
	};
	const unsigned int work = TOP + ARENA_HEIGHT + GAP;
	const unsigned int weights = work + BAR_HEIGHT + GAP;
	const unsigned int names = weights + BAR_HEIGHT + 8;
	const double width = LEFT + head->nodes * d.column + 20;

	fprintf(to,
		"<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' "
		"height='%u' font-family='sans-serif' font-size='11' "
		"stroke-width='0.5'>\n"
		"<rect width='100%%' height='100%%' fill='white'/>\n"
		"<text x='10' y='20' font-size='14'>",
		width < 480 ? 480 : width, names + NAME_HEIGHT);
	put_escaped(to, title);
	fprintf(to,
		"</text>\n<text x='10' y='38'>%" PRIu64
		" multiply-accumulate%s, %" PRIu64
		" bytes of weights, arena of %" PRIu32 " bytes</text>\n",
		head->macs, enc_s(head->macs), head->params, head->arena);
	draw_arena(&d);
	draw_bars(&d, work, false);
	draw_bars(&d, weights, true);
	draw_names(&d, names);
	fputs("</svg>\n", to);
}
