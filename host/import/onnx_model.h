/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of an .onnx file in memory. Names and most constants stay in the
 * file; everything else comes from a pool that has a limit.
 */
#ifndef HOST_IMPORT_ONNX_MODEL_H
#define HOST_IMPORT_ONNX_MODEL_H

#include "graph.h"
#include "onnx_wire.h"

#define ONNX_FACTORS 24u
#define ONNX_STRINGS 6u
#define ONNX_ABSENT  UINT32_MAX /* an input or an output left out */

struct onnx_str {
	const char *at; /* not terminated, any bytes */
	size_t len;
};

enum onnx_type {
	ONNX_FLOAT = 1,
	ONNX_UINT8 = 2,
	ONNX_INT8 = 3,
	ONNX_INT32 = 6,
	ONNX_INT64 = 7,
	ONNX_BOOL = 9,
	ONNX_FLOAT16 = 10,
	ONNX_DOUBLE = 11,
	ONNX_BFLOAT16 = 16
};

struct onnx_shape {
	uint32_t rank;
	uint32_t dims[GRAPH_RANK_MAX];
};

/* Numbers of a constant that DequantizeLinear has read. */
struct onnx_scales {
	const float *scale; /* NULL: not quantised */
	const int32_t *zero;
	size_t count;
	uint32_t axis;
};

/*
 * How elements lie in memory: onnx_layout.c. Factor 0 varies slowest; `stride`
 * is the distance of its steps in the order that ONNX defines.
 */
struct onnx_layout {
	uint32_t n;
	uint32_t size[ONNX_FACTORS];
	uint32_t stride[ONNX_FACTORS];
};

/* A tensor by its name: unknown, a constant, or computed. */
struct onnx_value {
	struct onnx_str name;
	bool known;
	enum onnx_type type;
	struct onnx_shape shape; /* as ONNX has it, with the batch */
	/* Of a constant: elements of `type`, row by row, not aligned. */
	const uint8_t *data;
	struct onnx_scales quant;
	/* Of a computed tensor: values of the graph, or GRAPH_NONE. */
	int32_t place;
	struct onnx_layout layout;
	int32_t other; /* the same in another order */
	struct onnx_layout other_layout;
	uint32_t uses;	/* nodes that read it and outputs */
	uint32_t maker; /* node, or ONNX_ABSENT */
};

struct onnx_attr {
	struct onnx_str name;
	struct onnx_str s;
	float f;
	int64_t i;
	const int64_t *ints;
	size_t int_count;
	const float *floats;
	size_t float_count;
	struct onnx_str strings[ONNX_STRINGS];
	size_t string_count;
	struct onnx_value *tensor;
	bool other; /* a graph, a sparse tensor, or several of something */
};

struct onnx_node {
	struct onnx_str name, op, domain;
	uint32_t *in, *out; /* values */
	size_t in_count, out_count;
	struct onnx_attr *attrs;
	size_t attr_count;
	bool needed;
	float epsilon; /* of a norm that onnx_pattern.c found */
};

struct onnx_block;

struct onnx_pool {
	struct onnx_block *blocks;
	size_t left; /* bytes, or elements to compute */
};

/* A dimension of an input: its value, or its name. */
struct onnx_size {
	int64_t value;
	struct onnx_str name;
};

struct onnx_input {
	uint32_t value;
	bool has_shape;
	uint32_t rank;
	struct onnx_size dims[GRAPH_RANK_MAX];
};

struct onnx_model {
	struct onnx_pool pool;
	int64_t opset;
	struct onnx_value *values;
	size_t value_count;
	const struct onnx_str *names; /* of the values, sorted */
	struct onnx_node *nodes;
	size_t node_count;
	struct onnx_input *inputs;
	size_t input_count;
	uint32_t *outputs; /* values */
	size_t output_count;
};

/* Zeroed memory of the model; NULL: the limit is reached. */
void *onnx_alloc(struct onnx_pool *pool, size_t count, size_t size);

/* Counts steps of work against the same limit. */
bool onnx_spend(struct onnx_pool *pool, size_t steps);

/* Reads all messages of a file. onnx_model_free() after either answer. */
bool onnx_model_read(struct onnx_model *m, const uint8_t *file, size_t len,
		     struct enc_error *e);
void onnx_model_free(struct onnx_model *m);

/* True if a text of the file is this one. */
bool onnx_is(struct onnx_str s, const char *text);

/* Bytes of an element; 0: the type is not accepted. */
size_t onnx_type_size(enum onnx_type type);

/* Elements of a shape, at most NN_ELEMENTS_MAX; false: more. */
bool onnx_count(const struct onnx_shape *s, size_t *count);

/* An element of a constant, dequantised; the same rounded towards 0. */
double onnx_real(const struct onnx_value *v, size_t i);
int64_t onnx_int(const struct onnx_value *v, size_t i);

/* An element of integers as it is stored, without scale. */
int64_t onnx_stored(const struct onnx_value *v, size_t i);

/* The type of a constant made of its elements: halves become FLOAT. */
enum onnx_type onnx_made_type(const struct onnx_value *v);
bool onnx_is_integer(const struct onnx_value *v);

/* True if one operator may take both: the same type, or real numbers. */
bool onnx_same_type(const struct onnx_value *a, const struct onnx_value *b);

/* Elements of a constant. */
size_t onnx_len(const struct onnx_value *v);

/* True if it is a constant. */
static inline bool onnx_const(const struct onnx_value *v)
{
	return v->data != NULL;
}

#endif
