/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: Linux lets one process open /dev/teepriv0, the supplicant. If
 * we get in, there is none; and when we close it again the driver fails every
 * request that waits for one, so that the call returns with an error. Asking
 * before the first call instead would refuse devices that need no supplicant.
 */
#include "tee_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A supplicant that is just being started should not find the door shut. */
#define PATIENCE 3 /* seconds */

bool enc_tee_supplicant_is_missing(void)
{
	int fd = open("/dev/teepriv0", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* What closing the supplicant's device does, if there is no supplicant. */
static void fail_waiting_calls(void)
{
	enc_tee_supplicant_is_missing();
}

/* Waits until something changed, or until patience ends: then true. */
static bool wait_for_change(struct enc_tee_watch *watch)
{
	struct timespec until = { 0 };

	if (!watch->calling) {
		pthread_cond_wait(&watch->changed, &watch->lock);
		return false;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	return pthread_cond_timedwait(&watch->changed, &watch->lock, &until) ==
	       ETIMEDOUT;
}

static void *keep_watch(void *arg)
{
	struct enc_tee_watch *watch = arg;

	pthread_mutex_lock(&watch->lock);
	while (!watch->ended) {
		if (wait_for_change(watch) && watch->calling)
			fail_waiting_calls();
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

void enc_tee_watch_start(struct enc_tee_watch *watch)
{
	pthread_condattr_t attr;

	memset(watch, 0, sizeof(*watch));
	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->changed, &attr);
	pthread_condattr_destroy(&attr);
	watch->running =
		!pthread_create(&watch->thread, NULL, keep_watch, watch);
}

static void set(struct enc_tee_watch *watch, bool *what, bool value)
{
	pthread_mutex_lock(&watch->lock);
	*what = value;
	pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
}

void enc_tee_watch_stop(struct enc_tee_watch *watch)
{
	set(watch, &watch->ended, true);
	if (watch->running)
		pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
}

void enc_tee_watch_enter(struct enc_tee_watch *watch)
{
	set(watch, &watch->calling, true);
}

void enc_tee_watch_leave(struct enc_tee_watch *watch)
{
	set(watch, &watch->calling, false);
}
