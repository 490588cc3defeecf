/* SPDX-License-Identifier: Apache-2.0 */
#include "done.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct daemon_done {
	pthread_mutex_t lock;
	struct daemon_request *first;
	int event;
};

struct daemon_done *daemon_done_new(void)
{
	struct daemon_done *done = calloc(1, sizeof(*done));

	if (!done)
		return NULL;
	done->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (done->event < 0) {
		free(done);
		return NULL;
	}
	pthread_mutex_init(&done->lock, NULL);
	return done;
}

void daemon_done_free(struct daemon_done *done)
{
	if (!done)
		return;
	pthread_mutex_destroy(&done->lock);
	close(done->event);
	free(done);
}

int daemon_done_event(const struct daemon_done *done)
{
	return done->event;
}

void daemon_done_put(struct daemon_done *done, struct daemon_request *request)
{
	pthread_mutex_lock(&done->lock);
	request->next = done->first;
	done->first = request;
	pthread_mutex_unlock(&done->lock);
	eventfd_write(done->event, 1);
}

struct daemon_request *daemon_done_take(struct daemon_done *done)
{
	struct daemon_request *first = NULL;
	eventfd_t count = 0;

	eventfd_read(done->event, &count);
	pthread_mutex_lock(&done->lock);
	first = done->first;
	done->first = NULL;
	pthread_mutex_unlock(&done->lock);
	return first;
}
