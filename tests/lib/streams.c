/* SPDX-License-Identifier: Apache-2.0 */
#include "streams.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "testkit/test.h"

#define UNTOUCHED 0xa5

static bool fails(struct streams_key *key)
{
	return ++key->calls == key->fails_at;
}

static OSSL_PARAM octets(const char *name, const uint8_t *data, size_t len)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)data, len);
}

static bool derive(void *ctx, const uint8_t salt[BOX_STREAM_SALT_BYTES])
{
	struct streams_key *key = ctx;
	EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(hkdf);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
						 (char *)key->hash, 0),
		octets(OSSL_KDF_PARAM_KEY, key->key, key->key_len),
		octets(OSSL_KDF_PARAM_SALT, salt, key->derived_len),
		octets(OSSL_KDF_PARAM_INFO, key->aad, key->aad_len),
		OSSL_PARAM_construct_end(),
	};

	assert_int_equal(
		EVP_KDF_derive(kdf, key->derived, key->derived_len, params), 1);
	EVP_KDF_CTX_free(kdf);
	EVP_KDF_free(hkdf);
	return !fails(key);
}

/* OpenSSL, too, writes before it checks the tag. */
bool streams_crypt(struct streams_key *key, const uint8_t *nonce,
		   const uint8_t *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t tag[BOX_STREAM_TAG_BYTES] = { 0 };
	int n = 0;
	bool good = false;

	assert_int_equal(
		EVP_CipherInit_ex(gcm,
				  key->derived_len == 32 ? EVP_aes_256_gcm() :
							   EVP_aes_128_gcm(),
				  NULL, key->derived, nonce, key->seals),
		1);
	if (len)
		assert_int_equal(EVP_CipherUpdate(gcm, out, &n, in, (int)len),
				 1);
	if (!key->seals) {
		memcpy(tag, in + len, sizeof(tag));
		EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
				    tag);
	}
	good = EVP_CipherFinal_ex(gcm, tag, &n) == 1;
	if (key->seals)
		EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, sizeof(tag),
				    out + len);
	EVP_CIPHER_CTX_free(gcm);
	return good;
}

static bool crypt_chunk(void *ctx, const uint8_t nonce[BOX_STREAM_NONCE_BYTES],
			const uint8_t *in, size_t len, uint8_t *out)
{
	return streams_crypt(ctx, nonce, in, len, out) && !fails(ctx);
}

const struct box_stream_ops streams_ops = {
	.derive = derive,
	.crypt = crypt_chunk,
};

uint8_t *streams_seal(struct streams_key *key, size_t chunk_bytes,
		      const uint8_t *plain, size_t len, const uint8_t *random,
		      size_t *sealed_len)
{
	const size_t size = box_stream_sealed_size(len, chunk_bytes);
	uint8_t *stream = malloc(size);
	struct box_stream s;
	size_t at = 0;

	key->seals = true;
	box_stream_seal_begin(&s, &streams_ops, key, chunk_bytes, len, random);
	while (box_stream_next_sealed(&s)) {
		size_t sealed = box_stream_next_sealed(&s);
		size_t n = box_stream_next_plain(&s);

		assert_in_range(sealed, 1, size - at);
		assert_int_equal(box_stream_seal_chunk(&s, plain, stream + at),
				 BOX_OK);
		at += sealed;
		plain += n;
	}
	assert_int_equal(at, size);
	*sealed_len = size;
	return stream;
}

struct opening {
	struct box_stream stream;
	struct streams_key *key;
	enum box_error error;
	uint8_t *out;
	size_t out_len;
};

static void assert_filled(const uint8_t *bytes, size_t len, uint8_t with)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], with);
}

/* Uses copies of the exact size, for AddressSanitizer to check. */
static void push(struct opening *o, const uint8_t *in, size_t len)
{
	const size_t plain = box_stream_next_plain(&o->stream);
	const size_t calls = o->key->calls;
	uint8_t *chunk = malloc(len);
	uint8_t *out = malloc(plain);
	enum box_error error = BOX_OK;

	memcpy(chunk, in, len);
	memset(out, UNTOUCHED, plain);
	error = box_stream_open_chunk(&o->stream, chunk, len, out);
	if (o->error != BOX_OK) {
		assert_int_equal(error, o->error);
		assert_int_equal(o->key->calls, calls);
		assert_filled(out, plain, UNTOUCHED);
	} else if (error != BOX_OK) {
		assert_filled(out, plain, error == BOX_TAG ? 0 : UNTOUCHED);
	} else {
		memcpy(o->out + o->out_len, out, plain);
		o->out_len += plain;
	}
	o->error = error;
	free(out);
	free(chunk);
}

enum box_error streams_open(struct streams_key *key, size_t chunk_bytes,
			    uint64_t told, const uint8_t *stream, size_t len,
			    uint8_t *out, size_t *out_len)
{
	struct opening o = { .key = key, .out = out };
	enum box_error end = BOX_OK;

	key->seals = false;
	box_stream_open_begin(&o.stream, &streams_ops, key, chunk_bytes, told);
	while (len) {
		size_t n = box_stream_next_sealed(&o.stream);

		if (!n || n > len)
			n = len;
		push(&o, stream, n);
		stream += n;
		len -= n;
	}
	end = box_stream_open_end(&o.stream);
	assert_true(o.error == BOX_OK || o.error == end);
	assert_int_equal(box_stream_open_end(&o.stream), end);
	*out_len = o.out_len;
	return end;
}
