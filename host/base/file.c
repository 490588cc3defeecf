/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BYTES	65536u /* first buffer if the size is not known */
#define TEMP_TRIES	100u   /* names to try if leftovers are in the way */
#define TEMP_NAME_BYTES 64u    /* ".enc_mnist-PID-N.tmp" and its NUL */

const char *enc_file_label(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

/*
 * Whether a path is the name of an open descriptor: it has a writer already, as
 * standard input and the pipes of `<(command)` do. Or of the terminal, where a
 * user may type a key.
 */
static bool is_open_already(const char *path)
{
	return !strcmp(path, "/dev/stdin") || !strcmp(path, "/dev/tty") ||
	       !strncmp(path, "/dev/fd/", 8) ||
	       !strncmp(path, "/proc/self/fd/", 14);
}

/* Any other FIFO or device may give nothing for ever, or never end. */
static bool may_open(const char *path, struct enc_error *e)
{
	struct stat st = { 0 };

	if (is_open_already(path) || stat(path, &st) || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode))
		return true; /* what else is wrong, errno says */
	enc_fail(e, ENC_ERR_IO, "%s: not a regular file, but %s", path,
		 S_ISFIFO(st.st_mode) ? "a FIFO" :
		 S_ISSOCK(st.st_mode) ? "a socket" :
					"a device");
	return enc_hint(e, "give what it has on standard input, as -");
}

bool enc_file_is_regular(const char *path)
{
	struct stat st = { 0 };

	return strcmp(path, "-") && !stat(path, &st) && S_ISREG(st.st_mode);
}

int enc_file_open(const char *path, struct enc_error *e)
{
	bool use_stdin = !strcmp(path, "-");
	int fd = -1;

	if (!use_stdin && !may_open(path, e))
		return -1;
	fd = use_stdin ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		enc_fail(e, ENC_ERR_IO, "%s: cannot open: %s",
			 enc_file_label(path), strerror(errno));
	return fd;
}

FILE *enc_file_stream(const char *path, struct enc_error *e)
{
	int fd = enc_file_open(path, e);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !f) {
		enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory",
			 enc_file_label(path));
		close(fd);
	}
	return f;
}

