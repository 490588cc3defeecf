/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call into the TEE waits for tee-supplicant for ever if there is none. This
 * watches over a session's calls, and ends one that waits in vain.
 */
#ifndef HOST_DEVICE_WATCH_H
#define HOST_DEVICE_WATCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct enc_tee_watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t calls; /* so far */
	bool calling;	/* one is under way */
	bool idle;	/* the thread waits for one */
	bool ended;
	bool running; /* there is a thread */
};

/*
 * Whether nobody serves the TEE's requests; if so, every call that waits for
 * somebody, of any process, fails. False where that cannot be told for lack of
 * permission.
 */
bool enc_tee_supplicant_is_missing(void);

/* Without a thread (out of resources) calls just wait. */
void enc_tee_watch_start(struct enc_tee_watch *watch);
void enc_tee_watch_stop(struct enc_tee_watch *watch);

/* Around each call. */
void enc_tee_watch_enter(struct enc_tee_watch *watch);
void enc_tee_watch_leave(struct enc_tee_watch *watch);

#endif
