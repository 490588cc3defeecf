/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that listens. Both return it, or -1 with errno set. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

/* The one that systemd hands over; see sd_listen_fds(3). ENOENT: none. */
int daemon_listen_given(void);

/*
 * Makes one at `path`, for this user and group. A socket that is left there of
 * a daemon that has ended is replaced; any other file is left alone.
 */
int daemon_listen_at(const char *path);

#endif
