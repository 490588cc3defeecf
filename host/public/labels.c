/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"

/* One name: a line without its end. */
static bool add(struct enc_labels *l, char *name, const char *label,
		struct enc_error *e)
{
	const size_t len = strlen(name);

	if (len && name[len - 1] == '\r')
		name[len - 1] = '\0';
	if (!*name)
		return enc_fail(e, ENC_ERR_FORMAT, "%s: line %zu is empty",
				label, l->count + 1);
	if (l->count == ENC_LABELS_MAX)
		return enc_fail(e, ENC_ERR_LIMIT, "%s: more than %u names",
				label, ENC_LABELS_MAX);
	enc_printable(name);
	l->names[l->count++] = name;
	return true;
}

static bool split(struct enc_labels *l, const char *label, struct enc_error *e)
{
	char *next = l->text;

	while (next && *next) {
		char *name = strsep(&next, "\n");

		if (!add(l, name, label, e))
			return false;
	}
	return true;
}

bool enc_labels_parse(const uint8_t *bytes, size_t len, size_t count,
		      const char *label, struct enc_labels *labels,
		      struct enc_error *e)
{
	bool ok = false;

	*labels = (struct enc_labels){ 0 };
	labels->names = calloc(ENC_LABELS_MAX, sizeof(*labels->names));
	labels->text = calloc(1, len + 1);
	if (!labels->names || !labels->text) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	} else if (memchr(bytes, 0, len)) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: not a text file", label);
		enc_hint(e, "write the name of each class on a line");
	} else {
		memcpy(labels->text, bytes, len);
		ok = split(labels, label, e);
	}
	if (ok && labels->count != count) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: %zu name%s, and the network has %zu class%s",
			 label, labels->count, enc_s(labels->count), count,
			 count == 1 ? "" : "es");
		ok = enc_hint(e, "write the name of each class on a line, in "
				 "the order of the outputs");
	}
	if (!ok)
		enc_labels_free(labels);
	return ok;
}

bool enc_labels_read(const char *path, size_t count, struct enc_labels *labels,
		     struct enc_error *e)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	bool ok = false;

	*labels = (struct enc_labels){ 0 };
	if (!enc_file_read(path, ENC_LABELS_MAX_FILE, &bytes, &len, e))
		return false;
	ok = enc_labels_parse(bytes, len, count, enc_file_label(path), labels,
			      e);
	free(bytes);
	return ok;
}

char *enc_labels_text(const struct enc_labels *labels, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	bool ok = false;

	if (!f)
		return NULL;
	for (size_t i = 0; i < labels->count; i++)
		fprintf(f, "%s\n", labels->names[i]);
	ok = !ferror(f);
	if (!fclose(f) && ok)
		return text;
	free(text);
	return NULL;
}

void enc_labels_free(struct enc_labels *labels)
{
	free(labels->names);
	free(labels->text);
	*labels = (struct enc_labels){ 0 };
}
