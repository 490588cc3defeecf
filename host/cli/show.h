/* SPDX-License-Identifier: Apache-2.0 */
/* Images beside their labels, in a terminal of 80 columns. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <stddef.h>
#include <stdint.h>

#define CLI_SHOW_ABREAST 2 /* images side by side */

/* One of those with the highest scores. */
struct cli_class {
	unsigned int label;
	float score;
};

struct cli_answer {
	const char *path;
	const uint8_t *pixels; /* 784 */
	unsigned int label;
	/* The first has this label; none of them: the label is all. */
	const struct cli_class *classes;
	size_t class_count;
	double ms; /* duration of the call that answered it; < 0: not shown */
};

/* Draws up to CLI_SHOW_ABREAST images side by side on standard output. */
void cli_show(const struct cli_answer *answers, size_t count);

#endif
