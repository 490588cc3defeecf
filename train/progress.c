/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH   20
#define DRAW_PERIOD 0.1 /* seconds */
#define CLEAR_LINE  "\r\033[K"

static double now(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_start(struct progress *p, bool quiet)
{
	*p = (struct progress){
		.quiet = quiet,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.start = now(),
	};
}

double progress_seconds(const struct progress *p)
{
	return now() - p->start;
}

static void draw_bar(double done)
{
	char bar[BAR_WIDTH + 1] = "";

	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)(done * BAR_WIDTH));
	printf(" [%s]", bar);
}

void progress_draw(struct progress *p, uint32_t epoch, uint32_t epochs,
		   double done, const char *note)
{
	double seconds = progress_seconds(p);
	double parts = epoch - 1 + done; /* epochs done so far */
	bool whole = done >= 1.0;

	if (p->quiet ||
	    (!whole && (!p->terminal || now() - p->drawn < DRAW_PERIOD)))
		return;
	p->drawn = now();
	printf("%s  epoch %2u/%u  %s  %3.0f s, %3.0f s left",
	       p->terminal ? CLEAR_LINE : "", epoch, epochs, note, seconds,
	       seconds / parts * (epochs - parts));
	if (whole)
		putchar('\n');
	else
		draw_bar(done);
	fflush(stdout);
}
