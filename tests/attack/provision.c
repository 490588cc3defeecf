/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision WAY LETTERS: gives a key to `enc_mnist store-key` and keeps nothing
 * of it: whatever is in memory then was left by enc_mnist or by Linux. WAY:
 * argument (--key), file (--key-file, in memory, overwritten afterwards), or
 * pipe (--key-file -). LETTERS: see tests/lib/letters.h.
 *
 * It stops (tests/lib/stop.h) at the name of the way when enc_mnist has
 * finished its work and Linux has not yet reclaimed its memory. Everything that
 * the process leaves behind is still there then.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/letters.h"
#include "tests/lib/stop.h"

#define KEY_FILE "/tmp/key"

extern char **environ;

/* The new program has its own copy of argv when this returns. */
static pid_t start(char *option, char *value, int in)
{
	char *argv[] = { (char[]){ "enc_mnist" }, (char[]){ "store-key" },
			 option, value, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&actions);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Lets it run until it is about to exit with success. */
static bool comes_to_its_end(pid_t pid)
{
	unsigned long code = 1;
	int status = 0;

	return pid > 0 && !ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT) &&
	       waitpid(pid, &status, 0) == pid &&
	       status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8) &&
	       !ptrace(PTRACE_GETEVENTMSG, pid, 0, &code) && !code;
}

static bool end(pid_t pid)
{
	int status = -1;

	return !ptrace(PTRACE_CONT, pid, 0, 0) &&
	       waitpid(pid, &status, 0) == pid && !status;
}

static bool write_digits(int fd, char *digits)
{
	bool ok = write(fd, digits, ENC_KEY_DIGITS) == ENC_KEY_DIGITS;

	explicit_bzero(digits, ENC_KEY_DIGITS);
	return ok;
}

/* Each runs enc_mnist to its end and wipes the digits; -1: that failed. */
static pid_t by_argument(char *digits)
{
	pid_t pid = start((char[]){ "--key" }, digits, -1);

	explicit_bzero(digits, ENC_KEY_DIGITS);
	return comes_to_its_end(pid) ? pid : -1;
}

static pid_t by_file(char *digits)
{
	int fd = open(KEY_FILE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write_digits(fd, digits);
	pid_t pid = start((char[]){ "--key-file" }, (char[]){ KEY_FILE }, -1);

	ok = ok && comes_to_its_end(pid);
	memset(digits, 'x', ENC_KEY_DIGITS);
	ok = ok && pwrite(fd, digits, ENC_KEY_DIGITS, 0) == ENC_KEY_DIGITS;
	close(fd);
	unlink(KEY_FILE);
	return ok ? pid : -1;
}

static pid_t by_pipe(char *digits)
{
	int fd[2] = { -1, -1 };
	pid_t pid = -1;
	bool ok = false;

	if (pipe2(fd, O_CLOEXEC))
		return -1;
	pid = start((char[]){ "--key-file" }, (char[]){ "-" }, fd[0]);
	close(fd[0]);
	ok = write_digits(fd[1], digits);
	close(fd[1]);
	return ok && comes_to_its_end(pid) ? pid : -1;
}

int main(int argc, char **argv)
{
	const char *way = argc == 3 ? argv[1] : "";
	char digits[ENC_KEY_DIGITS + 1] = "";
	pid_t pid = -1;

	if (*way && letters_to_digits(argv[2], digits)) {
		if (!strcmp(way, "argument"))
			pid = by_argument(digits);
		else if (!strcmp(way, "file"))
			pid = by_file(digits);
		else if (!strcmp(way, "pipe"))
			pid = by_pipe(digits);
	}
	if (pid > 0 && stop_at(way) && end(pid))
		return 0;
	fprintf(stderr, "provision: failed\n");
	return 1;
}
