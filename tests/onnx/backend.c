/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX's backend tests: each folder of DATA has a model, inputs, and the
 * outputs that ONNX's reference computes. The engine must compute the same, f32
 * within BOUND of the largest output, integers exactly.
 *
 * The tests hand everything to a node at run time, where a network has weights,
 * shapes and axes: the inputs in `constants` become constants of the model. A
 * model whose inputs and outputs all begin with the same dimension may also be
 * computed one sample after the other, as a network with a batch is.
 *
 * EXCEPTIONS lists what is not computed: operators and folders, below the
 * reason. Folders with other element types than a network here has need no
 * entry. An exception that is computed after all is an error.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/file.h"
#include "host/import/import.h"
#include "host/import/onnx_model.h"
#include "nn/op.h"

#define DATA	   "/usr/share/libonnx-testdata/data"
#define EXCEPTIONS "tests/onnx/exceptions"

#define BOUND	    2e-6
#define FILE_MAX    (1u << 26)
#define WORDS_MAX   512
#define TENSORS_MAX 64

/* A text that the caller frees. */
static __attribute__((format(printf, 1, 2))) char *text(const char *format, ...)
{
	char *out = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&out, format, ap) < 0)
		abort();
	va_end(ap);
	return out;
}

/* ---- Exceptions: operators and folders, each on a line of its own. */

static char *exceptions[WORDS_MAX];
static size_t exception_count;

static bool exceptions_read(void)
{
	FILE *f = fopen(EXCEPTIONS, "r");
	char line[256] = "";

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#' && exception_count < WORDS_MAX)
			exceptions[exception_count++] = strdup(line);
	}
	return f && !fclose(f) && exception_count < WORDS_MAX;
}

static bool is_exception(const char *at, size_t len)
{
	char word[256] = "";

	memcpy(word, at, len < sizeof(word) ? len : sizeof(word) - 1);
	for (size_t i = 0; i < exception_count; i++) {
		if (!fnmatch(exceptions[i], word, 0))
			return true;
	}
	return false;
}

/* ---- Protocol buffers. */

/* The first field of this number; all zero if there is none. */
static struct onnx_field field(struct onnx_wire w, uint32_t number)
{
	const struct onnx_field none = { .number = 0 };
	struct onnx_field f;

	while (onnx_wire_next(&w, &f)) {
		if (f.number == number)
			return f;
	}
	return none;
}

static bool same_bytes(struct onnx_wire a, struct onnx_wire b)
{
	return a.left == b.left && a.left && !memcmp(a.at, b.at, a.left);
}

static void put_varint(FILE *to, uint64_t v)
{
	for (; v > 127; v >>= 7)
		fputc((int)(v & 127) | 128, to);
	fputc((int)v, to);
}

static void put_bytes(FILE *to, uint32_t number, const void *bytes, size_t len)
{
	put_varint(to, number << 3 | ONNX_BYTES);
	put_varint(to, len);
	fwrite(bytes, 1, len, to);
}

static void put_number(FILE *to, uint32_t number, uint64_t v)
{
	put_varint(to, number << 3);
	put_varint(to, v);
}

static void put_field(FILE *to, const struct onnx_field *f)
{
	put_varint(to, f->number << 3 | (uint32_t)f->type);
	if (f->type == ONNX_VARINT) {
		put_varint(to, f->value);
	} else if (f->type == ONNX_BYTES) {
		put_varint(to, f->bytes.left);
		fwrite(f->bytes.at, 1, f->bytes.left, to);
	} else {
		fwrite(&f->value, 1, f->type == ONNX_FIXED32 ? 4 : 8, to);
	}
}

/* A message that is written to memory; message_end() puts it into another. */
struct message {
	FILE *to;
	char *bytes;
	size_t len;
};

static void message_begin(struct message *m)
{
	m->to = open_memstream(&m->bytes, &m->len);
	if (!m->to)
		abort();
}

