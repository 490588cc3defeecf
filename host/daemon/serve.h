/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that speaks with clients. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include <stdbool.h>
#include <stddef.h>

#include "model.h"

#define DAEMON_MODELS_MAX  8
#define DAEMON_CLIENTS_MAX 1000

struct daemon_options {
	int listener;	  /* a socket that listens; closed at the end */
	const char *path; /* its file, removed before; or NULL */
	int control;	  /* a pipe: see enum daemon_control */
	size_t clients;
	size_t clients_of_user;
	size_t bytes; /* of all requests in memory, half of them of one user */
	unsigned int idle;  /* seconds without a request */
	unsigned int stall; /* seconds for a request, or for its answer */
	unsigned int drain; /* seconds for what has been asked, at the end */
};

/* What is read from the pipe, a byte each. */
enum daemon_control {
	DAEMON_STOP = 'S',
	DAEMON_RELOAD = 'R'
};

/*
 * Serves until it is told to stop. False: out of memory, or not all that was
 * asked could be answered in time: models may be in use then.
 */
bool daemon_serve(const struct daemon_options *options,
		  struct daemon_model *const *models, size_t count,
		  struct daemon_done *done);

#endif
