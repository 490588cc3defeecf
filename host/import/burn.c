/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Burn records of any stack of Linear layers; doc/FORMAT.md, section 3, gives
 * the encoding. A module without parameters, such as dropout or an activation,
 * is one byte, 0, wherever it stands. All of the file is in memory: a cursor
 * goes through it once.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

#define LAYERS_MAX 256u
#define DTYPE_F32  1
#define VERSION	   3 /* of the metadata */
#define SETTINGS   "burn_core::record::settings::FullPrecisionSettings"

struct burn {
	const uint8_t *file;
	size_t len;
	size_t at;
	struct graph *g;
	uint32_t layer; /* from 0 */
	struct enc_error *e;
};

__attribute__((format(printf, 3, 4))) static void
explain(const struct burn *b, size_t at, const char *what, ...)
{
	char text[256] = "";
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	enc_printable(text);
	enc_fail(b->e, ENC_ERR_FORMAT, "byte %zu: %s", at, text);
}

/* The same. Always false, and compilers see it. */
#define refuse(b, ...) (explain(b, __VA_ARGS__), false)

/* --- fields --- */

static bool take(struct burn *b, size_t len, const uint8_t **bytes)
{
	if (len > b->len - b->at)
		return refuse(b, b->len, "the record ends too early");
	*bytes = b->file + b->at;
	b->at += len;
	return true;
}

/* In the shortest form only: one byte up to 250, or a mark and 2, 4, 8. */
static bool take_number(struct burn *b, uint64_t *n)
{
	const size_t start = b->at;
	const uint8_t *bytes = NULL;
	size_t size = 0;

	if (!take(b, 1, &bytes))
		return false;
	*n = bytes[0];
	if (*n <= 250)
		return true;
	if (*n > 253)
		return refuse(b, start,
			      "not a number: its first byte is %" PRIu64, *n);
	size = (size_t)2 << (*n - 251);
	if (!take(b, size, &bytes))
		return false;
	*n = 0;
	memcpy(n, bytes, size);
	if (*n < (size == 2 ? 251 : (uint64_t)1 << 4 * size))
		return refuse(b, start,
			      "a number in a longer form than "
			      "necessary");
	return true;
}

static bool take_text(struct burn *b, const char **text, size_t *len)
{
	const uint8_t *bytes = NULL;
	uint64_t n = 0;

	if (!take_number(b, &n))
		return false;
	if (n > 127)
		return refuse(b, b->at, "a text of %" PRIu64 " byte%s", n,
			      enc_s(n));
	*len = (size_t)n;
	*text = NULL;
	if (!take(b, *len, &bytes))
		return false;
	*text = (const char *)bytes;
	return true;
}

/* "0.14." to "0.21.", and the name of the patch release. */
static bool is_version(const char *text, size_t len)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      ".-+";
	int minor = 0;

	if (len < 6 || memcmp(text, "0.", 2) || text[4] != '.')
		return false;
	for (size_t i = 2; i < len; i++) {
		if (!memchr(allowed, text[i], sizeof(allowed) - 1))
			return false;
	}
	minor = (text[2] - '0') * 10 + (text[3] - '0');
	return minor >= 14 && minor <= 21;
}

static bool is_text(const char *text, size_t len, const char *wanted)
{
	return wanted && len == strlen(wanted) && !memcmp(text, wanted, len);
}

/* Float and integer types, recorder, version, settings. */
static bool take_metadata(struct burn *b)
{
	static const struct {
		const char *what;
		const char *accepted[2];
	} metadata[] = {
		{ "float type", { "f32", NULL } },
		{ "integer type", { "i32", NULL } },
		{ "recorder",
		  { "burn_core::record::memory::BinBytesRecorder<" SETTINGS ">",
		    "burn_core::record::file::BinFileRecorder<" SETTINGS
		    ">" } },
		{ "version", { NULL, NULL } },
		{ "settings", { "FullPrecisionSettings", NULL } },
	};

	for (size_t i = 0; i < sizeof(metadata) / sizeof(*metadata); i++) {
		const size_t start = b->at;
		const char *text = NULL;
		size_t len = 0;

		if (!take_text(b, &text, &len))
			return false;
		if (i == VERSION ?
			    !is_version(text, len) :
			    !is_text(text, len, metadata[i].accepted[0]) &&
				    !is_text(text, len,
					     metadata[i].accepted[1]))
			return refuse(b, start,
				      "%s `%.*s'; accepted: records of Burn "
				      "0.14 to 0.21, of BinFileRecorder or "
				      "BinBytesRecorder at full precision",
				      metadata[i].what, (int)len, text);
	}
	return true;
}

