/* SPDX-License-Identifier: Apache-2.0 */
#include "ta_sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "host/base/file.h"
#include "host/public/fingerprint.h"
#include "secret.h"

#define KEY_FILE_MAX 65536u
#define KEY_BITS_MIN 2048 /* OP-TEE's own; who factors it has the devices */

/* struct shdr of OP-TEE (core/include/signed_hdr.h), and what follows it. */
#define MAGIC	     0x4f545348u
#define BOOTSTRAP_TA 1u
#define ALGORITHM    0x70414930u /* TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256 */
#define AT_TYPE	     4
#define AT_SIZE	     8
#define AT_ALGORITHM 12
#define AT_HASH	     16 /* their sizes */
#define AT_SIGNATURE 18
#define SHDR_BYTES   20u
/* behind the digest and the signature: UUID, version, and then the ELF file */
#define TA_BYTES (BOX_UUID_BYTES + 4u)

/* --- Keys -------------------------------------------------------------- */

/* The public key of a file, if there is one. */
static bool read_public(const char *path, struct enc_ta_key *key,
			struct enc_error *e)
{
	uint8_t *text = NULL;
	size_t len = 0;
	BIO *bio = NULL;

	if (!enc_file_is_regular(path))
		return true;
	if (!enc_file_read(path, KEY_FILE_MAX, &text, &len, e))
		return false;
	bio = BIO_new_mem_buf(text, (int)len);
	key->key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	key->is_public = key->key;
	BIO_free(bio);
	ERR_clear_error();
	free(text);
	return true;
}

static bool digest_key(struct enc_ta_key *key)
{
	uint8_t *der = NULL;
	const int len = i2d_PUBKEY(key->key, &der);
	const bool ok =
		len > 0 && enc_fingerprint_bytes(der, (size_t)len, key->digest);

	OPENSSL_free(der);
	return ok;
}

bool enc_ta_key_read(const char *path, const struct enc_passphrase *passphrase,
		     struct enc_ta_key *key, struct enc_error *e)
{
	*key = (struct enc_ta_key){ 0 };
	if (!enc_private_key_read(path, passphrase, &key->key, e) ||
	    (!key->key && !read_public(path, key, e)))
		return false;
	if (!key->key || EVP_PKEY_get_base_id(key->key) != EVP_PKEY_RSA)
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: not a key that signs TAs, which is one of RSA",
			 enc_file_label(path));
	else if (EVP_PKEY_get_bits(key->key) < KEY_BITS_MIN)
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: an RSA key of %d bits, which is too weak: it "
			 "takes %d",
			 enc_file_label(path), EVP_PKEY_get_bits(key->key),
			 KEY_BITS_MIN);
	else if (!digest_key(key))
		enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not use the key");
	else
		return true;
	enc_ta_key_close(key);
	return false;
}

void enc_ta_key_close(struct enc_ta_key *key)
{
	EVP_PKEY_free(key->key);
	*key = (struct enc_ta_key){ 0 };
}

/* --- Image ------------------------------------------------------------- */

static uint8_t *digest_of(const struct enc_ta_image *image)
{
	return image->bytes + SHDR_BYTES;
}

static uint8_t *signature_of(const struct enc_ta_image *image)
{
	return digest_of(image) + BOX_DIGEST_BYTES;
}

/* Of all but itself and the signature. */
static bool digest_image(struct enc_ta_image *image)
{
	const uint8_t *rest = signature_of(image) + image->signature_len;
	const size_t len = (size_t)(image->bytes + image->len - rest);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	const bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
			EVP_DigestUpdate(md, image->bytes, SHDR_BYTES) == 1 &&
			EVP_DigestUpdate(md, rest, len) == 1 &&
			EVP_DigestFinal_ex(md, digest_of(image), NULL) == 1;

	EVP_MD_CTX_free(md);
	return ok;
}

