/* SPDX-License-Identifier: Apache-2.0 */
/* Wrappers that create TEE objects and operations and free them on error. */
#ifndef TA_CRYPTO_H
#define TA_CRYPTO_H

#include <tee_internal_api.h>

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

/* Frees an operation; TEE_HANDLE_NULL is allowed. */
void crypto_free(TEE_OperationHandle op);

#endif
