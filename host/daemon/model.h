/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model that clients share: a thread with a session of its own. It answers
 * requests in the order in which they came, as many in one call into the TEE as
 * have room there. When the file has been replaced, it loads the new one; if
 * that is refused, the former model goes on. When the TEE fails, it opens a new
 * session, and tries again after ever longer pauses; until then, requests fail.
 */
#ifndef DAEMON_MODEL_H
#define DAEMON_MODEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/encmnist.h"

struct daemon_request {
	struct daemon_request *next;
	const uint8_t *samples;
	size_t bytes; /* of the samples */
	uint32_t count;
	/* The answer: bytes, or a message. Free it with free(). */
	uint32_t status;
	void *answer;
	size_t answer_bytes;
};

/* Answered requests, for the thread that speaks with clients. */
struct daemon_done;

struct daemon_done *daemon_done_new(void);
void daemon_done_free(struct daemon_done *done);

/* Readable when there are some. */
int daemon_done_event(const struct daemon_done *done);

/* All that there are, as a list. */
struct daemon_request *daemon_done_take(struct daemon_done *done);

struct daemon_model;

/* Starts the thread. options: of its sessions. NULL: out of resources. */
struct daemon_model *daemon_model_start(const char *name, const char *path,
					const struct encmnist_options *options,
					struct daemon_done *done);

const char *daemon_model_name(const struct daemon_model *m);

/*
 * The bytes of samples that a request may have; a guess before the first model
 * is there.
 */
size_t daemon_model_room(const struct daemon_model *m);

/* Answers a request. It is the model's until it is done. */
void daemon_model_ask(struct daemon_model *m, struct daemon_request *request);

/* Takes a request back. False: it is being answered, or is done. */
bool daemon_model_forget(struct daemon_model *m,
			 struct daemon_request *request);

/* Loads the file now, also if it is the one that was loaded, or refused. */
void daemon_model_reload(struct daemon_model *m);

/* From now on it answers what has been asked, and closes its session. */
void daemon_model_stop(struct daemon_model *m);

/* Once that is done. False: not in time, and nothing is freed. */
bool daemon_model_free(struct daemon_model *m, unsigned int seconds);

#endif
