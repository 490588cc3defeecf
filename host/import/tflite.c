/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: all tensors of the file are looked at once, without their data.
 * Then its operators are read in order. A value of the graph is made when a
 * tensor is an input of the network or computed, so every operator reads values
 * that exist. Constants are copied where an operator wants them, in the type
 * and shape that it wants.
 */
#include "tflite.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tflite_read.h"

#define VERSION 3
/* Tensors may share data. All copies are at most this long, in files. */
#define COPIES	     16
#define COPIES_LEAST (1u << 20) /* bytes */

static const char *const type_names[] = {
	"float32", "float16",	 "int32",  "uint8",	"int64",
	"string",  "bool",	 "int16",  "complex64", "int8",
	"float64", "complex128", "uint64", "resource",	"variant",
	"uint32",  "uint16",	 "int4",   "bfloat16"
};

static const char *type_name(uint8_t type)
{
	return type < sizeof(type_names) / sizeof(*type_names) ?
		       type_names[type] :
		       "of an unknown type";
}

/* Bytes of an element, for types that can be read; else 0. */
static size_t stored_bytes(uint8_t type)
{
	switch (type) {
	case TFLITE_FLOAT32:
	case TFLITE_INT32:
		return 4;
	case TFLITE_FLOAT16:
	case TFLITE_INT16:
		return 2;
	case TFLITE_INT64:
		return 8;
	case TFLITE_UINT8:
	case TFLITE_BOOL:
	case TFLITE_INT8:
		return 1;
	default:
		return 0;
	}
}

/* --- Errors ------------------------------------------------------------- */

static bool fail(struct tflite_reader *r, enum enc_error_code code,
		 const char *what, va_list ap)
{
	const struct tflite_tensor *out = r->kind ? tflite_out(r, 0) : NULL;
	char text[1024] = "";

	vsnprintf(text, sizeof(text), what, ap);
	if (!r->kind)
		return enc_fail(r->e, code, "%s", text);
	return enc_fail(r->e, code, "operator %u (%s, output \"%s\"): %s",
			r->index, r->kind->name, out ? out->name : "", text);
}

bool tflite_refuse(struct tflite_reader *r, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fail(r, ENC_ERR_UNSUPPORTED, what, ap);
	va_end(ap);
	return false;
}

bool tflite_damaged(struct tflite_reader *r, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fail(r, ENC_ERR_FORMAT, what, ap);
	va_end(ap);
	return false;
}

static bool no_memory(struct tflite_reader *r)
{
	return enc_fail(r->e, ENC_ERR_MEMORY, "out of memory");
}

/* False if a reference led out of the file. */
static bool is_whole(struct tflite_reader *r)
{
	if (!r->flat.damaged)
		return true;
	tflite_damaged(r, "damaged: a reference leads out of the file");
	return enc_hint(r->e, "convert or copy it again");
}

/* --- Tensors ------------------------------------------------------------ */

/* The tensor that a vector names; NULL: none. */
static struct tflite_tensor *tensor_in(struct tflite_reader *r,
				       const struct flat_vector *v, uint32_t k)
{
	int32_t i = k < v->count ? flat_i32_in(&r->flat, v, k) : -1;

	return i >= 0 && (uint32_t)i < r->tensor_count ? &r->tensors[i] : NULL;
}

struct tflite_tensor *tflite_in(struct tflite_reader *r, uint32_t k)
{
	return tensor_in(r, &r->inputs, k);
}

struct tflite_tensor *tflite_out(struct tflite_reader *r, uint32_t k)
{
	return tensor_in(r, &r->outputs, k);
}

bool tflite_is_constant(const struct tflite_tensor *t)
{
	return t->data.count;
}

size_t tflite_elements(const struct tflite_shape *s)
{
	size_t n = 1;

	for (uint32_t d = 0; d < s->rank; d++) {
		if (!s->dims[d] || s->dims[d] > NN_ELEMENTS_MAX / n)
			return 0;
		n *= s->dims[d];
	}
	return n;
}

static void read_name(struct tflite_reader *r, const struct flat_table *table,
		      unsigned int field, char name[TFLITE_NAME_MAX + 1])
{
	struct flat_vector v = flat_vector(&r->flat, table, field, 1);
	size_t len = v.count < TFLITE_NAME_MAX ? v.count : TFLITE_NAME_MAX;

	if (len)
		memcpy(name, r->flat.data + v.at, len);
	name[len] = '\0';
	enc_printable(name);
}

