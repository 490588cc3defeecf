/* SPDX-License-Identifier: Apache-2.0 */
/* Images beside their labels, in a terminal of 80 columns. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "classes.h"

#define CLI_SHOW_ABREAST 2 /* images side by side */

struct cli_answer {
	const char *path;
	const uint8_t *pixels; /* 784, if it is to be drawn */
	/* Those to print, of the highest score first; one at least. */
	const struct cli_class *classes;
	size_t class_count;
	double ms; /* duration of the call that answered it; < 0: not shown */
};

/* Draws up to CLI_SHOW_ABREAST images side by side on standard output. */
void cli_show(const struct cli_answer *answers, size_t count);

#endif
