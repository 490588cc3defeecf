/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage_tamper KEPT [STRIDE EACH]: changes the files of trusted storage as
 * someone with access to the disk can: removes, cuts, empties and swaps them,
 * flips every STRIDE-th byte, and puts old files back. It tries each EACH-th
 * cut and swap, and stores again after each EACH-th of them. Without STRIDE it
 * only puts old files back. After each change
 * the TA has the last stored state of the kept data (tests/lib/kept.h), or the
 * state of the files that were put back, or no key; never another. Storing the
 * next two states repairs it: an envelope replaces one of two keys. If the
 * storage index, dirf.db, is damaged, all files must be removed first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testkit/client.h"
#include "testkit/test.h"
#include "tests/lib/kept.h"
#include "tests/lib/storage_files.h"

/* How often the TA gave which answer, and what repaired it. */
struct tally {
	unsigned int cases;
	unsigned int old_state;
	unsigned int new_state;
	unsigned int none;    /* ITEM_NOT_FOUND */
	unsigned int undone;  /* the same, and the old state counts */
	unsigned int corrupt; /* CORRUPT_OBJECT */
	unsigned int dead;    /* TARGET_DEAD */
	unsigned int removed; /* the files had to be removed before storing */
};

static const struct kept *kept;
static struct storage_copy old_files;
static struct storage_copy new_files;
static uint32_t old_state;
static uint32_t new_state;
static uint32_t last_state;
static TEEC_Context context;
static TEEC_Session session;
static size_t stride;
static size_t each;

/* ---- the TA ---- */

static TEEC_Result note(TEEC_Result res)
{
	if (res == TEEC_ERROR_TARGET_DEAD) {
		TEEC_CloseSession(&session);
		assert_int_equal(ta_open(&context, &session), TEEC_SUCCESS);
	}
	return res;
}

static TEEC_Result store(uint32_t n)
{
	return note(kept_store(kept, &session, n));
}

static TEEC_Result which(uint32_t *n)
{
	TEEC_Result res = kept->which(&session, n);

	/* a new session reads the storage too: it may need repair */
	if (res == TEEC_ERROR_TARGET_DEAD) {
		storage_remove_all();
		note(res);
	}
	return res;
}

/* Stores the next states, removing the files first if needed; true if it was.
 */
static bool recover(void)
{
	bool removed = false;
	uint32_t n = 0;

	if (store(last_state - 1) != TEEC_SUCCESS) {
		removed = true;
		storage_remove_all();
	}
	assert_int_equal(store(last_state), TEEC_SUCCESS);
	assert_int_equal(which(&n), TEEC_SUCCESS);
	assert_int_equal(n, last_state);
	return removed;
}

/* The TA's state with the files as they are now. */
static void judge(struct tally *t, bool recovers)
{
	uint32_t n = 0;
	TEEC_Result res = which(&n);

	t->cases++;
	if (res == TEEC_SUCCESS && n == old_state)
		t->old_state++;
	else if (res == TEEC_SUCCESS && n == new_state)
		t->new_state++;
	else if (res == TEEC_ERROR_ITEM_NOT_FOUND && n == old_state)
		t->undone++;
	else if (res == TEEC_ERROR_ITEM_NOT_FOUND && (!n || n == new_state))
		t->none++;
	else if (res == ENC_TEE_CORRUPT_OBJECT)
		t->corrupt++;
	else if (res == TEEC_ERROR_TARGET_DEAD)
		t->dead++;
	else
		fail_msg("case %u: 0x%x, state %u", t->cases, res, n);
	if (recovers)
		t->removed += recover();
	storage_put_back(&new_files);
}

static void assert_nothing_older(const struct tally *t)
{
	assert_int_equal(t->old_state, 0);
	assert_int_equal(t->undone, 0);
}

static void report(const char *what, const struct tally *t)
{
	printf("# figure: %s: %s, %u cases: %u times the last state, %u an "
	       "older one, %u none, %u none and the older epoch, %u corrupt, "
	       "%u TAs dead; files removed %u times\n",
	       kept->name, what, t->cases, t->new_state, t->old_state, t->none,
	       t->undone, t->corrupt, t->dead, t->removed);
}

/* ---- tests ---- */

static void removed_files(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count; i++) {
		unlink(storage_path(new_files.files[i].name));
		judge(&t, t.cases % each == 0);
	}
	storage_remove_all();
	judge(&t, t.cases % each == 0);
	assert_nothing_older(&t);
	report("removed", &t);
}