/* What is wrong with the shape; NULL: nothing. */
static const char *read_shape(struct tflite_reader *r,
			      const struct flat_table *table,
			      struct tflite_shape *s)
{
	struct flat_vector dims = flat_vector(&r->flat, table, 0, 4);
	struct flat_vector signature = flat_vector(&r->flat, table, 7, 4);

	if (dims.count > GRAPH_RANK_MAX)
		return "more than 8 dimensions";
	s->rank = dims.count;
	for (uint32_t d = 0; d < s->rank; d++) {
		int32_t n = flat_i32_in(&r->flat, &dims, d);

		if (n < 1)
			return "a dimension that is not fixed, or 0";
		if (d && d < signature.count &&
		    flat_i32_in(&r->flat, &signature, d) != n)
			return "a dimension that is not fixed; only the first "
			       "may be";
		s->dims[d] = (uint32_t)n;
	}
	return tflite_elements(s) ? NULL : "more than 2^28 elements";
}

/* Where a tensor's data lie; what is wrong with that. */
static const char *read_data(struct tflite_reader *r,
			     const struct flat_table *table,
			     const struct flat_vector *buffers,
			     struct flat_vector *data)
{
	struct flat *f = &r->flat;
	uint32_t i = (uint32_t)flat_i32(f, table, 2, 0);
	struct flat_table buffer = { 0 };

	if (flat_number(f, table, 5, 1, 0))
		return "a variable; accepted: constants and what operators "
		       "compute";
	if (flat_has(f, table, 6))
		return "sparse data; accepted: dense data";
	if (flat_i32(f, table, 10, 0))
		return "data in another file; accepted: data in this one";
	if (!i)
		return NULL;
	buffer = flat_table_in(f, buffers, i);
	if (flat_number(f, &buffer, 1, 8, 0) > 1)
		return "data behind the FlatBuffer; accepted: data in it";
	*data = flat_vector(f, &buffer, 0, 1);
	return NULL;
}

static void read_tensor(struct tflite_reader *r, const struct flat_table *table,
			const struct flat_vector *buffers,
			struct tflite_tensor *t)
{
	struct flat *f = &r->flat;
	struct flat_table quant = flat_table(f, table, 4);

	read_name(r, table, 3, t->name);
	t->value = GRAPH_NONE;
	t->type = t->stored = (uint8_t)flat_number(f, table, 1, 1, 0);
	t->wrong = read_shape(r, table, &t->shape);
	if (!t->wrong)
		t->wrong = read_data(r, table, buffers, &t->data);
	if (!t->wrong && flat_number(f, &quant, 4, 1, 0))
		t->wrong = "blocks of scales; accepted: one scale, or one for "
			   "each channel";
	t->scale = flat_vector(f, &quant, 2, 4);
	t->zero = flat_vector(f, &quant, 3, 8);
	t->axis = flat_i32(f, &quant, 6, 0);
}

static bool read_tensors(struct tflite_reader *r,
			 const struct flat_table *graph,
			 const struct flat_vector *buffers)
{
	struct flat_vector v = flat_vector(&r->flat, graph, 0, 4);

	if (v.count > GRAPH_VALUES_MAX)
		return enc_fail(r->e, ENC_ERR_LIMIT,
				"%u tensors; accepted: up to %u", v.count,
				GRAPH_VALUES_MAX);
	r->tensors = calloc(v.count ? v.count : 1, sizeof(*r->tensors));
	if (!r->tensors)
		return no_memory(r);
	r->tensor_count = v.count;
	for (uint32_t i = 0; i < v.count; i++) {
		struct flat_table table = flat_table_in(&r->flat, &v, i);

		read_tensor(r, &table, buffers, &r->tensors[i]);
	}
	return is_whole(r);
}

static bool is_usable(struct tflite_reader *r, const struct tflite_tensor *t)
{
	return !t->wrong ||
	       tflite_refuse(r, "tensor \"%s\" has %s", t->name, t->wrong);
}

bool tflite_sample(struct tflite_reader *r, const struct tflite_tensor *t,
		   struct tflite_shape *s)
{
	*s = (struct tflite_shape){ .rank = 1, .dims = { 1 } };
	if (!t->shape.rank || t->shape.dims[0] != 1)
		return tflite_refuse(r,
				     "tensor \"%s\" has no batch; accepted: a "
				     "first dimension of 1 in all tensors "
				     "but constants",
				     t->name);
	for (uint32_t d = 1; d < t->shape.rank; d++) {
		s->dims[d - 1] = t->shape.dims[d];
		if (t->shape.dims[d] > NN_DIM_MAX)
			return tflite_refuse(r,
					     "tensor \"%s\" has a dimension of "
					     "%u; accepted: up to %u",
					     t->name, t->shape.dims[d],
					     NN_DIM_MAX);
		s->rank = d;
	}
	return true;
}

