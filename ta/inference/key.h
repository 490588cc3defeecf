/* SPDX-License-Identifier: Apache-2.0 */
/* The model key: one AES-256 key in the trusted storage of this TA. */
#ifndef KEY_H
#define KEY_H

#include <tee_internal_api.h>

/* Replaces the key; a power cut leaves the old one or the new one. */
TEE_Result key_store(const uint8_t *key, size_t size);

/*
 * Makes an AES-256-CBC operation under the key. mode: TEE_MODE_ENCRYPT or
 * TEE_MODE_DECRYPT. *op is the caller's to free; TEE_HANDLE_NULL on error.
 * TEE_ERROR_ITEM_NOT_FOUND: there is no key.
 */
TEE_Result key_cipher(uint32_t mode, TEE_OperationHandle *op);

#endif