/* --- tensors --- */

static bool take_id(struct burn *b)
{
	const size_t start = b->at;
	const char *text = NULL;
	size_t len = 0;

	if (!take_text(b, &text, &len))
		return false;
	if (len == 10 || len == 13 || len == 36)
		return true;
	return refuse(b, start,
		      "not a parameter of a Linear layer: an id of %zu byte%s",
		      len, enc_s(len));
}

static bool take_shape(struct burn *b, uint32_t rank, uint64_t bytes,
		       uint32_t *dims)
{
	const size_t start = b->at;
	uint64_t elements = 1;
	uint64_t n = 0;

	if (!take_number(b, &n))
		return false;
	if (n != rank)
		return refuse(b, start,
			      "layer %" PRIu32 ": a tensor of %" PRIu64
			      " dimension%s; Linear layers are read, whose %s "
			      "has %" PRIu32,
			      b->layer + 1, n, enc_s(n),
			      rank == 2 ? "weight" : "bias", rank);
	for (uint32_t d = 0; d < rank; d++) {
		if (!take_number(b, &n))
			return false;
		if (n < 1 || n > NN_DIM_MAX)
			return refuse(b, start,
				      "layer %" PRIu32
				      ": a dimension of %" PRIu64
				      "; 1 to %u are possible",
				      b->layer + 1, n, NN_DIM_MAX);
		dims[d] = (uint32_t)n;
		elements *= n;
	}
	if (bytes % sizeof(float) || bytes / sizeof(float) != elements)
		return refuse(b, start,
			      "layer %" PRIu32 ": %" PRIu64
			      " byte%s of data for a shape of %" PRIu64
			      " number%s",
			      b->layer + 1, bytes, enc_s(bytes), elements,
			      enc_s(elements));
	return true;
}

/* Data, then their shape and type. */
static bool take_tensor(struct burn *b, uint32_t rank, uint32_t *dims,
			const uint8_t **data)
{
	uint64_t bytes = 0;
	size_t start = 0;
	uint64_t type = 0;

	if (!take_id(b) || !take_number(b, &bytes))
		return false;
	if (bytes > b->len - b->at)
		return refuse(b, b->len, "the record ends too early");
	if (!take(b, (size_t)bytes, data) || !take_shape(b, rank, bytes, dims))
		return false;
	start = b->at;
	if (!take_number(b, &type))
		return false;
	return type == DTYPE_F32 ||
	       refuse(b, start,
		      "layer %" PRIu32 ": elements of type %" PRIu64
		      "; accepted: 1, f32",
		      b->layer + 1, type);
}

/* --- the graph --- */

static int32_t add_value(struct burn *b, const char *what, uint32_t rank,
			 uint32_t first, uint32_t second, bool is_constant)
{
	char name[32] = "";
	struct graph_value *v = NULL;
	int32_t place = 0;

	snprintf(name, sizeof(name), "layer %" PRIu32 "%s", b->layer + 1, what);
	place = graph_value(b->g, name, strlen(name), b->e);
	if (place < 0)
		return -1;
	v = &b->g->values[place];
	v->type = NN_F32;
	v->rank = rank;
	v->dims[0] = first;
	v->dims[1] = second;
	if (!is_constant)
		return place;
	if (graph_elements(v))
		v->data = malloc(graph_elements(v) * sizeof(float));
	if (v->data)
		return place;
	enc_fail(b->e, ENC_ERR_LIMIT,
		 "%s: no memory for %" PRIu32 " x %" PRIu32 " numbers", name,
		 first, second);
	return -1;
}

