/* SPDX-License-Identifier: Apache-2.0 */
#include "signer.h"

#include <openssl/evp.h>

#include "host/base/file.h"

bool enc_signer_sign(const struct enc_signer *signer, const void *data,
		     size_t len, uint8_t signature[BOX_SIGNATURE_BYTES],
		     struct enc_error *e)
{
	return signer->sign(signer->key, data, len, signature, e);
}

bool enc_signer_publish(const struct enc_signer *signer, const char *path,
			struct enc_error *e)
{
	/* neither a head nor an envelope, which begin otherwise */
	static const char text[] = "the owner's key is here";
	uint8_t signature[BOX_SIGNATURE_BYTES] = { 0 };
	struct enc_out_file out = { 0 };

	if (!enc_signer_sign(signer, text, sizeof(text), signature, e) ||
	    !enc_out_open_new(&out, path, 0644, e))
		return false;
	enc_owner_write(out.stream, &signer->owner);
	return enc_out_commit(&out, e);
}

void enc_signer_close(struct enc_signer *signer)
{
	if (signer->close)
		signer->close(signer->key);
	*signer = (struct enc_signer){ 0 };
}

/* --- With OpenSSL ------------------------------------------------------ */

static bool sign(void *key, const void *data, size_t len,
		 uint8_t signature[BOX_SIGNATURE_BYTES], struct enc_error *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t written = BOX_SIGNATURE_BYTES;
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestSign(ctx, signature, &written, data, len) == 1;

	EVP_MD_CTX_free(ctx);
	return ok || enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not sign");
}

static void close_key(void *key)
{
	EVP_PKEY_free(key);
}

bool enc_signer_of(EVP_PKEY *key, struct enc_signer *signer)
{
	size_t len = sizeof(signer->owner.key);

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_raw_public_key(key, signer->owner.key, &len) != 1) {
		EVP_PKEY_free(key);
		return false;
	}
	signer->key = key;
	signer->sign = sign;
	signer->close = close_key;
	return true;
}
