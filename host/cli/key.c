/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"

static bool read_digits(const struct cli_key *key, uint8_t *bytes,
			struct enc_error *e)
{
	bool ok = false;

	if (key->file)
		return enc_hex_key_file(key->file, bytes, e);
	ok = enc_hex_key("--key", key->hex, strlen(key->hex), bytes, e);
	memset(key->hex, 'x', strlen(key->hex));
	return ok;
}

uint8_t *cli_key_read(const struct cli_key *key, struct enc_error *e)
{
	uint8_t *bytes = OPENSSL_secure_zalloc(ENC_KEY_BYTES);

	if (!bytes) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (read_digits(key, bytes, e))
		return bytes;
	cli_key_free(bytes);
	return NULL;
}

void cli_key_free(uint8_t *key)
{
	OPENSSL_secure_clear_free(key, ENC_KEY_BYTES);
}
