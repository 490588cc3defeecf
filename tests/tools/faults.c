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

static struct faults *faults;

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

/* The function of this name that the C library has. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if (!strncmp(path, STORAGE, strlen(STORAGE)) && fails())
		return -1;
	return REAL(open64)(path, flags, mode);
}

/* An interrupted write has written a part. */
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (is_due() && (REAL(pwrite64)(fd, data, len / 2, at) < 0 || strike()))
		return -1;
	return REAL(pwrite64)(fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
	return fails() ? -1 : REAL(pread64)(fd, data, len, at);
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
	return fails() ? -1 : REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
	return fails() ? -1 : REAL(mkdir)(path, mode);
}

int rmdir(const char *path)
{
	return fails() ? -1 : REAL(rmdir)(path);
}
