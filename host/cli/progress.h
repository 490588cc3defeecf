/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on stderr; nothing if that is not a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stddef.h>

/* Draws `done` of `total`. what: the unit, singular. */
void cli_progress(const char *what, size_t done, size_t total);

/* Removes the bar. */
void cli_progress_end(void);

#endif