struct tflite_shape tflite_shape_of(const struct tflite_reader *r, int32_t v)
{
	const struct graph_value *value = &r->g->values[v];
	struct tflite_shape s = { .rank = value->rank };

	memcpy(s.dims, value->dims, sizeof(s.dims));
	return s;
}

bool tflite_axis(struct tflite_reader *r, int64_t axis, uint32_t rank,
		 uint32_t *sample_axis)
{
	if (axis < 0)
		axis += (int64_t)rank + 1;
	if (axis < 0 || axis > rank)
		return tflite_damaged(r, "an axis is out of range");
	if (!axis)
		return tflite_refuse(r, "works along the batch; accepted: any "
					"other axis");
	*sample_axis = (uint32_t)axis - 1;
	return true;
}

/* --- Scales ------------------------------------------------------------- */

/* Elements that follow each other with the same scale. */
static size_t scale_run(const struct tflite_tensor *t)
{
	size_t n = 1;

	for (uint32_t d = (uint32_t)t->axis + 1; d < t->shape.rank; d++)
		n *= t->shape.dims[d];
	return t->scale.count == 1 ? tflite_elements(&t->shape) : n;
}

static int64_t zero_at(struct tflite_reader *r, const struct tflite_tensor *t,
		       uint32_t i)
{
	if (!t->zero.count)
		return 0;
	return (int64_t)flat_number_in(&r->flat, &t->zero,
				       t->zero.count == 1 ? 0 : i, 8);
}

/* True if a tensor of int8 has scales that can be used. */
static bool scales_are_good(struct tflite_reader *r,
			    const struct tflite_tensor *t)
{
	uint32_t n = t->scale.count;

	if (!n)
		return tflite_refuse(r, "tensor \"%s\" has no scale", t->name);
	if (n > 1 && (t->axis < 0 || (uint32_t)t->axis >= t->shape.rank ||
		      n != t->shape.dims[t->axis]))
		return tflite_damaged(r,
				      "tensor \"%s\" has %u scales; accepted: "
				      "one, or one for each channel",
				      t->name, n);
	if (t->zero.count > 1 && t->zero.count != n)
		return tflite_damaged(r,
				      "tensor \"%s\" has %u zero point%s and "
				      "%u scale%s",
				      t->name, t->zero.count,
				      enc_s(t->zero.count), n, enc_s(n));
	for (uint32_t i = 0; i < n; i++) {
		float scale = flat_f32_in(&r->flat, &t->scale, i);
		int64_t zero = zero_at(r, t, i);

		if (!isnormal(scale) || scale < 0 || zero < INT8_MIN ||
		    zero > INT8_MAX)
			return tflite_damaged(r,
					      "tensor \"%s\" has a scale or "
					      "zero point out of range",
					      t->name);
	}
	return true;
}

/* Tensors may share what they copy: takes so many bytes of the room. */
static bool take_room(struct tflite_reader *r, uint64_t bytes)
{
	if (bytes > r->room)
		return enc_fail(r->e, ENC_ERR_LIMIT,
				"tensors share too much data: together they "
				"are over %u times as long as the file",
				COPIES);
	r->room -= bytes;
	return true;
}

static bool copy_scales(struct tflite_reader *r, const struct tflite_tensor *t,
			uint32_t axis, struct graph_quant *q)
{
	uint32_t n = t->scale.count;

	if (!scales_are_good(r, t) ||
	    !take_room(r, n * (sizeof(*q->scale) + sizeof(*q->zero))))
		return false;
	q->scale = calloc(n, sizeof(*q->scale));
	q->zero = calloc(n, sizeof(*q->zero));
	if (!q->scale || !q->zero)
		return no_memory(r);
	q->count = n;
	q->axis = n > 1 ? axis : 0;
	for (uint32_t i = 0; i < n; i++) {
		q->scale[i] = flat_f32_in(&r->flat, &t->scale, i);
		q->zero[i] = (int32_t)zero_at(r, t, i);
	}
	return true;
}

bool tflite_same_scale(struct tflite_reader *r, int32_t a, int32_t b)
{
	const struct graph_value *va = &r->g->values[a];
	const struct graph_value *vb = &r->g->values[b];

	if (va->type != NN_INT8 || (va->quant.count == vb->quant.count &&
				    va->quant.scale[0] == vb->quant.scale[0] &&
				    va->quant.zero[0] == vb->quant.zero[0]))
		return true;
	return tflite_refuse(r,
			     "changes the scale or zero point from \"%s\" "
			     "to \"%s\"; accepted: the same for both",
			     va->name, vb->name);
}

