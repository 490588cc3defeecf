/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes small ONNX models, byte by byte. `graph` grows; attributes go to
 * `node`, until node_add() adds it.
 */
#ifndef TEST_ONNX_FILE_H
#define TEST_ONNX_FILE_H

#include <stdio.h>
#include <string.h>

#include "testkit/test.h"

struct bytes {
	uint8_t at[16384];
	size_t len;
};

static inline void put_varint(struct bytes *b, uint64_t v)
{
	for (; v > 127; v >>= 7)
		b->at[b->len++] = (uint8_t)(v | 128);
	b->at[b->len++] = (uint8_t)v;
}

static inline void put_int(struct bytes *b, unsigned int field, int64_t v)
{
	put_varint(b, field << 3);
	put_varint(b, (uint64_t)v);
}

static inline void put_bytes(struct bytes *b, unsigned int field, const void *p,
			     size_t len)
{
	put_varint(b, field << 3 | 2);
	put_varint(b, len);
	assert_true(len <= sizeof(b->at) - b->len);
	memcpy(b->at + b->len, p, len);
	b->len += len;
}

static inline void put_text(struct bytes *b, unsigned int field,
			    const char *text)
{
	put_bytes(b, field, text, strlen(text));
}

static inline void put_message(struct bytes *b, unsigned int field,
			       const struct bytes *m)
{
	put_bytes(b, field, m->at, m->len);
}

static struct bytes graph, node;

enum {
	FLOAT = 1,
	UINT8 = 2,
	INT8 = 3,
	INT32 = 6,
	INT64 = 7,
	BOOL = 9,
	FLOAT16 = 10
};

/* An input or output; a dimension of 0 is open, named "N". */
static inline void tensor_add(unsigned int field, const char *name, int type,
			      size_t rank, const int64_t *dims)
{
	struct bytes shape = { .len = 0 }, tensor = shape, kind = shape,
		     info = shape;

	for (size_t d = 0; d < rank; d++) {
		struct bytes dim = { .len = 0 };

		if (dims[d])
			put_int(&dim, 1, dims[d]);
		else
			put_text(&dim, 2, "N");
		put_message(&shape, 1, &dim);
	}
	put_int(&tensor, 1, type);
	put_message(&tensor, 2, &shape);
	put_message(&kind, 1, &tensor);
	put_text(&info, 1, name);
	put_message(&info, 2, &kind);
	put_message(&graph, field, &info);
}

static inline void weight_add(const char *name, int type, size_t rank,
			      const int64_t *dims, const void *data, size_t len)
{
	struct bytes t = { .len = 0 };

	for (size_t d = 0; d < rank; d++)
		put_int(&t, 1, dims[d]);
	put_int(&t, 2, type);
	put_text(&t, 8, name);
	put_bytes(&t, 9, data, len);
	put_message(&graph, 5, &t);
}

static inline void attr_int(const char *name, int64_t v)
{
	struct bytes a = { .len = 0 };

	put_text(&a, 1, name);
	put_int(&a, 3, v);
	put_message(&node, 5, &a);
}

static inline void attr_float(const char *name, float v)
{
	struct bytes a = { .len = 0 };

	put_text(&a, 1, name);
	put_varint(&a, 2 << 3 | 5);
	memcpy(a.at + a.len, &v, sizeof(v));
	a.len += sizeof(v);
	put_message(&node, 5, &a);
}

static inline void attr_text(const char *name, const char *text)
{
	struct bytes a = { .len = 0 };

	put_text(&a, 1, name);
	put_text(&a, 4, text);
	put_message(&node, 5, &a);
}

static inline void attr_ints(const char *name, size_t n, const int64_t *v)
{
	struct bytes a = { .len = 0 };

	put_text(&a, 1, name);
	for (size_t i = 0; i < n; i++)
		put_int(&a, 8, v[i]);
	put_message(&node, 5, &a);
}

/* Names with spaces between; "-": one that is left out. */
static inline void put_names(struct bytes *b, unsigned int field,
			     const char *names)
{
	char copy[2048] = "";

	snprintf(copy, sizeof(copy), "%s", names);
	for (char *p = strtok(copy, " "); p; p = strtok(NULL, " "))
		put_text(b, field, strcmp(p, "-") ? p : "");
}

/* Adds a node with the attributes so far. */
static inline void node_add(const char *op, const char *in, const char *out)
{
	put_names(&node, 1, in);
	put_names(&node, 2, out);
	put_text(&node, 4, op);
	put_message(&graph, 1, &node);
	node.len = 0;
}

static inline void model_write(struct bytes *model, int64_t opset)
{
	struct bytes set = { .len = 0 };

	model->len = 0;
	put_int(&set, 2, opset);
	put_message(model, 8, &set);
	put_message(model, 7, &graph);
}

#endif
