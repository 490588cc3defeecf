/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classifies samples in the TEE: label MODEL <SAMPLES. A sample is the bytes
 * that the model takes; each answer is a line with the label.
 *
 *	cc label.c $(pkg-config --cflags --libs encmnist) -o label
 */
#include <encmnist.h>
#include <stdio.h>

static int fail(encmnist_error *error)
{
	const int status = encmnist_error_kind(error);

	fprintf(stderr, "label: %s%s%s\n", encmnist_error_what(error),
		encmnist_error_hint(error)[0] ? "; " : "",
		encmnist_error_hint(error));
	encmnist_error_free(error);
	return status;
}

static void print(const encmnist_session *s, uint32_t label)
{
	const char *name = encmnist_class_name(s, label);

	if (name)
		puts(name);
	else
		printf("%u\n", (unsigned int)label);
}

/* Reads samples straight to memory that is shared with the TEE. */
static int label(encmnist_session *s)
{
	const size_t size = encmnist_sample_bytes(s);
	encmnist_error *error = NULL;
	size_t read = 0;

	while ((read = fread(encmnist_samples(s), 1, size * encmnist_room(s),
			     stdin))) {
		const uint32_t *labels = encmnist_answers(s);

		if (read % size) {
			fprintf(stderr,
				"label: the input is no whole number of samples, "
				"%zu bytes each\n",
				size);
			return 1;
		}
		if (!encmnist_run_shared(s, read / size, &error))
			return fail(error);
		for (size_t i = 0; i < read / size; i++)
			print(s, labels[i]);
	}
	return 0;
}

int main(int argc, char **argv)
{
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	int status = 0;

	if (argc != 2) {
		fputs("Usage: label MODEL <SAMPLES\n", stderr);
		return 2;
	}
	if (!encmnist_open(NULL, &s, &error) ||
	    !encmnist_load_file(s, argv[1], &error)) {
		status = fail(error);
	} else if (encmnist_leaves(s) != ENCMNIST_LABEL) {
		fprintf(stderr, "label: %s gives no labels\n", argv[1]);
		status = 1;
	} else {
		status = label(s);
	}
	encmnist_close(s);
	return status;
}
