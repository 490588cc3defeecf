/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator: what net.c needs to know about each kind of node. Private to
 * nn/.
 *
 * Operators have checked a node before anything else of them is called: check()
 * is the only function here that sees numbers nobody has looked at.
 */
#ifndef NN_OP_H
#define NN_OP_H

#include "net.h"

/* A node with the shapes around it. */
struct nn_at {
	const struct nn_node *node;
	const struct nn_tensor *in[NN_SOURCES_MAX]; /* node->sources of them */
	const struct nn_tensor *out;
};

/* A node that is to be computed, for a batch of samples. */
struct nn_call {
	struct nn_at at;
	const void *in[NN_SOURCES_MAX]; /* (batch, elements) */
	void *out;			/* (batch, elements) */
	const void *params;
	size_t batch;
	void *scratch; /* NN_SCRATCH bytes, aligned to NN_ALIGN */
};

/* Bytes for pointers, a padded window, a row: check() refuses what needs more.
 */
#define NN_SCRATCH 32768u

struct nn_operator {
	/*
	 * True if the number and types of the tensors, the shape of the output,
	 * `variant` and every byte of the union are what this operator allows.
	 * Types, ranks, dimensions and element counts of tensors are in range.
	 */
	bool (*check)(const struct nn_at *at);
	/*
	 * Multiply-accumulates of a sample, or as many other steps: at least
	 * one for each element that is read or written. It bounds how long a
	 * call is.
	 */
	uint64_t (*macs)(const struct nn_at *at);
	/* Bytes of the parameters, of nn_params_bytes(); NULL: none. */
	uint64_t (*params)(const struct nn_at *at);
	/*
	 * True if all values of the parameters are allowed: numbers finite,
	 * scales in range, padding 0. Branches on the result only.
	 */
	bool (*values)(const struct nn_at *at, const void *params);
	void (*run)(const struct nn_call *call);
	/* The output may lie where source 0 lies, if both have the same size.
	 */
	bool in_place;
};

/* By enum nn_op; those of one file are declared here together. */
extern const struct nn_operator nn_op_image, nn_op_quantize, nn_op_dequantize;
extern const struct nn_operator nn_op_conv, nn_op_depthwise, nn_op_matmul;
extern const struct nn_operator nn_op_pool_max, nn_op_pool_average;
extern const struct nn_operator nn_op_binary, nn_op_unary, nn_op_softmax;
extern const struct nn_operator nn_op_norm, nn_op_reduce, nn_op_reshape;
extern const struct nn_operator nn_op_transpose, nn_op_slice, nn_op_pad;
extern const struct nn_operator nn_op_concat, nn_op_expand, nn_op_gather;
extern const struct nn_operator nn_op_resize, nn_op_constant;

/* All of them, by enum nn_op; those who make networks look here, too. */
extern const struct nn_operator *const nn_operators[NN_OPS];

/* Elements of a tensor; at most NN_ELEMENTS_MAX once it has been checked. */
static inline size_t nn_elements(const struct nn_tensor *t)
{
	size_t n = 1;

	for (size_t d = 0; d < NN_RANK_MAX; d++)
		n *= t->dims[d];
	return n;
}

static inline size_t nn_type_size(uint8_t type)
{
	return type == NN_F32 || type == NN_INT32 ? 4 : 1;
}

/* Bytes of a node's parameters are a multiple of this. */
#define NN_PARAMS_UNIT 16u

static inline uint64_t nn_params_bytes(uint64_t bytes)
{
	return (bytes + NN_PARAMS_UNIT - 1) / NN_PARAMS_UNIT * NN_PARAMS_UNIT;
}

static inline bool nn_same_shape(const struct nn_tensor *a,
				 const struct nn_tensor *b)
{
	bool same = a->rank == b->rank;

	for (size_t d = 0; d < NN_RANK_MAX; d++)
		same &= a->dims[d] == b->dims[d];
	return same;
}

#endif
