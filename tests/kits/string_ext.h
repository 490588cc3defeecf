/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KITS_STRING_EXT_H
#define KITS_STRING_EXT_H

#include <stddef.h>

void memzero_explicit(void *at, size_t len);

#endif
