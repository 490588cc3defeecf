/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host/image/npy.c: any bytes as a .npy file.
 *
 * What is accepted has exactly the elements that its shape says, and written
 * again it is read as the same. A refusal says why, on one line, and keeps no
 * memory.
 */
#include "host/image/npy.h"

#include "tests/lib/fuzz.h"

static void write_again(const struct enc_npy *npy, struct fuzz_file *to)
{
	FILE *f = fopen(to->path, "wb");

	FUZZ_ASSERT(f);
	enc_npy_write_head(f, npy->type, npy->dims, npy->rank);
	FUZZ_ASSERT(ftell(f) == 192);
	FUZZ_ASSERT(fwrite(npy->data, 1, npy->bytes, f) == npy->bytes);
	FUZZ_ASSERT(!fclose(f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct fuzz_file file;
	struct enc_npy npy = { 0 };
	struct enc_npy again = { 0 };
	struct enc_error e = { 0 };
	size_t bytes = 0;

	fuzz_file_write(&file, data, len);
	if (!enc_npy_read(file.path, &npy, &e)) {
		FUZZ_ASSERT(!npy.file && e.code != ENC_OK);
		FUZZ_ASSERT(*e.what && !strchr(e.what, '\n'));
		return 0;
	}
	FUZZ_ASSERT(npy.rank >= 1 && npy.rank <= ENC_NPY_RANK_MAX);
	bytes = enc_npy_type_size(npy.type);
	for (uint32_t d = 0; d < npy.rank; d++)
		bytes *= (size_t)npy.dims[d];
	FUZZ_ASSERT(bytes && bytes == npy.bytes && bytes <= len);
	write_again(&npy, &file);
	FUZZ_ASSERT(enc_npy_read(file.path, &again, &e));
	FUZZ_ASSERT(again.type == npy.type && again.rank == npy.rank);
	FUZZ_ASSERT(!memcmp(again.dims, npy.dims, sizeof(npy.dims)));
	FUZZ_ASSERT(!memcmp(again.data, npy.data, npy.bytes));
	free(npy.file);
	free(again.file);
	return 0;
}