static void message_end(struct message *m, FILE *to, uint32_t number)
{
	fclose(m->to);
	put_bytes(to, number, m->bytes, m->len);
	free(m->bytes);
}

/* ---- Tensors: .pb files, through the reader of the importer. */

struct tensor {
	uint8_t *file;
	size_t len;
	char *model; /* with the tensor as its only constant */
	struct onnx_model read;
	const struct onnx_value *v;
};

static void tensor_free(struct tensor *t)
{
	onnx_model_free(&t->read);
	free(t->model);
	free(t->file);
}

/* Its bytes under a name. */
static void put_tensor(FILE *to, const struct tensor *t, struct onnx_wire name)
{
	struct onnx_wire w = { .at = t->file, .left = t->len };
	struct onnx_field f;
	struct message m;

	message_begin(&m);
	while (onnx_wire_next(&w, &f)) {
		if (f.number != 8)
			put_field(m.to, &f);
	}
	put_bytes(m.to, 8, name.at, name.left);
	message_end(&m, to, 5);
}

static bool tensor_read(struct tensor *t, const char *path, struct enc_error *e)
{
	const struct onnx_wire name = { .at = (const uint8_t *)"t", .left = 1 };
	struct message graph, opset;
	size_t len = 0;
	FILE *to = NULL;

	*t = (struct tensor){ .len = 0 };
	if (!enc_file_read(path, FILE_MAX, &t->file, &t->len, e))
		return false;
	to = open_memstream(&t->model, &len);
	if (!to)
		abort();
	message_begin(&opset);
	put_number(opset.to, 2, 13);
	message_end(&opset, to, 8);
	message_begin(&graph);
	put_tensor(graph.to, t, name);
	message_end(&graph, to, 7);
	fclose(to);
	if (!onnx_model_read(&t->read, (const uint8_t *)t->model, len, e))
		return enc_about(e, path);
	t->v = &t->read.values[0];
	return true;
}

/* ---- What a folder has. */

struct input {
	struct onnx_wire name, info; /* ValueInfoProto */
	bool constant;		     /* in the network */
	bool weight;		     /* in the file, too */
	struct tensor t;
	bool loaded;
};

struct folder {
	const char *name; /* "node/test_add" */
	uint8_t *file;
	size_t len;
	struct onnx_wire graph;
	struct input in[TENSORS_MAX];
	size_t in_count;
	struct tensor out[TENSORS_MAX];
	size_t out_count;
	uint32_t batch; /* 0: all at once */
	struct enc_error *e;
};

/* Inputs that a network has as constants: bit i is input i. */
static const struct {
	const char *op;
	uint32_t inputs;
} constants[] = {
	{ "BatchNormalization", 0x1e },
	{ "Clip", 0x6 },
	{ "Conv", 0x6 },
	{ "ConvInteger", 0xe },
	{ "ConvTranspose", 0x6 },
	{ "DequantizeLinear", 0x6 },
	{ "Dropout", 0x6 },
	{ "Expand", 0x2 },
	{ "GRU", 0x1e },
	{ "Gather", 0x2 },
	{ "GroupNormalization", 0x6 },
	{ "InstanceNormalization", 0x6 },
	{ "LSTM", 0x9e },
	{ "LayerNormalization", 0x6 },
	{ "MatMulInteger", 0xe },
	{ "PRelu", 0x2 },
	{ "Pad", 0xe },
	{ "QLinearConv", 0x1fe },
	{ "QLinearMatMul", 0xfe },
	{ "QuantizeLinear", 0x6 },
	{ "RNN", 0x1e },
	{ "ReduceL1", 0x2 },
	{ "ReduceL2", 0x2 },
	{ "ReduceLogSum", 0x2 },
	{ "ReduceLogSumExp", 0x2 },
	{ "ReduceMax", 0x2 },
	{ "ReduceMean", 0x2 },
	{ "ReduceMin", 0x2 },
	{ "ReduceSum", 0x2 },
	{ "ReduceSumSquare", 0x2 },
	{ "Reshape", 0x2 },
	{ "Resize", 0xe },
	{ "Slice", 0x1e },
	{ "Split", 0x2 },
	{ "Squeeze", 0x2 },
	{ "Tile", 0x2 },
	{ "Trilu", 0x2 },
	{ "Unsqueeze", 0x2 },
	{ "Upsample", 0x2 },
	{ "Where", 0x1 },
};

