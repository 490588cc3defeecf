/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define RETRY 1000 /* milliseconds before a failed accept() is tried again */

/* What poll() waits for, before the clients. */
enum {
	LISTENER,
	CONTROL,
	DONE,
	CLIENTS
};

struct server {
	const struct daemon_options *options;
	struct daemon_model *const *models;
	size_t count;
	struct daemon_done *done;
	struct daemon_client *clients;
	struct pollfd *polled;
	int listener;
	int64_t now;   /* milliseconds */
	int64_t deaf;  /* no accept() until then */
	int64_t until; /* the end of the drain; 0: not yet told to stop */
};

static int64_t clock_now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- Clients ----------------------------------------------------------- */

/* The time that a client has for what it does now. */
static void set_time(const struct server *s, struct daemon_client *c)
{
	const bool idle = c->state == DAEMON_READING && !c->got;
	const int64_t seconds = idle ? s->options->idle : s->options->stall;

	c->until = c->state == DAEMON_WAITING ? INT64_MAX :
						s->now + seconds * 1000;
}

static void refuse_user(struct server *s, struct daemon_client *c)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(who);
	size_t same = 0;

	getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
	c->user = who.uid;
	for (size_t i = 0; i < s->options->clients; i++)
		same += s->clients[i].state != DAEMON_NONE &&
			s->clients[i].user == c->user;
	if (same > s->options->clients_of_user)
		daemon_client_refuse(c, ENCMNIST_TRY_AGAIN,
				     "too many connections of this user");
}

static struct daemon_client *find_place(const struct server *s)
{
	for (size_t i = 0; i < s->options->clients; i++) {
		if (s->clients[i].state == DAEMON_NONE)
			return &s->clients[i];
	}
	return NULL;
}

static void take_client(struct server *s)
{
	struct daemon_client *c = find_place(s);
	const int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			s->deaf = s->now + RETRY;
		return;
	}
	daemon_client_begin(c, fd);
	set_time(s, c);
	refuse_user(s, c);
}

/* Bytes of samples that the client may send. A user always has one request. */
static size_t find_room(const struct server *s, const struct daemon_client *c)
{
	size_t all = 0;
	size_t same = 0;

	for (size_t i = 0; i < s->options->clients; i++) {
		const struct daemon_client *other = &s->clients[i];
		const size_t holds = daemon_client_holds(other);

		all += holds;
		same += other->user == c->user ? holds : 0;
	}
	if (!same)
		return SIZE_MAX;
	if (all > s->options->bytes || same > s->options->bytes / 2)
		return 0;
	all = s->options->bytes - all;
	same = s->options->bytes / 2 - same;
	return all < same ? all : same;
}

/* What the client may do now; its time begins when it does something else. */
static void serve_client(struct server *s, struct daemon_client *c,
			 short events)
{
	const enum daemon_state before = c->state;
	const bool was_idle = !c->got;

	if (c->state == DAEMON_WAITING) {
		if (events & (POLLHUP | POLLERR))
			daemon_client_end(c);
		return;
	}
	if (events && c->state == DAEMON_READING)
		daemon_client_read(c, s->models, s->count, find_room(s, c));
	else if (events && c->state == DAEMON_WRITING)
		daemon_client_write(c);
	if (c->state == DAEMON_WAITING)
		daemon_model_ask(c->model, &c->request);
	if (c->state != before || (was_idle && c->got))
		set_time(s, c);
	else if (c->state != DAEMON_NONE && s->now >= c->until)
		daemon_client_end(c);
}

static void take_answers(struct server *s)
{
	struct daemon_request *r = daemon_done_take(s->done);

	while (r) {
		struct daemon_client *c = (struct daemon_client *)r;

		r = r->next;
		daemon_client_answered(c);
		set_time(s, c);
	}
}

/* --- All of them ------------------------------------------------------- */

