/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/wrap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/base/hex.h"

struct args {
	const char *owner;
	const char *output;
	const char **devices;
	size_t count;
	uint32_t epoch;
	struct cli_key key;
};

static const struct argp_option options[] = {
	{ "owner", 'w', "PEM", 0, "private keys, from owner-key", 0 },
	{ "device", 'd', "PEM", 0,
	  "public keys of one or more devices, from device-key; may be given "
	  "again",
	  0 },
	{ "epoch", 'e', "N", 0,
	  "from 1, and above that of the last envelope: a device takes no "
	  "other",
	  0 },
	{ "output", 'o', "FILE", 0, "envelopes to write", 0 },
	{ 0 }
};

static error_t add_device(struct args *args, const char *path)
{
	const char **devices =
		reallocarray(args->devices, args->count + 1, sizeof(*devices));

	if (!devices)
		return ENOMEM;
	args->devices = devices;
	args->devices[args->count++] = path;
	return 0;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->key;
		return 0;
	case 'w':
		args->owner = arg;
		return 0;
	case 'd':
		return add_device(args, arg);
	case 'e':
		args->epoch = (uint32_t)cli_number(state, "--epoch", arg,
						   CLI_RISING_MAX);
		return 0;
	case 'o':
		args->output = cli_output(state, "--output", arg);
		return 0;
	case ARGP_KEY_END:
		if (!args->owner || !args->output || !args->count ||
		    !args->epoch)
			cli_usage(state, "--owner, --device, --epoch and "
					 "--output are needed");
		return 0;
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
	.doc = "Puts the key of sealed models into envelopes, one for each "
	       "device: only the TA of that device can open it, and it sees "
	       "that it is from this owner. `enc_mnist provision` hands it to "
	       "the TA.",
};

static bool spares_its_inputs(const struct args *args, struct enc_error *e)
{
	const char *const inputs[] = { args->owner, args->key.file };

	return enc_out_spares(args->output, inputs, 2, e) &&
	       enc_out_spares(args->output, args->devices, args->count, e);
}

static int run(int argc, char **argv)
{
	struct args args = { 0 };
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_owner_secret owner = { 0 };
	struct enc_wrap wrap = { .key = key, .owner = &owner };
	struct enc_error e = { 0 };
	size_t devices = 0;
	bool ok = false;

	cli_parse(&argp, argc, argv, &args);
	wrap.epoch = args.epoch;
	ok = spares_its_inputs(&args, &e) && cli_key_read(&args.key, key, &e) &&
	     enc_owner_secret_read(args.owner, &owner, &e) &&
	     enc_wrap_files(&wrap, args.devices, args.count, args.output,
			    &devices, &e);
	explicit_bzero(key, sizeof(key));
	enc_owner_secret_free(&owner);
	free(args.devices);
	if (!ok)
		return cli_fail(&e);
	printf("%s: %zu envelope%s, epoch %u\n", args.output, devices,
	       devices == 1 ? "" : "s", (unsigned int)args.epoch);
	return 0;
}

const struct cli_command cmd_wrap = {
	.name = "wrap",
	.summary = "put a model's key into envelopes (owner's machine)",
	.run = run,
};
