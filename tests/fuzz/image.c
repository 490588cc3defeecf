/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/image/image.c, and stb behind it: any bytes as a picture.
 *
 * The same file gives the same pixels, whatever the memory held before; what
 * is refused leaves them alone; and no more memory is taken than the limits of
 * image.c say. Those allow a picture of 50 million pixels, which takes seconds:
 * here stb gets no more than STB_MAX at a time, so that larger ones fail early.
 */
#include "host/image/image.h"

#include <sanitizer/allocator_interface.h>

#include "host/image/stb.h"
#include "tests/lib/fuzz.h"

#define STB_MAX	  (2u << 20)
#define OTHER_MAX (1u << 20) /* to resize */

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __real_enc_stb_limit(size_t bytes);
void __wrap_enc_stb_limit(size_t bytes);

static int filler;	 /* what fresh memory holds */
static size_t stb_limit; /* as image.c set it last */
static bool watching;
static size_t most; /* largest allocation while watching */

/* Allocations of our own code and of stb, but for malloc() itself. */
void *__wrap_realloc(void *p, size_t size)
{
	void *q = __real_realloc(p, size);

	if (q && !p)
		memset(q, filler, size);
	return q;
}

void __wrap_enc_stb_limit(size_t bytes)
{
	stb_limit = bytes < STB_MAX ? bytes : STB_MAX;
	__real_enc_stb_limit(stb_limit);
}

static void on_malloc(const volatile void *p, size_t size)
{
	(void)p;
	if (watching && size > most)
		most = size;
}

static void on_free(const volatile void *p)
{
	(void)p;
}

static bool load(const char *path, size_t len, int fill,
		 uint8_t px[ENC_IMAGE_PIXELS], struct enc_error *e)
{
	size_t before = __sanitizer_get_current_allocated_bytes();
	bool ok = false;

	memset(px, 0x55, ENC_IMAGE_PIXELS);
	filler = fill;
	stb_limit = 0;
	most = 0;
	watching = true;
	ok = enc_image_load(path, px, e);
	watching = false;
	FUZZ_ASSERT(most <= len + 1 || most <= OTHER_MAX || most <= stb_limit);
	FUZZ_ASSERT(__sanitizer_get_current_allocated_bytes() == before);
	return ok;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) ?
		       0 :
		       1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct fuzz_file file;
	static char rows[ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES];
	uint8_t a[ENC_IMAGE_PIXELS] = { 0 };
	uint8_t b[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_error e = { 0 };
	bool ok = false;

	fuzz_file_write(&file, data, len);
	ok = load(file.path, len, 0x00, a, &e);
	FUZZ_ASSERT(ok == (e.code == ENC_OK));
	FUZZ_ASSERT(load(file.path, len, 0xff, b, &e) == ok);
	FUZZ_ASSERT(!memcmp(a, b, sizeof(a)));
	for (size_t i = 0; !ok && i < sizeof(a); i++)
		FUZZ_ASSERT(a[i] == 0x55);
	for (enum enc_image_style s = ENC_IMAGE_ASCII; s <= ENC_IMAGE_GREY; s++)
		enc_image_rows(a, s, rows);
	return 0;
}
