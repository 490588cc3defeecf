/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "crypto.h"
#include "hasher.h"

struct sealer {
	const struct enc_stream_seal *seal;
	EVP_CIPHER_CTX *cipher;
	struct enc_hasher *hasher;
	struct box_stream stream;
	uint8_t plain[BOX_HEAD_CHUNK_BYTES];
};

static bool derive(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES])
{
	struct sealer *s = ctx;
	uint8_t key[BOX_STREAM_KEY_BYTES] = { 0 };
	bool ok = enc_hkdf(s->seal->key, salt, s->seal->bound,
			   BOX_HEAD_BOUND_BYTES, key) &&
		  EVP_EncryptInit_ex(s->cipher, EVP_aes_256_gcm(), NULL, key,
				     NULL) == 1;

	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

static bool encrypt(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
		    const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *cipher = ((struct sealer *)ctx)->cipher;
	int n = 0;

	return EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1 &&
	       EVP_EncryptUpdate(cipher, out, &n, in, (int)len) == 1 &&
	       n == (int)len && EVP_EncryptFinal_ex(cipher, out, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG,
				   BOX_STREAM_TAG_BYTES, out + len) == 1;
}

static const struct box_stream_ops ops = {
	.derive = derive,
	.crypt = encrypt,
};

static bool refused(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not encrypt");
}

static bool begin(struct sealer *s, struct enc_error *e)
{
	uint8_t random[BOX_STREAM_RANDOM_BYTES] = { 0 };

	if (RAND_bytes(random, sizeof(random)) != 1)
		return refused(e);
	box_stream_seal_begin(&s->stream, &ops, s, BOX_HEAD_CHUNK_BYTES,
			      s->seal->len, random);
	return s->stream.error == BOX_OK || refused(e);
}

static bool chunk(struct sealer *s, struct enc_error *e)
{
	const struct enc_stream_seal *seal = s->seal;
	const size_t plain = box_stream_next_plain(&s->stream);
	const size_t sealed = box_stream_next_sealed(&s->stream);
	uint8_t *out = enc_hasher_slot(s->hasher);

	if (!seal->source(seal->ctx, s->plain, plain, e))
		return false;
	if (box_stream_seal_chunk(&s->stream, s->plain, out) != BOX_OK)
		return refused(e);
	enc_hasher_push(s->hasher, sealed);
	return seal->sink(seal->ctx, out, sealed, e);
}

bool enc_stream_seal(const struct enc_stream_seal *seal,
		     uint8_t digest[BOX_DIGEST_BYTES], struct enc_error *e)
{
	struct sealer s = { .seal = seal };
	bool ok = false;

	s.cipher = EVP_CIPHER_CTX_new();
	s.hasher = enc_hasher_start();
	if (s.cipher && s.hasher)
		ok = begin(&s, e);
	else
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	while (ok && box_stream_next_sealed(&s.stream))
		ok = chunk(&s, e);
	if (ok && !enc_hasher_end(s.hasher, digest))
		ok = refused(e);
	enc_hasher_free(s.hasher);
	EVP_CIPHER_CTX_free(s.cipher);
	OPENSSL_cleanse(s.plain, sizeof(s.plain));
	return ok;
}
