/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of records of 8-bit weights, of the same kind as burn.h;
 * doc/FORMAT.md, section 7, gives every byte.
 *
 * The network determines everything but the values, so the reader compares, and
 * refuses the first byte that differs. Freestanding: no allocation, no I/O. A
 * refusal depends on values only once per tensor: on whether one is out of
 * range, and then on the position of the first.
 */
#ifndef RECORD_INT8_H
#define RECORD_INT8_H

#include "nn/dense8.h"

#define RECORD_INT8_MARK       "ENC-INT8" /* the first 8 bytes */
#define RECORD_INT8_MARK_BYTES 8
#define RECORD_INT8_HEAD_BYTES 52
#define RECORD_INT8_LAYERS_MAX 8

enum record_int8_error {
	RECORD_INT8_OK = 0,
	RECORD_INT8_MAGIC,   /* another kind of record, or not version 1 */
	RECORD_INT8_NETWORK, /* a record of another network */
	RECORD_INT8_SCALE,   /* not a positive, normal number */
	RECORD_INT8_BIAS,    /* infinity or not a number */
	RECORD_INT8_WEIGHT,  /* -128 */
	RECORD_INT8_SHORT,   /* ends too early */
	RECORD_INT8_TRAILING /* goes on after its end */
};

/* Tensors of a layer, in their order in the record. */
enum record_int8_tensor {
	RECORD_INT8_SCALES,  /* (out) f32 */
	RECORD_INT8_BIASES,  /* (out) f32 */
	RECORD_INT8_WEIGHTS, /* (out, in) int8 */
	RECORD_INT8_TENSORS
};

/* State of a reader; private but for `error`, `offset` and `layer`. */
struct record_int8 {
	const struct nn_arch *arch;
	uint8_t *packed;
	enum record_int8_error error;
	uint64_t offset; /* bytes taken so far; of the refused value */
	uint32_t layer;	 /* whose tensor is next */
	uint32_t tensor;
	size_t at;   /* offset of the packed parameters of the layer */
	size_t have; /* bytes of the tensor taken so far */
};

/* The only length of a record of this network, which has 1 to 8 layers. */
size_t record_int8_size(const struct nn_arch *arch);

/*
 * Starts a record. `packed`: nn_dense8_size() bytes, filled with 0, owned by
 * the caller, in the order of dense8.h. They are incomplete until
 * record_int8_end() has returned RECORD_INT8_OK.
 */
void record_int8_begin(struct record_int8 *r, const struct nn_arch *arch,
		       uint8_t *packed);

/*
 * Takes the next `len` bytes; any split of the record gives the same result.
 * After an error each further call returns the same error.
 */
enum record_int8_error record_int8_push(struct record_int8 *r,
					const uint8_t *data, size_t len);

/* RECORD_INT8_OK if the record, and so the parameters, are complete. */
enum record_int8_error record_int8_end(struct record_int8 *r);

/* For reader and writer: byte i of the head of a record of this network. */
uint8_t record_int8_head(const struct nn_arch *arch, size_t i);

/*
 * For reader and writer: bytes of a tensor; offset in the packed layer of byte
 * i of a tensor, with *run, the number of bytes stored consecutively from
 * there.
 */
size_t record_int8_tensor_size(const struct nn_layer *layer, uint32_t tensor);
size_t record_int8_place(const struct nn_layer *layer, uint32_t tensor,
			 size_t i, size_t *run);

#endif
