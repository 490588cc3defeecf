/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place where a program on the board stops, so that the host can look into
 * its memory. The program makes the file at.NAME and waits for a file go.NAME.
 */
#ifndef TEST_STOP_H
#define TEST_STOP_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static inline bool stop_at(const char *name)
{
	char path[64] = "";
	int fd = -1;

	snprintf(path, sizeof(path), "at.%s", name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	snprintf(path, sizeof(path), "go.%s", name);
	while (access(path, F_OK))
		usleep(50000);
	return true;
}

#endif
