/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Size of a network's parameters, and the forward pass over them, in either
 * number format. Freestanding.
 */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "forward.h"

/* Also the plaintext format in the head of a sealed model: box/head.h. */
enum nn_format {
	NN_FORMAT_F32 = 1, /* a Burn record: record/burn.h */
	NN_FORMAT_INT8 = 2 /* record/int8.h */
};

/* Bytes of the packed parameters. */
size_t nn_model_size(const struct nn_arch *arch, enum nn_format format);

/*
 * Computes the logits of a batch: nn_logits() or nn_logits8(), see forward.h.
 */
void nn_model_logits(const struct nn_arch *arch, enum nn_format format,
		     const void *packed, const uint8_t *images, size_t n,
		     float *logits, void *work);

#endif
