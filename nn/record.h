/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of Burn records: bytes in, in pieces of any size, parameters out.
 *
 * A record is what Burn's BinBytesRecorder or BinFileRecorder writes at full
 * precision (Burn 0.14 to 0.21); doc/FORMAT.md gives every byte. The caller
 * says which network it expects, and the reader takes that network's record
 * and nothing else: it refuses the first field that differs, every encoding
 * that Burn would not write, and any byte after the end.
 *
 * Freestanding: no allocation, no I/O. Whether to refuse depends on nothing
 * but the framing, and, once per tensor, on where a value is not finite.
 */
#ifndef NN_RECORD_H
#define NN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch.h"

enum nn_record_error {
	NN_RECORD_OK = 0,
	NN_RECORD_VARINT,   /* overlong, too wide, or a reserved marker */
	NN_RECORD_META,	    /* metadata string `field` is not as expected */
	NN_RECORD_VERSION,  /* Burn version outside 0.14 to 0.21 */
	NN_RECORD_OPTION,   /* bias tag neither 0 nor 1: `got` */
	NN_RECORD_NO_BIAS,  /* a layer without bias */
	NN_RECORD_ID,	    /* not a parameter id */
	NN_RECORD_SIZE,	    /* `got` bytes of data, `want` expected */
	NN_RECORD_RANK,	    /* `got` dimensions, `want` expected */
	NN_RECORD_SHAPE,    /* dimensions `shape`, others expected */
	NN_RECORD_DTYPE,    /* element type `got`, expected 1 (F32) */
	NN_RECORD_VALUE,    /* infinity or not a number */
	NN_RECORD_CONSTANT, /* the byte for dropout is `got`, not 0 */
	NN_RECORD_SHORT,    /* ends too early */
	NN_RECORD_TRAILING  /* goes on after its end */
};

/* Metadata strings, in their order in the record. */
enum nn_record_meta {
	NN_META_FLOAT,
	NN_META_INT,
	NN_META_FORMAT,
	NN_META_VERSION,
	NN_META_SETTINGS,
	NN_META_COUNT
};

#define NN_RECORD_TEXT_MAX 127 /* bytes of the longest string accepted */
#define NN_RECORD_RANK_MAX 2

/*
 * Where and why a record was refused. `field` and `text` are for META and
 * VERSION; `got` also is the first byte of a VARINT, the length of an ID or of
 * a META string that was refused for it (`text` is then empty), and the index
 * of a VALUE in its tensor.
 */
struct nn_record_report {
	enum nn_record_error error;
	uint64_t offset; /* of the field (or value) that was refused */
	uint32_t tensor; /* 2 l: weight of layer l; 2 l + 1: its bias */
	enum nn_record_meta field;
	uint64_t got;
	uint64_t want;
	uint64_t shape[NN_RECORD_RANK_MAX];
	char text[NN_RECORD_TEXT_MAX + 1]; /* the string that was refused */
};

/* State of a reader; private but for `report`. */
struct nn_record {
	const struct nn_arch *arch;
	float *params;
	struct nn_record_report report;
	uint64_t offset; /* bytes taken so far */
	uint64_t start;	 /* offset of the current field */
	uint32_t step;
	uint32_t tensor;
	uint32_t index; /* of the metadata string or dimension */
	size_t layer;	/* where the packed parameters of the layer begin */
	uint32_t not_finite; /* highest bit: a value of the tensor is not */
	size_t size;	     /* bytes of the current field */
	size_t have;	     /* of which so many are here */
	uint8_t field[NN_RECORD_TEXT_MAX + 1];
};

/*
 * Largest record of this network that the reader takes. A bound for a
 * container to refuse a length before any byte of the record has come.
 */
size_t nn_record_max_size(const struct nn_arch *arch);

/*
 * Starts a record. `params`: nn_packed_count() f32, filled with 0, owned by the
 * caller; packed (see pack.h), and half-written until nn_record_end() has
 * answered NN_RECORD_OK.
 */
void nn_record_begin(struct nn_record *r, const struct nn_arch *arch,
		     float *params);

/*
 * Takes the next `len` bytes; any split of the record gives the same result.
 * After an error each further call answers the same error.
 */
enum nn_record_error nn_record_push(struct nn_record *r, const uint8_t *data,
				    size_t len);

/* NN_RECORD_OK if the record is complete; the parameters are then whole. */
enum nn_record_error nn_record_end(struct nn_record *r);

#endif
