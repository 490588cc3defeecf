/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets as valgrind sees them: undefined memory. It then reports each branch
 * and each address that depends on one. Without valgrind nothing happens.
 *
 * secret_reveal() also tells clang's MemorySanitizer of memory that a library
 * has written which was not built for it.
 */
#ifndef TEST_SECRET_H
#define TEST_SECRET_H

#include <valgrind/memcheck.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define SECRET_UNPOISON(memory, size) __msan_unpoison(memory, size)
#endif
#endif
#ifndef SECRET_UNPOISON
#define SECRET_UNPOISON(memory, size) ((void)0)
#endif

static inline void secret_make(const void *memory, size_t size)
{
	VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

static inline void secret_reveal(const void *memory, size_t size)
{
	VALGRIND_MAKE_MEM_DEFINED(memory, size);
	SECRET_UNPOISON(memory, size);
}

#endif