static void stop(struct server *s)
{
	if (s->until)
		return;
	s->until = s->now + (int64_t)s->options->drain * 1000;
	/* once nobody listens, the next daemon may put its own there */
	if (s->options->path)
		unlink(s->options->path);
	close(s->listener);
	s->listener = -1;
}

static void obey(struct server *s)
{
	char command = 0;

	if (read(s->options->control, &command, 1) != 1)
		return;
	for (size_t i = 0; command == DAEMON_RELOAD && i < s->count; i++)
		daemon_model_reload(s->models[i]);
	if (command == DAEMON_STOP)
		stop(s);
}

/* Milliseconds until somebody has taken too long; -1: nobody can. */
static int patience(const struct server *s)
{
	int64_t first = s->until ? s->until : INT64_MAX;

	if (s->deaf > s->now)
		first = s->deaf;
	for (size_t i = 0; i < s->options->clients; i++) {
		const struct daemon_client *c = &s->clients[i];

		if (c->state != DAEMON_NONE && c->until < first)
			first = c->until;
	}
	if (first == INT64_MAX)
		return -1;
	return first > s->now ? (int)(first - s->now) : 0;
}

static void wait_for_events(struct server *s)
{
	const bool may_take = s->now >= s->deaf && find_place(s);

	s->polled[LISTENER] =
		(struct pollfd){ may_take ? s->listener : -1, POLLIN, 0 };
	s->polled[CONTROL] = (struct pollfd){ s->options->control, POLLIN, 0 };
	s->polled[DONE] =
		(struct pollfd){ daemon_done_event(s->done), POLLIN, 0 };
	for (size_t i = 0; i < s->options->clients; i++) {
		const struct daemon_client *c = &s->clients[i];

		const int events = c->state == DAEMON_READING ? POLLIN :
				   c->state == DAEMON_WRITING ? POLLOUT :
								0;

		s->polled[CLIENTS + i] =
			(struct pollfd){ c->state == DAEMON_NONE ? -1 : c->fd,
					 (short)events, 0 };
	}
	if (poll(s->polled, CLIENTS + s->options->clients, patience(s)) < 0) {
		for (size_t i = 0; i < CLIENTS + s->options->clients; i++)
			s->polled[i].revents = 0;
	}
	s->now = clock_now();
}

/* Whether clients are left. At the end, those that wait for nothing go. */
static bool has_clients(struct server *s)
{
	bool has = false;

	for (size_t i = 0; i < s->options->clients; i++) {
		struct daemon_client *c = &s->clients[i];

		if (s->until && c->state == DAEMON_READING)
			daemon_client_end(c);
		has |= c->state != DAEMON_NONE;
	}
	return has;
}

static void serve(struct server *s)
{
	s->now = clock_now();
	while (!s->until || (has_clients(s) && s->now < s->until)) {
		wait_for_events(s);
		for (size_t i = 0; i < s->options->clients; i++) {
			if (s->clients[i].state != DAEMON_NONE)
				serve_client(s, &s->clients[i],
					     s->polled[CLIENTS + i].revents);
		}
		if (s->polled[DONE].revents)
			take_answers(s);
		if (s->polled[CONTROL].revents)
			obey(s);
		if (s->polled[LISTENER].revents && s->listener >= 0)
			take_client(s);
	}
}

bool daemon_serve(const struct daemon_options *options,
		  struct daemon_model *const *models, size_t count,
		  struct daemon_done *done)
{
	struct server s = { .options = options,
			    .models = models,
			    .count = count,
			    .done = done,
			    .listener = options->listener };
	bool is_done = false;

	s.clients = calloc(options->clients, sizeof(*s.clients));
	s.polled = calloc(CLIENTS + options->clients, sizeof(*s.polled));
	if (s.clients && s.polled) {
		serve(&s);
		is_done = !has_clients(&s);
	} else {
		free(s.clients);
	}
	free(s.polled);
	if (is_done)
		free(s.clients);
	/* else threads of models have requests in them; the process ends */
	return is_done; /* NOLINT(clang-analyzer-unix.Malloc) */
}