/* --- Constants ---------------------------------------------------------- */

/* An element as it is stored, without its scale. */
static double stored_number(struct tflite_reader *r,
			    const struct tflite_tensor *t, uint32_t i)
{
	uint64_t bits =
		flat_number_in(&r->flat, &t->data, i, stored_bytes(t->stored));

	switch (t->stored) {
	case TFLITE_FLOAT32:
		return (double)flat_f32_in(&r->flat, &t->data, i);
	case TFLITE_FLOAT16:
		return graph_half((uint16_t)bits);
	case TFLITE_INT64:
		return (double)(int64_t)bits;
	case TFLITE_INT32:
		return (int32_t)bits;
	case TFLITE_INT16:
		return (int16_t)bits;
	case TFLITE_INT8:
		return (int8_t)bits;
	default:
		return (double)bits;
	}
}

/* True if the data are as long as the shape and the type say. */
static bool has_all_data(struct tflite_reader *r, const struct tflite_tensor *t)
{
	size_t n = tflite_elements(&t->shape) * stored_bytes(t->stored);

	if (!is_usable(r, t))
		return false;
	if (!n)
		return tflite_refuse(r,
				     "constant \"%s\" is %s; accepted: "
				     "float32, float16, int8, and integers of "
				     "16 to 64 bits",
				     t->name, type_name(t->stored));
	return t->data.count == n ||
	       tflite_damaged(r,
			      "constant \"%s\" has %u byte%s; its shape takes "
			      "%zu",
			      t->name, t->data.count, enc_s(t->data.count), n);
}

/* to: one float for each element */
static bool copy_reals(struct tflite_reader *r, const struct tflite_tensor *t,
		       float *to)
{
	size_t n = tflite_elements(&t->shape);
	size_t run = scale_run(t);
	bool scaled = t->stored == TFLITE_INT8 && t->scale.count;

	if (t->type != TFLITE_FLOAT32 && t->type != TFLITE_FLOAT16 && !scaled)
		return tflite_refuse(r,
				     "constant \"%s\" is %s; accepted: "
				     "float32, float16, or int8 with a scale",
				     t->name, type_name(t->type));
	if (scaled && !scales_are_good(r, t))
		return false;
	for (size_t i = 0; i < n; i++) {
		double v = stored_number(r, t, (uint32_t)i);
		uint32_t c = scaled ? (uint32_t)(i / run % t->scale.count) : 0;

		if (scaled)
			v = (v - (double)zero_at(r, t, c)) *
			    (double)flat_f32_in(&r->flat, &t->scale, c);
		to[i] = (float)v;
	}
	return true;
}

static bool copy_int8(struct tflite_reader *r, const struct tflite_tensor *t,
		      int8_t *to)
{
	if (t->type != TFLITE_INT8)
		return tflite_refuse(r, "constant \"%s\" is %s; accepted: int8",
				     t->name, type_name(t->type));
	memcpy(to, r->flat.data + t->data.at, t->data.count);
	return true;
}

/* An integer of a constant, which is one of integers. */
static bool integer_at(struct tflite_reader *r, const struct tflite_tensor *t,
		       uint32_t i, int64_t *v)
{
	double number = stored_number(r, t, i);

	if (t->type != TFLITE_INT32 && t->type != TFLITE_INT64)
		return tflite_refuse(r,
				     "constant \"%s\" is %s; accepted: int32 "
				     "or int64",
				     t->name, type_name(t->type));
	/* What is out of range anyway stays so. */
	*v = (int64_t)fmax(fmin(number, 1e15), -1e15);
	return true;
}

static bool copy_int32(struct tflite_reader *r, const struct tflite_tensor *t,
		       int32_t *to)
{
	size_t n = tflite_elements(&t->shape);

	for (size_t i = 0; i < n; i++) {
		int64_t v = 0;

		if (!integer_at(r, t, (uint32_t)i, &v))
			return false;
		if (v < INT32_MIN || v > INT32_MAX)
			return tflite_refuse(r,
					     "constant \"%s\" has a number of "
					     "more than 32 bits",
					     t->name);
		to[i] = (int32_t)v;
	}
	return true;
}

