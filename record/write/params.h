/* SPDX-License-Identifier: Apache-2.0 */
/* Packs parameters of layers as nn/params.h describes. Workstation only. */
#ifndef RECORD_WRITE_PARAMS_H
#define RECORD_WRITE_PARAMS_H

#include "nn/op.h"

/* Constants of a layer, row-major; int8 and int32 if its output is int8. */
struct record_weights {
	/*
	 * NN_CONV: (out, kernel height, kernel width, channels / groups).
	 * NN_DEPTHWISE: (kernel height, kernel width, channels)
	 */
	const void *weights;
	const void *bias;	      /* (out) f32 or int32; NULL: zeros */
	const struct nn_scale *scale; /* (out), of int8 */
};

/*
 * Packs the parameters of an NN_CONV or NN_DEPTHWISE that its operator's
 * check() accepts. packed: nn_params_size() bytes. False if a weight, a bias or
 * a scale of int8 is out of range.
 */
bool record_params_pack(const struct nn_at *at, const struct record_weights *w,
			uint8_t *packed);

#endif
