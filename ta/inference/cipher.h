/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-CBC under the model key. */
#ifndef CIPHER_H
#define CIPHER_H

#include <tee_internal_api.h>

#include "box/cbc.h"

/*
 * mode: TEE_MODE_ENCRYPT or TEE_MODE_DECRYPT. *op is the caller's to free;
 * TEE_HANDLE_NULL on error. TEE_ERROR_ITEM_NOT_FOUND: there is no key.
 */
TEE_Result cipher_open(uint32_t mode, TEE_OperationHandle *op);

void cipher_start(TEE_OperationHandle op,
		  const uint8_t iv[BOX_CBC_BLOCK_BYTES]);

/* Whole blocks, in place, in memory of the TA's own. */
bool cipher_blocks(TEE_OperationHandle op, uint8_t *data, size_t len);

#endif