bool enc_ta_image_make(const uint8_t *elf, size_t len,
		       const uint8_t uuid[BOX_UUID_BYTES], uint32_t ta_version,
		       const struct enc_ta_key *key, struct enc_ta_image *image,
		       struct enc_error *e)
{
	const size_t signature = (size_t)EVP_PKEY_get_size(key->key);
	const size_t before =
		SHDR_BYTES + BOX_DIGEST_BYTES + signature + TA_BYTES;
	uint8_t *bytes = calloc(1, before + len);

	if (!bytes)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	*image = (struct enc_ta_image){ bytes, before + len, signature };
	box_store32(bytes, MAGIC);
	box_store32(bytes + AT_TYPE, BOOTSTRAP_TA);
	box_store32(bytes + AT_SIZE, (uint32_t)len);
	box_store32(bytes + AT_ALGORITHM, ALGORITHM);
	box_store16(bytes + AT_HASH, BOX_DIGEST_BYTES);
	box_store16(bytes + AT_SIGNATURE, (uint32_t)signature);
	memcpy(bytes + before - TA_BYTES, uuid, BOX_UUID_BYTES);
	box_store32(bytes + before - 4, ta_version);
	memcpy(bytes + before, elf, len);
	if (digest_image(image))
		return true;
	enc_ta_image_free(image);
	return enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
}

void enc_ta_image_free(struct enc_ta_image *image)
{
	free(image->bytes);
	*image = (struct enc_ta_image){ 0 };
}

/* --- Signature --------------------------------------------------------- */

static EVP_PKEY_CTX *begin(const struct enc_ta_key *key,
			   int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->key, NULL);

	if (ctx && init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

bool enc_ta_image_sign(struct enc_ta_image *image, const struct enc_ta_key *key,
		       struct enc_error *e)
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_sign_init);
	size_t len = image->signature_len;
	const bool ok =
		ctx && EVP_PKEY_sign(ctx, signature_of(image), &len,
				     digest_of(image), BOX_DIGEST_BYTES) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok || enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not sign");
}

/* Decodes base64; false unless it has exactly `size` bytes. */
static bool decode(const uint8_t *text, size_t len, uint8_t *bytes, size_t size)
{
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	uint8_t *decoded = malloc(len + 1);
	int n = 0;
	int rest = 0;
	bool ok = ctx && decoded;

	if (ok) {
		EVP_DecodeInit(ctx);
		ok = EVP_DecodeUpdate(ctx, decoded, &n, text, (int)len) >= 0 &&
		     EVP_DecodeFinal(ctx, decoded + n, &rest) == 1 &&
		     (size_t)n + (size_t)rest == size;
	}
	if (ok)
		memcpy(bytes, decoded, size);
	EVP_ENCODE_CTX_free(ctx);
	free(decoded);
	return ok;
}

bool enc_ta_image_stitch(struct enc_ta_image *image,
			 const struct enc_ta_key *key, const char *path,
			 struct enc_error *e)
{
	EVP_PKEY_CTX *ctx = begin(key, EVP_PKEY_verify_init);
	uint8_t *text = NULL;
	size_t len = 0;
	bool ok = enc_file_read(path, KEY_FILE_MAX, &text, &len, e);

	if (ok) {
		ok = ctx &&
		     decode(text, len, signature_of(image),
			    image->signature_len) &&
		     EVP_PKEY_verify(ctx, signature_of(image),
				     image->signature_len, digest_of(image),
				     BOX_DIGEST_BYTES) == 1;
		ERR_clear_error();
		if (!ok)
			enc_fail(e, ENC_ERR_FORMAT,
				 "%s: not the signature of this TA by this key",
				 enc_file_label(path));
	}
	EVP_PKEY_CTX_free(ctx);
	free(text);
	return ok;
}

void enc_ta_image_digest(const struct enc_ta_image *image, FILE *f)
{
	uint8_t text[(BOX_DIGEST_BYTES + 2) / 3 * 4 + 1] = { 0 };

	EVP_EncodeBlock(text, digest_of(image), BOX_DIGEST_BYTES);
	fprintf(f, "%s\n", (const char *)text);
}
