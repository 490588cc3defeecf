/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/device/session.h"
#include "host/public/fingerprint.h"
#include "host/public/public_key.h"

static const struct argp_option options[] = {
	{ "output", 'o', "PEM", 0, "write the key there, too", 0 }, { 0 }
};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	const char **output = state->input;

	if (option != 'o')
		return ARGP_ERR_UNKNOWN;
	*output = cli_output(state, "--output", arg);
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Prints this device's public key, for `enc_mnist wrap` on the "
	       "owner's machine. The TA makes the pair when it is first asked; "
	       "the private key never leaves trusted storage. The fingerprint "
	       "is for people to compare: nothing else tells the owner that "
	       "the key is a TA's.",
};

static bool write_key(const char *path, const struct enc_public_key *key,
		      struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0644, e))
		return false;
	enc_public_key_write(out.stream, key);
	return enc_out_commit(&out, e);
}

static int run(int argc, char **argv)
{
	const char *output = NULL;
	struct enc_public_key key = { .type = ENC_X25519 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	bool ok = false;

	cli_parse(&argp, argc, argv, &output);
	ok = enc_tee_open(&tee, &e) && enc_tee_device_key(tee, key.bytes, &e);
	enc_tee_close(tee);
	if (!ok || (output && !write_key(output, &key, &e)))
		return cli_fail(&e);
	enc_fingerprint(key.bytes, sizeof(key.bytes), text);
	printf("fingerprint: %s\n", text);
	enc_public_key_write(stdout, &key);
	return 0;
}

const struct cli_command cmd_device_key = {
	.name = "device-key",
	.summary = "print this device's public key (device)",
	.run = run,
};
