/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of networks whose weights are 8-bit integers: reader and writer. The
 * reader is of the kind of record.h; doc/FORMAT.md gives every byte.
 *
 * Everything but the values follows from the network, so the reader compares,
 * and refuses the first byte that differs. Freestanding: no allocation, no I/O.
 * Whether to refuse depends on no value but, once per tensor, on whether one is
 * out of range, and then on where the first such value is.
 */
#ifndef NN_RECORD8_H
#define NN_RECORD8_H

#include "dense8.h"
#include "record_write.h"

#define NN_RECORD8_MARK	      "ENC-INT8" /* the first 8 bytes */
#define NN_RECORD8_MARK_BYTES 8
#define NN_RECORD8_HEAD_BYTES 52
#define NN_RECORD8_LAYERS_MAX 8

enum nn_record8_error {
	NN_RECORD8_OK = 0,
	NN_RECORD8_MAGIC,   /* not such a record, or not of version 1 */
	NN_RECORD8_NETWORK, /* of another network */
	NN_RECORD8_SCALE,   /* not a positive, normal number */
	NN_RECORD8_BIAS,    /* infinity or not a number */
	NN_RECORD8_WEIGHT,  /* -128 */
	NN_RECORD8_SHORT,   /* ends too early */
	NN_RECORD8_TRAILING /* goes on after its end */
};

/* Tensors of a layer, in their order in the record. */
enum nn_record8_tensor {
	NN_RECORD8_SCALES,  /* (out) f32 */
	NN_RECORD8_BIASES,  /* (out) f32 */
	NN_RECORD8_WEIGHTS, /* (out, in) int8 */
	NN_RECORD8_TENSORS
};

/* State of a reader; private but for `error`, `offset` and `layer`. */
struct nn_record8 {
	const struct nn_arch *arch;
	uint8_t *packed;
	enum nn_record8_error error;
	uint64_t offset; /* bytes taken so far; of what was refused */
	uint32_t layer;	 /* whose tensor is next */
	uint32_t tensor;
	size_t at;   /* where the packed parameters of the layer begin */
	size_t have; /* bytes of head or tensor */
};

/* The one length of a record of this network; 1 to 8 layers. */
size_t nn_record8_size(const struct nn_arch *arch);

/*
 * Starts a record. `packed`: nn_dense8_size() bytes, filled with 0, owned by
 * the caller; see dense8.h. Half-written until nn_record8_end() has answered
 * OK.
 */
void nn_record8_begin(struct nn_record8 *r, const struct nn_arch *arch,
		      uint8_t *packed);

/*
 * Takes the next `len` bytes; any split of the record gives the same result.
 * After an error each further call answers the same error.
 */
enum nn_record8_error nn_record8_push(struct nn_record8 *r, const uint8_t *data,
				      size_t len);

/* NN_RECORD8_OK if the record is complete; the parameters are then whole. */
enum nn_record8_error nn_record8_end(struct nn_record8 *r);

/* Writes the record of packed parameters. False if the sink stopped it. */
bool nn_record8_write(const struct nn_arch *arch, const uint8_t *packed,
		      nn_sink sink, void *ctx);

/* For reader and writer: byte i of the head of this network's record. */
uint8_t nn_record8_head(const struct nn_arch *arch, size_t i);

/*
 * The same: bytes of a tensor; where byte i of it lies in a packed layer, and,
 * in *run, how many bytes lie one after another from there.
 */
size_t nn_record8_tensor_size(const struct nn_layer *layer, uint32_t tensor);
size_t nn_record8_place(const struct nn_layer *layer, uint32_t tensor, size_t i,
			size_t *run);

#endif
