/* SPDX-License-Identifier: Apache-2.0 */
/* A directory for one test program, gone when it ends. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/error.h"
#include "testkit/test.h"

static char scratch_dir[] = "/tmp/enc_mnist-test-XXXXXX";

static inline int scratch_setup(void **state)
{
	(void)state;
	return mkdtemp(scratch_dir) ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
	DIR *d = opendir(scratch_dir);
	struct dirent *entry = NULL;

	(void)state;
	if (!d)
		return -1;
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	return rmdir(scratch_dir);
}

/* Names in the directory, "." and ".." aside. */
static inline size_t scratch_count(void)
{
	DIR *d = opendir(scratch_dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* The path of a name in the directory; the same pointer for the same name. */
static inline const char *scratch_path(const char *name)
{
	static char paths[32][128];
	char path[sizeof(paths[0])] = "";
	unsigned int i = 0;

	snprintf(path, sizeof(path), "%s/%s", scratch_dir, name);
	while (paths[i][0] && strcmp(paths[i], path))
		assert_true(++i < 32);
	memcpy(paths[i], path, sizeof(path));
	return paths[i];
}

static inline const char *scratch_write(const char *name, const void *data,
					size_t len)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "wb");
	int closed = 0;

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	closed = fclose(f);
	assert_int_equal(closed, 0);
	return path;
}

/* Puts `data` on standard input, through a pipe: at most 64 KiB. */
static inline void scratch_stdin(const void *data, size_t len)
{
	int fd[2] = { -1, -1 };

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], data, len), len);
	close(fd[1]);
	assert_int_equal(dup2(fd[0], STDIN_FILENO), STDIN_FILENO);
	close(fd[0]);
}

/* The error has this code, and its message contains this text. */
#define assert_error(e, expected_code, part)                                   \
	do {                                                                   \
		if ((e).code != (expected_code) || !strstr((e).what, (part)))  \
			fail_msg("[%d] \"%s\", expected [%d] \"...%s...\"",    \
				 (e).code, (e).what, (expected_code), (part)); \
	} while (0)

#endif
