/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/public/format.h"
#include "host/record/check.h"

static const struct argp_option options[] = {
	{ "input", 'i', "BIN", 0, "record to verify", 0 }, { 0 }
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
	.doc = "Says whether the TA would accept a plain record, and if not, "
	       "at "
	       "which byte and why. This runs the very reader that the TA "
	       "runs.",
};

static int run(int argc, char **argv)
{
	const char *input = NULL;
	struct enc_record_file record = { 0 };
	struct enc_error e = { 0 };

	cli_parse(&argp, argc, argv, &input);
	if (!enc_record_read(&nn_mnist, input, &record, &e))
		return cli_fail(&e);
	printf("%s: the TA accepts this %s (%zu bytes, %zu parameters)\n",
	       input, enc_format_name(record.format), record.len,
	       nn_param_count(&nn_mnist));
	enc_record_file_free(&record);
	return 0;
}

const struct cli_command cmd_verify_model = {
	.name = "verify-model",
	.summary = "check a trained model before encrypting it",
	.run = run,
};
