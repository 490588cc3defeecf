/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IDX file: two zero bytes, the element type (8: unsigned byte), the number
 * of dimensions, each dimension as 32 bits big-endian, then the elements.
 */
#include "data.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDX_DIMS_MAX  3
#define IDX_COUNT_MAX 1000000

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/*
 * Reads the elements of an IDX file of (*count, dims[1], ...) bytes. The caller
 * frees them. NULL: *why says what is wrong.
 */
static uint8_t *read_elements(FILE *f, const uint32_t *dims, size_t rank,
			      uint32_t *count, const char **why)
{
	uint8_t head[4 + 4 * IDX_DIMS_MAX] = { 0 };
	size_t head_size = 4 + 4 * rank;
	size_t size = 0;
	uint8_t *elements = NULL;

	*why = "not an IDX file of the expected shape";
	if (fread(head, 1, head_size, f) != head_size ||
	    load_be32(head) != (0x0800 | rank))
		return NULL;
	for (size_t i = 1; i < rank; i++) {
		if (load_be32(head + 4 + 4 * i) != dims[i])
			return NULL;
	}
	*count = load_be32(head + 4);
	if (*count == 0 || *count > IDX_COUNT_MAX)
		return NULL;
	size = *count;
	for (size_t i = 1; i < rank; i++)
		size *= dims[i];

	*why = "out of memory";
	elements = malloc(size);
	if (!elements)
		return NULL;
	if (fread(elements, 1, size, f) == size && fgetc(f) == EOF)
		return elements;
	*why = "shorter or longer than its header says";
	free(elements);
	return NULL;
}

static uint8_t *read_idx(const char *dir, const char *name, const char *kind,
			 const uint32_t *dims, size_t rank, uint32_t *count)
{
	char path[PATH_MAX] = "";
	const char *why = NULL;
	uint8_t *elements = NULL;
	FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/%s-%s-idx%zu-ubyte", dir, name, kind,
		 rank);
	f = fopen(path, "rb");
	if (!f) {
		fprintf(stderr, "train: %s: %s (train/fetch gets it)\n", path,
			strerror(errno));
		return NULL;
	}
	elements = read_elements(f, dims, rank, count, &why);
	fclose(f);
	if (!elements)
		fprintf(stderr, "train: %s: %s\n", path, why);
	return elements;
}

static const char *find_fault(const struct data *data, uint32_t labels)
{
	if (labels != data->count)
		return "not as many labels as images";
	for (uint32_t i = 0; i < labels; i++) {
		if (data->labels[i] >= DATA_CLASSES)
			return "a label is not a digit";
	}
	return NULL;
}

bool data_load(struct data *data, const char *dir, const char *name)
{
	static const uint32_t dims[] = { 0, DATA_SIDE, DATA_SIDE };
	uint32_t labels = 0;
	const char *fault = NULL;

	*data = (struct data){ 0 };
	data->images = read_idx(dir, name, "images", dims, 3, &data->count);
	if (data->images)
		data->labels = read_idx(dir, name, "labels", dims, 1, &labels);
	if (!data->labels) {
		data_free(data);
		return false;
	}
	fault = find_fault(data, labels);
	if (fault) {
		fprintf(stderr, "train: %s: %s: %s\n", dir, name, fault);
		data_free(data);
		return false;
	}
	return true;
}

void data_free(struct data *data)
{
	free(data->images);
	free(data->labels);
	*data = (struct data){ 0 };
}
