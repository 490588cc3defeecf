/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about records that were refused. */
#ifndef HOST_RECORD_WORDS_H
#define HOST_RECORD_WORDS_H

#include "host/base/error.h"
#include "record/burn.h"

/*
 * Fills *e: at which byte, what is wrong, and what to do. Always returns false.
 * len: bytes of the whole record; the rest of it may be trailing bytes
 */
bool enc_record_refused(const struct record_burn *r, uint64_t len,
			struct enc_error *e);

#endif
