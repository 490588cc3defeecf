/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, with the headers that it wants before it. */
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
