/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and operations of the TEE, without their handles. */
#ifndef TA_CRYPTO_H
#define TA_CRYPTO_H

#include <tee_internal_api.h>

#define CRYPTO_BITS(bytes) (8u * (uint32_t)(bytes))

/*
 * A transient object of one attribute. *object is the caller's to free;
 * TEE_HANDLE_NULL on error.
 */
TEE_Result crypto_object(uint32_t type, uint32_t attribute, const void *value,
			 size_t size, TEE_ObjectHandle *object);

/*
 * An operation with a key, which it copies. *op is the caller's to free;
 * TEE_HANDLE_NULL on error.
 */
TEE_Result crypto_operation(uint32_t algorithm, uint32_t mode, size_t key_size,
			    TEE_ObjectHandle key, TEE_OperationHandle *op);

/* The same with a key that is bytes, to be the only attribute of its type. */
TEE_Result crypto_operation_raw(uint32_t algorithm, uint32_t mode,
				uint32_t type, uint32_t attribute,
				const void *key, size_t key_size,
				TEE_OperationHandle *op);

/*
 * A secret of `size` bytes by an operation that derives keys: X25519 or HKDF,
 * with its parameters. What the TEE would panic over must have been ruled out.
 */
TEE_Result crypto_derive(TEE_OperationHandle op, const TEE_Attribute *params,
			 uint32_t count, uint8_t *secret, size_t size);

/* TEE_HANDLE_NULL is fine. */
void crypto_free(TEE_OperationHandle op);

#endif