ssize_t enc_file_some(int fd, void *buf, size_t len)
{
	ssize_t n = 0;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t enc_file_fill(int fd, void *buf, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n =
			enc_file_some(fd, (uint8_t *)buf + have, len - have);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* A buffer that grows without leaving copies of its content on the heap. */
struct buffer {
	uint8_t *data;
	size_t len;  /* bytes used */
	size_t size; /* bytes allocated */
};

static void buffer_free(struct buffer *b)
{
	if (b->data)
		explicit_bzero(b->data, b->len);
	free(b->data);
}

static bool buffer_resize(struct buffer *b, size_t size)
{
	uint8_t *data = malloc(size);

	if (!data)
		return false;
	if (b->data)
		memcpy(data, b->data, b->len);
	buffer_free(b);
	b->data = data;
	b->size = size;
	return true;
}

/* One byte more than the file has, so that the first read sees its end. */
static size_t first_size(int fd, size_t max)
{
	struct stat st = { 0 };

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 0)
		return FIRST_BYTES < max ? FIRST_BYTES : max + 1;
	return (uint64_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
}

static bool read_all(int fd, const char *label, size_t max, struct buffer *b,
		     struct enc_error *e)
{
	size_t size = first_size(fd, max);

	for (;;) {
		ssize_t n = 0;

		if (!buffer_resize(b, size))
			return enc_fail(e, ENC_ERR_MEMORY,
					"%s: no memory for %zu bytes", label,
					size);
		n = enc_file_fill(fd, b->data + b->len, b->size - b->len);
		if (n < 0)
			return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
					label, strerror(errno));
		b->len += (size_t)n;
		if (b->len > max)
			return enc_fail(e, ENC_ERR_LIMIT,
					"%s: larger than %zu bytes", label,
					max);
		if (b->len < b->size)
			return true;
		size = b->size <= max / 2 ? b->size * 2 : max + 1;
	}
}

bool enc_file_read(const char *path, size_t max, uint8_t **data, size_t *len,
		   struct enc_error *e)
{
	struct buffer b = { 0 };
	int fd = enc_file_open(path, e);
	bool ok = false;

	if (fd < 0)
		return false;
	if (max > SIZE_MAX / 2) /* max + 1 must not overflow */
		max = SIZE_MAX / 2;
	ok = read_all(fd, enc_file_label(path), max, &b, e);
	close(fd);
	if (!ok) {
		buffer_free(&b);
		return false;
	}
	*data = b.data;
	*len = b.len;
	return true;
}

/* The file to replace. Symbolic links are followed, so that they stay links. */
static char *final_name(const char *path, struct enc_error *e)
{
	struct stat st = { 0 };
	char *real = NULL;

	if (lstat(path, &st) && errno == ENOENT) {
		real = strdup(path);
		if (!real)
			enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", path);
		return real;
	}
	real = realpath(path, NULL);
	if (!real || stat(real, &st)) {
		enc_fail(e, ENC_ERR_IO, "%s: cannot write: %s", path,
			 strerror(errno));
		free(real);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		enc_fail(e, ENC_ERR_IO, "%s: cannot write: not a regular file",
			 path);
		free(real);
		return NULL;
	}
	return real;
}

/* Creates the temporary file beside out->path. -1 with errno set on failure. */
static int create_temp(struct enc_out_file *out, mode_t mode)
{
	const char *slash = strrchr(out->path, '/');
	int dir = slash ? (int)(slash - out->path) + 1 : 0;
	size_t size = (size_t)dir + TEMP_NAME_BYTES;
	int fd = -1;

	out->temp = malloc(size);
	if (!out->temp)
		return -1;
	for (unsigned int n = 0; n < TEMP_TRIES; n++) {
		snprintf(out->temp, size, "%.*s.enc_mnist-%ld-%u.tmp", dir,
			 out->path, (long)getpid(), n);
		fd = open(out->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd < 0) {
		free(out->temp); /* not ours: abort() must not remove it */
		out->temp = NULL;
	}
	return fd;
}

/* Opens out->path, which is set. */
static bool open_temp(struct enc_out_file *out, const char *path, mode_t mode,
		      struct enc_error *e)
{
	int fd = create_temp(out, mode);

	if (fd >= 0)
		out->stream = fdopen(fd, "w");
	if (!out->stream) {
		enc_fail(e, ENC_ERR_IO, "%s: cannot create: %s", path,
			 strerror(errno));
		if (fd >= 0)
			close(fd);
		enc_out_abort(out);
		return false;
	}
	return true;
}

bool enc_out_spares(const char *output, const char *const *inputs, size_t count,
		    struct enc_error *e)
{
	struct stat out = { 0 };
	struct stat in = { 0 };

	if (stat(output, &out))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (!inputs[i] || !strcmp(inputs[i], "-") ||
		    stat(inputs[i], &in) || in.st_dev != out.st_dev ||
		    in.st_ino != out.st_ino)
			continue;
		enc_fail(e, ENC_ERR_IO, "%s is one of the inputs", output);
		return enc_hint(e, "choose another output file");
	}
	return true;
}

bool enc_out_open(struct enc_out_file *out, const char *path, mode_t mode,
		  struct enc_error *e)
{
	*out = (struct enc_out_file){ .path = final_name(path, e) };
	return out->path && open_temp(out, path, mode, e);
}

bool enc_out_open_new(struct enc_out_file *out, const char *path, mode_t mode,
		      struct enc_error *e)
{
	struct stat st = { 0 };

	*out = (struct enc_out_file){ .is_new = true };
	if (!lstat(path, &st)) {
		enc_fail(e, ENC_ERR_IO,
			 "%s: already exists, and is not overwritten", path);
		return enc_hint(e, "choose another name, or move the file "
				   "away if nothing needs it any more");
	}
	out->path = strdup(path);
	if (!out->path)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", path);
	return open_temp(out, path, mode, e);
}

/* Not every file system has fsync(): shared folders often do not. */
static bool sync_to_disk(int fd)
{
	return !fsync(fd) || errno == EINVAL || errno == ENOTSUP;
}

/* Makes the rename durable. Best effort: the file is complete already. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

/* Flushes to the disk and closes. Returns false with errno set on failure. */
static bool finish_stream(struct enc_out_file *out)
{
	FILE *f = out->stream;
	bool ok = true;
	int saved = 0;

	ok = !fflush(f);
	if (ok && ferror(f)) { /* an earlier write failed; its errno is lost */
		errno = EIO;
		ok = false;
	}
	ok = ok && sync_to_disk(fileno(f));
	saved = errno;
	out->stream = NULL;
	if (fclose(f) && ok) {
		ok = false;
		saved = errno;
	}
	errno = saved;
	return ok;
}

/* Unlike rename(), link() never replaces a file. */
static bool give_name(const struct enc_out_file *out)
{
	if (!out->is_new)
		return !rename(out->temp, out->path);
	if (link(out->temp, out->path))
		return false;
	unlink(out->temp);
	return true;
}

bool enc_out_commit(struct enc_out_file *out, struct enc_error *e)
{
	if (!finish_stream(out) || !give_name(out)) {
		enc_fail(e, ENC_ERR_IO, "%s: cannot write: %s", out->path,
			 strerror(errno));
		enc_out_abort(out);
		return false;
	}
	free(out->temp);
	out->temp = NULL;
	sync_directory(out->path);
	enc_out_abort(out);
	return true;
}

void enc_out_abort(struct enc_out_file *out)
{
	if (out->stream)
		fclose(out->stream);
	if (out->temp)
		unlink(out->temp);
	free(out->temp);
	free(out->path);
	*out = (struct enc_out_file){ 0 };
}
