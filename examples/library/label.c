/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifies samples in the TEE: label MODEL <SAMPLES. A sample is the bytes
 * that the model takes; each answer is a line with the label.
 *
 *	cc label.c $(pkg-config --cflags --libs encmnist) -o label
 */
#include <encmnist.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(encmnist_error *error)
{
	const int status = encmnist_error_kind(error);

	fprintf(stderr, "label: %s%s%s\n", encmnist_error_what(error),
		encmnist_error_hint(error)[0] ? "; " : "",
		encmnist_error_hint(error));
	encmnist_error_free(error);
	return status;
}

/* Reads whole samples straight to memory that is shared with the TEE. */
static int label(encmnist_session *s, encmnist_error **error)
{
	const size_t size = encmnist_sample_bytes(s);
	size_t n = 0;

	while ((n = fread(encmnist_samples(s), size, encmnist_room(s),
			  stdin))) {
		const uint32_t *labels = encmnist_answers(s);

		if (!encmnist_run_shared(s, n, error))
			return 0;
		for (size_t i = 0; i < n; i++) {
			const char *name = encmnist_class_name(s, labels[i]);

			if (name)
				puts(name);
			else
				printf("%u\n", (unsigned int)labels[i]);
		}
	}
	return 1;
}

int main(int argc, char **argv)
{
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	int ok = 0;

	if (argc != 2)
		return 2;
	ok = encmnist_open(NULL, &s, &error) &&
	     encmnist_load_file(s, argv[1], &error);
	if (ok && encmnist_leaves(s) != ENCMNIST_LABEL) {
		fprintf(stderr, "label: %s gives no labels\n", argv[1]);
		encmnist_close(s);
		return 1;
	}
	ok = ok && label(s, &error);
	encmnist_close(s);
	return ok ? 0 : fail(error);
}
