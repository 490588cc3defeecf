/* SPDX-License-Identifier: Apache-2.0 */
/* AES, computed by OpenSSL, and AES-CBC. */
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "secrets.h"
#include "testkit/secret.h"

#define BLOCK_BYTES 16

static const EVP_CIPHER *cipher_of(size_t key_size, bool gcm)
{
	switch (key_size) {
	case 16:
		return gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
	case 24:
		return gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc();
	default:
		return gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
	}
}

void si_cipher_start(TEE_OperationHandle operation, bool gcm, const uint8_t *iv,
		     size_t iv_size)
{
	const struct si_value *key = &operation->key.value[0];
	const int encrypt = operation->mode == TEE_MODE_ENCRYPT;
	EVP_CIPHER_CTX *ctx = operation->cipher;
	bool done = false;

	secret_library(true);
	done = EVP_CipherInit_ex(ctx, cipher_of(key->size, gcm), NULL, NULL,
				 NULL, encrypt) == 1 &&
	       (!gcm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN,
					    (int)iv_size, NULL) == 1) &&
	       EVP_CipherInit_ex(ctx, NULL, NULL, key->bytes, iv, encrypt) ==
		       1 &&
	       EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
	secret_library(false);
	if (!done)
		abort();
	operation->initialized = true;
	operation->done = 0;
}

void si_cipher_run(TEE_OperationHandle operation, uint8_t *data, size_t size,
		   bool associated)
{
	int done = 0;

	secret_library(true);
	if (size &&
	    EVP_CipherUpdate(operation->cipher, associated ? NULL : data, &done,
			     data, (int)size) != 1)
		abort();
	secret_library(false);
	secret_reveal(data, size);
}

void TEE_CipherInit(TEE_OperationHandle operation, const void *iv, size_t size)
{
	FAULT_PANIC();
	si_check_operation(operation, TEE_OPERATION_CIPHER);
	si_require(operation->key_set && size == BLOCK_BYTES);
	si_cipher_start(operation, false, iv, size);
	operation->active = true;
}

/* Like OP-TEE's, but accepts only whole blocks. */
TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *src,
			    size_t size, void *dest, size_t *dest_size)
{
	uint8_t *data = NULL;

	FAULT_PANIC();
	si_check_private(dest_size, sizeof(*dest_size));
	si_check_operation(operation, TEE_OPERATION_CIPHER);
	si_require(operation->initialized && size % BLOCK_BYTES == 0 &&
		   (src || !size));
	if (*dest_size < size) {
		*dest_size = size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	data = si_plain_copy(src, size);
	si_cipher_run(operation, data, size, false);
	if (size)
		memcpy(dest, data, size);
	free(data);
	if (operation->mode == TEE_MODE_DECRYPT)
		si_decrypted(operation->done, dest, size);
	operation->done += size;
	*dest_size = size;
	return TEE_SUCCESS;
}