/* Fills the data of a value that has its type and shape. */
static bool copy_data(struct tflite_reader *r, const struct tflite_tensor *t,
		      uint32_t axis, struct graph_value *value)
{
	uint64_t bytes = (uint64_t)tflite_elements(&t->shape) *
			 graph_type_bytes(value->type);

	if (!take_room(r, bytes))
		return false;
	value->data = calloc(1, (size_t)bytes);
	if (!value->data)
		return no_memory(r);
	if (value->type == NN_INT32)
		return copy_int32(r, t, value->data);
	if (value->type == NN_F32)
		return copy_reals(r, t, value->data);
	return copy_int8(r, t, value->data) &&
	       copy_scales(r, t, axis, &value->quant);
}

/* A value without data and scale. */
static int32_t new_value(struct tflite_reader *r, const char *name,
			 enum nn_type type, const struct tflite_shape *s)
{
	int32_t v = graph_value(r->g, name, strlen(name), r->e);

	if (v >= 0) {
		r->g->values[v].type = type;
		r->g->values[v].rank = s->rank;
		memcpy(r->g->values[v].dims, s->dims, sizeof(s->dims));
	}
	return v;
}

int32_t tflite_constant(struct tflite_reader *r, const struct tflite_tensor *t,
			enum nn_type type, const struct tflite_shape *s,
			uint32_t axis)
{
	int32_t v = -1;

	if (!has_all_data(r, t))
		return -1;
	if (tflite_elements(s) != tflite_elements(&t->shape)) {
		tflite_damaged(r, "constant \"%s\" has %zu element%s, not %zu",
			       t->name, tflite_elements(&t->shape),
			       enc_s(tflite_elements(&t->shape)),
			       tflite_elements(s));
		return -1;
	}
	v = new_value(r, t->name, type, s);
	return v >= 0 && copy_data(r, t, axis, &r->g->values[v]) ? v : -1;
}

bool tflite_integers(struct tflite_reader *r, uint32_t k, int64_t *v,
		     uint32_t max, uint32_t *count)
{
	const struct tflite_tensor *t = tflite_in(r, k);

	if (t && !is_usable(r, t))
		return false;
	if (!t || !tflite_is_constant(t))
		return tflite_refuse(r,
				     "input %u is not constant; accepted: "
				     "constant shapes, axes and sizes",
				     k);
	if (!has_all_data(r, t))
		return false;
	*count = (uint32_t)tflite_elements(&t->shape);
	if (*count > max)
		return tflite_damaged(r, "input %u has %u number%s, not %u", k,
				      *count, enc_s(*count), max);
	for (uint32_t i = 0; i < *count; i++) {
		if (!integer_at(r, t, i, &v[i]))
			return false;
	}
	return true;
}

bool tflite_fold(struct tflite_reader *r, bool scaled)
{
	const struct tflite_tensor *in = tflite_in(r, 0);
	struct tflite_tensor *out = tflite_out(r, 0);

	if (!has_all_data(r, in) || !is_usable(r, out))
		return false;
	if (tflite_is_constant(out) || out->value != GRAPH_NONE)
		return tflite_damaged(r, "is not the first to compute its "
					 "output");
	if (memcmp(&in->shape, &out->shape, sizeof(in->shape)))
		return tflite_damaged(r, "changes the shape");
	out->data = in->data;
	out->stored = in->stored;
	out->axis = in->axis;
	out->scale = scaled ? in->scale : (struct flat_vector){ 0 };
	out->zero = scaled ? in->zero : (struct flat_vector){ 0 };
	return true;
}

/* --- Values and nodes --------------------------------------------------- */

static bool type_of(struct tflite_reader *r, const struct tflite_tensor *t,
		    enum nn_type *type)
{
	if (t->type == TFLITE_FLOAT32)
		*type = NN_F32;
	else if (t->type == TFLITE_INT8)
		*type = NN_INT8;
	else
		return tflite_refuse(r,
				     "tensor \"%s\" is %s; accepted: float32, "
				     "or int8 with a scale",
				     t->name, type_name(t->type));
	return true;
}

bool tflite_type(struct tflite_reader *r, enum nn_type *type)
{
	return type_of(r, tflite_out(r, 0), type);
}

int32_t tflite_computed(struct tflite_reader *r, uint32_t k)
{
	const struct tflite_tensor *t = tflite_in(r, k);

	if (!t)
		tflite_damaged(r, "input %u is missing", k);
	else if (tflite_is_constant(t))
		tflite_refuse(r,
			      "input %u, \"%s\", is constant; accepted: what "
			      "depends on an input of the network",
			      k, t->name);
	else if (t->value == GRAPH_NONE && is_usable(r, t))
		tflite_damaged(r, "reads \"%s\" before it is computed",
			       t->name);
	return t ? t->value : -1;
}

