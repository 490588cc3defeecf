/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small .tflite files for tests: tensors and operators are listed, then written
 * as a FlatBuffer, in which a table has all its fields, of 8 bytes each, and
 * refers to what lies behind it.
 */
#ifndef TEST_TFLITE_FILE_H
#define TEST_TFLITE_FILE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/import/tflite_read.h"

#define FILE_TENSORS 48
#define FILE_OPS     16
#define FILE_LIST    8
#define FILE_BYTES   65536

/* Numbers as two arguments: an array, and how many. */
#define LIST(...)                         \
	(const int32_t[]){ __VA_ARGS__ }, \
		sizeof((int32_t[]){ __VA_ARGS__ }) / sizeof(int32_t)

struct file_list {
	int32_t v[FILE_LIST];
	size_t count;
};

struct file_tensor {
	uint8_t type;
	struct file_list dims;
	struct file_list signature;
	uint8_t data[1024];
	size_t bytes; /* 0: computed */
	size_t scales;
	float scale; /* the first; the others are larger by 1 each */
	int64_t zero;
	int32_t axis;
	uint8_t is_variable;
};

struct file_op {
	int32_t code;
	uint8_t options;
	struct file_list in;
	struct file_list out;
	uint64_t option[8];
	uint8_t option_bytes[8]; /* 0: absent */
};

struct file {
	struct file_tensor tensors[FILE_TENSORS];
	struct file_op ops[FILE_OPS];
	size_t tensor_count;
	size_t op_count;
	struct file_list inputs;
	struct file_list outputs;
	uint8_t data[FILE_BYTES];
	size_t len;
};

/* --- What is in it ------------------------------------------------------ */

static inline struct file_list file_list(const int32_t *v, size_t count)
{
	struct file_list l = { .count = count };

	memcpy(l.v, v, count * sizeof(*v));
	return l;
}

/* A tensor that is an input, or computed. Returns its number. */
static inline int32_t file_tensor(struct file *f, uint8_t type,
				  const int32_t *dims, size_t rank)
{
	struct file_tensor *t = &f->tensors[f->tensor_count];

	t->type = type;
	t->dims = file_list(dims, rank);
	if (type == TFLITE_INT8) {
		t->scales = 1;
		t->scale = 0.5f;
	}
	return (int32_t)f->tensor_count++;
}

/* A constant of `bytes` bytes for each element: 1, 2, 3... as integers. */
static inline int32_t file_constant(struct file *f, uint8_t type, size_t bytes,
				    const int32_t *dims, size_t rank)
{
	int32_t i = file_tensor(f, type, dims, rank);
	struct file_tensor *t = &f->tensors[i];
	size_t n = 1;

	for (size_t d = 0; d < rank; d++)
		n *= (size_t)dims[d];
	t->bytes = n * bytes;
	for (size_t k = 0; k < n; k++)
		t->data[k * bytes] = (uint8_t)(k + 1);
	return i;
}

static inline int32_t file_floats(struct file *f, const int32_t *dims,
				  size_t rank)
{
	int32_t i = file_constant(f, TFLITE_FLOAT32, 4, dims, rank);
	struct file_tensor *t = &f->tensors[i];

	for (size_t k = 0; k < t->bytes / 4; k++) {
		float v = (float)(k + 1);

		memcpy(t->data + 4 * k, &v, sizeof(v));
	}
	return i;
}

/* A vector of int32. */
static inline int32_t file_ints(struct file *f, const int32_t *v, size_t count)
{
	const int32_t dims = (int32_t)count;
	int32_t i = file_constant(f, TFLITE_INT32, 4, &dims, 1);

	memcpy(f->tensors[i].data, v, 4 * count);
	return i;
}

static inline void file_op(struct file *f, int32_t code, uint8_t options,
			   const int32_t *in, size_t ins, const int32_t *out,
			   size_t outs)
{
	f->ops[f->op_count++] = (struct file_op){
		.code = code,
		.options = options,
		.in = file_list(in, ins),
		.out = file_list(out, outs),
	};
}

/* A field of the last operator's options. */
static inline void file_option(struct file *f, unsigned int field,
			       unsigned int bytes, uint64_t value)
{
	struct file_op *op = &f->ops[f->op_count - 1];

	op->option[field] = value;
	op->option_bytes[field] = (uint8_t)bytes;
}

/* --- How it is written -------------------------------------------------- */

static inline void file_put(struct file *f, size_t at, size_t bytes, uint64_t v)
{
	memcpy(f->data + at, &v, bytes);
}

static inline uint64_t file_get(const struct file *f, size_t at, size_t bytes)
{
	uint64_t v = 0;

	memcpy(&v, f->data + at, bytes);
	return v;
}

static inline size_t file_room(struct file *f, size_t bytes)
{
	size_t at = f->len;

	if (bytes > FILE_BYTES - 8 - at)
		abort();
	f->len += (bytes + 7) / 8 * 8;
	return at;
}

/* A table of absent fields. */
static inline size_t file_table(struct file *f, size_t fields)
{
	size_t vtable = file_room(f, 4 + 2 * fields);
	size_t at = file_room(f, 8 + 8 * fields);

	file_put(f, vtable, 2, 4 + 2 * fields);
	file_put(f, vtable + 2, 2, 8 + 8 * fields);
	file_put(f, at, 4, at - vtable);
	return at;
}

