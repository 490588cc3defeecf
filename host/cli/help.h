/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, made from a command's table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "options.h"

/* What each exit status means; with a kind, it is an error of this name. */
struct cli_exit_words {
	const char *kind; /* in JSON */
	const char *help; /* NULL: the end of the table */
};
extern const struct cli_exit_words cli_exits[];

/* What `enc_mnist --help` prints of them. */
void cli_help_exits(FILE *to);

/* --help and --version, which every command has. */
extern const struct cli_option cli_common_options[];

/* What `enc_mnist COMMAND --help` and `--version` print. Return 0. */
int cli_help(const struct cli_command *command);
int cli_version(void);

/* "--input=BIN {--key=HEX|--key-file=FILE} [OPTION...]" */
void cli_synopsis(const struct cli_command *command, char *text, size_t size);

/* The options with this need, in words: "--images and --labels". */
void cli_names(const struct cli_command *command, enum cli_need need,
	       char *text, size_t size);

#endif
