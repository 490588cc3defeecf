/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files, read whole with a cap and written all or nothing.
 *
 * Wherever a path is read, "-" means standard input. Paths are NUL-terminated;
 * `e` follows error.h. Nothing here keeps state between calls, so threads may
 * use different files at once.
 */
#ifndef HOST_BASE_FILE_H
#define HOST_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "error.h"

/* How a path is called in messages: itself, or "standard input" for "-". */
const char *enc_file_label(const char *path);

/* Opens `path` for reading. A descriptor to close(), or -1 with *e filled. */
int enc_file_open(const char *path, struct enc_error *e);

/* The same as a stream, to be closed with fclose(), or NULL. */
FILE *enc_file_stream(const char *path, struct enc_error *e);

/*
 * Reads from `fd` until `len` bytes are there or the file ends, however small
 * the pieces a pipe gives. The number of bytes read, or -1 with errno set.
 */
ssize_t enc_file_fill(int fd, void *buf, size_t len);

/*
 * Reads what is there, up to `len` bytes, and waits only where that is nothing.
 * The number of bytes, 0 at the end of the file, or -1 with errno set.
 */
ssize_t enc_file_some(int fd, void *buf, size_t len);

/*
 * Reads the whole of `path`, a regular file or a pipe, into memory from
 * malloc(), which the caller frees (and wipes first, if it is secret: this
 * function leaves no second copy behind).
 *
 * max: largest number of bytes accepted; one more is ENC_ERR_LIMIT.
 * *data is never NULL on success, *len may be 0. Both untouched on failure.
 */
bool enc_file_read(const char *path, size_t max, uint8_t **data, size_t *len,
		   struct enc_error *e);

/*
 * A file being written. It exists under a temporary name in the directory of
 * its final one until enc_out_commit() renames it, so that the final name
 * holds either what was there before or all of the new content, even if power
 * fails in between.
 *
 * abort() and every failure remove the temporary file. A process that is
 * killed leaves it: ".enc_mnist-PID-N.tmp", safe to delete; the final name is
 * not touched. Only fields marked "caller" are for the caller.
 */
struct enc_out_file {
	FILE *stream; /* caller: write here; check nothing, commit() does */
	char *path;   /* final name, symbolic links followed */
	char *temp;   /* temporary name; NULL when there is none to remove */
	bool is_new;  /* the final name must not exist */
};

/*
 * False if `output` is one of the files that are read: it would replace a key,
 * or the only plain model. An input may be NULL, or "-".
 */
bool enc_out_spares(const char *output, const char *const *inputs, size_t count,
		    struct enc_error *e);

/*
 * mode: permissions of the new file (such as 0644), less the process's umask.
 * A final name that exists and is no regular file (a directory, /dev/null) is
 * refused. On failure *out needs no abort().
 */
bool enc_out_open(struct enc_out_file *out, const char *path, mode_t mode,
		  struct enc_error *e);

/*
 * The same for a file that must not replace another, nor go through a symbolic
 * link: refused here if the name exists, and by commit() if it does by then.
 */
bool enc_out_open_new(struct enc_out_file *out, const char *path, mode_t mode,
		      struct enc_error *e);

/*
 * Flushes to the disk and gives the file its name. A write that failed at any
 * time since open (disk full) is reported here. *out is closed either way.
 */
bool enc_out_commit(struct enc_out_file *out, struct enc_error *e);

/* Gives up: no trace is left. Harmless after commit() and after abort(). */
void enc_out_abort(struct enc_out_file *out);

#endif
