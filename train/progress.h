/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The progress that the user sees: one line per epoch, and on a terminal a bar
 * that moves within it.
 */
#ifndef TRAIN_PROGRESS_H
#define TRAIN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool quiet;
	bool terminal;
	double start; /* seconds of the monotonic clock */
	double drawn;
};

void progress_start(struct progress *p, bool quiet);

/*
 * Draws the progress of epoch `epoch` (from 1) of `epochs`, of which `done` (0
 * to 1) is over. note: text behind it
 */
void progress_draw(struct progress *p, uint32_t epoch, uint32_t epochs,
		   double done, const char *note);

/* Seconds since the start. */
double progress_seconds(const struct progress *p);

#endif
