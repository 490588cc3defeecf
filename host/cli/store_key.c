/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"
#include "host/device/session.h"

static error_t parse(int option, char *arg, struct argp_state *state)
{
	(void)arg;
	if (option == ARGP_KEY_INIT)
		state->child_inputs[0] = state->input;
	return option == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { &cli_key_argp, 0, NULL, 0 },
					      { 0 } };

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.doc = "Stores the model key in the trusted storage of the TA, in "
	       "place "
	       "of the one of before.",
};

static int run(int argc, char **argv)
{
	struct cli_key key = { 0 };
	uint8_t bytes[ENC_KEY_BYTES] = { 0 };
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	bool ok = false;

	cli_parse(&argp, argc, argv, &key);
	ok = cli_key_read(&key, bytes, &e) && enc_tee_open(&tee, &e) &&
	     enc_tee_store_key(tee, bytes, &e);
	explicit_bzero(bytes, sizeof(bytes));
	enc_tee_close(tee);
	if (!ok)
		return cli_fail(&e);
	puts("Key stored in the TEE.");
	return 0;
}

const struct cli_command cmd_store_key = {
	.name = "store-key",
	.summary = "store the model key in the TEE (device)",
	.run = run,
};
