/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage_tamper STRIDE: changes the files of trusted storage as whoever has
 * the disk can: removed, cut, emptied, swapped, put back as they were before,
 * and every STRIDE-th byte flipped. After each change the TA has the key that
 * was stored last, or the one of the files that were put back, or no key; never
 * another. Storing the key once more is enough, or else the index of the
 * storage, dirf.db, is damaged, and enough is to remove all files and then
 * store it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/client.h"
#include "tests/lib/test.h"

#define STORAGE		     "/var/lib/optee-client/data/tee/"
#define ERROR_CORRUPT_OBJECT 0xF0100001

#define FILES_MAX 8
#define OLD_KEY	  1
#define NEW_KEY	  2
#define LAST_KEY  3

struct file {
	char name[32];
	uint8_t data[32768];
	size_t size;
};

/* All files of trusted storage at one time. */
struct copy {
	struct file files[FILES_MAX];
	size_t count;
};

/* How often the TA answered what, and what helped. */
struct tally {
	unsigned int cases;
	unsigned int old_key;
	unsigned int new_key;
	unsigned int none;    /* ITEM_NOT_FOUND */
	unsigned int corrupt; /* CORRUPT_OBJECT */
	unsigned int dead;    /* TARGET_DEAD */
	unsigned int removed; /* the files had to go before a key was stored */
};

static struct copy old_files;
static struct copy new_files;
static TEEC_Context context;
static TEEC_Session session;
static size_t stride;

/* ---- files ---- */

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), STORAGE "%s", name);
	return path;
}

static void write_file(const struct file *file)
{
	FILE *f = fopen(path_of(file->name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(file->data, 1, file->size, f), file->size);
	assert_int_equal(fclose(f), 0);
}

static void read_file(struct file *file)
{
	FILE *f = fopen(path_of(file->name), "rb");

	assert_non_null(f);
	file->size = fread(file->data, 1, sizeof(file->data), f);
	assert_true(feof(f));
	fclose(f);
}

static void remove_all(void)
{
	DIR *d = opendir(STORAGE);
	struct dirent *entry = NULL;

	assert_non_null(d);
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
}

static void take_copy(struct copy *copy)
{
	DIR *d = opendir(STORAGE);
	struct dirent *entry = NULL;

	assert_non_null(d);
	memset(copy, 0, sizeof(*copy));
	while ((entry = readdir(d))) {
		struct file *file = &copy->files[copy->count];

		if (entry->d_name[0] == '.')
			continue;
		assert_true(copy->count++ < FILES_MAX);
		assert_true(strlen(entry->d_name) < sizeof(file->name));
		strcpy(file->name, entry->d_name);
		read_file(file);
	}
	closedir(d);
	assert_true(copy->count >= 2); /* the index and an object */
}

static void put_back(const struct copy *copy)
{
	remove_all();
	for (size_t i = 0; i < copy->count; i++)
		write_file(&copy->files[i]);
}

/* ---- the TA ---- */

static TEEC_Result note(TEEC_Result res)
{
	if (res == TEEC_ERROR_TARGET_DEAD) {
		TEEC_CloseSession(&session);
		assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	}
	return res;
}

static TEEC_Result store(uint8_t n)
{
	uint8_t key[ENC_MNIST_KEY_BYTES] = { 0 };

	ta_numbered_key(n, key);
	return note(ta_store_key(&session, key));
}

static TEEC_Result which_key(int *n)
{
	TEEC_Result res = ta_which_key(&session, n);

	/* a new session reads the storage, too: it may have to be put right */
	if (res == TEEC_ERROR_TARGET_DEAD) {
		remove_all();
		note(res);
	}
	return res;
}

/* Stores a key, after removing the files if it must be; true if so. */
static bool recover(void)
{
	bool removed = false;
	int n = -1;

	if (store(LAST_KEY) != TEEC_SUCCESS) {
		removed = true;
		remove_all();
		assert_int_equal(store(LAST_KEY), TEEC_SUCCESS);
	}
	assert_int_equal(which_key(&n), TEEC_SUCCESS);
	assert_int_equal(n, LAST_KEY);
	return removed;
}

/* What the TA makes of the files as they are now. */
static void judge(struct tally *t, bool recovers)
{
	int n = -1;
	TEEC_Result res = which_key(&n);

	t->cases++;
	if (res == TEEC_SUCCESS && n == OLD_KEY)
		t->old_key++;
	else if (res == TEEC_SUCCESS && n == NEW_KEY)
		t->new_key++;
	else if (res == TEEC_ERROR_ITEM_NOT_FOUND)
		t->none++;
	else if (res == ERROR_CORRUPT_OBJECT)
		t->corrupt++;
	else if (res == TEEC_ERROR_TARGET_DEAD)
		t->dead++;
	else
		fail_msg("case %u: 0x%x, key %d", t->cases, res, n);
	if (recovers)
		t->removed += recover();
	put_back(&new_files);
}

static void report(const char *what, const struct tally *t)
{
	printf("# figure: %s, %u cases: %u times the last key, %u an older "
	       "one, %u none, %u corrupt, %u TAs dead; files removed %u "
	       "times\n",
	       what, t->cases, t->new_key, t->old_key, t->none, t->corrupt,
	       t->dead, t->removed);
}

/* ---- tests ---- */

static void removed_files(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count; i++) {
		unlink(path_of(new_files.files[i].name));
		judge(&t, true);
	}
	remove_all();
	judge(&t, true);
	assert_int_equal(t.old_key, 0);
	report("removed", &t);
}

