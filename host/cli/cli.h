/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of enc_mnist have in common. */
#ifndef CLI_H
#define CLI_H

#include "commands.h"
#include "host/base/error.h"

/* Exit statuses; cli_exits in help.h has their words. 0 is success. */
enum cli_exit {
	CLI_FAILED = 1,
	CLI_USAGE,
	CLI_TRY_AGAIN,
	CLI_REFUSED,
	CLI_NOT_FOR_DEVICE,
	CLI_STORAGE
};

/*
 * From now on, errors are an object on standard output, too: so it is with
 * --json.
 */
void cli_errors_in_json(bool in_json);

/*
 * Prints that object, in json.c: after results, in a line of its own. Without
 * memory, the text on standard error must do.
 */
void cli_error_object(enum cli_exit status, const char *message,
		      const char *hint);

/*
 * Prints in one line what went wrong and what to do. Returns the exit status of
 * its kind.
 */
int cli_fail(const struct enc_error *e);

/* The exit status of a kind of errors, and its name in JSON. */
enum cli_exit cli_exit_of(enum enc_error_kind kind);

/* Says that this program cannot do it, and which one can. Always false. */
bool cli_no_tee(struct enc_error *e);

/*
 * A file's name may hold anything, even control codes for a terminal. These
 * print text on standard output as enc_one_line() leaves it; cli_line() ends
 * the line.
 */
void cli_put(const char *text);
void cli_line(const char *what, ...) __attribute__((format(printf, 1, 2)));

/* Prints a warning in one line. */
void cli_warn(const char *what, ...) __attribute__((format(printf, 1, 2)));

/* Says in one line what is wrong with a command line. Returns CLI_USAGE. */
int cli_usage(const char *command, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Before secrets come into memory: no core dumps, no debugger, and a heap for
 * keys that is not swapped out.
 */
void cli_guard(void);

/*
 * Reads the key, 32 bytes on the heap of cli_guard(); NULL after an error.
 * Overwrites the digits in argv, so that they do not stay in the process list.
 * They are there for a moment, which is why --key-file exists.
 */
uint8_t *cli_key_read(const struct cli_key *key, struct enc_error *e);

/* Wipes and frees it; NULL: nothing. */
void cli_key_free(uint8_t *key);

#endif
