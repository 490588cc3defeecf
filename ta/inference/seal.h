/* SPDX-License-Identifier: Apache-2.0 */
/* ENCRYPT and DECRYPT of proto/enc_mnist_ta.h; feature encrypt-model. */
#ifndef SEAL_H
#define SEAL_H

#include "session.h"

/* *out_size: room at `out`, set to what was written or would be needed. */
TEE_Result seal_encrypt(struct session *s, const void *in, size_t in_size,
			void *out, size_t *out_size);
TEE_Result seal_decrypt(struct session *s, const void *in, size_t in_size,
			void *out, size_t *out_size);

#endif
