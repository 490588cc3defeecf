/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation: HKDF (RFC 5869) and X25519. Every failure is a panic. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api_extensions.h>

#include "digest.h"
#include "operation.h"
#include "secrets.h"
#include "x25519.h"

struct hkdf {
	const TEE_Attribute *salt;
	const TEE_Attribute *info;
	size_t size;
};

/*
 * The first attribute of each kind counts. A length is required, and no other
 * attributes are allowed.
 */
static struct hkdf hkdf_params(const TEE_Attribute *params, uint32_t count)
{
	struct hkdf hkdf = { 0 };
	bool has_size = false;

	for (uint32_t i = 0; i < count; i++) {
		const TEE_Attribute *p = &params[i];

		switch (p->attributeID) {
		case __OPTEE_TEE_ATTR_HKDF_SALT:
		case TEE_ATTR_HKDF_SALT:
			hkdf.salt = hkdf.salt ? hkdf.salt : p;
			break;
		case __OPTEE_ATTR_HKDF_INFO:
		case TEE_ATTR_HKDF_INFO:
			hkdf.info = hkdf.info ? hkdf.info : p;
			break;
		case TEE_ATTR_KDF_KEY_SIZE:
		case TEE_ATTR_HKDF_OKM_LENGTH:
			if (!has_size)
				hkdf.size = p->content.value.a;
			has_size = true;
			break;
		case TEE_ATTR_HKDF_HASH_ALGORITHM:
			break;
		default:
			si_require(false);
		}
	}
	si_require(has_size && hkdf.size <= SI_VALUE_MAX);
	return hkdf;
}

static uint8_t *plain_copy(const TEE_Attribute *attr, size_t *size)
{
	*size = attr ? attr->content.ref.length : 0;
	return si_plain_copy(attr ? attr->content.ref.buffer : NULL, *size);
}

/* T(n) = HMAC(PRK, T(n - 1) | info | n) */
static void expand(const uint8_t prk[SI_SHA256_BYTES], const uint8_t *info,
		   size_t info_size, uint8_t *out, size_t size)
{
	uint8_t *message = malloc(SI_SHA256_BYTES + info_size + 1);
	uint8_t t[SI_SHA256_BYTES] = { 0 };
	size_t t_size = 0;

	for (uint8_t n = 1; size; n++) {
		size_t piece = size < sizeof(t) ? size : sizeof(t);

		memcpy(message, t, t_size);
		memcpy(message + t_size, info, info_size);
		message[t_size + info_size] = n;
		si_hmac(prk, SI_SHA256_BYTES, message, t_size + info_size + 1,
			t);
		t_size = sizeof(t);
		memcpy(out, t, piece);
		out += piece;
		size -= piece;
	}
	OPENSSL_cleanse(t, sizeof(t)); /* tests look what the TA leaves */
	free(message);
}

static void derive_hkdf(const struct si_key *key, const TEE_Attribute *params,
			uint32_t count, struct si_value *derived)
{
	const struct hkdf hkdf = hkdf_params(params, count);
	uint8_t prk[SI_SHA256_BYTES] = { 0 };
	size_t salt_size = 0;
	size_t info_size = 0;
	uint8_t *salt = plain_copy(hkdf.salt, &salt_size);
	uint8_t *info = plain_copy(hkdf.info, &info_size);

	/* HMAC treats no key and a key of zeros alike */
	si_hmac(salt, salt_size, key->value[0].bytes, key->value[0].size, prk);
	expand(prk, info, info_size, derived->bytes, hkdf.size);
	derived->size = hkdf.size;
	free(salt);
	free(info);
}

static void derive_x25519(const struct si_key *key, const TEE_Attribute *params,
			  uint32_t count, struct si_value *derived)
{
	uint8_t *peer = NULL;
	bool agreed = false;

	si_require(count == 1 &&
		   params->attributeID == TEE_ATTR_X25519_PUBLIC_VALUE &&
		   params->content.ref.length == SI_X25519_BYTES);
	peer = si_plain_copy(params->content.ref.buffer, SI_X25519_BYTES);
	agreed = si_x25519_agree(key->value[0].bytes, peer, derived->bytes);
	free(peer);
	si_require(agreed);
	derived->size = SI_X25519_BYTES;
}

/* The size that the object was allocated for is neither checked nor set. */
void TEE_DeriveKey(TEE_OperationHandle operation, const TEE_Attribute *params,
		   uint32_t count, TEE_ObjectHandle object)
{
	struct si_value *derived = NULL;

	FAULT_PANIC();
	si_check_operation(operation, TEE_OPERATION_KEY_DERIVATION);
	si_check_private(params, count * sizeof(*params));
	si_check_object(object);
	si_require(operation->key_set &&
		   object->key.type == TEE_TYPE_GENERIC_SECRET &&
		   !si_is_initialized(object));
	derived = &object->key.value[0];
	if (operation->algorithm->id == TEE_ALG_X25519)
		derive_x25519(&operation->key, params, count, derived);
	else
		derive_hkdf(&operation->key, params, count, derived);
	derived->set = true;
	object->flags |= TEE_HANDLE_FLAG_INITIALIZED;
}
