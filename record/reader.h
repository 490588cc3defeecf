/* SPDX-License-Identifier: Apache-2.0 */
/* Reader of records in either number format. Freestanding. */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "burn.h"
#include "int8.h"
#include "nn/model.h"

/* State of a reader. */
struct record_reader {
	enum nn_format format;
	union {
		struct record_burn f32;
		struct record_int8 int8;
	};
};

/* Bytes of the longest record of this network that the reader accepts. */
size_t record_reader_max_size(const struct nn_arch *arch,
			      enum nn_format format);

/*
 * Starts a record. `packed`: nn_model_size() bytes, filled with 0, aligned for
 * a float, owned by the caller. They are incomplete until record_reader_end()
 * has returned true.
 */
void record_reader_begin(struct record_reader *r, const struct nn_arch *arch,
			 enum nn_format format, void *packed);

/*
 * Takes the next bytes, in pieces of any size; after a refusal, always false.
 */
bool record_reader_push(struct record_reader *r, const uint8_t *data,
			size_t len);

/* True if the record is complete. */
bool record_reader_end(struct record_reader *r);

#endif
