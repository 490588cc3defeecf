/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-CBC under the key of STORE_KEY, for compat/cbc.h. */
#ifndef TA_COMPAT_CIPHER_H
#define TA_COMPAT_CIPHER_H

#include <tee_internal_api.h>

#include "compat/cbc.h"
#include "ta/session.h"

/*
 * mode: TEE_MODE_ENCRYPT or TEE_MODE_DECRYPT. *op is the caller's to free;
 * TEE_HANDLE_NULL on error. TEE_ERROR_ITEM_NOT_FOUND: there is no key.
 */
TEE_Result cipher_open(uint32_t mode, TEE_OperationHandle *op);

void cipher_start(TEE_OperationHandle op,
		  const uint8_t iv[BOX_CBC_BLOCK_BYTES]);

/* Whole blocks, in place, in memory of the TA's own. */
bool cipher_blocks(TEE_OperationHandle op, uint8_t *data, size_t len);

typedef enum box_error (*cipher_box_push)(struct box_cbc *box, uint8_t *data,
					  size_t len);

/*
 * Copies `size` bytes of shared memory, once, to session.work, piece by piece,
 * and pushes them from there; wipes what that has left.
 */
enum box_error cipher_push(struct session *s, struct box_cbc *box,
			   cipher_box_push push, const void *in, size_t size);

#endif