static uint32_t constant_inputs(struct onnx_wire op)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
		if (op.left == strlen(constants[i].op) &&
		    !memcmp(op.at, constants[i].op, op.left))
			return constants[i].inputs;
	}
	return 0;
}

static struct input *input_named(struct folder *d, struct onnx_wire name)
{
	for (size_t i = 0; i < d->in_count; i++) {
		if (same_bytes(d->in[i].name, name))
			return &d->in[i];
	}
	return NULL;
}

/* A table of weights is read at run time. */
static void mark_node(struct folder *d, struct onnx_wire node)
{
	uint32_t inputs = constant_inputs(field(node, 4).bytes);
	struct input *in = input_named(d, field(node, 1).bytes);
	struct onnx_field f;

	if (in && in->weight)
		return;
	while (onnx_wire_next(&node, &f)) {
		if (f.number != 1)
			continue;
		in = inputs & 1 ? input_named(d, f.bytes) : NULL;
		if (in)
			in->constant = true;
		inputs >>= 1;
	}
}

static bool inputs_find(struct folder *d)
{
	struct onnx_wire w = d->graph;
	struct input *in = NULL;
	struct onnx_field f;

	while (onnx_wire_next(&w, &f)) {
		if (f.number != 11)
			continue;
		if (d->in_count == TENSORS_MAX)
			return enc_fail(d->e, ENC_ERR_LIMIT, "many inputs");
		d->in[d->in_count].info = f.bytes;
		d->in[d->in_count++].name = field(f.bytes, 1).bytes;
	}
	w = d->graph;
	while (onnx_wire_next(&w, &f)) {
		in = f.number == 5 ? input_named(d, field(f.bytes, 8).bytes) :
				     NULL;
		if (in)
			in->constant = in->weight = true;
	}
	w = d->graph;
	while (onnx_wire_next(&w, &f)) {
		if (f.number == 1)
			mark_node(d, f.bytes);
	}
	return true;
}

/* A ValueInfoProto of a tensor. */
static bool type_is_known(struct onnx_wire info)
{
	switch (field(field(field(info, 2).bytes, 1).bytes, 1).value) {
	case ONNX_FLOAT:
	case ONNX_INT8:
	case ONNX_UINT8:
	case ONNX_INT32:
	case ONNX_INT64:
		return true;
	default:
		return false;
	}
}

static bool folder_is_exception(const struct folder *d)
{
	struct onnx_wire w = d->graph, op;
	struct onnx_field f;
	bool found = is_exception(d->name, strlen(d->name));

	while (onnx_wire_next(&w, &f)) {
		op = f.number == 1 ? field(f.bytes, 4).bytes :
				     (struct onnx_wire){ .at = NULL };
		found |= op.at && is_exception((const char *)op.at, op.left);
		found |= f.number == 12 && !type_is_known(f.bytes);
	}
	for (size_t i = 0; i < d->in_count; i++)
		found |= !d->in[i].constant && !type_is_known(d->in[i].info);
	return found;
}

/* ---- The model, with constants instead of inputs. */

