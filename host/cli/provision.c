/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device/provision.h"

#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"

static const struct argp_option options[] = {
	{ "input", 'i', "FILE", 0, "envelopes, from wrap; - for standard input",
	  0 },
	{ 0 }
};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	const char **input = state->input;

	switch (option) {
	case 'i':
		*input = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*input)
			cli_usage(state, "--input is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Finds this device's envelope among others and hands it to the "
	       "TA, which takes the key of sealed models out of it, in place "
	       "of the one of before.",
};

static int run(int argc, char **argv)
{
	const char *input = NULL;
	struct enc_tee *tee = NULL;
	struct box_envelope taken = { 0 };
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";
	struct enc_error e = { 0 };
	bool ok = false;

	cli_parse(&argp, argc, argv, &input);
	ok = enc_tee_open(&tee, &e) && enc_provision(tee, input, &taken, &e);
	enc_tee_close(tee);
	if (!ok)
		return cli_fail(&e);
	enc_hex_text(taken.key_id, sizeof(taken.key_id), id);
	printf("Key %s stored in the TEE, epoch %u.\n", id,
	       (unsigned int)taken.epoch);
	return 0;
}

const struct cli_command cmd_provision = {
	.name = "provision",
	.summary = "bring a model's key to the TEE (device)",
	.run = run,
};
