/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an .onnx file: operator sets 1 to 22 of the default domain.
 *
 * Weights must be constants in the file and shapes fixed. The graph computes
 * one sample: a first dimension of 1 is the batch, and is removed; an open
 * first dimension of an input is taken as 1. Inputs and outputs keep the order
 * of elements that the file states. Inside, activations are channels last.
 */
#ifndef HOST_IMPORT_ONNX_H
#define HOST_IMPORT_ONNX_H

#include "graph.h"

/* A size for a dimension that the file leaves open. */
struct onnx_dim {
	/* The dimension's name; INPUT[AXIS] where it has none. */
	const char *name;
	uint32_t value;
};

struct onnx_options {
	const struct onnx_dim *shapes;
	size_t shape_count;
};

/*
 * Reads `len` bytes into *g, which must be empty. False with *e set: the graph
 * is empty again.
 */
bool onnx_read(const uint8_t *file, size_t len, const struct onnx_options *o,
	       struct graph *g, struct enc_error *e);

#endif