/* An input with the shape of its numbers; of a batch, the first is open. */
static void put_input(FILE *to, const struct input *in, bool batch)
{
	const struct onnx_shape *s = &in->t.v->shape;
	struct message info, type, tensor, shape, dim;

	message_begin(&info);
	message_begin(&type);
	message_begin(&tensor);
	message_begin(&shape);
	for (uint32_t d = 0; d < s->rank; d++) {
		message_begin(&dim);
		if (d || !batch)
			put_number(dim.to, 1, s->dims[d]);
		else
			put_bytes(dim.to, 2, "N", 1);
		message_end(&dim, shape.to, 1);
	}
	put_number(tensor.to, 1, in->t.v->type);
	message_end(&shape, tensor.to, 2);
	message_end(&tensor, type.to, 1);
	put_bytes(info.to, 1, in->name.at, in->name.left);
	message_end(&type, info.to, 2);
	message_end(&info, to, 11);
}

static void put_graph(FILE *to, const struct folder *d)
{
	struct onnx_wire w = d->graph;
	struct onnx_field f;
	struct message graph;
	size_t i = 0;

	message_begin(&graph);
	while (onnx_wire_next(&w, &f)) {
		const struct input *in = f.number == 11 ? &d->in[i++] : NULL;

		if (in && !in->constant)
			put_input(graph.to, in, d->batch);
		else
			put_field(graph.to, &f);
	}
	for (i = 0; i < d->in_count; i++) {
		if (d->in[i].constant && !d->in[i].weight)
			put_tensor(graph.to, &d->in[i].t, d->in[i].name);
	}
	message_end(&graph, to, 7);
}

static struct lowered *folder_import(const struct folder *d)
{
	const struct import_options options = { .pixels = NULL };
	struct onnx_wire w = { .at = d->file, .left = d->len };
	struct lowered *net = NULL;
	enum import_kind kind = IMPORT_OTHER;
	struct onnx_field f;
	struct message model;

	message_begin(&model);
	while (onnx_wire_next(&w, &f)) {
		if (f.number == 7)
			put_graph(model.to, d);
		else
			put_field(model.to, &f);
	}
	fclose(model.to);
	net = import_network((const uint8_t *)model.bytes, model.len, &options,
			     &kind, d->e);
	free(model.bytes);
	return net;
}

/* ---- Numbers. */

static void write_input(const struct nn_tensor *to, void *at,
			const struct onnx_value *v, size_t first)
{
	for (size_t i = 0; i < nn_elements(to); i++) {
		if (to->type == NN_F32)
			((float *)at)[i] = (float)onnx_real(v, first + i);
		else if (to->type == NN_INT32)
			((int32_t *)at)[i] = (int32_t)onnx_int(v, first + i);
		else
			((uint8_t *)at)[i] = (uint8_t)onnx_int(v, first + i);
	}
}

/* UINT8 is stored as INT8. */
static double read_output(const struct nn_tensor *from, const void *at,
			  enum onnx_type type, size_t i)
{
	if (from->type == NN_F32)
		return (double)((const float *)at)[i];
	if (from->type == NN_INT32)
		return ((const int32_t *)at)[i];
	return ((const int8_t *)at)[i] + (type == ONNX_UINT8 ? 128 : 0);
}

static bool same_number(double y, double expected, double bound)
{
	if (isnan(expected) || isinf(expected))
		return isnan(expected) ? isnan(y) : y == expected;
	return fabs(y - expected) <= bound;
}

static double bound_of(const struct onnx_value *v)
{
	double largest = 1;

	for (size_t i = 0; v->type == ONNX_FLOAT && i < onnx_len(v); i++) {
		double x = fabs(onnx_real(v, i));

		largest = isfinite(x) && x > largest ? x : largest;
	}
	return v->type == ONNX_FLOAT ? BOUND * largest : 0;
}

static bool output_check(const struct folder *d, size_t number,
			 const struct nn_tensor *from, const void *at,
			 size_t first)
{
	const struct onnx_value *v = d->out[number].v;
	double bound = bound_of(v);

	for (size_t i = 0; i < nn_elements(from); i++) {
		double y = read_output(from, at, v->type, i);
		double expected = onnx_real(v, first + i);

		if (!same_number(y, expected, bound))
			return enc_fail(d->e, ENC_ERR_FORMAT,
					"output %zu, element %zu: %.9g, not "
					"%.9g",
					number, first + i, y, expected);
	}
	return true;
}

