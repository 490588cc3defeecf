/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of either format on the owner's machine: the TA's readers, with words
 * to them.
 */
#ifndef HOST_RECORD_CHECK_H
#define HOST_RECORD_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "nn/model.h"

/* A record that comes in pieces. */
struct enc_record;

/* What the first bytes of a record, eight if it has so many, say it is. */
enum nn_format enc_record_format(const uint8_t *data, size_t len);

/* len: bytes that are to come. NULL: out of memory. */
struct enc_record *enc_record_begin(const struct nn_arch *arch,
				    enum nn_format format, uint64_t len,
				    struct enc_error *e);

/*
 * Takes the next piece. The first one must have 16 bytes, if there are so many:
 * what kind of file it is shows there. If it is not what the TA would accept,
 * *e says at which byte and why, and for files of other kinds how to make a
 * record.
 */
bool enc_record_push(struct enc_record *r, const uint8_t *data, size_t len,
		     struct enc_error *e);

/* Whether the record is complete. */
bool enc_record_end(struct enc_record *r, struct enc_error *e);

/* Wipes the parameters that were read. NULL is fine. */
void enc_record_free(struct enc_record *r);

/* A record that was read whole. */
struct enc_record_file {
	enum nn_format format;
	uint8_t *bytes;
	size_t len;
	const void *packed;	   /* its parameters: see nn/model.h */
	struct enc_record *record; /* private */
};

/*
 * Reads a record and verifies that the TA would accept it, as above.
 * path: "-" is standard input. To be freed after success.
 */
bool enc_record_read(const struct nn_arch *arch, const char *path,
		     struct enc_record_file *file, struct enc_error *e);

/* Wipes what was read. */
void enc_record_file_free(struct enc_record_file *file);

#endif
