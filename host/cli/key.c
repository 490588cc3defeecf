/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"

static const struct argp_option options[] = {
	{ "key", 'k', "HEX", 0, "AES-256 key: 64 hex digits", 0 },
	{ "key-file", 'K', "FILE", 0,
	  "read the 64 hex digits from FILE, - for standard input: other "
	  "users of the machine can see command lines",
	  0 },
	{ 0 }
};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct cli_key *key = state->input;

	switch (option) {
	case 'k':
		key->hex = arg;
		return 0;
	case 'K':
		key->file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!key->hex == !key->file)
			cli_usage(state, "one of --key and --key-file is "
					 "needed, not both");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp cli_key_argp = { .options = options, .parser = parse };

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
