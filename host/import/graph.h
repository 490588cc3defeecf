/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network on its way from a file to a record: what every reader of a format
 * makes, and lower.h turns into a network of nn/net.h.
 *
 * Shapes are fixed and without the batch: a sample's. Activations are channels
 * last. Nodes stand in the order in which they are computed. All memory belongs
 * to the graph; graph_free() frees it. Sizes come from a hostile file: readers
 * check them against the limits below before they allocate.
 */
#ifndef HOST_IMPORT_GRAPH_H
#define HOST_IMPORT_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "nn/net.h"

#define GRAPH_VALUES_MAX 8192u
#define GRAPH_NODES_MAX	 4096u /* before fusions */
#define GRAPH_RANK_MAX	 8u
#define GRAPH_INPUTS_MAX 64u  /* of a node: a concatenation has many */
#define GRAPH_NAME_MAX	 159u /* bytes of a name that are kept */
#define GRAPH_NONE	 (-1) /* no value: an input left out */

/*
 * Numbers of a quantised value: real = (q - zero) * scale. One pair, or one for
 * each index along `axis`.
 */
struct graph_quant {
	float *scale; /* NULL: not quantised */
	int32_t *zero;
	size_t count;
	uint32_t axis;
};

/* A tensor: an input, what a node computes, or a constant. */
struct graph_value {
	char *name; /* as in the file but for its end; may contain anything */
	enum nn_type type;
	uint32_t rank; /* 0: a scalar */
	uint32_t dims[GRAPH_RANK_MAX];
	struct graph_quant quant;
	/* Of a constant: all elements, row by row, of `type`; else NULL. */
	void *data;
};

/*
 * A node: an operator of enum nn_op, before it is packed for the engine.
 *
 *   NN_CONV       x (h, w, c); weights (out, kh, kw, c / groups); bias (out)
 *                 or GRAPH_NONE. Also dense layers: x (..., c), weights (out,
 *                 c); `window` is not used then. int8: bias is INT32, of scale
 *                 x * w
 *   NN_DEPTHWISE  x (h, w, c); weights (kh, kw, c); bias (c) or GRAPH_NONE
 *   NN_MATMUL     two activations (..., n, k) and (..., k, m); `transposed`
 *   NN_POOL_*     x (h, w, c). An average counts only what lies within x
 *   NN_BINARY     two values, one of them may be a constant; broadcast as numpy
 *   NN_UNARY      `variant`, alpha, beta; NN_CLAMP: `low`, `high`
 *   NN_SOFTMAX    over the last dimension
 *   NN_NORM       x; gain (last dimension) or GRAPH_NONE; offset or GRAPH_NONE
 *   NN_REDUCE     `axes`: bit a set: dimension a becomes 1
 *   NN_RESHAPE, NN_TRANSPOSE (`from`), NN_SLICE (`begin`, `step`), NN_PAD
 *   (`before`, the shape of the output, `fill`), NN_CONCAT (`axis`), NN_EXPAND
 *   NN_GATHER     table; indices (INT32): rows of the table, along its first
 *                 dimension
 *   NN_RESIZE     x (h, w, c): input coordinate = output * ratio + shift
 *   NN_QUANTIZE (of f32, or int8 of another scale), NN_DEQUANTIZE
 *   NN_IMAGE      pixels (UINT8): (pixel / divisor - mean[c]) / deviation[c]
 *
 * The type of the output decides the arithmetic; int8 values have `quant`.
 */
struct graph_node {
	enum nn_op op;
	uint8_t variant;
	char *name; /* as in the file, with its operator, for messages */
	int32_t in[GRAPH_INPUTS_MAX]; /* values */
	uint32_t in_count;
	int32_t out; /* value; INT32_MIN while unused */
	struct nn_window window;
	uint32_t groups;
	/* After the operator: max(low, min(high, y)), as real numbers. */
	float low; /* -INFINITY: none */
	float high;
	float alpha, beta; /* of unaries; epsilon of norms in alpha */
	uint32_t axes;
	uint32_t axis;
	uint8_t from[GRAPH_RANK_MAX];
	uint32_t begin[GRAPH_RANK_MAX];
	uint32_t step[GRAPH_RANK_MAX];
	uint32_t before[GRAPH_RANK_MAX];
	float fill; /* as a real number */
	float ratio[2], shift[2];
	uint32_t transposed;
	float factor; /* of a product */
	float divisor, mean[4], deviation[4];
};

struct graph {
	struct graph_value *values;
	size_t value_count;
	struct graph_node *nodes;
	size_t node_count;
	int32_t inputs[NN_INPUTS_MAX];
	size_t input_count;
	int32_t outputs[NN_INPUTS_MAX];
	size_t output_count;
};

/*
 * A new value or node, zeroed; -1 / NULL with *e set if there are too many. Of
 * its name the first GRAPH_NAME_MAX bytes are kept: many nodes may share one.
 */
int32_t graph_value(struct graph *g, const char *name, size_t name_len,
		    struct enc_error *e);
struct graph_node *graph_node(struct graph *g, enum nn_op op, const char *name,
			      size_t name_len, struct enc_error *e);

/* Gives a value another name. */
bool graph_rename(struct graph_value *v, const char *name, size_t name_len,
		  struct enc_error *e);

/* Elements of a value, at most NN_ELEMENTS_MAX; 0 if there are more. */
size_t graph_elements(const struct graph_value *v);

/* Bytes of an element. */
size_t graph_type_bytes(enum nn_type type);

/* The value of a 16-bit float. */
double graph_half(uint16_t bits);

/* Frees all that the graph holds. */
void graph_free(struct graph *g);

#endif
