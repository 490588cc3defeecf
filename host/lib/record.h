/* SPDX-License-Identifier: Apache-2.0 */
/* Burn records on the owner's machine: the TA's reader, with words to it. */
#ifndef HOST_LIB_RECORD_H
#define HOST_LIB_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "nn/arch.h"

/* A record that comes in pieces. */
struct enc_record;

/* len: bytes that are to come. NULL: out of memory. */
struct enc_record *enc_record_begin(const struct nn_arch *arch, uint64_t len,
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

/*
 * Reads a record and verifies that the TA would accept it, as above.
 * path: "-" is standard input. *record is the caller's to free.
 */
bool enc_record_read(const struct nn_arch *arch, const char *path,
		     uint8_t **record, size_t *len, struct enc_error *e);

#endif
