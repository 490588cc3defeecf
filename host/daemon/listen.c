/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define GIVEN	3 /* the first descriptor that systemd hands over */
#define BACKLOG 128

static int fail(int fd, int error)
{
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

int daemon_listen_given(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (!pid || !count || strtol(pid, NULL, 10) != getpid())
		return fail(-1, ENOENT);
	if (strcmp(count, "1") != 0)
		return fail(-1, E2BIG);
	if (getsockopt(GIVEN, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len))
		return -1;
	if (!listens)
		return fail(-1, ENOTCONN);
	if (fcntl(GIVEN, F_SETFD, FD_CLOEXEC) ||
	    fcntl(GIVEN, F_SETFL, O_NONBLOCK))
		return -1;
	return GIVEN;
}

/* Whether nobody listens there, although there is a socket. */
static bool is_left(const struct sockaddr_un *at)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool left = false;

	if (fd < 0)
		return false;
	left = connect(fd, (const struct sockaddr *)at, sizeof(*at)) &&
	       errno == ECONNREFUSED;
	close(fd);
	return left;
}

int daemon_listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const mode_t mask = umask(0117);
	int fd = -1;
	int error = 0;

	if (strlen(path) >= sizeof(at.sun_path))
		return fail(-1, ENAMETOOLONG);
	memcpy(at.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (is_left(&at))
		unlink(path);
	error = bind(fd, (struct sockaddr *)&at, sizeof(at)) ? errno : 0;
	umask(mask);
	if (error || listen(fd, BACKLOG))
		return fail(fd, error ? error : errno);
	return fd;
}
