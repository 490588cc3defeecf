/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, after the headers that it needs. */
#ifndef TESTKIT_TEST_H
#define TESTKIT_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * How clang and gcc announce a sanitizer that shadows memory. It needs
 * terabytes of addresses, and makes a test ten times as long.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define MEMORY_IS_SHADOWED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_SHADOWED
#endif

#endif
