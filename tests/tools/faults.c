/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.so: preloaded into tee-supplicant, counts the calls that it makes for
 * trusted storage, and makes one of them fail. TAs are read by other calls
 * (fopen and fread), which are left alone.
 */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORAGE "/var/lib/optee-client/"
#define INDEX	"/dirf.db"

static struct faults *faults;
static int index_fd = -1;
static bool is_deadly; /* to fail the next read of the index */

__attribute__((constructor)) static void map_faults(void)
{
	int fd = open(FAULTS_FILE, O_RDWR | O_CLOEXEC);
	void *map = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		faults = map;
	close(fd);
}

static bool is_due(void)
{
	return faults && ++faults->calls == faults->at;
}

/* True if the call is to fail, with errno set. */
static bool strike(void)
{
	switch (faults->fault) {
	case FAULT_KILL:
		raise(SIGKILL);
		return true;
	case FAULT_STOP:
		raise(SIGSTOP);
		return false;
	case FAULT_EIO:
		errno = EIO;
		return true;
	default:
		errno = ENOSPC;
		return true;
	}
}

static bool fails(void)
{
	return is_due() && strike();
}

/* --- which file it is --- */

static bool is_index(const char *path)
{
	const size_t len = strlen(path);

	return len > strlen(INDEX) &&
	       !strcmp(path + len - strlen(INDEX), INDEX);
}

static void note_open(const char *path, int flags, int fd)
{
	if (fd < 0)
		return;
	if (is_index(path))
		index_fd = fd;
	else if (flags & O_CREAT)
		is_deadly = true;
}

static void note_read(int fd)
{
	unsigned int call = faults ? faults->calls : 0;

	if (faults && fd == index_fd && is_deadly && call < FAULTS_CALLS_MAX)
		faults->deadly[call] = true;
}

/* --- the calls --- */

/* The function of this name that the C library has. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;
	int fd = -1;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (strncmp(path, STORAGE, strlen(STORAGE)) != 0)
		return REAL(open64)(path, flags, mode);
	if (fails())
		return -1;
	fd = REAL(open64)(path, flags, mode);
	note_open(path, flags, fd);
	return fd;
}

/* An interrupted write has written a part. */
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (is_due() && (REAL(pwrite64)(fd, data, len / 2, at) < 0 || strike()))
		return -1;
	if (fd == index_fd)
		is_deadly = false;
	return REAL(pwrite64)(fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
	if (fails())
		return -1;
	note_read(fd);
	return REAL(pread64)(fd, data, len, at);
}

int ftruncate64(int fd, off64_t len)
{
	return fails() ? -1 : REAL(ftruncate64)(fd, len);
}

int fsync(int fd)
{
	return fails() ? -1 : REAL(fsync)(fd);
}

/* Like Linux: closed, whatever it returns. */
int close(int fd)
{
	bool failed = fails();
	int error = errno;
	int res = REAL(close)(fd);

	if (fd == index_fd) {
		index_fd = -1;
		is_deadly = false;
	}
	if (!failed)
		return res;
	errno = error;
	return -1;
}

int rename(const char *from, const char *to)
{
	return fails() ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path)
{
	if (fails())
		return -1;
	is_deadly = true;
	return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
	return fails() ? -1 : REAL(mkdir)(path, mode);
}

int rmdir(const char *path)
{
	return fails() ? -1 : REAL(rmdir)(path);
}
