/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_files.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "testkit/test.h"

#define STORAGE "/var/lib/optee-client/data/tee/"

/* Two heads in front of a file: struct tee_fs_htree_image of OP-TEE. */
#define HEAD_BYTES 68
#define COUNTER_AT 64

const char *storage_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), STORAGE "%s", name);
	return path;
}

void storage_write(const struct storage_file *file)
{
	FILE *f = fopen(storage_path(file->name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(file->data, 1, file->size, f), file->size);
	assert_int_equal(fclose(f), 0);
}

static void read_file(struct storage_file *file)
{
	FILE *f = fopen(storage_path(file->name), "rb");

	assert_non_null(f);
	file->size = fread(file->data, 1, sizeof(file->data), f);
	assert_true(feof(f));
	fclose(f);
}

void storage_remove_all(void)
{
	DIR *d = opendir(STORAGE);
	struct dirent *entry = NULL;

	assert_non_null(d);
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
}

void storage_take_copy(struct storage_copy *copy)
{
	DIR *d = opendir(STORAGE);
	struct dirent *entry = NULL;

	assert_non_null(d);
	memset(copy, 0, sizeof(*copy));
	while ((entry = readdir(d))) {
		struct storage_file *file = &copy->files[copy->count];

		if (entry->d_name[0] == '.')
			continue;
		assert_true(copy->count++ < STORAGE_FILES_MAX);
		assert_true(strlen(entry->d_name) < sizeof(file->name));
		strcpy(file->name, entry->d_name);
		read_file(file);
	}
	closedir(d);
	assert_true(copy->count >= 2); /* the index and an object */
}

void storage_put_back(const struct storage_copy *copy)
{
	storage_remove_all();
	for (size_t i = 0; i < copy->count; i++)
		storage_write(&copy->files[i]);
}

static uint32_t counter_of(const struct storage_file *file, size_t head)
{
	uint32_t counter = 0;

	memcpy(&counter, file->data + head * HEAD_BYTES + COUNTER_AT,
	       sizeof(counter));
	return counter;
}

void storage_undo_last(void)
{
	static struct storage_file index = { .name = STORAGE_INDEX };
	size_t last = 0;

	read_file(&index);
	assert_true(index.size > 2 * HEAD_BYTES);
	last = counter_of(&index, 1) > counter_of(&index, 0);
	memset(index.data + last * HEAD_BYTES + COUNTER_AT, 0,
	       sizeof(uint32_t));
	storage_write(&index);
}
