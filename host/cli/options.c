/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: argp, but one line for each error. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

void cli_usage(const struct argp_state *state, const char *what, ...)
{
	va_list ap;

	va_start(ap, what);
	fprintf(stderr, "%s: ", state->name);
	vfprintf(stderr, what, ap);
	fprintf(stderr, "; see `%s --help'\n", state->name);
	va_end(ap);
	exit(CLI_USAGE);
}

/*
 * Comes before the command's own parser. What is wrong with an option getopt
 * says on stderr; argp would add two lines of advice to it.
 */
static error_t parse(int option, char *arg, struct argp_state *state)
{
	FILE *nowhere = NULL;

	if (option == ARGP_KEY_ARG)
		cli_usage(state, "`%s' belongs to no option", arg);
	if (option != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	nowhere = fopen("/dev/null", "w");
	if (nowhere)
		state->err_stream = nowhere;
	return 0;
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	struct argp command = *argp;
	const struct argp_child children[] = { { &command, 0, NULL, 0 },
					       { 0 } };
	const struct argp top = {
		.parser = parse,
		.children = children,
		.doc = argp->doc,
	};

	command.doc = NULL;
	argp_parse(&top, argc, argv, 0, NULL, input);
}
