/* SPDX-License-Identifier: Apache-2.0 */
/* Encrypts a record as enc_mnist-rs does: compat/cbc.h with OpenSSL's AES. */
#ifndef HOST_COMPAT_CBC_H
#define HOST_COMPAT_CBC_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"

/*
 * Encrypts a record under a fresh random IV. Overwrites the record.
 * key: 32 bytes; *container: IV and ciphertext, the caller frees it
 */
bool enc_cbc_seal(const uint8_t *key, uint8_t *record, size_t len,
		  uint8_t **container, size_t *container_len,
		  struct enc_error *e);

#endif
