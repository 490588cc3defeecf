/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels in place of a network's input: see import.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

/* How the numbers of a picture become the input. */
enum layout {
	LAYOUT_SAME,	/* (height, width, channels) */
	LAYOUT_PLANES,	/* (channels, height, width) */
	LAYOUT_RESHAPED /* the same order in another shape */
};

static const char name[] = "pixels";

static void shape_text(const uint32_t *dims, uint32_t rank, char text[128])
{
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t d = 0; d < rank; d++)
		len += (size_t)snprintf(text + len, 128 - len, "%s%" PRIu32,
					d ? " x " : "", dims[d]);
}

static bool is_colour(uint32_t channels)
{
	return channels == 1 || channels == 3;
}

/*
 * Whether the channels are the first dimension, or the last: grey or RGB, else
 * four of them. -1: neither.
 */
static int channels_at(const uint32_t *d)
{
	if (is_colour(d[2]) || is_colour(d[0]))
		return is_colour(d[2]) ? 2 : 0;
	return d[2] == 4 ? 2 : d[0] == 4 ? 0 : -1;
}

/* The picture that an input of this shape is, if that is clear. */
static bool size_of(const struct graph_value *v, uint32_t size[3],
		    struct enc_error *e)
{
	const uint32_t *d = v->dims;
	const int at = v->rank == 3 ? channels_at(d) : -1;
	char shape[128] = "";

	if (v->rank == 2)
		memcpy(size, (uint32_t[]){ d[0], d[1], 1 }, 3 * sizeof(*size));
	else if (at == 0)
		memcpy(size, (uint32_t[]){ d[1], d[2], d[0] },
		       3 * sizeof(*size));
	else if (at == 2)
		memcpy(size, d, 3 * sizeof(*size));
	if (v->rank == 2 || at >= 0)
		return true;
	shape_text(d, v->rank, shape);
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "its input of %s is no picture of 1, 3 or 4 channels", shape);
	return enc_hint(e, "give the picture's size as --image "
			   "HEIGHTxWIDTHxCHANNELS");
}

static bool is_shape(const struct graph_value *v, uint32_t a, uint32_t b,
		     uint32_t c)
{
	return v->rank == 3 && v->dims[0] == a && v->dims[1] == b &&
	       v->dims[2] == c;
}

static bool layout_of(const struct graph_value *v, const uint32_t s[3],
		      enum layout *layout, struct enc_error *e)
{
	char shape[128] = "";

	*layout = is_shape(v, s[0], s[1], s[2]) ? LAYOUT_SAME :
		  is_shape(v, s[2], s[0], s[1]) ? LAYOUT_PLANES :
						  LAYOUT_RESHAPED;
	if (*layout != LAYOUT_RESHAPED ||
	    (uint64_t)s[0] * s[1] * s[2] == graph_elements(v))
		return true;
	shape_text(v->dims, v->rank, shape);
	return enc_fail(e, ENC_ERR_UNSUPPORTED,
			"its input of %s is not %" PRIu32 " x %" PRIu32
			" pixels of %" PRIu32 " channel%s",
			shape, s[0], s[1], s[2], enc_s(s[2]));
}

/* A value with the scale of another, if it is int8. */
static int32_t add_value(struct graph *g, int32_t like, enum nn_type type,
			 const uint32_t *dims, uint32_t rank,
			 struct enc_error *e)
{
	int32_t place = graph_value(g, name, strlen(name), e);
	const struct graph_quant *from = &g->values[like].quant;
	struct graph_value *v = NULL;

	if (place < 0)
		return -1;
	v = &g->values[place];
	v->type = type;
	v->rank = rank;
	memcpy(v->dims, dims, rank * sizeof(*dims));
	if (type != NN_INT8)
		return place;
	v->quant.scale = malloc(sizeof(*from->scale));
	v->quant.zero = malloc(sizeof(*from->zero));
	if (!v->quant.scale || !v->quant.zero) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return -1;
	}
	v->quant.scale[0] = from->scale[0];
	v->quant.zero[0] = from->zero[0];
	v->quant.count = 1;
	return place;
}

