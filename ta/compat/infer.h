/* SPDX-License-Identifier: Apache-2.0 */
/* INFER for models of enc_mnist-rs: Burn records, as Burn computes them. */
#ifndef TA_COMPAT_INFER_H
#define TA_COMPAT_INFER_H

#include "ta/session.h"

/* Bytes of session.work that compat_classify() needs. */
size_t compat_work_size(void);

/* The classify() of a model_kind. */
TEE_Result compat_classify(struct session *s, const uint8_t *images, size_t n,
			   uint8_t *labels);

#endif
