/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-CBC under the key of STORE_KEY: the cipher of compat/cbc.h. */
#ifndef TA_COMPAT_CIPHER_H
#define TA_COMPAT_CIPHER_H

#include "compat/cbc.h"
#include "ta/kit.h"
#include "ta/session.h"

/*
 * mode: TEE_MODE_ENCRYPT or TEE_MODE_DECRYPT. The caller frees *op, which is
 * TEE_HANDLE_NULL on error. TEE_ERROR_ITEM_NOT_FOUND: no key is stored.
 */
TEE_Result cipher_open(uint32_t mode, TEE_OperationHandle *op);

void cipher_start(TEE_OperationHandle op,
		  const uint8_t iv[BOX_CBC_BLOCK_BYTES]);

/* Processes whole blocks in place; `data` is never shared memory. */
bool cipher_blocks(TEE_OperationHandle op, uint8_t *data, size_t len);

/* Of session.work, that cipher_push() needs. */
#define CIPHER_WORK_BYTES 65536u

typedef enum box_error (*cipher_box_push)(struct box_cbc *box, uint8_t *data,
					  size_t len);

/*
 * Copies `size` bytes of shared memory to session.work, each byte once, and
 * pushes them from there in pieces; then wipes session.work.
 */
enum box_error cipher_push(struct session *s, struct box_cbc *box,
			   cipher_box_push push, const void *in, size_t size);

#endif
