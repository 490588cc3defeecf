/* SPDX-License-Identifier: Apache-2.0 */
/* Structs of a program, which may know fewer members than the library, or more.
 */
#ifndef LIB_OPTIONS_H
#define LIB_OPTIONS_H

#include <stddef.h>

#include "host/base/error.h"

/*
 * Copies what the program has given to *to, of `size` bytes, which is all zero:
 * both begin with their size, as a size_t. begin: the macro that sets it. Fails
 * if the program uses a member that the library does not have: if it is not 0.
 * So members that are added leave no padding, which may be anything.
 */
bool lib_options(const void *from, void *to, size_t size, const char *begin,
		 struct enc_error *e);

#endif
