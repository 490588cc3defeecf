/* SPDX-License-Identifier: Apache-2.0 */
/* Names of a network's classes: a text file, one name a line, in order. */
#ifndef HOST_IMPORT_LABELS_H
#define HOST_IMPORT_LABELS_H

#include <stddef.h>

#include "host/base/error.h"

#define LABELS_MAX	65536u
#define LABELS_MAX_FILE (4u << 20) /* bytes */

struct labels {
	const char **names; /* printable; NULL: none */
	size_t count;
	char *text; /* that they lie in */
};

/*
 * Reads a file ("-": standard input) of `count` names. Empty lines are refused,
 * but for one at the end; what is not ASCII or cannot be printed becomes `?'.
 * labels_free() frees them.
 */
bool labels_read(const char *path, size_t count, struct labels *labels,
		 struct enc_error *e);

void labels_free(struct labels *labels);

#endif
