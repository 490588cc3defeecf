/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a model's file of any kind to a network of the engine. Content decides
 * the kind, not the name. The file is hostile: what is accepted has passed
 * nn_net_check() and nn_values_check().
 */
#ifndef HOST_IMPORT_IMPORT_H
#define HOST_IMPORT_IMPORT_H

#include "lower.h"
#include "onnx.h"

enum import_kind {
	IMPORT_OTHER, /* no network that is read here */
	IMPORT_RECORD,
	IMPORT_TFLITE,
	IMPORT_ONNX,
	IMPORT_BURN
};

#define IMPORT_KIND_BYTES 8 /* of a file, to find its kind */

enum import_kind import_kind(const uint8_t *file, size_t len);

/* What to call a file of this kind. */
const char *import_kind_name(enum import_kind kind);

/*
 * The network reads pixels instead of its input: each is (pixel / divisor -
 * mean) / deviation.
 */
struct import_pixels {
	uint32_t size[3]; /* height, width, channels; 0: those of the input */
	float divisor;
	float mean[4];
	float deviation[4];
	size_t means, deviations; /* 1, or one for each channel */
};

struct import_options {
	struct onnx_options onnx;
	const struct import_pixels *pixels; /* NULL: the input as it is */
};

/*
 * Reads a file of `len` bytes: a record of a network, TensorFlow Lite, ONNX, or
 * a Burn record that is a stack of Linear layers. *kind is set where a network
 * is returned; it keeps nothing of `file`. lower_free() frees it.
 */
struct lowered *import_network(const uint8_t *file, size_t len,
			       const struct import_options *options,
			       enum import_kind *kind, struct enc_error *e);

/* The same of a path; "-" is standard input. Errors begin with its name. */
struct lowered *import_file(const char *path,
			    const struct import_options *options,
			    enum import_kind *kind, struct enc_error *e);

/*
 * Writes the record of a network to memory from malloc(), which the caller
 * wipes and frees, and frees the network. NULL if `net` is, with *e as it was,
 * or if there is not enough memory.
 */
uint8_t *import_to_memory(struct lowered *net, size_t *len,
			  struct enc_error *e);

/*
 * Puts a node before the only input of a graph, so that it reads pixels
 * (height, width, channels). The input may be that, or (channels, height,
 * width), or as many numbers in another shape.
 */
bool import_pixels(struct graph *g, const struct import_pixels *pixels,
		   struct enc_error *e);

/*
 * Reads a Burn record: layers of weight and bias, one after the other, with
 * ReLU between them. Names are not in a record, nor is anything but the layers.
 * *g must be empty; it is empty again after a failure.
 */
bool burn_read(const uint8_t *file, size_t len, struct graph *g,
	       struct enc_error *e);

#endif