/* Where a field lies, which is present from then on. */
static inline size_t file_field(struct file *f, size_t table, size_t field)
{
	size_t vtable = table - file_get(f, table, 4);

	file_put(f, vtable + 4 + 2 * field, 2, 8 + 8 * field);
	return table + 8 + 8 * field;
}

static inline void file_refer(struct file *f, size_t from, size_t to)
{
	file_put(f, from, 4, to - from);
}

/* Returns where the elements begin. */
static inline size_t file_vector(struct file *f, size_t table, size_t field,
				 size_t count, size_t bytes)
{
	size_t at = file_room(f, 4 + count * bytes);

	file_put(f, at, 4, count);
	file_refer(f, file_field(f, table, field), at);
	return at + 4;
}

static inline void file_write_list(struct file *f, size_t table, size_t field,
				   const struct file_list *l)
{
	size_t at = file_vector(f, table, field, l->count, 4);

	memcpy(f->data + at, l->v, 4 * l->count);
}

static inline void file_write_tensor(struct file *f, size_t from, size_t i)
{
	const struct file_tensor *t = &f->tensors[i];
	size_t at = file_table(f, 8);
	size_t quant = 0;
	size_t v = 0;

	file_refer(f, from, at);
	file_write_list(f, at, 0, &t->dims);
	file_put(f, file_field(f, at, 1), 1, t->type);
	file_put(f, file_field(f, at, 2), 4, t->bytes ? i + 1 : 0);
	v = file_vector(f, at, 3, 3, 1);
	f->data[v] = 't';
	f->data[v + 1] = (uint8_t)('0' + i / 10);
	f->data[v + 2] = (uint8_t)('0' + i % 10);
	file_put(f, file_field(f, at, 5), 1, t->is_variable);
	if (t->signature.count)
		file_write_list(f, at, 7, &t->signature);
	if (!t->scales)
		return;
	quant = file_table(f, 7);
	file_refer(f, file_field(f, at, 4), quant);
	v = file_vector(f, quant, 2, t->scales, 4);
	for (size_t k = 0; k < t->scales; k++) {
		float scale = t->scale + (float)k;

		memcpy(f->data + v + 4 * k, &scale, sizeof(scale));
	}
	v = file_vector(f, quant, 3, t->scales, 8);
	for (size_t k = 0; k < t->scales; k++)
		file_put(f, v + 8 * k, 8, (uint64_t)t->zero);
	file_put(f, file_field(f, quant, 6), 4, (uint32_t)t->axis);
}

static inline void file_write_op(struct file *f, size_t from, size_t i)
{
	const struct file_op *op = &f->ops[i];
	size_t at = file_table(f, 5);
	size_t options = 0;

	file_refer(f, from, at);
	file_put(f, file_field(f, at, 0), 4, i);
	file_write_list(f, at, 1, &op->in);
	file_write_list(f, at, 2, &op->out);
	file_put(f, file_field(f, at, 3), 1, op->options);
	if (!op->options)
		return;
	options = file_table(f, 8);
	file_refer(f, file_field(f, at, 4), options);
	for (size_t k = 0; k < 8; k++) {
		if (op->option_bytes[k])
			file_put(f, file_field(f, options, k),
				 op->option_bytes[k], op->option[k]);
	}
}

/* Writes all of it to f->data, f->len bytes. */
static inline void file_write(struct file *f)
{
	size_t model = 0;
	size_t graph = 0;
	size_t v = 0;

	memset(f->data, 0, sizeof(f->data));
	f->len = 8;
	memcpy(f->data + 4, "TFL3", 4);
	model = file_table(f, 5);
	file_refer(f, 0, model);
	file_put(f, file_field(f, model, 0), 4, 3);
	v = file_vector(f, model, 1, f->op_count, 4);
	for (size_t i = 0; i < f->op_count; i++) {
		size_t code = file_table(f, 4);

		file_refer(f, v + 4 * i, code);
		file_put(f, file_field(f, code, 0), 1,
			 f->ops[i].code < 127 ? (uint64_t)f->ops[i].code : 127);
		file_put(f, file_field(f, code, 3), 4,
			 (uint64_t)f->ops[i].code);
	}
	v = file_vector(f, model, 4, f->tensor_count + 1, 4);
	for (size_t i = 0; i <= f->tensor_count; i++) {
		size_t buffer = file_table(f, 1);
		size_t bytes = i ? f->tensors[i - 1].bytes : 0;

		file_refer(f, v + 4 * i, buffer);
		if (bytes)
			memcpy(f->data + file_vector(f, buffer, 0, bytes, 1),
			       f->tensors[i - 1].data, bytes);
	}
	v = file_vector(f, model, 2, 1, 4);
	graph = file_table(f, 4);
	file_refer(f, v, graph);
	file_write_list(f, graph, 1, &f->inputs);
	file_write_list(f, graph, 2, &f->outputs);
	v = file_vector(f, graph, 0, f->tensor_count, 4);
	for (size_t i = 0; i < f->tensor_count; i++)
		file_write_tensor(f, v + 4 * i, i);
	v = file_vector(f, graph, 3, f->op_count, 4);
	for (size_t i = 0; i < f->op_count; i++)
		file_write_op(f, v + 4 * i, i);
}

#endif
