/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Debian's static libraries, which are built for glibc, want beyond musl.
 * Their checks of lengths come back to the functions that they stand for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__memcpy_chk(void *to, const void *from, size_t len, size_t room)
{
	return len <= room ? memcpy(to, from, len) : (abort(), NULL);
}

void *__memset_chk(void *to, int byte, size_t len, size_t room)
{
	return len <= room ? memset(to, byte, len) : (abort(), NULL);
}

int __vsnprintf_chk(char *to, size_t len, int flag, size_t room,
		    const char *format, va_list args)
{
	(void)flag;
	return len <= room ? vsnprintf(to, len, format, args) : (abort(), 0);
}

int __snprintf_chk(char *to, size_t len, int flag, size_t room,
		   const char *format, ...)
{
	va_list args;
	int n = 0;

	va_start(args, format);
	n = __vsnprintf_chk(to, len, flag, room, format, args);
	va_end(args);
	return n;
}

int __sprintf_chk(char *to, int flag, size_t room, const char *format, ...)
{
	va_list args;
	int n = 0;

	(void)flag;
	va_start(args, format);
	n = vsnprintf(to, room, format, args);
	va_end(args);
	return n;
}

int __vfprintf_chk(FILE *file, int flag, const char *format, va_list args)
{
	(void)flag;
	return vfprintf(file, format, args);
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list args;
	int n = 0;

	va_start(args, format);
	n = __vfprintf_chk(file, flag, format, args);
	va_end(args);
	return n;
}

long __fdelt_chk(long fd)
{
	return fd / (long)(8 * sizeof(long));
}

long __isoc23_strtol(const char *s, char **end, int base)
{
	return strtol(s, end, base);
}

FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

off_t lseek64(int fd, off_t offset, int whence)
{
	return lseek(fd, offset, whence);
}

/* OpenSSL then knows that it has no fibres. */
int getcontext(void *context)
{
	(void)context;
	errno = ENOSYS;
	return -1;
}

int setcontext(const void *context)
{
	return getcontext((void *)context);
}

void makecontext(void *context, void (*start)(void), int args, ...)
{
	(void)context;
	(void)start;
	(void)args;
	abort();
}
