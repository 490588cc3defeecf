/* SPDX-License-Identifier: Apache-2.0 */
/* enc_mnist: picks the command and hands it the rest of the command line. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/compat/device/source.h"
#include "host/device/load.h"
#include "proto/enc_mnist_ta.h"

static const struct cli_command *const commands[] = {
#ifdef ENC_MNIST_OWNER_TOOLS
	&cmd_owner_key,	    &cmd_quantize,     &cmd_seal,   &cmd_wrap,
#endif
	&cmd_inspect,
#ifdef ENC_MNIST_ENCRYPT_MODEL
	&cmd_encrypt_model, &cmd_verify_model,
#endif
#ifdef ENC_MNIST_COMPAT
	&cmd_store_key,
#endif
	&cmd_device_key,    &cmd_provision,    &cmd_status, &cmd_infer,
	&cmd_eval,
};

const struct enc_source *const cli_sources[] = {
	&enc_source_sealed,
#ifdef ENC_MNIST_COMPAT
	&enc_source_json,
#endif
	NULL,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* A file's name may hold anything, also what a terminal obeys. */
static void one_line(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char)*text))
			*text = '?';
	}
}

int cli_fail(const struct enc_error *e)
{
	struct enc_error shown = *e;

	one_line(shown.what);
	one_line(shown.hint);
	fflush(stdout); /* what was found comes before what is wrong with it */
	fprintf(stderr, "enc_mnist: %s%s%s\n", shown.what,
		shown.hint[0] ? "; " : "", shown.hint);
	return CLI_FAILED;
}

static void usage(FILE *to)
{
	fprintf(to, "Usage: enc_mnist COMMAND [OPTION...]\n"
		    "Runs an encrypted neural network inside a TEE.\n\n"
		    "Commands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  %-14s %s\n", commands[i]->name,
			commands[i]->summary);
	fprintf(to, "\n`enc_mnist COMMAND --help` explains a command, "
		    "`--version` prints the version.\n");
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	char name[64] = "";

	snprintf(name, sizeof(name), "enc_mnist %s", command->name);
	/* cppcheck-suppress autoVariables; argv is not used after run() */
	argv[0] = name;
	return command->run(argc, argv);
}

/* A full disk or a closed pipe must not pass for success. */
static int close_stdout(int status)
{
	if (fclose(stdout) && status == EXIT_SUCCESS) {
		perror("enc_mnist: standard output");
		return CLI_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	argp_err_exit_status = CLI_USAGE;
	argp_program_version = "enc_mnist " ENC_MNIST_VERSION;
	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		usage(stdout);
		return close_stdout(EXIT_SUCCESS);
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts(argp_program_version);
		return close_stdout(EXIT_SUCCESS);
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(name, commands[i]->name))
			return close_stdout(
				run(commands[i], argc - 1, argv + 1));
	}
	if (*name) {
		fprintf(stderr,
			"enc_mnist: no command `%s' in this build; "
			"`enc_mnist --help` lists what there is\n",
			name);
		return CLI_USAGE;
	}
	usage(stderr);
	return CLI_USAGE;
}
