/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: read whole, up to a limit, and written all or nothing.
 *
 * As a path to read, "-" means standard input. Paths are NUL-terminated; `e`
 * follows error.h. Nothing here keeps state between calls, so threads may use
 * different files at once.
 */
#ifndef HOST_BASE_FILE_H
#define HOST_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "error.h"

/* The name of a path in messages: itself, or "standard input" for "-". */
const char *enc_file_label(const char *path);

/* Whether it is a regular file, which can be read twice: not "-". */
bool enc_file_is_regular(const char *path);

/*
 * Opens `path` for reading. Returns a descriptor, or -1 with *e filled. Refuses
 * FIFOs, sockets and devices, so that no name in a folder or on a command line
 * makes a program wait for ever. Names of descriptors that are open already
 * (/dev/stdin, /dev/fd/N) and /dev/tty are accepted as "-" is.
 */
int enc_file_open(const char *path, struct enc_error *e);

/* As enc_file_open(), but returns a stream, or NULL. */
FILE *enc_file_stream(const char *path, struct enc_error *e);

/*
 * Reads from `fd` until `len` bytes have come or the file ends; a pipe may
 * deliver them in pieces. Returns the number of bytes, or -1 with errno set.
 */
ssize_t enc_file_fill(int fd, void *buf, size_t len);

/*
 * Reads the bytes that are available, up to `len`, and waits only if there are
 * none. Returns their number, 0 at the end of the file, or -1 with errno set.
 */
ssize_t enc_file_some(int fd, void *buf, size_t len);

/*
 * Reads the whole of `path`, a regular file or a pipe, into memory from
 * malloc(). The caller frees it, and wipes it first if it is secret: this
 * function leaves no second copy behind.
 *
 * max: most bytes accepted; a larger file is ENC_ERR_LIMIT.
 * On success *data is never NULL, and *len may be 0. On failure both are
 * unchanged.
 */
bool enc_file_read(const char *path, size_t max, uint8_t **data, size_t *len,
		   struct enc_error *e);

/*
 * A file being written. It has a temporary name in the directory of its final
 * one until enc_out_commit() renames it. So the final name holds either the
 * previous content or all of the new one, even after a power cut.
 *
 * abort() and every failure remove the temporary file. A process that is
 * killed leaves it behind: ".enc_mnist-PID-N.tmp", safe to delete. Only fields
 * marked "caller" are for the caller.
 */
struct enc_out_file {
	FILE *stream; /* caller: write here; check nothing, commit() does */
	char *path;   /* final name, symbolic links followed */
	char *temp;   /* temporary name; NULL when there is none to remove */
	bool is_new;  /* the final name must not exist */
};

/*
 * Fails if `output` is one of the inputs: it would replace a key, or the only
 * plaintext model. An input may be NULL, or "-".
 */
bool enc_out_spares(const char *output, const char *const *inputs, size_t count,
		    struct enc_error *e);

/*
 * mode: permissions of the new file (such as 0644), less the process's umask.
 * Fails if the final name exists and is not a regular file (a directory,
 * /dev/null). After a failure *out needs no abort().
 */
bool enc_out_open(struct enc_out_file *out, const char *path, mode_t mode,
		  struct enc_error *e);

/*
 * As enc_out_open(), for a file that must neither replace another nor follow a
 * symbolic link. Fails if the name exists; so does commit(), if it exists then.
 */
bool enc_out_open_new(struct enc_out_file *out, const char *path, mode_t mode,
		      struct enc_error *e);

/*
 * Flushes to the disk and gives the file its name. Reports a write that failed
 * at any time since open (disk full). Closes *out either way.
 */
bool enc_out_commit(struct enc_out_file *out, struct enc_error *e);

/* Gives up and leaves no trace. Harmless after commit() and abort(). */
void enc_out_abort(struct enc_out_file *out);

#endif
