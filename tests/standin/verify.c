/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 signatures, verified by OpenSSL. */
#include <stdlib.h>

#include "operation.h"
#include "secrets.h"
#include "testkit/secret.h"

#define SIGNATURE_BYTES 64

static bool is_signature(const struct si_value *key, const uint8_t *message,
			 size_t size, const uint8_t *signature)
{
	EVP_PKEY *public_key = NULL;
	EVP_MD_CTX *ctx = NULL;
	bool good = false;

	secret_library(true);
	public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						 key->bytes, key->size);
	ctx = EVP_MD_CTX_new();
	if (!public_key || !ctx ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, public_key) != 1)
		abort();
	good = EVP_DigestVerify(ctx, signature, SIGNATURE_BYTES, message,
				size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(public_key);
	secret_library(false);
	return good;
}

/* The "digest" of Ed25519 is the message. */
TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation,
				      const TEE_Attribute *params,
				      uint32_t count, const void *digest,
				      size_t size, const void *signature,
				      size_t signature_size)
{
	uint8_t *message = NULL;
	uint8_t *given = NULL;
	bool good = false;
	TEE_Result res = FAULT(TEE_ERROR_SIGNATURE_INVALID, TEE_SUCCESS);

	si_check_operation(operation, TEE_OPERATION_ASYMMETRIC_SIGNATURE);
	si_check_private(params, count * sizeof(*params));
	/* variants with parameters are not supported */
	si_require(!count && digest && operation->key_set && signature &&
		   signature_size == SIGNATURE_BYTES);
	if (res != TEE_SUCCESS)
		return res;
	message = si_plain_copy(digest, size);
	given = si_plain_copy(signature, signature_size);
	good = is_signature(&operation->key.value[0], message, size, given);
	free(message);
	free(given);
	return good ? TEE_SUCCESS : TEE_ERROR_SIGNATURE_INVALID;
}
