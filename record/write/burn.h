/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writer of Burn records, byte for byte as Burn 0.17.0's BinBytesRecorder
 * writes them at full precision. Workstation only; the TA does not link it.
 */
#ifndef RECORD_WRITE_BURN_H
#define RECORD_WRITE_BURN_H

#include "nn/arch.h"
#include "sink.h"

/*
 * The parameter ids that Burn without std gives to the first eight parameters
 * of a process: they make a record reproducible. A reader ignores them.
 */
extern const uint64_t record_burn_ids[8];

/*
 * Writes the record of packed parameters (see pack.h) to `sink`.
 * ids: one for each tensor, 2 * layer_count of them
 * False if the sink stopped it.
 */
bool record_burn_write(const struct nn_arch *arch, const float *packed,
		       const uint64_t *ids, record_sink sink, void *ctx);

#endif
