/* SPDX-License-Identifier: Apache-2.0 */
/* ENCRYPT and DECRYPT of proto/enc_mnist_ta.h; feature encrypt-model. */
#ifndef TA_COMPAT_CRYPT_H
#define TA_COMPAT_CRYPT_H

#include "ta/session.h"

/*
 * *out_size: room at `out`; set to the bytes written, or, with
 * TEE_ERROR_SHORT_BUFFER, to the bytes needed.
 */
TEE_Result compat_encrypt(struct session *s, const void *in, size_t in_size,
			  void *out, size_t *out_size);
TEE_Result compat_decrypt(struct session *s, const void *in, size_t in_size,
			  void *out, size_t *out_size);

#endif
