/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network's parameters of either format: what takes them, and what computes
 * with them. Freestanding.
 */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "forward.h"
#include "record.h"
#include "record8.h"

/* Also what the head of a sealed model says of its plaintext: box/head.h. */
enum nn_format {
	NN_FORMAT_F32 = 1, /* a Burn record: record.h */
	NN_FORMAT_INT8 = 2 /* record8.h */
};

/* Bytes that the parameters take, packed; of the longest record of them. */
size_t nn_model_size(const struct nn_arch *arch, enum nn_format format);
size_t nn_model_record_max(const struct nn_arch *arch, enum nn_format format);

/* Logits of a batch: nn_logits() or nn_logits8(), see forward.h. */
void nn_model_logits(const struct nn_arch *arch, enum nn_format format,
		     const void *packed, const uint8_t *images, size_t n,
		     float *logits, void *work);

/* State of a reader of records of either format. */
struct nn_reader {
	enum nn_format format;
	union {
		struct nn_record f32;
		struct nn_record8 int8;
	};
};

/*
 * Starts a record. `packed`: nn_model_size() bytes, filled with 0, aligned for
 * a float, owned by the caller; half-written until nn_reader_end() has said
 * true.
 */
void nn_reader_begin(struct nn_reader *r, const struct nn_arch *arch,
		     enum nn_format format, void *packed);

/* The next bytes, in pieces of any size; false for good once one is refused. */
bool nn_reader_push(struct nn_reader *r, const uint8_t *data, size_t len);

/* True if the record is complete. */
bool nn_reader_end(struct nn_reader *r);

#endif