static void cut_files(void **state)
{
	const size_t sizes[] = { 0, 100, 4096, 12288, 16383 };
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < new_files.count * COUNT(sizes); i += each) {
		const struct storage_file *file =
			&new_files.files[i / COUNT(sizes)];

		if (sizes[i % COUNT(sizes)] >= file->size)
			continue;
		assert_int_equal(truncate(storage_path(file->name),
					  (off_t)sizes[i % COUNT(sizes)]),
				 0);
		judge(&t, t.cases % each == 0);
	}
	assert_nothing_older(&t);
	report("cut", &t);
}

/* Swaps each file with each other one. */
static void swapped_files(void **state)
{
	struct tally t = { 0 };
	size_t pairs = 0;

	(void)state;
	for (size_t i = 0; i < new_files.count; i++) {
		for (size_t k = 0; k < i; k++) {
			struct storage_file a = new_files.files[i];
			struct storage_file b = new_files.files[k];

			if (pairs++ % each)
				continue;
			strcpy(a.name, new_files.files[k].name);
			strcpy(b.name, new_files.files[i].name);
			storage_write(&a);
			storage_write(&b);
			judge(&t, t.cases % each == 0);
		}
	}
	assert_nothing_older(&t);
	report("swapped", &t);
}

/*
 * An index does not fit objects of another time. But an object that was updated
 * in place keeps its previous state beside the current one: a known limit.
 */
static void one_file_put_back(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < old_files.count; i++) {
		const struct storage_file *file = &old_files.files[i];
		const struct tally before = t;

		storage_write(file);
		judge(&t, stride);
		if (strcmp(file->name, STORAGE_INDEX)) {
			assert_int_equal(t.old_state, before.old_state);
			assert_int_equal(t.undone, before.undone);
		}
	}
	assert_int_equal(t.old_state, kept->undone_by_index);
	report("one file put back", &t);
}

/* The same limit, for an attacker who kept no old copy. */
static void the_last_change_undone(void **state)
{
	struct tally t = { 0 };

	(void)state;
	storage_undo_last();
	judge(&t, stride);
	assert_int_equal(t.old_state, kept->undone_by_index);
	assert_int_equal(t.undone, 0);
	report("the last change undone", &t);
}

/* The known limit: without RPMB nothing shows that the whole storage is old. */
static void all_files_put_back(void **state)
{
	struct tally t = { 0 };

	(void)state;
	storage_put_back(&old_files);
	judge(&t, stride);
	assert_int_equal(t.old_state, 1);
	report("all files put back", &t);
}

/*
 * Heads and hashes lie at the front of the first two blocks: use a small stride
 * there.
 */
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
			struct storage_file changed = new_files.files[i];

			changed.data[at] ^= 0x81;
			storage_write(&changed);
			judge(&t, t.cases % 16 == 0);
		}
	}
	assert_nothing_older(&t);
	assert_true(t.corrupt + t.dead + t.none > 0);
	report("flipped", &t);
}

static int setup(void **state)
{
	(void)state;
	if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS ||
	    ta_open(&context, &session) != TEEC_SUCCESS ||
	    kept->begin(&session, &old_state) != TEEC_SUCCESS)
		return -1;
	new_state = old_state + 1;
	last_state = new_state + 2;
	storage_take_copy(&old_files);
	if (store(new_state) != TEEC_SUCCESS)
		return -1;
	storage_take_copy(&new_files);
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
	const struct CMUnitTest put_back[] = {
		cmocka_unit_test(one_file_put_back),
		cmocka_unit_test(the_last_change_undone),
		cmocka_unit_test(all_files_put_back),
	};
	const struct CMUnitTest changed[] = {
		cmocka_unit_test(removed_files),
		cmocka_unit_test(cut_files),
		cmocka_unit_test(swapped_files),
		cmocka_unit_test(flipped_bytes),
	};
	int failed = 0;

	if (argc != 2 && argc != 4)
		return 2;
	kept = kept_named(argv[1]);
	if (argc > 3) {
		stride = (size_t)atol(argv[2]);
		each = (size_t)atol(argv[3]);
	}
	failed = cmocka_run_group_tests_name("put back", put_back, setup,
					     teardown);
	if (stride && each)
		failed += cmocka_run_group_tests_name("changed", changed, setup,
						      teardown);
	return failed != 0;
}
