/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of every kind: the supported ones, their keys and states. */
#include "operation.h"

#include <stdlib.h>
#include <string.h>
#include <tee_internal_api_extensions.h>

#include "testkit/secret.h"

static const struct si_algorithm algorithms[] = {
	{ TEE_ALG_AES_CBC_NOPAD, TEE_OPERATION_CIPHER, TEE_TYPE_AES },
	{ TEE_ALG_AES_GCM, TEE_OPERATION_AE, TEE_TYPE_AES },
	{ TEE_ALG_HMAC_SHA256, TEE_OPERATION_MAC, TEE_TYPE_HMAC_SHA256 },
	{ TEE_ALG_SHA256, TEE_OPERATION_DIGEST, 0 },
	{ TEE_ALG_HKDF_SHA256_DERIVE_KEY, TEE_OPERATION_KEY_DERIVATION,
	  TEE_TYPE_HKDF_IKM },
	{ TEE_ALG_X25519, TEE_OPERATION_KEY_DERIVATION,
	  TEE_TYPE_X25519_KEYPAIR },
	{ TEE_ALG_ED25519, TEE_OPERATION_ASYMMETRIC_SIGNATURE,
	  TEE_TYPE_ED25519_PUBLIC_KEY },
};

static const struct si_algorithm *find(uint32_t id)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]);
	     i++) {
		if (algorithms[i].id == id)
			return &algorithms[i];
	}
	return NULL;
}

/* The key usage that this mode needs. False: there is no such mode. */
static bool usage_of(uint32_t operation_class, uint32_t mode, uint32_t *usage)
{
	static const struct {
		uint32_t operation_class;
		uint32_t mode;
		uint32_t usage;
	} modes[] = {
		{ TEE_OPERATION_CIPHER, TEE_MODE_ENCRYPT, TEE_USAGE_ENCRYPT },
		{ TEE_OPERATION_CIPHER, TEE_MODE_DECRYPT, TEE_USAGE_DECRYPT },
		{ TEE_OPERATION_AE, TEE_MODE_ENCRYPT, TEE_USAGE_ENCRYPT },
		{ TEE_OPERATION_AE, TEE_MODE_DECRYPT, TEE_USAGE_DECRYPT },
		{ TEE_OPERATION_MAC, TEE_MODE_MAC, TEE_USAGE_MAC },
		{ TEE_OPERATION_DIGEST, TEE_MODE_DIGEST, 0 },
		{ TEE_OPERATION_KEY_DERIVATION, TEE_MODE_DERIVE,
		  TEE_USAGE_DERIVE },
		{ TEE_OPERATION_ASYMMETRIC_SIGNATURE, TEE_MODE_VERIFY,
		  TEE_USAGE_VERIFY },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		*usage = modes[i].usage;
		if (modes[i].operation_class == operation_class &&
		    modes[i].mode == mode)
			return true;
	}
	return false;
}

static TEE_OperationHandle new_operation(const struct si_algorithm *algorithm,
					 uint32_t mode, uint32_t usage)
{
	TEE_OperationHandle op = calloc(1, sizeof(*op));

	op->algorithm = algorithm;
	op->mode = mode;
	op->usage = usage;
	op->key.type = algorithm->key_type;
	secret_library(true);
	op->cipher = EVP_CIPHER_CTX_new();
	secret_library(false);
	op->next = si_current->operations;
	si_current->operations = op;
	return op;
}

TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation,
				 uint32_t algorithm, uint32_t mode,
				 uint32_t bits)
{
	const struct si_algorithm *of = find(algorithm);
	const struct si_type *type = NULL;
	uint32_t usage = 0;
	TEE_Result res = FAULT(TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED,
			       TEE_SUCCESS);

	if (res != TEE_SUCCESS)
		return res;
	if (!of || !usage_of(of->operation_class, mode, &usage))
		return TEE_ERROR_NOT_SUPPORTED;
	type = si_type_find(of->key_type);
	if (type && !si_type_has_size(type, bits))
		return TEE_ERROR_NOT_SUPPORTED;
	*operation = new_operation(of, mode, usage);
	(*operation)->max_bits = bits;
	si_operation_reset(*operation);
	return TEE_SUCCESS;
}

static void drop(struct si_instance *of, TEE_OperationHandle op)
{
	TEE_OperationHandle *link = &of->operations;

	while (*link && *link != op)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never allocated, or freed before */
	*link = op->next;
	EVP_CIPHER_CTX_free(op->cipher);
	free(op->message);
	free(op);
}

void TEE_FreeOperation(TEE_OperationHandle operation)
{
	if (operation != TEE_HANDLE_NULL)
		drop(si_current, operation);
}

size_t si_count_operations(const struct si_instance *of)
{
	size_t count = 0;

	for (TEE_OperationHandle op = of->operations; op; op = op->next)
		count++;
	return count;
}

size_t si_drop_operations(struct si_instance *of)
{
	const size_t count = si_count_operations(of);

	while (of->operations)
		drop(of, of->operations);
	return count;
}

void si_check_operation(TEE_OperationHandle operation, uint32_t wanted)
{
	si_require(operation != TEE_HANDLE_NULL &&
		   operation->algorithm->operation_class == wanted);
}

void si_operation_reset(TEE_OperationHandle operation)
{
	operation->active = false;
	operation->message_size = 0;
	/* digests are always ready */
	operation->initialized =
		operation->algorithm->operation_class == TEE_OPERATION_DIGEST;
}

void TEE_ResetOperation(TEE_OperationHandle operation)
{
	FAULT_PANIC();
	si_require(operation != TEE_HANDLE_NULL &&
		   (operation->key_set || !operation->algorithm->key_type));
	si_operation_reset(operation);
}

TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation,
			       TEE_ObjectHandle object)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_require(operation != TEE_HANDLE_NULL);
	si_check_object(object);
	if (res != TEE_SUCCESS)
		return res;
	si_require((si_object_usage(object) & operation->usage) ==
			   operation->usage &&
		   object->key.bits <= operation->max_bits &&
		   si_is_initialized(object) &&
		   object->key.type == operation->algorithm->key_type);
	operation->key = object->key;
	operation->key_set = true;
	if (operation->active)
		si_operation_reset(operation);
	return TEE_SUCCESS;
}
