/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on stderr; nothing if that is not a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

/* Draws `done` of `total`. what: the unit, singular. */
void cli_progress(const char *what, uint64_t done, uint64_t total);

/* Removes the bar. */
void cli_progress_end(void);

#endif
