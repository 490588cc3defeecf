/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks of TensorFlow Lite: files with identifier "TFL3", schema version 3.
 *
 * Accepted: one subgraph of float32 tensors, or of int8 ones with a scale and a
 * zero point, and weights of scales alone; all shapes fixed but for a batch,
 * which must be the first dimension. Shapes in the graph are without it.
 * Weights of float16, or of int8 with a scale, are multiplied out where the
 * operator is one of float32.
 */
#ifndef HOST_IMPORT_TFLITE_H
#define HOST_IMPORT_TFLITE_H

#include "graph.h"

/*
 * Reads a file that may contain anything. *g is overwritten; it refers to
 * nothing in `file`, and the caller frees it. On failure it is empty.
 */
bool tflite_read(const uint8_t *file, size_t len, struct graph *g,
		 struct enc_error *e);

#endif
