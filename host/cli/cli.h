/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of enc_mnist have in common. */
#ifndef CLI_H
#define CLI_H

#include <argp.h>
#include <stdint.h>

#include "host/base/error.h"

/* Exit status: 0 is success. */
#define CLI_FAILED 1
#define CLI_USAGE  2

struct cli_command {
	const char *name;
	const char *summary;
	/* argv[0] is the command's full name, for its help text */
	int (*run)(int argc, char **argv);
};

extern const struct cli_command cmd_device_key;
extern const struct cli_command cmd_encrypt_model;
extern const struct cli_command cmd_eval;
extern const struct cli_command cmd_infer;
extern const struct cli_command cmd_inspect;
extern const struct cli_command cmd_owner_key;
extern const struct cli_command cmd_provision;
extern const struct cli_command cmd_quantize;
extern const struct cli_command cmd_seal;
extern const struct cli_command cmd_status;
extern const struct cli_command cmd_store_key;
extern const struct cli_command cmd_verify_model;
extern const struct cli_command cmd_wrap;

/* The kinds of models that this build loads, up to a NULL. */
struct enc_source;
extern const struct enc_source *const cli_sources[];

/* Prints in one line what went wrong and what to do. Returns CLI_FAILED. */
int cli_fail(const struct enc_error *e);

/*
 * Parses a command's options into `input`, which its parser gets as its own.
 * A command without args_doc takes no other arguments. Every error takes one
 * line, and exits.
 */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Says in one line what is wrong with the command line, and exits. */
void cli_usage(const struct argp_state *state, const char *what, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* The number that an option takes, 1 to `max`; another is a usage error. */
unsigned long long cli_number(const struct argp_state *state,
			      const char *option, const char *text,
			      unsigned long long max);

/*
 * The file that an option writes. "-" is a usage error: where files are read it
 * is standard input, and nothing writes a file to standard output.
 */
const char *cli_output(const struct argp_state *state, const char *option,
		       const char *path);

/*
 * The highest epoch and the highest version: after the one above it, a device
 * could never take another.
 */
#define CLI_RISING_MAX (UINT32_MAX - 1)

/*
 * --key and --key-file, as a child parser: its input is a struct cli_key *.
 * Exactly one of the two must be given, else it is a usage error.
 */
struct cli_key {
	char *hex;  /* in argv */
	char *file; /* path, or "-" */
};

extern const struct argp cli_key_argp;

/*
 * The 32 bytes of the key. Overwrites the digits in argv, so that they do not
 * stay in the process list; that they were there for a moment is why
 * --key-file exists.
 */
bool cli_key_read(const struct cli_key *key, uint8_t *bytes,
		  struct enc_error *e);

#endif
