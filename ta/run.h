/* SPDX-License-Identifier: Apache-2.0 */
/* DESCRIBE and RUN of proto/enc_mnist_ta.h, and INFER for networks. */
#ifndef TA_RUN_H
#define TA_RUN_H

#include "proto/enc_mnist_ta.h"
#include "session.h"

/* BAD_STATE: no model. NOT_SUPPORTED: a model of another kind. */
TEE_Result run_describe(const struct session *s,
			uint8_t answer[ENC_MNIST_DESCRIBE_BYTES]);

/* in, out: shared memory, of `in_size` and *out_size bytes. */
TEE_Result run(struct session *s, const void *in, size_t in_size, void *out,
	       size_t *out_size);

/* The classify() of a model_kind. */
TEE_Result run_classify(struct session *s, const uint8_t *images, size_t n,
			uint8_t *labels);

#endif
