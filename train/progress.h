/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user sees of the training: a line an epoch, and on a terminal a bar
 * that moves within it.
 */
#ifndef TRAIN_PROGRESS_H
#define TRAIN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool quiet;
	bool terminal;
	double start; /* seconds, of a clock that only goes forward */
	double drawn;
};

void progress_start(struct progress *p, bool quiet);

/*
 * Within epoch `epoch` (from 1) of `epochs`: `done` (0 to 1) of it is over.
 * note: what to say about it
 */
void progress_draw(struct progress *p, uint32_t epoch, uint32_t epochs,
		   double done, const char *note);

/* Seconds since the start. */
double progress_seconds(const struct progress *p);

#endif
