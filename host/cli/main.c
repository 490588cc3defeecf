/* SPDX-License-Identifier: Apache-2.0 */
/* enc_mnist: picks the command and hands it the rest of the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "help.h"
#include "host/base/file.h"

static void usage(FILE *to)
{
	fprintf(to, "Usage: enc_mnist COMMAND [OPTION...]\n"
		    "Runs an encrypted neural network inside a TEE.\n\n"
		    "Commands:\n");
	for (size_t i = 0; i < cli_command_count; i++)
		fprintf(to, "  %-14s %s\n", cli_commands[i].name,
			cli_commands[i].summary);
	fputs("\nExit status:\n", to);
	cli_help_exits(to);
	fprintf(to, "\n`enc_mnist COMMAND --help` explains a command, "
		    "`--version` prints the version.\n");
}

static bool spares(const struct cli_command *command, const void *args,
		   const char *output, struct enc_error *e)
{
	const char *const *paths = NULL;
	size_t count = 0;

	for (const struct cli_option *o = command->options; o->help; o++) {
		if (!cli_is_read(o))
			continue;
		paths = cli_paths(o, args, &count);
		if (!enc_out_spares(output, paths, count, e))
			return false;
	}
	return true;
}

/* Fails if an output of a command is one of its inputs. */
static bool spares_inputs(const struct cli_command *command, const void *args,
			  struct enc_error *e)
{
	const char *const *output = NULL;
	size_t count = 0;

	for (const struct cli_option *o = command->options; o->help; o++) {
		if (o->type != CLI_IS_OUTPUT)
			continue;
		output = cli_paths(o, args, &count);
		if (*output && !spares(command, args, *output, e))
			return false;
	}
	return true;
}

static int run_with(const struct cli_command *command, const void *args)
{
	struct enc_error e = { 0 };

	if (!command->run) {
		cli_no_tee(&e);
		return cli_fail(&e);
	}
	if (!spares_inputs(command, args, &e))
		return cli_fail(&e);
	if (command->guard)
		command->guard();
	return command->run(args);
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	void *args = calloc(1, command->args_bytes);
	struct enc_error e = { 0 };
	int status = CLI_FAILED;

	if (!args) {
		enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
		return cli_fail(&e);
	}
	status = cli_parse(command, argc, argv, args);
	if (status == CLI_GO)
		status = run_with(command, args);
	cli_args_free(command, args);
	free(args);
	return status;
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
	struct enc_error e = { 0 };

	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		usage(stdout);
		return close_stdout(EXIT_SUCCESS);
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		return close_stdout(cli_version());
	}
	for (size_t i = 0; i < cli_command_count; i++) {
		if (!strcmp(name, cli_commands[i].name))
			return close_stdout(
				run(&cli_commands[i], argc - 1, argv + 1));
	}
	if (*name) {
		enc_fail(&e, ENC_ERR_UNSUPPORTED,
			 "no command `%s' in this build", name);
		enc_hint(&e, "`enc_mnist --help` lists the commands");
		cli_fail(&e);
		return CLI_USAGE;
	}
	usage(stderr);
	return CLI_USAGE;
}
