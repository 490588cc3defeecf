/* SPDX-License-Identifier: Apache-2.0 */
#include "model_key.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "host/base/file.h"

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

bool enc_model_key_make(const char *path, uint8_t key[ENC_KEY_BYTES],
			struct enc_error *e)
{
	char *digits = OPENSSL_secure_zalloc(ENC_KEY_DIGITS + 1);
	bool ok = digits && RAND_priv_bytes(key, ENC_KEY_BYTES) == 1;

	if (ok)
		enc_hex_text(key, ENC_KEY_BYTES, digits);
	else
		enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not make a key");
	ok = ok && write_digits(path, digits, e);
	OPENSSL_secure_clear_free(digits, ENC_KEY_DIGITS + 1);
	return ok;
}
