/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines from tables. A command lists its options: their names, where
 * their values go, and which of them are needed. Parsing, refusals, `--help`,
 * the manual page and shell completion all come from the table.
 *
 * As with getopt_long(), options come in any order, may be abbreviated, take
 * their value as --name=VALUE or --name VALUE, and end at "--".
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/base/hex.h"

/* Which options must be given, and which of them together. */
enum cli_need {
	CLI_OPTIONAL,
	CLI_NEEDED,
	/* Of a command's options that have the same one of these needs: */
	CLI_ONE_OF,	 /* exactly one */
	CLI_SOME_OF,	 /* one or more */
	CLI_ALL_OR_NONE, /* all or none */
	CLI_AT_MOST_ONE, /* one or none */
	CLI_NEED_COUNT
};

enum cli_type {
	CLI_IS_FLAG,
	CLI_IS_TEXT,
	CLI_IS_TEXTS,  /* the same; the option may be given again */
	CLI_IS_SECRET, /* text that its reader overwrites in argv */
	CLI_IS_NUMBER, /* from 1 */
	CLI_IS_WAIT,   /* seconds, from 0 */
	CLI_IS_UUID,
	CLI_IS_INPUT,  /* file to read; "-" is standard input */
	CLI_IS_INPUTS, /* the same; the option may be given again */
	CLI_IS_OUTPUT, /* file to write; never "-" */
	CLI_IS_OPERAND /* file to read that belongs to no option */
};

/* Values of options that may be given again, in the order given. */
struct cli_list {
	const char **values;
	char *letters; /* of the option that each value came with */
	size_t count;
};

/* Seconds to wait for something; 0: for ever. */
struct cli_wait {
	bool is_given;
	unsigned int seconds;
};

struct cli_uuid {
	bool is_given;
	uint8_t bytes[ENC_UUID_BYTES];
};

/* Of commands that call the TEE. */
struct cli_tee {
	struct cli_wait wait;
	struct cli_uuid ta;
};

/*
 * For a row of a table: where in `struct s` the value goes. A member of another
 * type does not compile. Without the option it stays 0.
 */
#define CLI_FLAG(s, m)	      CLI_AT(CLI_IS_FLAG, s, m, bool), 0
#define CLI_TEXT(s, m)	      CLI_AT(CLI_IS_TEXT, s, m, const char *), 0
#define CLI_TEXTS(s, m)	      CLI_AT(CLI_IS_TEXTS, s, m, struct cli_list), 0
#define CLI_SECRET(s, m)      CLI_AT(CLI_IS_SECRET, s, m, char *), 0
#define CLI_NUMBER(s, m, max) CLI_AT(CLI_IS_NUMBER, s, m, uint64_t), max
#define CLI_WAIT(s, m)	      CLI_AT(CLI_IS_WAIT, s, m, struct cli_wait), 86400
#define CLI_UUID(s, m)	      CLI_AT(CLI_IS_UUID, s, m, struct cli_uuid), 0
#define CLI_INPUT(s, m)	      CLI_AT(CLI_IS_INPUT, s, m, const char *), 0
#define CLI_INPUTS(s, m)      CLI_AT(CLI_IS_INPUTS, s, m, struct cli_list), 0
#define CLI_OUTPUT(s, m)      CLI_AT(CLI_IS_OUTPUT, s, m, const char *), 0
#define CLI_OPERAND(s, m)     CLI_AT(CLI_IS_OPERAND, s, m, const char *), 0
#define CLI_AT(type, s, m, is) \
	type, _Generic(((struct s *)0)->m, is : offsetof(struct s, m))

#define CLI_OPTIONS_MAX 20 /* of a command */

struct cli_option {
	const char *name;  /* NULL for an operand */
	char letter;	   /* 0: long name only */
	const char *value; /* what the help calls it; NULL for a flag */
	enum cli_need need;
	enum cli_type type; /* CLI_FLAG() and the others fill these three */
	size_t at;
	uint64_t max;
	const char *help; /* NULL: the end of the table */
};

struct cli_command {
	const char *name;
	const char *summary;
	const char *doc;
	const char *asks; /* for "which ...?", if no input is given */
	const struct cli_option *options;
	size_t args_bytes; /* of the struct that the values go to */
	/* before private keys, or those of models, come into memory; or NULL */
	void (*guard)(void);
	/* NULL in a program that knows the command but cannot run it */
	int (*run)(const void *args);
};

#define CLI_GO (-1) /* no exit status: there is something to run */

/*
 * Reads a command line into `args`, args_bytes of zeros. The values point into
 * argv; argv[0] is the command's name. Returns CLI_GO, or the exit status after
 * --help, --version, or one line about what is wrong.
 */
int cli_parse(const struct cli_command *command, int argc, char **argv,
	      void *args);

/* Frees what cli_parse() has allocated. */
void cli_args_free(const struct cli_command *command, void *args);

/* Whether the values of an option are files to read. */
static inline bool cli_is_read(const struct cli_option *option)
{
	return option->type == CLI_IS_INPUT || option->type == CLI_IS_INPUTS ||
	       option->type == CLI_IS_OPERAND;
}

/* The paths given to an option whose values are files. */
const char *const *cli_paths(const struct cli_option *option, const void *args,
			     size_t *count);

#endif
