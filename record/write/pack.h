/* SPDX-License-Identifier: Apache-2.0 */
/* Reorders parameters from a Burn record to the order of nn/pack.h. */
#ifndef RECORD_WRITE_PACK_H
#define RECORD_WRITE_PACK_H

#include "nn/pack.h"

/*
 * Packs all parameters of a network.
 * params: nn_param_count() f32; packed: nn_packed_count() f32
 */
void record_pack(const struct nn_arch *arch, const float *params,
		 float *packed);

#endif
