/* SPDX-License-Identifier: Apache-2.0 */
#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"

/* One name: a line without its end. */
static bool add(struct labels *l, char *name, const char *label,
		struct enc_error *e)
{
	const size_t len = strlen(name);

	if (len && name[len - 1] == '\r')
		name[len - 1] = '\0';
	if (!*name)
		return enc_fail(e, ENC_ERR_FORMAT, "%s: line %zu is empty",
				label, l->count + 1);
	if (l->count == LABELS_MAX)
		return enc_fail(e, ENC_ERR_LIMIT, "%s: more than %u names",
				label, LABELS_MAX);
	enc_printable(name);
	l->names[l->count++] = name;
	return true;
}

static bool split(struct labels *l, const char *label, struct enc_error *e)
{
	char *next = l->text;

	while (next && *next) {
		char *name = strsep(&next, "\n");

		if (!add(l, name, label, e))
			return false;
	}
	return true;
}

bool labels_read(const char *path, size_t count, struct labels *labels,
		 struct enc_error *e)
{
	const char *label = enc_file_label(path);
	uint8_t *bytes = NULL;
	size_t len = 0;
	bool ok = false;

	*labels = (struct labels){ 0 };
	if (!enc_file_read(path, LABELS_MAX_FILE, &bytes, &len, e))
		return false;
	labels->names = calloc(LABELS_MAX, sizeof(*labels->names));
	labels->text = calloc(1, len + 1);
	if (!labels->names || !labels->text) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	} else if (memchr(bytes, 0, len)) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: not a text file", label);
	} else {
		memcpy(labels->text, bytes, len);
		ok = split(labels, label, e);
	}
	free(bytes);
	if (ok && labels->count != count)
		ok = enc_fail(e, ENC_ERR_FORMAT,
			      "%s: %zu names, and the network has %zu classes",
			      label, labels->count, count);
	if (!ok)
		labels_free(labels);
	return ok;
}

void labels_free(struct labels *labels)
{
	free(labels->names);
	free(labels->text);
	*labels = (struct labels){ 0 };
}
