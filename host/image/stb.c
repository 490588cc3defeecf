/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static _Thread_local size_t limit;
static _Thread_local bool starved;

/* Zeroed: where no scan fills a JPEG, it would show old memory. */
static void *limited_malloc(size_t size)
{
	void *p = size <= limit ? calloc(1, size) : NULL;

	if (!p)
		starved = true;
	return p;
}

static void *limited_realloc(void *p, size_t size)
{
	void *q = size <= limit ? realloc(p, size) : NULL;

	if (!q)
		starved = true;
	return q;
}

#define STBI_MALLOC(size)     limited_malloc(size)
#define STBI_REALLOC(p, size) limited_realloc(p, size)
#define STBI_FREE(p)	      free(p)

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include "stb.h"

void enc_stb_limit(size_t bytes)
{
	limit = bytes;
	starved = false;
}

bool enc_stb_starved(void)
{
	return starved;
}
