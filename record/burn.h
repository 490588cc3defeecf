/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader of Burn records: takes bytes in pieces of any size, gives parameters.
 *
 * A record is the output of Burn's BinBytesRecorder or BinFileRecorder at full
 * precision (Burn 0.14 to 0.21); doc/FORMAT.md, section 3, gives every byte.
 * The caller names the network, and the reader takes only records of that
 * network: it refuses the first field that differs, every encoding that Burn
 * would not write, and any byte after the end.
 *
 * Freestanding: no allocation, no I/O. A refusal depends only on the framing
 * and, once per tensor, on the position of the first value that is not finite.
 */
#ifndef RECORD_BURN_H
#define RECORD_BURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nn/arch.h"

enum record_burn_error {
	RECORD_BURN_OK = 0,
	RECORD_BURN_VARINT,   /* overlong, too wide, or a reserved marker */
	RECORD_BURN_META,     /* metadata string `field` is not as expected */
	RECORD_BURN_VERSION,  /* Burn version outside 0.14 to 0.21 */
	RECORD_BURN_OPTION,   /* bias tag neither 0 nor 1: `got` */
	RECORD_BURN_NO_BIAS,  /* a layer without bias */
	RECORD_BURN_ID,	      /* not a parameter id */
	RECORD_BURN_SIZE,     /* `got` bytes of data, `want` expected */
	RECORD_BURN_RANK,     /* `got` dimensions, `want` expected */
	RECORD_BURN_SHAPE,    /* dimensions `shape`, others expected */
	RECORD_BURN_DTYPE,    /* element type `got`, expected 1 (F32) */
	RECORD_BURN_VALUE,    /* infinity or not a number */
	RECORD_BURN_CONSTANT, /* the byte for dropout is `got`, not 0 */
	RECORD_BURN_SHORT,    /* ends too early */
	RECORD_BURN_TRAILING  /* goes on after its end */
};

/* Metadata strings, in their order in the record. */
enum record_burn_meta {
	RECORD_META_FLOAT,
	RECORD_META_INT,
	RECORD_META_FORMAT,
	RECORD_META_VERSION,
	RECORD_META_SETTINGS,
	RECORD_META_COUNT
};

#define RECORD_BURN_TEXT_MAX 127 /* bytes of the longest string accepted */
#define RECORD_BURN_RANK_MAX 2

/*
 * Where and why a record was refused. `field` and `text` are for META and
 * VERSION. `got` is also the first byte of a VARINT, the length of a refused ID
 * or of a META string whose length was refused (`text` is then empty), and the
 * index of a VALUE in its tensor.
 */
struct record_burn_report {
	enum record_burn_error error;
	uint64_t offset; /* of the refused field or value */
	uint32_t tensor; /* 2 l: weight of layer l; 2 l + 1: its bias */
	enum record_burn_meta field;
	uint64_t got;
	uint64_t want;
	uint64_t shape[RECORD_BURN_RANK_MAX];
	char text[RECORD_BURN_TEXT_MAX + 1]; /* the refused string */
};

/* State of a reader; private but for `report`. */
struct record_burn {
	const struct nn_arch *arch;
	float *params;
	struct record_burn_report report;
	uint64_t offset; /* bytes taken so far */
	uint64_t start;	 /* offset of the current field */
	uint32_t step;
	uint32_t tensor;
	uint32_t index;	     /* of the metadata string or dimension */
	size_t layer;	     /* offset of the packed parameters of the layer */
	uint32_t not_finite; /* highest bit: the tensor has such a value */
	size_t size;	     /* bytes of the current field */
	size_t have;	     /* of these, bytes taken so far */
	uint8_t field[RECORD_BURN_TEXT_MAX + 1];
};

/*
 * Bytes of the largest record of this network that the reader accepts. With it
 * a container refuses a length before any byte of the record has come.
 */
size_t record_burn_max_size(const struct nn_arch *arch);

/*
 * Starts a record. `params`: nn_packed_count() f32, filled with 0, owned by the
 * caller, in the order of pack.h. They are incomplete until record_burn_end()
 * has returned RECORD_BURN_OK.
 */
void record_burn_begin(struct record_burn *r, const struct nn_arch *arch,
		       float *params);

/*
 * Takes the next `len` bytes; any split of the record gives the same result.
 * After an error each further call returns the same error.
 */
enum record_burn_error record_burn_push(struct record_burn *r,
					const uint8_t *data, size_t len);

/* RECORD_BURN_OK if the record, and so the parameters, are complete. */
enum record_burn_error record_burn_end(struct record_burn *r);

#endif
