/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking for the supplicant before the first call would refuse devices that
 * need none. While calls are quick, the thread is not woken for each of them.
 * It wakes up after PATIENCE, and checks whether the call that it saw is still
 * running.
 */
#include "watch.h"

#include <errno.h>
#include <signal.h>

#include "session.h"
#include "supplicant.h"

/* A supplicant that is just being started has time to open the device. */
#define PATIENCE 3 /* seconds; a call may wait for twice as long */

/* Only the end of the process ends a call that waits for one unseen. */
#define UNSEEN (3 * PATIENCE)

/* Multiply-accumulates of a second, of the slowest device that there may be. */
#define SLOWEST (UINT64_C(1) << 24)

static time_t now(void)
{
	struct timespec time = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
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

/* Asking for the supplicant ends the call, if the driver knows of none. */
static bool is_late(const struct enc_tee_watch *watch)
{
	const bool is_unseen =
		enc_tee_supplicant() == ENC_TEE_SUPPLICANT_UNSEEN;

	return watch->late && (now() >= watch->late ||
			       (is_unseen && now() >= watch->late_unseen));
}

/* Another client's call that was cut short may hold what this one waits for. */
static void be_late(struct enc_tee_watch *watch)
{
	struct enc_error e = { 0 };

	watch->late = 0; /* once for each call */
	if (!enc_tee_lacks_supplicant("reach the TA", &e)) {
		enc_fail(&e, ENC_ERR_TEE,
			 "the TEE has not answered for %u second%s",
			 watch->limit, enc_s(watch->limit));
		enc_hint(&e, "tee-supplicant is stopped or busy, or a client "
			     "was killed or stopped while the TEE worked for "
			     "it (`ps -eo pid,stat,comm'; dmesg): restart "
			     "tee-supplicant, and if that does not help, the "
			     "device; --wait for more time");
		e.kind = ENC_TRY_AGAIN;
	}
	watch->be_late(watch->context, &e);
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
		else if (is_late(watch))
			be_late(watch);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

/* Signals are the program's: it may block them later, for signalfd(). */
static bool start_thread(struct enc_tee_watch *watch)
{
	sigset_t all;
	sigset_t kept;
	bool ok = false;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &kept);
	ok = !pthread_create(&watch->thread, NULL, keep_watch, watch);
	pthread_sigmask(SIG_SETMASK, &kept, NULL);
	return ok;
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
	watch->running = start_thread(watch);
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
	const time_t computing = (time_t)(work / SLOWEST);

	pthread_mutex_lock(&watch->lock);
	watch->calling = true;
	watch->late = watch->limit ? now() + computing + watch->limit + 1 : 0;
	watch->late_unseen = now() + computing + UNSEEN;
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