int32_t tflite_source(struct tflite_reader *r, uint32_t k)
{
	int32_t v = tflite_computed(r, k);
	enum nn_type type = NN_F32;

	if (v < 0 || !tflite_type(r, &type))
		return -1;
	if (r->g->values[v].type == type)
		return v;
	tflite_refuse(r, "reads %s and computes %s; accepted: the same type",
		      type_name(tflite_in(r, k)->type),
		      type_name(tflite_out(r, 0)->type));
	return -1;
}

int32_t tflite_operand(struct tflite_reader *r, uint32_t k)
{
	const struct tflite_tensor *t = tflite_in(r, k);
	enum nn_type type = NN_F32;
	struct tflite_shape s = { 0 };

	if (!t || !tflite_is_constant(t))
		return tflite_source(r, k);
	if (!tflite_type(r, &type) || !is_usable(r, t))
		return -1;
	s = t->shape;
	if (s.rank == tflite_out(r, 0)->shape.rank && !tflite_sample(r, t, &s))
		return -1;
	if (type == NN_INT8 && t->scale.count > 1) {
		tflite_refuse(r, "constant \"%s\" has %u scales; accepted: one",
			      t->name, t->scale.count);
		return -1;
	}
	return tflite_constant(r, t, type, &s, 0);
}

/* A value of the network, computed or an input. */
static int32_t own_value(struct tflite_reader *r, struct tflite_tensor *t,
			 enum nn_type type, const struct tflite_shape *s)
{
	int32_t v = -1;

	if (tflite_is_constant(t) || t->value != GRAPH_NONE) {
		tflite_damaged(r, "tensor \"%s\" has two sources", t->name);
		return -1;
	}
	if (type == NN_INT8 && t->scale.count > 1) {
		tflite_refuse(r, "tensor \"%s\" has %u scales; accepted: one",
			      t->name, t->scale.count);
		return -1;
	}
	v = new_value(r, t->name, type, s);
	if (v >= 0 && type == NN_INT8 &&
	    !copy_scales(r, t, 0, &r->g->values[v].quant))
		return -1;
	t->value = v;
	return v;
}

int32_t tflite_result(struct tflite_reader *r, uint32_t k,
		      const struct tflite_shape *s)
{
	struct tflite_tensor *t = tflite_out(r, k);
	struct tflite_shape said = { 0 };
	enum nn_type type = NN_F32;

	if (!is_usable(r, t) || !type_of(r, t, &type) ||
	    !tflite_sample(r, t, &said))
		return -1;
	if (memcmp(&said, s, sizeof(said))) {
		tflite_damaged(r,
			       "output %u has a shape that does not follow "
			       "from the inputs",
			       k);
		return -1;
	}
	return own_value(r, t, type, s);
}

int32_t tflite_between(struct tflite_reader *r, int32_t like,
		       const struct tflite_shape *s)
{
	const struct graph_value *from = &r->g->values[like];
	int32_t v = new_value(r, from->name, from->type, s);
	struct graph_quant *q = NULL;

	if (v < 0 || from->type != NN_INT8)
		return v;
	q = &r->g->values[v].quant;
	q->scale = calloc(1, sizeof(*q->scale));
	q->zero = calloc(1, sizeof(*q->zero));
	if (!q->scale || !q->zero) {
		no_memory(r);
		return -1;
	}
	q->count = 1;
	q->scale[0] = from->quant.scale[0];
	q->zero[0] = from->quant.zero[0];
	return v;
}

struct graph_node *tflite_node(struct tflite_reader *r, enum nn_op op,
			       int32_t source)
{
	const struct tflite_tensor *out = tflite_out(r, 0);
	struct graph_node *node = NULL;
	char name[TFLITE_NAME_MAX + 64] = "";

	if (source < 0)
		return NULL;
	snprintf(name, sizeof(name), "operator %u (%s, output \"%s\")",
		 r->index, r->kind->name, out->name);
	node = graph_node(r->g, op, name, strlen(name), r->e);
	if (node) {
		node->in[0] = source;
		node->in_count = 1;
	}
	return node;
}

int32_t tflite_reshaped(struct tflite_reader *r, int32_t v,
			const struct tflite_shape *s)
{
	struct tflite_shape is = tflite_shape_of(r, v);
	struct graph_node *node = NULL;

	if (!memcmp(&is, s, sizeof(is)))
		return v;
	node = tflite_node(r, NN_RESHAPE, v);
	if (!node)
		return -1;
	node->out = tflite_between(r, v, s);
	return node->out;
}

