/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client: one request at a time. While a request waits for its answer, or the
 * answer for the client to take it, nothing more is read from the client.
 */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include <sys/types.h>

#include "frame.h"
#include "model.h"

enum daemon_state {
	DAEMON_NONE,	/* no client */
	DAEMON_READING, /* a request, or nothing yet */
	DAEMON_WAITING, /* its model works for it */
	DAEMON_WRITING	/* its answer */
};

struct daemon_client {
	struct daemon_request request; /* first: a model hands it back */
	enum daemon_state state;
	int fd; /* -1: gone, while its model works for it */
	uid_t user;
	int64_t until; /* when it has taken too long */
	size_t got;    /* of the request, or written of the answer */
	bool is_last;  /* there is nothing to read behind this request */
	uint8_t head[FRAME_REQUEST_BYTES];
	uint8_t *samples;
	struct daemon_model *model; /* that is asked */
};

/* A client that has just been accepted. */
void daemon_client_begin(struct daemon_client *c, int fd);

/* It is gone, or is to go. What its model works on stays until that is done. */
void daemon_client_end(struct daemon_client *c);

/* Bytes of its samples, or of its answer, in memory. */
size_t daemon_client_holds(const struct daemon_client *c);

/*
 * Read and write what is possible without waiting. After daemon_client_read(),
 * the request may be there, for the caller to hand to the model:
 * DAEMON_WAITING. most: bytes of samples that there is memory for.
 */
void daemon_client_read(struct daemon_client *c,
			struct daemon_model *const *models, size_t count,
			size_t most);
void daemon_client_write(struct daemon_client *c);

/* Its request is done. */
void daemon_client_answered(struct daemon_client *c);

/* Answers without a model, and ends the client then. */
void daemon_client_refuse(struct daemon_client *c, uint32_t status,
			  const char *why);

#endif
