/* SPDX-License-Identifier: Apache-2.0 */
#include "model_key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "crypto.h"
#include "host/base/file.h"
#include "host/base/hex.h"

/* On the heap for secrets. */
struct made {
	uint8_t key[ENC_KEY_BYTES];
	char digits[ENC_KEY_DIGITS + 1];
};

static bool write_digits(const char *path, const char *digits,
			 struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open_new(&out, path, 0600, e))
		return false;
	setvbuf(out.stream, NULL, _IONBF, 0); /* a buffer would keep the key */
	fputs(digits, out.stream);
	fputc('\n', out.stream);
	return enc_out_commit(&out, e);
}

bool enc_model_key_make(const char *path, uint8_t id[BOX_KEY_ID_BYTES],
			struct enc_error *e)
{
	struct made *made = OPENSSL_secure_zalloc(sizeof(*made));
	bool ok = made && RAND_priv_bytes(made->key, sizeof(made->key)) == 1 &&
		  enc_key_id(made->key, id);

	if (ok)
		enc_hex_text(made->key, sizeof(made->key), made->digits);
	else
		enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not make a key");
	ok = ok && write_digits(path, made->digits, e);
	OPENSSL_secure_clear_free(made, sizeof(*made));
	return ok;
}
