/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/owner/secret.h"

struct args {
	const char *output;
	const char *public;
};

static const struct argp_option options[] = {
	{ "output", 'o', "PEM", 0, "private keys to write; keep them secret",
	  0 },
	{ "public", 'p', "PEM", 0, "public keys to write, for the TA's build",
	  0 },
	{ 0 }
};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (option) {
	case 'o':
		args->output = cli_output(state, "--output", arg);
		return 0;
	case 'p':
		args->public = cli_output(state, "--public", arg);
		return 0;
	case ARGP_KEY_END:
		if (!args->output || !args->public)
			cli_usage(state, "--output and --public are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Makes the keys of an owner of models: one pair to sign models "
	       "(Ed25519), one to send keys to devices (X25519). Neither file "
	       "is ever overwritten. Who loses the private keys can seal "
	       "nothing more for the devices that have the public ones.",
};

static int run(int argc, char **argv)
{
	struct args args = { 0 };
	struct enc_owner owner = { 0 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_error e = { 0 };

	cli_parse(&argp, argc, argv, &args);
	if (!enc_owner_make(args.output, args.public, &owner, &e))
		return cli_fail(&e);
	enc_owner_fingerprint(&owner, text);
	printf("owner:         %s\n", text);
	enc_fingerprint(owner.sign, sizeof(owner.sign), text);
	printf("signing key:   %s\n", text);
	enc_fingerprint(owner.wrap, sizeof(owner.wrap), text);
	printf("sending key:   %s\n", text);
	return 0;
}

const struct cli_command cmd_owner_key = {
	.name = "owner-key",
	.summary = "make the keys of an owner of models (owner's machine)",
	.run = run,
};
