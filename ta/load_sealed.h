/* SPDX-License-Identifier: Apache-2.0 */
/* BEGIN_SEALED of proto/enc_mnist_ta.h. */
#ifndef TA_LOAD_SEALED_H
#define TA_LOAD_SEALED_H

#include "session.h"

/* head: `size` bytes of shared memory. */
TEE_Result load_sealed_begin(struct session *s, const void *head, size_t size);

#endif
