/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks Burn records with the TA's own reader, and says what is wrong with
 * them.
 */
#ifndef HOST_RECORD_CHECK_H
#define HOST_RECORD_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"
#include "nn/arch.h"

/* A record that is read in pieces. */
struct enc_record;

/* len: bytes of the whole record. NULL: out of memory. */
struct enc_record *enc_record_begin(const struct nn_arch *arch, uint64_t len,
				    struct enc_error *e);

/*
 * Takes the next piece. The first piece must hold at least 16 bytes, or the
 * whole record if that is shorter: the file type is read from it. Fails if the
 * TA would not accept the record: *e says at which byte and why, or for a file
 * of another type which type it is.
 */
bool enc_record_push(struct enc_record *r, const uint8_t *data, size_t len,
		     struct enc_error *e);

/* Fails if the record is not complete. */
bool enc_record_end(struct enc_record *r, struct enc_error *e);

/* Wipes the parameters and frees *r, which may be NULL. */
void enc_record_free(struct enc_record *r);

/* A record that is read whole. */
struct enc_record_file {
	uint8_t *bytes;
	size_t len;
	const float *packed;	   /* its parameters: see nn/pack.h */
	struct enc_record *record; /* private */
};

/*
 * Reads a record and checks that the TA would accept it, as above. Free *file
 * after success. path: "-" is standard input.
 */
bool enc_record_read(const struct nn_arch *arch, const char *path,
		     struct enc_record_file *file, struct enc_error *e);

/* Wipes and frees what was read. */
void enc_record_file_free(struct enc_record_file *file);

#endif
