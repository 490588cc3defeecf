/* SPDX-License-Identifier: Apache-2.0 */
/* AES-CBC, computed by OpenSSL, and randomness. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "standin.h"
#include "tests/lib/secret.h"

#define BLOCK_BYTES 16
#define KEY_BYTES   32

void (*secrets_hook)(size_t at, uint8_t *data, size_t size);

struct __TEE_OperationHandle {
	TEE_OperationHandle next;
	EVP_CIPHER_CTX *cipher;
	uint32_t mode;
	bool key_set;
	bool initialized;
	size_t done; /* bytes since TEE_CipherInit() */
	uint8_t key[KEY_BYTES];
};

void standin_secrets(void (*hook)(size_t at, uint8_t *data, size_t size))
{
	secrets_hook = hook;
}

TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation,
				 uint32_t algorithm, uint32_t mode,
				 uint32_t bits)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;
	TEE_Result res = FAULT(TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED,
			       TEE_SUCCESS);

	if (res != TEE_SUCCESS)
		return res;
	if (algorithm != TEE_ALG_AES_CBC_NOPAD || bits != 8 * KEY_BYTES ||
	    (mode != TEE_MODE_ENCRYPT && mode != TEE_MODE_DECRYPT))
		return TEE_ERROR_NOT_SUPPORTED;
	op = calloc(1, sizeof(*op));
	secret_library(true);
	op->cipher = EVP_CIPHER_CTX_new();
	secret_library(false);
	op->mode = mode;
	op->next = instance->operations;
	instance->operations = op;
	*operation = op;
	return TEE_SUCCESS;
}

static void drop(struct instance *of, TEE_OperationHandle op)
{
	TEE_OperationHandle *link = &of->operations;

	while (*link && *link != op)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never allocated, or freed before */
	*link = op->next;
	EVP_CIPHER_CTX_free(op->cipher);
	free(op);
}

void TEE_FreeOperation(TEE_OperationHandle operation)
{
	if (operation != TEE_HANDLE_NULL)
		drop(instance, operation);
}

size_t instance_drop_operations(struct instance *of)
{
	size_t count = 0;

	for (; of->operations; count++)
		drop(of, of->operations);
	return count;
}

TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation,
			       TEE_ObjectHandle object)
{
	const uint8_t *key = NULL;
	size_t size = 0;
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	if (operation->initialized)
		TEE_Panic(0);
	if (res != TEE_SUCCESS)
		return res;
	key = object_key(object, &size);
	if (size != KEY_BYTES)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	memcpy(operation->key, key, size);
	operation->key_set = true;
	return TEE_SUCCESS;
}

void TEE_CipherInit(TEE_OperationHandle operation, const void *iv, size_t size)
{
	FAULT_PANIC();
	if (!operation->key_set || size != BLOCK_BYTES)
		TEE_Panic(0);
	secret_library(true);
	if (EVP_CipherInit_ex(operation->cipher, EVP_aes_256_cbc(), NULL,
			      operation->key, iv,
			      operation->mode == TEE_MODE_ENCRYPT) != 1 ||
	    EVP_CIPHER_CTX_set_padding(operation->cipher, 0) != 1)
		abort();
	secret_library(false);
	operation->initialized = true;
	operation->done = 0;
}

/* Like OP-TEE's, but that whole blocks are all it takes. */
TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *src,
			    size_t size, void *dest, size_t *dest_size)
{
	int done = 0;

	FAULT_PANIC();
	check_private(dest_size, sizeof(*dest_size));
	if (!operation->initialized || size % BLOCK_BYTES || (!src && size))
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	if (*dest_size < size) {
		*dest_size = size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	/* what OP-TEE's cipher does with secrets is not the question here */
	secret_reveal(src, size);
	secret_library(true);
	if (EVP_CipherUpdate(operation->cipher, dest, &done, src, (int)size) !=
	    1)
		abort();
	secret_library(false);
	secret_reveal(&done, sizeof(done));
	secret_reveal(dest, (size_t)done);
	if (secrets_hook && operation->mode == TEE_MODE_DECRYPT) {
		secret_make(dest, (size_t)done);
		secrets_hook(operation->done, dest, (size_t)done);
	}
	operation->done += (size_t)done;
	*dest_size = (size_t)done;
	return TEE_SUCCESS;
}

void TEE_GenerateRandom(void *buffer, size_t size)
{
	FAULT_PANIC();
	secret_library(true);
	if (RAND_bytes(buffer, (int)size) != 1)
		abort();
	secret_library(false);
	secret_reveal(buffer, size);
}
