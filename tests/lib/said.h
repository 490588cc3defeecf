/* SPDX-License-Identifier: Apache-2.0 */
/* Runs commands of the command line, and catches what they say. */
#ifndef TEST_SAID_H
#define TEST_SAID_H

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "scratch.h"
#include "tests/standin/standin.h"

static char out[1u << 16]; /* what the last command said */
static char err[1u << 16];

static inline int said_redirect(int fd, const char *name)
{
	int kept = dup(fd);
	int file = open(scratch_path(name), O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(kept >= 0 && file >= 0);
	assert_int_equal(dup2(file, fd), fd);
	close(file);
	return kept;
}

static inline void said_restore(int fd, int kept, char *text, size_t size)
{
	ssize_t n = 0;

	lseek(fd, 0, SEEK_SET);
	n = read(fd, text, size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(dup2(kept, fd), fd);
	close(kept);
}

/* Runs a command; what it says is in `out` and `err` then. */
static inline int run(int (*command)(const void *args), const void *args)
{
	int kept_out = 0;
	int kept_err = 0;
	int status = 0;

	fflush(stdout);
	kept_out = said_redirect(STDOUT_FILENO, "out");
	kept_err = said_redirect(STDERR_FILENO, "err");
	status = command(args);
	fflush(stdout);
	said_restore(STDOUT_FILENO, kept_out, out, sizeof(out));
	said_restore(STDERR_FILENO, kept_err, err, sizeof(err));
	assert_int_equal(standin_leaks(), 0);
	return status;
}

#endif
