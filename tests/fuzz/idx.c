/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/image/idx.c, and zlib behind it: any bytes as a file of images and one
 * of labels. The first two bytes are the length of the first, big-endian.
 *
 * Batches of any size give the same images and the same answer; no label is
 * over 9; a set is accepted only if it has as much data as the headers say.
 */
#include "host/image/idx.h"

#include "tests/lib/fuzz.h"

#define MOST 64 /* images of a set that is kept to compare */

struct set {
	size_t n;
	uint8_t px[MOST * ENC_IMAGE_PIXELS];
	uint8_t labels[MOST];
};

static void keep(struct set *set, const uint8_t *px, const uint8_t *labels,
		 size_t n)
{
	for (size_t i = 0; i < n; i++, set->n++) {
		FUZZ_ASSERT(labels[i] < ENC_IDX_CLASSES);
		if (set->n >= MOST)
			continue;
		memcpy(set->px + set->n * ENC_IMAGE_PIXELS,
		       px + i * ENC_IMAGE_PIXELS, ENC_IMAGE_PIXELS);
		set->labels[set->n] = labels[i];
	}
}

/* ENC_OK, or the error. */
static enum enc_error_code read_set(struct set *set, const char *images,
				    const char *labels, size_t batch)
{
	struct enc_error e = { 0 };
	struct enc_idx *idx = enc_idx_open(images, labels, &e);
	uint8_t *px = fuzz_alloc(batch * ENC_IMAGE_PIXELS);
	uint8_t *label = fuzz_alloc(batch);
	size_t n = 0;
	bool ok = idx;

	set->n = 0;
	while (ok) {
		ok = enc_idx_next(idx, px, label, batch, &n, &e);
		if (!ok || !n)
			break;
		FUZZ_ASSERT(n <= batch);
		keep(set, px, label, n);
	}
	FUZZ_ASSERT(ok == (e.code == ENC_OK));
	FUZZ_ASSERT(!ok || set->n == enc_idx_count(idx));
	enc_idx_close(idx);
	free(px);
	free(label);
	return e.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct fuzz_file images;
	static struct fuzz_file labels;
	static struct set a;
	static struct set b;
	uint32_t state = fuzz_hash(data, len);
	size_t first = 0;
	enum enc_error_code code = ENC_OK;

	if (len < 2)
		return 0;
	first = (size_t)data[0] << 8 | data[1];
	data += 2;
	len -= 2;
	first = first < len ? first : len;
	fuzz_file_write(&images, data, first);
	fuzz_file_write(&labels, data + first, len - first);
	code = read_set(&a, images.path, labels.path, MOST);
	FUZZ_ASSERT(read_set(&b, images.path, labels.path,
			     1 + fuzz_draw(&state, 4)) == code);
	if (code != ENC_OK)
		return 0;
	first = a.n < MOST ? a.n : MOST;
	FUZZ_ASSERT(a.n == b.n);
	FUZZ_ASSERT(!memcmp(a.px, b.px, first * ENC_IMAGE_PIXELS));
	FUZZ_ASSERT(!memcmp(a.labels, b.labels, first));
	return 0;
}