/* ---- A folder. */

/* The next run-time input, in the order of the network. */
static const struct input *next_input(const struct folder *d, size_t *i)
{
	while (*i < d->in_count && d->in[*i].constant)
		++*i;
	return *i < d->in_count ? &d->in[(*i)++] : NULL;
}

/* Inputs and outputs have as many elements as the network's; of n samples. */
static bool shapes_fit(const struct folder *d, const struct nn_net *net,
		       size_t n)
{
	size_t i = 0, o = 0,
	       tensors = (size_t)net->head->inputs + net->head->nodes;
	bool fit = true;

	for (size_t t = 0; t < tensors; t++) {
		size_t size = nn_elements(&net->tensors[t]) * n;

		if (t < net->head->inputs) {
			const struct input *in = next_input(d, &i);

			fit &= in && onnx_len(in->t.v) == size;
		}
		if (net->tensors[t].is_output) {
			fit &= o < d->out_count &&
			       onnx_len(d->out[o].v) == size;
			o++;
		}
	}
	return (fit && o == d->out_count) ||
	       enc_fail(d->e, ENC_ERR_FORMAT, "other inputs or outputs");
}

static bool run_sample(const struct folder *d, const struct lowered *l,
		       void *work, size_t sample)
{
	const struct nn_net *net = &l->net;
	size_t i = 0, o = 0, inputs = net->head->inputs;

	for (uint32_t t = 0; t < inputs; t++)
		write_input(&net->tensors[t], nn_tensor_at(net, work, t, 1),
			    next_input(d, &i)->t.v,
			    sample * nn_elements(&net->tensors[t]));
	nn_net_run(net, l->params, work, 1);
	for (uint32_t t = 0; t < inputs + net->head->nodes; t++) {
		if (net->tensors[t].is_output &&
		    !output_check(d, o++, &net->tensors[t],
				  nn_tensor_at(net, work, t, 1),
				  sample * nn_elements(&net->tensors[t])))
			return false;
	}
	return true;
}

