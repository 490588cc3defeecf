/* SPDX-License-Identifier: Apache-2.0 */
/* Help texts, made from a command's table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "options.h"

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
