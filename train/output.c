/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/burn.h"
#include "record/write/burn.h"
#include "record/write/pack.h"

static FILE *open_beside(const char *path, char temporary[PATH_MAX])
{
	FILE *f = NULL;

	errno = ENAMETOOLONG;
	if (snprintf(temporary, PATH_MAX, "%s.tmp", path) < PATH_MAX)
		f = fopen(temporary, "wb+");
	if (!f)
		fprintf(stderr, "train: %s.tmp: %s\n", path, strerror(errno));
	return f;
}

bool output_check(const char *path)
{
	char temporary[PATH_MAX] = "";
	struct stat old = { 0 };
	FILE *f = NULL;

	if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
		fprintf(stderr, "train: %s: not a file, not replaced\n", path);
		return false;
	}
	f = open_beside(path, temporary);
	if (!f)
		return false;
	fclose(f);
	remove(temporary);
	return true;
}

static bool sink(void *ctx, const void *data, size_t len)
{
	return fwrite(data, 1, len, ctx) == len;
}

/* Whether the reader of the TA gets the same parameters from the file. */
static bool reads_back(FILE *f, const struct nn_arch *arch, const float *packed)
{
	size_t count = nn_packed_count(arch);
	float *again = calloc(count, sizeof(float));
	uint8_t piece[4096] = { 0 };
	struct record_burn reader = { 0 };
	size_t len = 0;
	bool good = false;

	if (!again)
		return false;
	if (fseek(f, 0, SEEK_SET)) {
		free(again);
		return false;
	}
	record_burn_begin(&reader, arch, again);
	while ((len = fread(piece, 1, sizeof(piece), f)) > 0)
		record_burn_push(&reader, piece, len);
	good = record_burn_end(&reader) == RECORD_BURN_OK &&
	       memcmp(again, packed, count * sizeof(float)) == 0;
	free(again);
	return good;
}

bool output_write(const char *path, const struct nn_arch *arch,
		  const float *params)
{
	char temporary[PATH_MAX] = "";
	float *packed = malloc(nn_packed_count(arch) * sizeof(*packed));
	FILE *f = packed ? open_beside(path, temporary) : NULL;
	bool written = false;
	bool good = false;

	if (!f) {
		free(packed);
		return false;
	}
	record_pack(arch, params, packed);
	errno = 0;
	written = record_burn_write(arch, packed, record_burn_ids, sink, f) &&
		  fflush(f) == 0 && fsync(fileno(f)) == 0;
	if (!written)
		fprintf(stderr, "train: %s: %s\n", temporary, strerror(errno));
	good = written && reads_back(f, arch, packed);
	free(packed);
	if (written && !good)
		fprintf(stderr, "train: the trained record is not readable: "
				"did the training diverge?\n");
	fclose(f);
	if (good && rename(temporary, path) != 0) {
		fprintf(stderr, "train: %s: %s\n", path, strerror(errno));
		good = false;
	}
	if (!good)
		remove(temporary);
	return good;
}
