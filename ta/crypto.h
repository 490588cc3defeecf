/* SPDX-License-Identifier: Apache-2.0 */
/* Wrappers that create TEE objects and operations and free them on error. */
#ifndef TA_CRYPTO_H
#define TA_CRYPTO_H

#include "box/head.h"
#include "box/hpke.h"
#include "kit.h"

#define CRYPTO_BITS(bytes) (8u * (uint32_t)(bytes))

/*
 * Creates a transient object with one attribute. The caller frees *object,
 * which is TEE_HANDLE_NULL on error.
 */
TEE_Result crypto_object(uint32_t type, uint32_t attribute, const void *value,
			 size_t size, TEE_ObjectHandle *object);

/*
 * Allocates an operation, which copies the key. The caller frees *op, which is
 * TEE_HANDLE_NULL on error.
 */
TEE_Result crypto_operation(uint32_t algorithm, uint32_t mode, size_t key_size,
			    TEE_ObjectHandle key, TEE_OperationHandle *op);

/*
 * As crypto_operation(), with a key given as bytes: the only attribute of a
 * transient object of `type`.
 */
TEE_Result crypto_operation_raw(uint32_t algorithm, uint32_t mode,
				uint32_t type, uint32_t attribute,
				const void *key, size_t key_size,
				TEE_OperationHandle *op);

/*
 * Derives a secret of `size` bytes with X25519 or HKDF and its parameters. The
 * caller has ruled out inputs over which the TEE would panic.
 */
TEE_Result crypto_derive(TEE_OperationHandle op, const TEE_Attribute *params,
			 uint32_t count, uint8_t *secret, size_t size);

/*
 * Checks an Ed25519 signature: TEE_ERROR_SIGNATURE_INVALID. Its second half has
 * been checked (box_head_read(), box_envelope_read()).
 */
TEE_Result crypto_verify(const uint8_t key[BOX_OWNER_BYTES], const void *data,
			 size_t size,
			 const uint8_t signature[BOX_SIGNATURE_BYTES]);

/* HMAC-SHA256, a box_hmac. ctx: TEE_Result, what went wrong if it is false. */
bool crypto_hmac(void *ctx, const uint8_t key[BOX_HMAC_BYTES],
		 const struct box_part *parts, size_t count,
		 uint8_t mac[BOX_HMAC_BYTES]);

/* Frees an operation; TEE_HANDLE_NULL is allowed. */
void crypto_free(TEE_OperationHandle op);

#endif