bool tflite_finish(struct tflite_reader *r, uint32_t k, struct graph_node *last,
		   const struct tflite_shape *made)
{
	struct tflite_shape said = { 0 };
	struct graph_node *reshape = NULL;
	int32_t v = -1;

	if (!last || !is_usable(r, tflite_out(r, k)) ||
	    !tflite_sample(r, tflite_out(r, k), &said))
		return false;
	if (tflite_elements(&said) != tflite_elements(made))
		return tflite_damaged(r,
				      "output %u has %zu element%s; it "
				      "computes %zu",
				      k, tflite_elements(&said),
				      enc_s(tflite_elements(&said)),
				      tflite_elements(made));
	v = last->out = tflite_result(r, k, &said);
	if (v < 0 || !memcmp(&said, made, sizeof(said)))
		return v >= 0;
	last->out = tflite_between(r, v, made);
	reshape = last->out < 0 ? NULL : tflite_node(r, NN_RESHAPE, last->out);
	if (reshape)
		reshape->out = v;
	return reshape;
}

/* --- The file ----------------------------------------------------------- */

/* Says which operators are accepted. */
static void hint_kinds(struct enc_error *e)
{
	char list[ENC_ERROR_TEXT - 64] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < tflite_kind_count; i++) {
		if (tflite_kinds[i].read && used < sizeof(list))
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s%s",
				used ? ", " : "", tflite_kinds[i].name);
	}
	enc_hint(e, "accepted operators: %s", list);
}

/* The kind of an operator; NULL with *e set if it is not accepted. */
static const struct tflite_kind *
find_kind(struct tflite_reader *r, const struct flat_vector *codes, uint32_t i)
{
	struct flat_table code = flat_table_in(&r->flat, codes, i);
	int32_t new = flat_i32(&r->flat, &code, 3, 0);
	int8_t old = (int8_t)flat_number(&r->flat, &code, 0, 1, 0);
	int32_t number = new > old ? new : old;
	const struct tflite_kind *kind = NULL;
	char custom[TFLITE_NAME_MAX + 1] = "";

	read_name(r, &code, 1, custom);
	if (!is_whole(r))
		return NULL;
	if (number >= 0 && (uint32_t)number < tflite_kind_count)
		kind = &tflite_kinds[number];
	if (kind && kind->read)
		return kind;
	tflite_refuse(r, "operator %u is %s%s%s (number %d)", r->index,
		      kind ? kind->name : "unknown", *custom ? " " : "", custom,
		      number);
	hint_kinds(r->e);
	return NULL;
}

/* Every number is that of a tensor, or -1 where `may_miss`. */
static bool are_tensors(struct tflite_reader *r, const struct flat_vector *v,
			bool may_miss)
{
	for (uint32_t i = 0; i < v->count; i++) {
		bool misses = flat_i32_in(&r->flat, v, i) == -1 && may_miss;

		if (!misses && !tensor_in(r, v, i))
			return tflite_damaged(r, "it names a tensor that does "
						 "not exist");
	}
	return true;
}

static bool read_operator(struct tflite_reader *r,
			  const struct flat_table *table,
			  const struct flat_vector *codes)
{
	struct flat *f = &r->flat;
	uint8_t options = (uint8_t)flat_number(f, table, 3, 1, 0);

	r->kind = NULL;
	r->inputs = flat_vector(f, table, 1, 4);
	r->outputs = flat_vector(f, table, 2, 4);
	r->options = flat_table(f, table, 4);
	r->kind = find_kind(r, codes, (uint32_t)flat_i32(f, table, 0, 0));
	if (!r->kind || !is_whole(r))
		return false;
	if (r->inputs.count < r->kind->inputs_min ||
	    r->inputs.count > r->kind->inputs_max || !r->outputs.count ||
	    r->outputs.count > r->kind->outputs_max)
		return tflite_damaged(r, "it has %u input%s and %u output%s",
				      r->inputs.count, enc_s(r->inputs.count),
				      r->outputs.count,
				      enc_s(r->outputs.count));
	if (options && r->kind->options && options != r->kind->options)
		return tflite_damaged(r, "its options are those of another "
					 "kind of operator");
	if (!options)
		r->options = (struct flat_table){ 0 };
	return are_tensors(r, &r->inputs, true) &&
	       are_tensors(r, &r->outputs, false) && r->kind->read(r) &&
	       is_whole(r);
}