static bool run_all(const struct folder *d)
{
	struct lowered *l = folder_import(d);
	size_t samples = d->batch ? d->batch : 1;
	size_t size = 0;
	void *work = NULL;
	bool ok = false;

	if (!l)
		return false;
	size = (nn_work_bytes(&l->net, 1) + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	work = aligned_alloc(NN_ALIGN, size);
	if (!work)
		abort();
	memset(work, 0, size);
	ok = shapes_fit(d, &l->net, samples);
	for (size_t s = 0; ok && s < samples; s++)
		ok = run_sample(d, l, work, s);
	free(work);
	lower_free(l);
	return ok;
}

/* The dimension with which all inputs and outputs begin; 0: there is none. */
static uint32_t batch_find(const struct folder *d)
{
	uint32_t batch = d->out[0].v->shape.dims[0];
	bool all = true;

	for (size_t i = 0; i < d->in_count; i++) {
		if (!d->in[i].constant)
			all &= d->in[i].t.v->shape.dims[0] == batch;
	}
	for (size_t i = 0; i < d->out_count; i++)
		all &= d->out[i].v->shape.dims[0] == batch;
	return all && batch > 1 ? batch : 0;
}

/* SET/KIND_N.pb */
static bool file_read(struct tensor *t, const char *set, const char *kind,
		      size_t n, struct enc_error *e)
{
	char *path = text("%s/%s_%zu.pb", set, kind, n);
	bool ok = tensor_read(t, path, e);

	free(path);
	return ok;
}

/* The inputs that have no weight come as files, in order; so do all outputs. */
static bool tensors_read(struct folder *d, const char *set)
{
	size_t files = 0, outputs = onnx_wire_count(d->graph, 12);

	for (size_t i = 0; i < d->in_count; i++) {
		if (d->in[i].weight)
			continue;
		d->in[i].loaded = true;
		if (!file_read(&d->in[i].t, set, "input", files++, d->e))
			return false;
	}
	if (!outputs || outputs > TENSORS_MAX)
		return enc_fail(d->e, ENC_ERR_LIMIT, "%zu outputs", outputs);
	while (d->out_count < outputs) {
		size_t i = d->out_count++;

		if (!file_read(&d->out[i], set, "output", i, d->e))
			return false;
	}
	return true;
}

static void tensors_free(struct folder *d)
{
	for (size_t i = 0; i < d->in_count; i++) {
		if (d->in[i].loaded)
			tensor_free(&d->in[i].t);
		d->in[i].loaded = false;
	}
	for (size_t i = 0; i < d->out_count; i++)
		tensor_free(&d->out[i]);
	d->out_count = 0;
}

static bool set_check(struct folder *d, const char *set)
{
	struct enc_error whole;
	bool ok = false;

	d->batch = 0;
	if (tensors_read(d, set)) {
		ok = run_all(d);
		d->batch = ok ? 0 : batch_find(d);
	}
	whole = *d->e;
	if (d->batch)
		ok = run_all(d);
	if (!ok)
		*d->e = whole;
	tensors_free(d);
	return ok;
}

/* All sets of inputs and outputs. */
static bool folder_check(struct folder *d)
{
	bool ok = true, more = true;

	for (unsigned int i = 0; ok && more; i++) {
		char *set = text("%s/%s/test_data_set_%u", DATA, d->name, i);

		more = access(set, F_OK) == 0;
		if (more)
			ok = set_check(d, set);
		else if (!i)
			ok = enc_fail(d->e, ENC_ERR_FORMAT, "no data");
		free(set);
	}
	return ok;
}

/* ---- All folders. */

static struct {
	unsigned int tests, computed, excepted;
} total;

static void report(bool ok, const char *name, const struct enc_error *e)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++total.tests, name);
	if (!ok && e->code)
		printf("# %s\n", e->what);
}

static void folder_test(const char *name)
{
	struct enc_error e = { .code = ENC_OK };
	struct folder *d = calloc(1, sizeof(*d));
	char *model = text("%s/%s/model.onnx", DATA, name);
	bool ok = false, excepted = false;

	if (!d)
		abort();
	d->name = name;
	d->e = &e;
	if (enc_file_read(model, FILE_MAX, &d->file, &d->len, &e)) {
		d->graph =
			field((struct onnx_wire){ d->file, d->len, false }, 7)
				.bytes;
		ok = inputs_find(d);
		excepted = folder_is_exception(d);
		ok = ok && folder_check(d);
	}
	total.computed += ok;
	total.excepted += excepted;
	if (excepted && ok)
		enc_fail(&e, ENC_ERR_FORMAT, "computed, though an exception");
	if (!excepted || ok)
		report(ok && !excepted, name, &e);
	free(model);
	free(d->file);
	free(d);
}

static void folders_test(const char *kind)
{
	char *path = text("%s/%s", DATA, kind);
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, alphasort);

	report(count > 0, path, &(struct enc_error){ .code = ENC_OK });
	for (int i = 0; i < count; i++) {
		char *name = text("%s/%s", kind, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			folder_test(name);
		free(name);
		free(entries[i]);
	}
	free(entries);
	free(path);
}

int main(void)
{
	static const char *const kinds[] = { "node", "pytorch-converted",
					     "pytorch-operator", "simple" };

	report(exceptions_read(), EXCEPTIONS,
	       &(struct enc_error){ .code = ENC_OK });
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		folders_test(kinds[i]);
	printf("# figure: %u folders computed, %u not: exceptions\n",
	       total.computed, total.excepted);
	printf("1..%u\n", total.tests);
	for (size_t i = 0; i < exception_count; i++)
		free(exceptions[i]);
	return 0;
}
