/* SPDX-License-Identifier: Apache-2.0 */
/* Burn records on the owner's machine: the TA's reader, with words to it. */
#ifndef HOST_LIB_RECORD_H
#define HOST_LIB_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "nn/arch.h"

/*
 * Reads a record and verifies that the TA would accept it. If not, *e says at
 * which byte and why, and for files of other kinds how to make a record.
 * path: "-" is standard input. *record is the caller's to free.
 */
bool enc_record_read(const struct nn_arch *arch, const char *path,
		     uint8_t **record, size_t *len, struct enc_error *e);

#endif
