/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: Linux lets only one process open /dev/teepriv0, the supplicant.
 * If we can open it, there is none. When we close it again, the driver fails
 * every request that waits for a supplicant, so that the call returns with an
 * error. Asking before the first call would refuse devices that need none.
 *
 * While calls are quick, the thread is not woken for each of them. It wakes up
 * after PATIENCE, and checks whether the call that it saw is still running.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "session.h"

/* A supplicant that is just being started has time to open the device. */
#define PATIENCE 3 /* seconds; a call may wait for twice as long */

/* Multiply-accumulates of a second, of the slowest device that there may be. */
#define SLOWEST (UINT64_C(1) << 24)

static time_t now(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

bool enc_tee_supplicant_is_missing(void)
{
	int fd = open("/dev/teepriv0", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Closing the supplicant's device does this, if there is no supplicant. */
static void fail_waiting_calls(void)
{
	enc_tee_supplicant_is_missing();
}

/* Waits until a call begins or the watch ends. */
static void wait_for_call(struct enc_tee_watch *watch)
{
	watch->idle = true;
	pthread_cond_wait(&watch->changed, &watch->lock);
	watch->idle = false;
}

/* Whether the call that is running now still runs after PATIENCE, or is late.
 */
static bool outlasts_patience(struct enc_tee_watch *watch)
{
	const uint64_t call = watch->calls;
	struct timespec until = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE;
	if (watch->late && watch->late < until.tv_sec)
		until = (struct timespec){ .tv_sec = watch->late };
	return pthread_cond_timedwait(&watch->changed, &watch->lock, &until) ==
		       ETIMEDOUT &&
	       watch->calling && watch->calls == call;
}

/* Once for each call. */
static void be_late(struct enc_tee_watch *watch)
{
	watch->late = 0;
	watch->be_late(watch->context);
}

static void *keep_watch(void *arg)
{
	struct enc_tee_watch *watch = arg;

	pthread_mutex_lock(&watch->lock);
	while (!watch->ended) {
		if (!watch->calling)
			wait_for_call(watch);
		else if (!outlasts_patience(watch))
			continue;
		else if (watch->late && now() >= watch->late)
			be_late(watch);
		else
			fail_waiting_calls();
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

void enc_tee_watch_start(struct enc_tee_watch *watch,
			 const struct enc_tee_options *options)
{
	pthread_condattr_t attr;

	*watch = (struct enc_tee_watch){
		.limit = options->late ? options->wait : 0,
		.be_late = options->late,
		.context = options->context,
	};
	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->changed, &attr);
	pthread_condattr_destroy(&attr);
	watch->running =
		!pthread_create(&watch->thread, NULL, keep_watch, watch);
}

void enc_tee_watch_stop(struct enc_tee_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->ended = true;
	pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
	if (watch->running)
		pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->changed);
	pthread_mutex_destroy(&watch->lock);
}

void enc_tee_watch_enter(struct enc_tee_watch *watch, uint64_t work)
{
	pthread_mutex_lock(&watch->lock);
	watch->calling = true;
	watch->late = 0;
	if (watch->limit)
		watch->late =
			now() + watch->limit + 1 + (time_t)(work / SLOWEST);
	watch->calls++;
	if (watch->idle)
		pthread_cond_signal(&watch->changed);
	pthread_mutex_unlock(&watch->lock);
}

void enc_tee_watch_leave(struct enc_tee_watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->calling = false;
	pthread_mutex_unlock(&watch->lock);
}
