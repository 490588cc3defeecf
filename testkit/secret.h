/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes secrets undefined memory for valgrind, which then reports each branch
 * and each address that depends on one. Without valgrind nothing happens.
 *
 * clang's MemorySanitizer must be told what a library has written that was not
 * built for it, and must not check inside that library.
 */
#ifndef TESTKIT_SECRET_H
#define TESTKIT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* The board has no valgrind. */
#ifdef __x86_64__
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(memory, size) ((void)(memory), (void)(size))
#define VALGRIND_MAKE_MEM_DEFINED(memory, size)	  ((void)(memory), (void)(size))
#endif

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define SECRET_MSAN 1
#endif
#endif

static inline void secret_make(const void *memory, size_t size)
{
	VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

static inline void secret_reveal(const void *memory, size_t size)
{
	VALGRIND_MAKE_MEM_DEFINED(memory, size);
#ifdef SECRET_MSAN
	__msan_unpoison(memory, size);
#endif
}

/* Before and after a call into a library, in the same thread. */
static inline void secret_library(bool enter)
{
#ifdef SECRET_MSAN
	if (enter)
		__msan_scoped_disable_interceptor_checks();
	else
		__msan_scoped_enable_interceptor_checks();
#else
	(void)enter;
#endif
}

#endif
