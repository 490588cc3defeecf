/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of OP-TEE's trusted storage, in the hands of someone with access to
 * the board's disk. A failure ends the test.
 */
#ifndef TEST_STORAGE_FILES_H
#define TEST_STORAGE_FILES_H

#include <stddef.h>
#include <stdint.h>

#define STORAGE_FILES_MAX 8
#define STORAGE_INDEX	  "dirf.db"

struct storage_file {
	char name[32];
	uint8_t data[32768];
	size_t size;
};

/* All files of trusted storage at one time. */
struct storage_copy {
	struct storage_file files[STORAGE_FILES_MAX];
	size_t count;
};

/* Valid until the next call. */
const char *storage_path(const char *name);

void storage_write(const struct storage_file *file);
void storage_remove_all(void);
void storage_take_copy(struct storage_copy *copy);
void storage_put_back(const struct storage_copy *copy);

/*
 * Turns the index back to its state before the last change, using only the
 * index itself: it keeps the previous head beside the current one.
 */
void storage_undo_last(void);

#endif
