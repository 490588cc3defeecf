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

#endif
