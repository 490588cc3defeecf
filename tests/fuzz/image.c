/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/image, and stb behind it: any bytes as a picture, unchanged, inverted,
 * fitted or both; the bytes decide which.
 *
 * The same file gives the same pixels, whatever the memory held before. A
 * refused file leaves them unchanged. A picture that can be read can also be
 * inverted. No more memory is used than the limits of image.h allow. The
 * functions that parse the bytes without stb get a buffer that ends with them.
 * The limits allow a picture of 50 million pixels, which takes seconds: here
 * stb gets no more than STB_MAX at a time, so that larger pictures fail early.
 */
#include "host/image/image.h"

#include <sanitizer/allocator_interface.h>

#include "host/image/picture.h"
#include "host/image/stb.h"
#include "tests/lib/fuzz.h"

#define STB_MAX	  (2u << 20)
#define OTHER_MAX (1u << 20) /* to resize, and to fit */

void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __real_enc_stb_limit(size_t bytes);
void __wrap_enc_stb_limit(size_t bytes);

static int filler;	 /* what fresh memory holds */
static size_t stb_limit; /* as image.c last set it */
/* By this thread: libFuzzer has another, which allocates now and then. */
static __thread bool watching;
static size_t most; /* largest allocation while watching */
static long held;   /* blocks allocated and not yet freed while watching */

/* Allocations by our own code and stb, but not malloc() itself. */
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
	if (!watching)
		return;
	held++;
	if (size > most)
		most = size;
}

static void on_free(const volatile void *p)
{
	held -= watching && p;
}

static bool load(const char *path, const struct enc_image_options *options,
		 size_t len, int fill, uint8_t px[ENC_IMAGE_PIXELS],
		 struct enc_image_found *found, struct enc_error *e)
{
	bool ok = false;

	memset(px, 0x55, ENC_IMAGE_PIXELS);
	filler = fill;
	stb_limit = 0;
	most = 0;
	held = 0;
	watching = true;
	ok = enc_image_load(path, options, px, found, e);
	watching = false;
	FUZZ_ASSERT(most <= len + 1 || most <= OTHER_MAX || most <= stb_limit);
	FUZZ_ASSERT(held == 0);
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

static bool same(const struct enc_image_found *a,
		 const struct enc_image_found *b)
{
	return a->light == b->light && a->faint == b->faint &&
	       a->hidden == b->hidden && a->stray == b->stray &&
	       a->no_end == b->no_end;
}

/* Loads a file twice. Returns whether that worked; px: the picture. */
static bool load_twice(const char *path,
		       const struct enc_image_options *options, size_t len,
		       uint8_t px[ENC_IMAGE_PIXELS])
{
	struct enc_image_found found[2] = { 0 };
	uint8_t again[ENC_IMAGE_PIXELS] = { 0 };
	struct enc_error e = { 0 };
	bool ok = load(path, options, len, 0x00, px, &found[0], &e);

	FUZZ_ASSERT(ok == (e.code == ENC_OK));
	FUZZ_ASSERT(load(path, options, len, 0xff, again, &found[1], &e) == ok);
	FUZZ_ASSERT(!memcmp(px, again, sizeof(again)));
	FUZZ_ASSERT(!ok || same(&found[0], &found[1]));
	FUZZ_ASSERT(!ok ||
		    found[0].light + found[0].faint + found[0].stray < 2);
	for (size_t i = 0; !ok && i < sizeof(again); i++)
		FUZZ_ASSERT(px[i] == 0x55);
	return ok;
}

/* The functions that parse the bytes themselves. */
static void look_at(const uint8_t *data, size_t len)
{
	uint8_t *copy = fuzz_copy(data, len);
	unsigned int orientation = 0;

	if (picture_kind(copy, len) == PICTURE_OTHER)
		picture_other(copy, len);
	orientation = jpeg_orientation(copy, len);
	FUZZ_ASSERT(orientation >= 1 && orientation <= 8);
	jpeg_has_end(copy, len);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct enc_image_options as_it_is;
	static struct fuzz_file file;
	static char rows[ENC_IMAGE_ROWS][ENC_IMAGE_ROW_BYTES];
	const uint32_t choice = fuzz_hash(data, len) % 3;
	const struct enc_image_options options = { .invert = choice != 1,
						   .fit = choice != 0 };
	uint8_t px[ENC_IMAGE_PIXELS] = { 0 };
	bool ok = false;

	look_at(data, len);
	fuzz_file_write(&file, data, len);
	ok = load_twice(file.path, &as_it_is, len, px);
	for (enum enc_image_style s = ENC_IMAGE_ASCII; s <= ENC_IMAGE_GREY; s++)
		enc_image_rows(px, s, rows);
	if (!ok)
		return 0;
	ok = load_twice(file.path, &options, len, px);
	FUZZ_ASSERT(ok || options.fit);
	return 0;
}
