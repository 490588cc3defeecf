/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches a session's calls into the TEE. Without tee-supplicant, a call that
 * needs it would wait for ever; the watch makes it fail. Other calls may wait
 * for ever, too: see struct enc_tee_options.
 */
#ifndef HOST_DEVICE_WATCH_H
#define HOST_DEVICE_WATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "host/base/error.h"

struct enc_tee_watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t calls; /* so far */
	bool calling;	/* one is under way */
	bool idle;	/* the thread waits for one */
	bool ended;
	bool running;	    /* there is a thread */
	time_t late;	    /* when the call takes too long; 0: never */
	time_t late_unseen; /* the same, if no supplicant is seen */
	unsigned int limit; /* seconds; 0: none */
	void (*be_late)(void *context, const struct enc_error *why);
	void *context;
};

/* If the thread cannot be started (out of resources), calls just wait. */
struct enc_tee_options;
void enc_tee_watch_start(struct enc_tee_watch *watch,
			 const struct enc_tee_options *options);
void enc_tee_watch_stop(struct enc_tee_watch *watch);

/*
 * Call them right before and after each call into the TEE. work: the
 * multiply-accumulates that it computes.
 */
void enc_tee_watch_enter(struct enc_tee_watch *watch, uint64_t work);
void enc_tee_watch_leave(struct enc_tee_watch *watch);

#endif
