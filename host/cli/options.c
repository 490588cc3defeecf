/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: argp, but one line for each error. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* Not through stderr, which is getopt's while the command line is parsed. */
void cli_usage(const struct argp_state *state, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	dprintf(STDERR_FILENO, "%s: ", state->name);
	vdprintf(STDERR_FILENO, what, ap);
	dprintf(STDERR_FILENO, "; see `%s --help'\n", state->name);
	va_end(ap);
	exit(CLI_USAGE);
}

unsigned long long cli_number(const struct argp_state *state,
			      const char *option, const char *text,
			      unsigned long long max)
{
	char *end = NULL;
	unsigned long long n = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '1' || *text > '9' || *end || errno || n > max)
		cli_usage(state, "%s: a number from 1 to %llu, not `%s'",
			  option, max, text);
	return n;
}

const char *cli_output(const struct argp_state *state, const char *option,
		       const char *path)
{
	if (!strcmp(path, "-"))
		cli_usage(state,
			  "%s: give a file's name; it is not written to "
			  "standard output",
			  option);
	return path;
}

static const struct argp_option options[] = {
	{ NULL, 'h', NULL, 0, "The same as --help", -1 }, { 0 }
};

/* Comes before the command's own parser. */
static error_t parse(int option, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		state->err_stream = NULL; /* no advice of two lines */
		return 0;
	case 'h':
		argp_state_help(state, state->out_stream, ARGP_HELP_STD_HELP);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The same for a command that has options alone. */
static error_t parse_options(int option, char *arg, struct argp_state *state)
{
	if (option == ARGP_KEY_ARG)
		cli_usage(state, "`%s' belongs to no option", arg);
	return parse(option, arg, state);
}

/*
 * What is wrong with an option getopt knows best, but it says so on stderr, in
 * a line of its own.
 */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	struct argp command = *argp;
	const struct argp_child children[] = { { &command, 0, NULL, 0 },
					       { 0 } };
	const struct argp top = {
		.options = options,
		.parser = argp->args_doc ? parse : parse_options,
		.children = children,
		.doc = argp->doc,
		.args_doc = argp->args_doc,
	};
	FILE *console = stderr;
	char *said = NULL;
	size_t len = 0;
	FILE *listener = open_memstream(&said, &len);
	error_t error = ENOMEM;

	command.doc = NULL;
	command.args_doc = NULL;
	if (listener) {
		stderr = listener;
		error = argp_parse(&top, argc, argv, 0, NULL, input);
		stderr = console;
		fclose(listener);
	}
	if (error == EINVAL && said)
		fprintf(stderr, "%s; see `%s --help'\n", strtok(said, "\n"),
			argv[0]);
	else if (error)
		fprintf(stderr, "%s: %s\n", argv[0], strerror(error));
	free(said);
	if (error)
		exit(error == EINVAL ? CLI_USAGE : CLI_FAILED);
}
