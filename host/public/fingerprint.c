/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "host/base/hex.h"

#define GROUP_BYTES 2 /* 4 digits */

bool enc_fingerprint_bytes(const uint8_t *keys, size_t len,
			   uint8_t digest[BOX_DIGEST_BYTES])
{
	return EVP_Digest(keys, len, digest, NULL, EVP_sha256(), NULL) == 1;
}

bool enc_fingerprint_parse(const char *text, size_t len,
			   uint8_t digest[BOX_DIGEST_BYTES])
{
	char digits[2 * BOX_DIGEST_BYTES + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == ' ')
			continue;
		if (n == sizeof(digits) - 1)
			return false;
		digits[n++] = text[i];
	}
	return OPENSSL_hexstr2buf_ex(digest, BOX_DIGEST_BYTES, &n, digits,
				     '\0') == 1 &&
	       n == BOX_DIGEST_BYTES;
}

void enc_fingerprint(const uint8_t *keys, size_t len,
		     char text[ENC_FINGERPRINT_TEXT])
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	*text = '\0';
	if (enc_fingerprint_bytes(keys, len, digest))
		enc_fingerprint_text(digest, text);
}

void enc_fingerprint_text(const uint8_t digest[BOX_DIGEST_BYTES],
			  char text[ENC_FINGERPRINT_TEXT])
{
	for (size_t i = 0; i < BOX_DIGEST_BYTES; i += GROUP_BYTES) {
		enc_hex_text(digest + i, GROUP_BYTES, text);
		text += 2 * GROUP_BYTES;
		*text++ = ' ';
	}
	text[-1] = '\0';
}

bool enc_ed25519_verify(const uint8_t owner[BOX_OWNER_BYTES], const void *data,
			size_t len,
			const uint8_t signature[BOX_SIGNATURE_BYTES])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
						    owner, BOX_OWNER_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key && ctx &&
		  EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(ctx, signature, BOX_SIGNATURE_BYTES, data,
				   len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}