static void cut_files(void **state)
{
	const size_t sizes[] = { 0, 1, 100, 4096, 4200, 8192, 12288, 16383 };
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count * COUNT(sizes); i++) {
		const struct file *file = &new_files.files[i / COUNT(sizes)];

		if (sizes[i % COUNT(sizes)] >= file->size)
			continue;
		assert_int_equal(truncate(path_of(file->name),
					  (off_t)sizes[i % COUNT(sizes)]),
				 0);
		judge(&t, true);
	}
	assert_int_equal(t.old_key, 0);
	report("cut", &t);
}

/* Each file under the name of each other, both ways at once. */
static void swapped_files(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count; i++) {
		for (size_t k = 0; k < i; k++) {
			struct file a = new_files.files[i];
			struct file b = new_files.files[k];

			strcpy(a.name, new_files.files[k].name);
			strcpy(b.name, new_files.files[i].name);
			write_file(&a);
			write_file(&b);
			judge(&t, true);
		}
	}
	assert_int_equal(t.old_key, 0);
	report("swapped", &t);
}

/* An index does not fit objects of another time. */
static void one_file_put_back(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < old_files.count; i++) {
		write_file(&old_files.files[i]);
		judge(&t, true);
	}
	assert_int_equal(t.old_key, 0);
	report("one file put back", &t);
}

/* The known limit: without RPMB nothing tells that all of it is old. */
static void all_files_put_back(void **state)
{
	struct tally t = { 0 };

	(void)state;
	put_back(&old_files);
	judge(&t, true);
	assert_int_equal(t.old_key, 1);
	report("all files put back", &t);
}

/* Heads and hashes lie at the front of the first two blocks: look closer. */
static size_t stride_at(size_t at)
{
	return at < 8192 && at % 4096 < 256 ? 1 + stride / 32 : stride;
}

static void flipped_bytes(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count; i++) {
		for (size_t at = 0; at < new_files.files[i].size;
		     at += stride_at(at)) {
			struct file changed = new_files.files[i];

			changed.data[at] ^= 0x81;
			write_file(&changed);
			judge(&t, t.cases % 16 == 0);
		}
	}
	assert_int_equal(t.old_key, 0);
	assert_true(t.corrupt + t.dead + t.none > 0);
	report("flipped", &t);
}

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS)
		return -1;
	if (store(OLD_KEY) != TEEC_SUCCESS)
		return -1;
	take_copy(&old_files);
	if (store(NEW_KEY) != TEEC_SUCCESS)
		return -1;
	take_copy(&new_files);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removed_files),
		cmocka_unit_test(cut_files),
		cmocka_unit_test(swapped_files),
		cmocka_unit_test(one_file_put_back),
		cmocka_unit_test(all_files_put_back),
		cmocka_unit_test(flipped_bytes),
	};

	if (argc != 2)
		return 2;
	stride = (size_t)atol(argv[1]);
	return cmocka_run_group_tests_name("storage tamper", tests, setup,
					   teardown);
}
