/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <string.h>

#include "box/head.h"
#include "file.h"
#include "load_json.h"

static bool begin_sealed(struct enc_tee *tee, FILE *f, const char *label,
			 struct enc_error *e)
{
	uint8_t head[BOX_HEAD_BYTES] = { 0 };
	size_t n = fread(head, 1, sizeof(head), f);

	if (n < BOX_HEAD_MAGIC_BYTES ||
	    memcmp(head, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: neither a sealed model nor JSON", label);
	if (n < sizeof(head))
		return enc_fail(e, ENC_ERR_FORMAT,
				"%s: ends too early, after %zu bytes", label,
				n);
	return enc_tee_load_begin_sealed(tee, head, e);
}

/* Nothing of a sealed model is believed here: the TA looks at all of it. */
static bool load_sealed(struct enc_tee *tee, FILE *f, const char *label,
			struct enc_error *e)
{
	uint8_t chunk[BOX_HEAD_CHUNK_BYTES] = { 0 };
	size_t n = 0;

	if (!begin_sealed(tee, f, label, e))
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f))) {
		if (!enc_tee_load_push(tee, chunk, n, e))
			return false;
	}
	if (ferror(f))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", label,
				strerror(errno));
	return enc_tee_load_finalize(tee, e);
}

/* Told by its first byte, which no JSON begins with. */
static bool is_sealed(FILE *f)
{
	int c = getc(f);

	return c != EOF && ungetc(c, f) == BOX_HEAD_MAGIC[0];
}

bool enc_load_model(struct enc_tee *tee, const char *path, struct enc_error *e)
{
	const char *label = enc_file_label(path);
	FILE *f = enc_file_stream(path, e);
	bool ok = false;

	if (!f)
		return false;
	ok = is_sealed(f) ? load_sealed(tee, f, label, e) :
			    enc_load_json(tee, f, label, e);
	fclose(f);
	if (!ok && e->code == ENC_ERR_TEE)
		enc_about(e, label);
	return ok;
}
