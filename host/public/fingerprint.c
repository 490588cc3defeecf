/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint.h"

#include <openssl/evp.h>

#include "host/base/hex.h"

#define GROUP_BYTES 2 /* 4 digits */

void enc_fingerprint(const uint8_t *keys, size_t len,
		     char text[ENC_FINGERPRINT_TEXT])
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	*text = '\0';
	if (EVP_Digest(keys, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return;
	for (size_t i = 0; i < sizeof(digest); i += GROUP_BYTES) {
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
