/* SPDX-License-Identifier: Apache-2.0 */
/* Why a record was refused, in words. */
#ifndef HOST_LIB_RECORD_WORDS_H
#define HOST_LIB_RECORD_WORDS_H

#include "error.h"
#include "nn/record.h"
#include "nn/record8.h"

/*
 * Fills *e: at which byte, what, and what to do.
 * len: bytes of the record, for what trails
 */
bool enc_record_refused(const struct nn_record *r, uint64_t len,
			struct enc_error *e);
bool enc_record8_refused(const struct nn_record8 *r, uint64_t len,
			 struct enc_error *e);

#endif
