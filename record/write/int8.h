/* SPDX-License-Identifier: Apache-2.0 */
/* Writer of records of 8-bit weights. Workstation only. */
#ifndef RECORD_WRITE_INT8_H
#define RECORD_WRITE_INT8_H

#include "nn/arch.h"
#include "sink.h"

/*
 * Writes the record of packed parameters (nn/dense8.h) to `sink`. False if the
 * sink stopped it.
 */
bool record_int8_write(const struct nn_arch *arch, const uint8_t *packed,
		       record_sink sink, void *ctx);

#endif
