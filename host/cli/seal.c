/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/base/hex.h"
#include "host/public/format.h"
#include "progress.h"

struct args {
	const char *input;
	const char *output;
	const char *owner;
	struct enc_sealed sealed;
	struct cli_key key;
};

static const struct argp_option options[] = {
	{ "input", 'i', "BIN", 0,
	  "record to seal, Burn's or that of quantize; a regular file", 0 },
	{ "output", 'o', "FILE", 0, "sealed model to write", 0 },
	{ "owner", 'w', "PEM", 0, "private keys, from owner-key", 0 },
	{ "model-id", 'm', "ID", 0, "what it is: 1 to 32 of a-z 0-9 . _ -", 0 },
	{ "model-version", 'n', "N", 0,
	  "from 1; a device that has loaded it takes no lower one of this "
	  "model id any more",
	  0 },
	{ 0 }
};

static error_t parse_end(const struct args *args, struct argp_state *state)
{
	if (!args->input || !args->output || !args->owner)
		cli_usage(state, "--input, --output and --owner are needed");
	if (!args->sealed.model_id[0] || !args->sealed.model_version)
		cli_usage(state, "--model-id and --model-version are needed");
	return 0;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->key;
		return 0;
	case 'i':
		args->input = arg;
		return 0;
	case 'o':
		args->output = cli_output(state, "--output", arg);
		return 0;
	case 'w':
		args->owner = arg;
		return 0;
	case 'm':
		if (!enc_model_id(arg, args->sealed.model_id))
			cli_usage(state,
				  "--model-id: 1 to 32 of a-z 0-9 . _ -, not "
				  "`%s'",
				  arg);
		return 0;
	case 'n':
		args->sealed.model_version = (uint32_t)cli_number(
			state, "--model-version", arg, CLI_RISING_MAX);
		return 0;
	case ARGP_KEY_END:
		return parse_end(args, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &cli_key_argp, 0, NULL, 0 },
					      { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.doc = "Encrypts a trained model, a record of Burn or of quantize, "
	       "chunk "
	       "by chunk under AES-256-GCM, and signs it. A record that the TA "
	       "would refuse is refused here.",
};

static void progress(uint64_t done, uint64_t total)
{
	cli_progress("bytes", done, total);
}

static bool spares_its_inputs(const struct args *args, struct enc_error *e)
{
	const char *const inputs[] = { args->input, args->owner,
				       args->key.file };

	return enc_out_spares(args->output, inputs, 3, e);
}

static int run(int argc, char **argv)
{
	struct args args = { 0 };
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_owner_secret owner = { 0 };
	enum nn_format format = NN_FORMAT_F32;
	struct enc_error e = { 0 };
	bool ok = false;

	cli_parse(&argp, argc, argv, &args);
	args.sealed.arch = &nn_mnist;
	args.sealed.key = key;
	args.sealed.owner = &owner;
	args.sealed.progress = progress;
	ok = spares_its_inputs(&args, &e) && cli_key_read(&args.key, key, &e) &&
	     enc_owner_secret_read(args.owner, &owner, &e) &&
	     enc_seal_model(&args.sealed, args.input, args.output, &format, &e);
	explicit_bzero(key, sizeof(key));
	enc_owner_secret_free(&owner);
	cli_progress_end();
	if (!ok)
		return cli_fail(&e);
	printf("%s: %s sealed to %s as %.*s, version %u\n",
	       enc_file_label(args.input), enc_format_name(format), args.output,
	       BOX_MODEL_ID_BYTES, (const char *)args.sealed.model_id,
	       (unsigned int)args.sealed.model_version);
	return 0;
}

const struct cli_command cmd_seal = {
	.name = "seal",
	.summary = "encrypt and sign a trained model (owner's machine)",
	.run = run,
};
