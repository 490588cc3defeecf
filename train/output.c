/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "record/burn.h"
#include "record/write/burn.h"
#include "record/write/pack.h"

#define MODE 0644

/* Each byte goes to the file and to the reader of the TA. */
struct output {
	struct enc_out_file file;
	struct record_burn reader;
};

bool output_check(const char *path, struct enc_error *e)
{
	struct enc_out_file file = { 0 };
	bool ok = enc_out_open(&file, path, MODE, e);

	enc_out_abort(&file);
	return ok;
}

/* enc_out_commit() notices failed writes. */
static bool sink(void *ctx, const void *data, size_t len)
{
	struct output *out = ctx;

	fwrite(data, 1, len, out->file.stream);
	return record_burn_push(&out->reader, data, len) == RECORD_BURN_OK;
}

/* packed: (nn_packed_count()); again: as many zeros, for the reader */
static bool write_record(const char *path, const struct nn_arch *arch,
			 const float *packed, float *again, struct enc_error *e)
{
	const size_t bytes = nn_packed_count(arch) * sizeof(*packed);
	struct output out = { 0 };

	if (!enc_out_open(&out.file, path, MODE, e))
		return false;
	record_burn_begin(&out.reader, arch, again);
	if (record_burn_write(arch, packed, record_burn_ids, sink, &out) &&
	    record_burn_end(&out.reader) == RECORD_BURN_OK &&
	    !memcmp(again, packed, bytes))
		return enc_out_commit(&out.file, e);
	enc_out_abort(&out.file);
	enc_fail(e, ENC_ERR_FORMAT, "the trained record is not readable");
	return enc_hint(e, "did the training diverge?");
}

bool output_write(const char *path, const struct nn_arch *arch,
		  const float *params, struct enc_error *e)
{
	float *packed = calloc(nn_packed_count(arch), sizeof(*packed));
	float *again = calloc(nn_packed_count(arch), sizeof(*again));
	bool ok = packed && again;

	if (ok) {
		record_pack(arch, params, packed);
		ok = write_record(path, arch, packed, again, e);
	} else {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	}
	free(again);
	free(packed);
	return ok;
}
