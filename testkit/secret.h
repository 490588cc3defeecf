/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets as valgrind sees them: undefined memory. It then reports each branch
 * and each address that depends on one. Without valgrind nothing happens.
 *
 * clang's MemorySanitizer has to be told, too, where a library that was not
 * built for it has written, and not to look over its shoulder meanwhile.
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
