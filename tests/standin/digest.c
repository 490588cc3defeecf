/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256: the message is kept until it is complete. */
#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "secrets.h"
#include "testkit/secret.h"

void si_hmac(const uint8_t *key, size_t key_size, const uint8_t *data,
	     size_t size, uint8_t mac[SI_SHA256_BYTES])
{
	secret_library(true);
	if (!HMAC(EVP_sha256(), key, (int)key_size, data, size, mac, NULL))
		abort();
	secret_library(false);
	secret_reveal(mac, SI_SHA256_BYTES);
}

static void sha256(const uint8_t *data, size_t size,
		   uint8_t digest[SI_SHA256_BYTES])
{
	secret_library(true);
	if (EVP_Digest(data, size, digest, NULL, EVP_sha256(), NULL) != 1)
		abort();
	secret_library(false);
	secret_reveal(digest, SI_SHA256_BYTES);
}

/* The room doubles: a message comes in many pieces. */
static void append(TEE_OperationHandle operation, const void *data, size_t size)
{
	uint8_t *more = si_plain_copy(data, size);
	const size_t need = operation->message_size + size + 1;

	if (need > operation->message_room) {
		operation->message_room = 2 * need;
		operation->message =
			realloc(operation->message, operation->message_room);
	}
	memcpy(operation->message + operation->message_size, more, size);
	operation->message_size += size;
	free(more);
}

/* The last step of both kinds. */
static TEE_Result final(TEE_OperationHandle operation, const void *data,
			size_t size, void *out, size_t *out_size)
{
	const struct si_value *key = &operation->key.value[0];
	const bool is_mac =
		operation->algorithm->operation_class == TEE_OPERATION_MAC;
	uint8_t result[SI_SHA256_BYTES] = { 0 };
	const bool room = *out_size >= sizeof(result);

	*out_size = sizeof(result);
	if (!room)
		return TEE_ERROR_SHORT_BUFFER;
	append(operation, data, size);
	if (is_mac)
		si_hmac(key->bytes, key->size, operation->message,
			operation->message_size, result);
	else
		sha256(operation->message, operation->message_size, result);
	memcpy(out, result, sizeof(result));
	OPENSSL_cleanse(result, sizeof(result)); /* only the TA may leave it */
	if (is_mac)
		si_secret(out, sizeof(result));
	si_operation_reset(operation);
	return TEE_SUCCESS;
}

void TEE_DigestUpdate(TEE_OperationHandle operation, const void *data,
		      size_t size)
{
	FAULT_PANIC();
	si_check_operation(operation, TEE_OPERATION_DIGEST);
	si_require(data || !size);
	append(operation, data, size);
	operation->active = true;
}

TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *data,
			     size_t size, void *digest, size_t *digest_size)
{
	FAULT_PANIC();
	si_check_private(digest_size, sizeof(*digest_size));
	si_check_operation(operation, TEE_OPERATION_DIGEST);
	si_require(data || !size);
	return final(operation, data, size, digest, digest_size);
}

void TEE_MACInit(TEE_OperationHandle operation, const void *iv, size_t size)
{
	FAULT_PANIC();
	(void)iv; /* HMAC has no IV */
	(void)size;
	si_check_operation(operation, TEE_OPERATION_MAC);
	si_require(operation->key_set);
	si_operation_reset(operation);
	operation->initialized = true;
	operation->active = true;
}

void TEE_MACUpdate(TEE_OperationHandle operation, const void *data, size_t size)
{
	FAULT_PANIC();
	si_check_operation(operation, TEE_OPERATION_MAC);
	si_require((data || !size) && operation->initialized);
	append(operation, data, size);
}

TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *data,
			       size_t size, void *mac, size_t *mac_size)
{
	FAULT_PANIC();
	si_check_private(mac_size, sizeof(*mac_size));
	si_check_operation(operation, TEE_OPERATION_MAC);
	si_require((data || !size) && operation->initialized);
	return final(operation, data, size, mac, mac_size);
}
