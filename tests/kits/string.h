/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KITS_STRING_H
#define KITS_STRING_H

#include <stddef.h>

int memcmp(const void *a, const void *b, size_t len);
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
size_t strlen(const char *s);

#endif