/* A node from `in` to `out`, in front of all others. */
static struct graph_node *add_first(struct graph *g, enum nn_op op, int32_t in,
				    int32_t out, struct enc_error *e)
{
	struct graph_node *n = graph_node(g, op, name, strlen(name), e);
	struct graph_node last;

	if (!n)
		return NULL;
	n->in[0] = in;
	n->in_count = 1;
	n->out = out;
	last = *n;
	memmove(g->nodes + 1, g->nodes, (g->node_count - 1) * sizeof(*n));
	g->nodes[0] = last;
	return g->nodes;
}

static bool set_numbers(struct graph_node *n, const struct import_pixels *p,
			uint32_t channels, struct enc_error *e)
{
	const size_t count =
		p->means > p->deviations ? p->means : p->deviations;

	if ((p->means > 1 && p->means != channels) ||
	    (p->deviations > 1 && p->deviations != channels))
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"--mean and --std have one number, or as many "
				"as the picture has channels, %" PRIu32,
				channels);
	n->divisor = p->divisor;
	for (size_t i = 0; i < count; i++) {
		n->mean[i] = p->mean[p->means > 1 ? i : 0];
		n->deviation[i] = p->deviation[p->deviations > 1 ? i : 0];
	}
	return true;
}

/* Puts a reshape or a transpose in front; returns what it reads. */
static int32_t add_move(struct graph *g, enum nn_op op, int32_t to,
			const uint32_t *dims, uint32_t rank,
			struct enc_error *e)
{
	int32_t from = add_value(g, to, g->values[to].type, dims, rank, e);
	struct graph_node *n = from < 0 ? NULL : add_first(g, op, from, to, e);

	return n ? from : -1;
}

/*
 * (height, width, channels) to (channels, height, width), in the way in which
 * the network itself turns it back: so that both disappear.
 */
static int32_t add_planes(struct graph *g, int32_t input, const uint32_t s[3],
			  struct enc_error *e)
{
	const uint32_t planes[] = { s[2], s[0] * s[1] };
	const uint32_t list[] = { s[0] * s[1], s[2] };
	const bool flat = g->node_count && g->nodes[0].op == NN_RESHAPE;
	int32_t at = input;

	if (flat)
		at = add_move(g, NN_RESHAPE, at, planes, 2, e);
	if (at >= 0)
		at = add_move(g, NN_TRANSPOSE, at, flat ? list : s,
			      flat ? 2 : 3, e);
	if (at >= 0)
		memcpy(g->nodes[0].from,
		       flat ? (uint8_t[]){ 1, 0, 0 } : (uint8_t[]){ 2, 0, 1 },
		       3);
	return flat && at >= 0 ? add_move(g, NN_RESHAPE, at, s, 3, e) : at;
}

/* From pixels to `input`, last step first: each goes in front. */
static bool add_nodes(struct graph *g, const struct import_pixels *p,
		      const uint32_t size[3], enum layout layout, int32_t input,
		      struct enc_error *e)
{
	struct graph_node *n = NULL;
	int32_t pixels = 0;

	if (layout == LAYOUT_PLANES)
		input = add_planes(g, input, size, e);
	else if (layout == LAYOUT_RESHAPED)
		input = add_move(g, NN_RESHAPE, input, size, 3, e);
	pixels = input < 0 ? -1 : add_value(g, input, NN_UINT8, size, 3, e);
	n = pixels < 0 ? NULL : add_first(g, NN_IMAGE, pixels, input, e);
	g->inputs[0] = pixels;
	return n && set_numbers(n, p, size[2], e);
}

bool import_pixels(struct graph *g, const struct import_pixels *pixels,
		   struct enc_error *e)
{
	const struct graph_value *v = &g->values[g->inputs[0]];
	enum layout layout = LAYOUT_SAME;
	uint32_t size[3] = { 0 };

	if (g->input_count != 1)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"the network has %zu inputs; pixels are "
				"accepted for a network with one",
				g->input_count);
	if (v->type != NN_F32 && v->type != NN_INT8)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"its input reads %s; --image, --mean, --std "
				"and --divisor are for float32 and int8",
				v->type == NN_UINT8 ? "pixels already" :
						      "integers");
	if (!pixels->size[0] && !size_of(v, size, e))
		return false;
	if (pixels->size[0])
		memcpy(size, pixels->size, sizeof(size));
	return layout_of(v, size, &layout, e) &&
	       add_nodes(g, pixels, size, layout, g->inputs[0], e);
}
