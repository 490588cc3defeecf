/* SPDX-License-Identifier: Apache-2.0 */
/* Names of a network's classes, in order: of a text file, or a sealed model. */
#ifndef HOST_PUBLIC_LABELS_H
#define HOST_PUBLIC_LABELS_H

#include <stddef.h>
#include <stdint.h>

#include "host/base/error.h"

#define ENC_LABELS_MAX	    65536u
#define ENC_LABELS_MAX_FILE (4u << 20) /* bytes */

struct enc_labels {
	const char **names; /* printable; NULL: none */
	size_t count;
	char *text; /* that they lie in */
};

/*
 * Takes `len` bytes of text from anywhere, `count` names, one a line. Empty
 * lines are refused, but for one at the end; what is not ASCII or cannot be
 * printed becomes `?'. label: what messages call the text. enc_labels_free()
 * frees them.
 */
bool enc_labels_parse(const uint8_t *bytes, size_t len, size_t count,
		      const char *label, struct enc_labels *labels,
		      struct enc_error *e);

/* The same of a file ("-": standard input). */
bool enc_labels_read(const char *path, size_t count, struct enc_labels *labels,
		     struct enc_error *e);

/*
 * The names in one text, each with a line end, as a sealed model has them.
 * *len: its bytes. The caller frees it. NULL: out of memory.
 */
char *enc_labels_text(const struct enc_labels *labels, size_t *len);

void enc_labels_free(struct enc_labels *labels);

#endif