/* A record has (inputs, outputs), the graph (outputs, inputs). */
static int32_t add_weight(struct burn *b, const uint32_t *dims,
			  const uint8_t *data)
{
	int32_t place = add_value(b, ".weight", 2, dims[1], dims[0], true);
	uint8_t *to = place < 0 ? NULL : b->g->values[place].data;

	for (size_t o = 0; to && o < dims[1]; o++) {
		for (size_t i = 0; i < dims[0]; i++, to += sizeof(float))
			memcpy(to, data + (i * dims[1] + o) * sizeof(float),
			       sizeof(float));
	}
	return place;
}

static int32_t add_bias(struct burn *b, uint32_t outputs, const uint8_t *data)
{
	int32_t place = add_value(b, ".bias", 1, outputs, 1, true);

	if (place >= 0)
		memcpy(b->g->values[place].data, data, outputs * sizeof(float));
	return place;
}

/* The input of the layer: what the layer before it computes. */
static int32_t input_of(struct burn *b, uint32_t inputs)
{
	struct graph *g = b->g;
	int32_t place = 0;

	if (g->node_count) {
		place = g->nodes[g->node_count - 1].out;
		g->nodes[g->node_count - 1].low = 0; /* ReLU */
		if (g->values[place].dims[0] == inputs)
			return place;
		explain(b, b->at,
			"layer %" PRIu32 " has %" PRIu32
			" input%s, and the one before it %" PRIu32
			" output%s: not a stack of Linear layers",
			b->layer + 1, inputs, enc_s(inputs),
			g->values[place].dims[0],
			enc_s(g->values[place].dims[0]));
		return -1;
	}
	place = add_value(b, ".input", 1, inputs, 1, false);
	if (place >= 0)
		g->inputs[g->input_count++] = place;
	return place;
}

static bool take_bias(struct burn *b, uint32_t outputs, int32_t *bias)
{
	const uint8_t *data = NULL;
	const size_t start = b->at;
	uint32_t n = 0;

	if (!take(b, 1, &data))
		return false;
	if (!*data) {
		*bias = GRAPH_NONE;
		return true;
	}
	if (*data != 1)
		return refuse(b, start,
			      "layer %" PRIu32 ": neither a bias nor none: %u",
			      b->layer + 1, *data);
	if (!take_tensor(b, 1, &n, &data))
		return false;
	if (n != outputs)
		return refuse(b, start,
			      "layer %" PRIu32 ": a bias of %" PRIu32
			      " for %" PRIu32 " output%s",
			      b->layer + 1, n, outputs, enc_s(outputs));
	*bias = add_bias(b, outputs, data);
	return *bias >= 0;
}

static bool take_layer(struct burn *b)
{
	struct graph_node *node = NULL;
	const uint8_t *data = NULL;
	uint32_t dims[2] = { 0 };
	int32_t x = 0;
	int32_t weight = 0;
	int32_t bias = 0;
	int32_t out = 0;

	if (b->layer == LAYERS_MAX)
		return refuse(b, b->at, "more than %u layers", LAYERS_MAX);
	if (!take_tensor(b, 2, dims, &data))
		return false;
	x = input_of(b, dims[0]);
	weight = x < 0 ? -1 : add_weight(b, dims, data);
	if (weight < 0 || !take_bias(b, dims[1], &bias))
		return false;
	out = add_value(b, "", 1, dims[1], 1, false);
	node = out < 0 ? NULL :
			 graph_node(b->g, NN_CONV, b->g->values[out].name,
				    strlen(b->g->values[out].name), b->e);
	if (!node)
		return false;
	node->in[0] = x;
	node->in[1] = weight;
	node->in[2] = bias;
	node->in_count = 3;
	node->groups = 1;
	node->out = out;
	b->layer++;
	return true;
}

static bool read_all(struct burn *b)
{
	if (!take_metadata(b))
		return false;
	while (b->at < b->len) {
		if (!b->file[b->at]) /* no parameters */
			b->at++;
		else if (!take_layer(b))
			return false;
	}
	if (!b->layer)
		return refuse(b, b->at, "the record ends too early");
	b->g->outputs[b->g->output_count++] =
		b->g->nodes[b->g->node_count - 1].out;
	return true;
}

bool burn_read(const uint8_t *file, size_t len, struct graph *g,
	       struct enc_error *e)
{
	struct burn b = { .file = file, .len = len, .g = g, .e = e };
	bool ok = read_all(&b);

	if (!ok)
		graph_free(g);
	return ok;
}
