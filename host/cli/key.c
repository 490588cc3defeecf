/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"

bool cli_key_read(const struct cli_key *key, uint8_t *bytes,
		  struct enc_error *e)
{
	bool ok = false;

	if (key->file)
		return enc_hex_key_file(key->file, bytes, e);
	ok = enc_hex_key("--key", key->hex, strlen(key->hex), bytes, e);
	memset(key->hex, 'x', strlen(key->hex));
	return ok;
}
