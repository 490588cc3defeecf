/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-GCM as OP-TEE has it: decrypted bytes are written before the tag is
 * checked, and stay. Two uses that OP-TEE before 4.8 gets wrong are panics
 * here: source and destination that overlap, and a source that the normal world
 * can change, which OP-TEE reads twice.
 */
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "secrets.h"
#include "testkit/secret.h"

#define TAG_BITS_MIN 96
#define TAG_BITS_MAX 128

TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce,
		      size_t nonce_size, uint32_t tag_bits, size_t aad_size,
		      size_t payload_size)
{
	uint8_t *iv = NULL;
	TEE_Result res = FAULT(TEE_ERROR_NOT_SUPPORTED, TEE_SUCCESS);

	(void)aad_size; /* for AES-CCM */
	(void)payload_size;
	si_check_operation(operation, TEE_OPERATION_AE);
	si_require(nonce && nonce_size && !operation->active);
	if (res != TEE_SUCCESS || tag_bits < TAG_BITS_MIN ||
	    tag_bits > TAG_BITS_MAX || tag_bits % 8)
		return TEE_ERROR_NOT_SUPPORTED;
	si_require(operation->key_set);
	iv = si_plain_copy(nonce, nonce_size);
	si_cipher_start(operation, true, iv, nonce_size);
	free(iv);
	operation->tag_size = tag_bits / 8;
	return TEE_SUCCESS;
}

void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *aad,
		     size_t size)
{
	uint8_t *copy = NULL;

	FAULT_PANIC();
	si_check_operation(operation, TEE_OPERATION_AE);
	si_require((aad || !size) && operation->initialized &&
		   !operation->active);
	copy = si_plain_copy(aad, size);
	si_cipher_run(operation, copy, size, true);
	free(copy);
}

static void check_payload(TEE_OperationHandle operation, const void *src,
			  size_t size, const void *dest,
			  const size_t *dest_size)
{
	si_check_private(dest_size, sizeof(*dest_size));
	si_check_operation(operation, TEE_OPERATION_AE);
	si_check_private(src, size);
	si_require((src || !size) && operation->initialized &&
		   (*dest_size < size || !si_overlap(src, size, dest, size)));
}

/* False: there is not enough room; *dest_size is the size needed. */
static bool run(TEE_OperationHandle operation, const void *src, size_t size,
		void *dest, size_t *dest_size)
{
	const bool room = *dest_size >= size;
	uint8_t *data = NULL;

	*dest_size = size;
	if (!room)
		return false;
	data = si_plain_copy(src, size);
	si_cipher_run(operation, data, size, false);
	if (size)
		memcpy(dest, data, size);
	free(data);
	if (operation->mode == TEE_MODE_DECRYPT)
		si_decrypted(operation->done, dest, size);
	operation->done += size;
	return true;
}

TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *src,
			size_t size, void *dest, size_t *dest_size)
{
	FAULT_PANIC();
	check_payload(operation, src, size, dest, dest_size);
	if (!run(operation, src, size, dest, dest_size))
		return TEE_ERROR_SHORT_BUFFER;
	if (size)
		operation->active = true;
	return TEE_SUCCESS;
}

/* Makes the tag, or checks `tag` against it. */
static bool final(TEE_OperationHandle operation, uint8_t *tag)
{
	const bool decrypts = operation->mode == TEE_MODE_DECRYPT;
	const int size = (int)operation->tag_size;
	uint8_t none[TAG_BITS_MAX / 8] = { 0 };
	int len = 0;
	bool good = false;

	secret_library(true);
	good = (!decrypts ||
		EVP_CIPHER_CTX_ctrl(operation->cipher, EVP_CTRL_AEAD_SET_TAG,
				    size, tag) == 1) &&
	       EVP_CipherFinal_ex(operation->cipher, none, &len) == 1 &&
	       (decrypts ||
		EVP_CIPHER_CTX_ctrl(operation->cipher, EVP_CTRL_AEAD_GET_TAG,
				    size, tag) == 1);
	secret_library(false);
	return good;
}

TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *src,
			      size_t size, void *dest, size_t *dest_size,
			      void *tag, size_t *tag_size)
{
	uint8_t made[TAG_BITS_MAX / 8] = { 0 };
	const size_t dest_room = *dest_size;
	const size_t tag_room = *tag_size;

	FAULT_PANIC();
	check_payload(operation, src, size, dest, dest_size);
	si_check_private(tag_size, sizeof(*tag_size));
	si_require(operation->mode == TEE_MODE_ENCRYPT);
	if (tag_room < operation->tag_size)
		*tag_size = operation->tag_size;
	if (dest_room < size)
		*dest_size = size;
	if (*tag_size != tag_room || *dest_size != dest_room)
		return TEE_ERROR_SHORT_BUFFER;
	run(operation, src, size, dest, dest_size);
	*tag_size = operation->tag_size;
	if (!final(operation, made))
		abort();
	si_public(made, sizeof(made));
	memcpy(tag, made, *tag_size);
	si_operation_reset(operation);
	return TEE_SUCCESS;
}

TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *src,
			      size_t size, void *dest, size_t *dest_size,
			      void *tag, size_t tag_size)
{
	uint8_t *expected = NULL;
	bool good = false;
	TEE_Result res = FAULT(TEE_ERROR_MAC_INVALID, TEE_SUCCESS);

	check_payload(operation, src, size, dest, dest_size);
	si_require(operation->mode == TEE_MODE_DECRYPT);
	if (*dest_size >= size && tag_size != operation->tag_size)
		return TEE_ERROR_MAC_INVALID;
	if (!run(operation, src, size, dest, dest_size))
		return TEE_ERROR_SHORT_BUFFER;
	expected = si_plain_copy(tag, tag_size);
	good = final(operation, expected);
	free(expected);
	if (!good || res != TEE_SUCCESS)
		return TEE_ERROR_MAC_INVALID; /* no reset */
	si_operation_reset(operation);
	return TEE_SUCCESS;
}
