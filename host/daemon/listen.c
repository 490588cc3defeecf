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
	struct stat file = { 0 };
	bool left = false;
	int fd = -1;

	/* connect() says of any other file, too, that nobody listens */
	if (lstat(at->sun_path, &file) || !S_ISSOCK(file.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	left = connect(fd, (const struct sockaddr *)at, sizeof(*at)) &&
	       errno == ECONNREFUSED;
	close(fd);
	return left;
}

/* It is this user's and group's from its beginning. */
static int bind_alone(int fd, const struct sockaddr_un *at)
{
	const mode_t mask = umask(0117);
	const int error =
		bind(fd, (const struct sockaddr *)at, sizeof(*at)) ? errno : 0;

	umask(mask);
	return error;
}

int daemon_listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
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
	error = bind_alone(fd, &at);
	if (error || listen(fd, BACKLOG))
		return fail(fd, error ? error : errno);
	return fd;
}
