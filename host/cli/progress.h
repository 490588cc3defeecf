/* SPDX-License-Identifier: Apache-2.0 */
/* A bar on stderr for work that takes long; nothing where that is no tty. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stddef.h>

/* Draws `done` of `total`; what: one word for what is counted. */
void cli_progress(const char *what, size_t done, size_t total);

/* Takes the bar away. */
void cli_progress_end(void);

#endif