static bool read_operators(struct tflite_reader *r,
			   const struct flat_table *graph,
			   const struct flat_vector *codes)
{
	struct flat_vector v = flat_vector(&r->flat, graph, 3, 4);

	if (v.count > GRAPH_NODES_MAX)
		return enc_fail(r->e, ENC_ERR_LIMIT,
				"%u operators; accepted: up to %u", v.count,
				GRAPH_NODES_MAX);
	for (r->index = 0; r->index < v.count; r->index++) {
		struct flat_table table = flat_table_in(&r->flat, &v, r->index);

		if (!read_operator(r, &table, codes))
			return false;
	}
	r->kind = NULL;
	return is_whole(r);
}

/* The inputs or outputs of the network: few, and each a tensor. */
static bool read_ends(struct tflite_reader *r, const struct flat_table *graph,
		      unsigned int field, const char *what,
		      struct flat_vector *v)
{
	*v = flat_vector(&r->flat, graph, field, 4);
	if (!v->count || v->count > NN_INPUTS_MAX)
		return tflite_refuse(r,
				     "%u %s of the network; accepted: 1 to "
				     "%u",
				     v->count, what, NN_INPUTS_MAX);
	return are_tensors(r, v, false);
}

static bool read_inputs(struct tflite_reader *r, const struct flat_table *graph)
{
	struct flat_vector v = { 0 };

	if (!read_ends(r, graph, 1, "inputs", &v))
		return false;
	for (uint32_t i = 0; i < v.count; i++) {
		struct tflite_tensor *t = tensor_in(r, &v, i);
		enum nn_type type = NN_INT32;
		struct tflite_shape s = { 0 };

		if (!is_usable(r, t) ||
		    (t->type != TFLITE_INT32 && !type_of(r, t, &type)) ||
		    !tflite_sample(r, t, &s))
			return false;
		r->g->inputs[i] = own_value(r, t, type, &s);
		if (r->g->inputs[i] < 0)
			return false;
	}
	r->g->input_count = v.count;
	return true;
}

static bool read_outputs(struct tflite_reader *r,
			 const struct flat_table *graph)
{
	struct flat_vector v = { 0 };

	if (!read_ends(r, graph, 2, "outputs", &v))
		return false;
	for (uint32_t i = 0; i < v.count; i++) {
		const struct tflite_tensor *t = tensor_in(r, &v, i);

		if (t->value == GRAPH_NONE)
			return tflite_damaged(r,
					      "no operator computes output "
					      "\"%s\"",
					      t->name);
		for (uint32_t j = 0; j < i; j++) {
			if (r->g->outputs[j] == t->value)
				return tflite_refuse(r,
						     "\"%s\" is an output "
						     "twice; accepted: once",
						     t->name);
		}
		r->g->outputs[i] = t->value;
	}
	r->g->output_count = v.count;
	return true;
}

static bool read_model(struct tflite_reader *r)
{
	struct flat *f = &r->flat;
	struct flat_table model = flat_root(f);
	struct flat_vector codes = flat_vector(f, &model, 1, 4);
	struct flat_vector graphs = flat_vector(f, &model, 2, 4);
	struct flat_vector buffers = flat_vector(f, &model, 4, 4);
	uint32_t version = (uint32_t)flat_i32(f, &model, 0, 0);
	struct flat_table graph = { 0 };

	if (!is_whole(r))
		return false;
	if (version != VERSION)
		return tflite_refuse(r, "schema version %u; accepted: %d",
				     version, VERSION);
	if (graphs.count != 1)
		return tflite_refuse(r, "%u subgraphs; accepted: one",
				     graphs.count);
	graph = flat_table_in(f, &graphs, 0);
	return read_tensors(r, &graph, &buffers) && read_inputs(r, &graph) &&
	       read_operators(r, &graph, &codes) && read_outputs(r, &graph);
}

bool tflite_read(const uint8_t *file, size_t len, struct graph *g,
		 struct enc_error *e)
{
	struct tflite_reader r = { .flat = { file, len, false },
				   .g = g,
				   .e = e,
				   .room = COPIES * (uint64_t)len +
					   COPIES_LEAST };
	bool ok = false;

	*g = (struct graph){ 0 };
	if (len < 8 || memcmp(file + 4, "TFL3", 4))
		return enc_fail(e, ENC_ERR_FORMAT,
				"not a .tflite file: no \"TFL3\" at byte 4");
	ok = read_model(&r);
	free(r.tensors);
	if (!ok)
		graph_free(g);
	return ok;
}
