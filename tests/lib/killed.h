/* SPDX-License-Identifier: Apache-2.0 */
/* Clients of the TA that are killed in the middle of a call. */
#ifndef TEST_KILLED_H
#define TEST_KILLED_H

#include <stddef.h>
#include <sys/types.h>
#include <tee_client_api.h>

/* The actions of a client in its own session; `n` is passed through to them. */
struct killed {
	/* Everything before the call; NULL if there is nothing. */
	TEEC_Result (*prepare)(TEEC_Session *session, size_t n);
	TEEC_Result (*call)(TEEC_Session *session, size_t n);
};

/* The duration of the call when nobody is killed. */
useconds_t killed_time(const struct killed *client, size_t n);

/*
 * Kills (SIGKILL) a client that long after its call began. Returns whether the
 * call was still running. Any other failure ends the test.
 */
bool killed_in_call(const struct killed *client, size_t n, useconds_t after);

/* Moment t of `times` during a call: the middle of its share. */
useconds_t killed_moment(useconds_t time, unsigned int t, unsigned int times);

#endif
