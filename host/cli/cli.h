/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of enc_mnist have in common. */
#ifndef CLI_H
#define CLI_H

#include "commands.h"
#include "host/base/error.h"

/* Exit status: 0 is success. */
#define CLI_FAILED    1
#define CLI_USAGE     2
#define CLI_NO_ANSWER 3 /* of the TEE, in time */

/* The kinds of models that this build loads, up to a NULL. */
struct enc_source;
extern const struct enc_source *const cli_sources[];

/* Prints in one line what went wrong and what to do. Returns CLI_FAILED. */
int cli_fail(const struct enc_error *e);

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
