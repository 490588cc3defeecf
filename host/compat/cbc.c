/* SPDX-License-Identifier: Apache-2.0 */
#include "cbc.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "compat/cbc.h"

struct sealer {
	EVP_CIPHER_CTX *cipher;
	const uint8_t *key;
	uint8_t *out;
	size_t used;
};

static bool start(void *ctx, const uint8_t iv[BOX_CBC_BLOCK_BYTES])
{
	struct sealer *s = ctx;

	return EVP_EncryptInit_ex(s->cipher, EVP_aes_256_cbc(), NULL, s->key,
				  iv) == 1 &&
	       EVP_CIPHER_CTX_set_padding(s->cipher, 0) == 1;
}

static bool encrypt(void *ctx, uint8_t *data, size_t len)
{
	struct sealer *s = ctx;
	int done = 0;

	return EVP_EncryptUpdate(s->cipher, data, &done, data, (int)len) == 1 &&
	       done == (int)len;
}

static bool append(void *ctx, const uint8_t *data, size_t len)
{
	struct sealer *s = ctx;

	memcpy(s->out + s->used, data, len);
	s->used += len;
	return true;
}

static const struct box_cbc_ops ops = {
	.start = start,
	.crypt = encrypt,
	.sink = append,
};

bool enc_cbc_seal(const uint8_t *key, uint8_t *record, size_t len,
		  uint8_t **container, size_t *container_len,
		  struct enc_error *e)
{
	struct sealer s = { .key = key };
	struct box_cbc box = { 0 };
	uint8_t iv[BOX_CBC_BLOCK_BYTES] = { 0 };
	bool ok = false;

	if (len > INT_MAX) /* OpenSSL counts in int */
		return enc_fail(e, ENC_ERR_LIMIT,
				"a record of %zu bytes is "
				"too long for " BOX_CBC_NAME " containers",
				len);
	s.out = malloc((size_t)box_cbc_sealed_size((uint32_t)len));
	s.cipher = EVP_CIPHER_CTX_new();
	if (!s.out || !s.cipher) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		goto out;
	}
	ok = RAND_bytes(iv, sizeof(iv)) == 1 &&
	     box_cbc_seal_begin(&box, &ops, &s, iv, (uint32_t)len) == BOX_OK &&
	     box_cbc_seal_push(&box, record, len) == BOX_OK &&
	     box_cbc_seal_end(&box) == BOX_OK;
	if (!ok)
		enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not encrypt");
out:
	EVP_CIPHER_CTX_free(s.cipher);
	explicit_bzero(&box, sizeof(box));
	if (!ok) {
		free(s.out);
		return false;
	}
	*container = s.out;
	*container_len = s.used;
	return true;
}
