/* SPDX-License-Identifier: Apache-2.0 */
/* INFER of proto/enc_mnist_ta.h. */
#ifndef TA_INFER_H
#define TA_INFER_H

#include "session.h"

/*
 * images: `size` bytes; labels: room for *label_count, which is set to their
 * number, or, with TEE_ERROR_SHORT_BUFFER, to the number that needs room.
 */
TEE_Result infer(struct session *s, const void *images, size_t size,
		 void *labels, size_t *label_count);

#endif
