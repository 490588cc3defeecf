/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <string.h>

#include "box/head.h"
#include "host/base/file.h"
#include "nn/net.h"

static bool is_not(const char *kind, const char *label, struct enc_error *e)
{
	enc_fail(e, ENC_ERR_FORMAT, "%s: not %s model", label, kind);
	return enc_hint(e, "make one from a record with `enc_mnist seal`");
}

/* Class names are for people; the TA knows their digest. */
static bool skip_names(FILE *f, const uint8_t *bytes, uint8_t *chunk)
{
	struct box_head head = { 0 };
	size_t left = 0;
	size_t n = 0;

	if (box_head_read(bytes, &head) == BOX_OK)
		left = head.names;
	for (; left; left -= n) {
		n = left < BOX_HEAD_CHUNK_BYTES ? left : BOX_HEAD_CHUNK_BYTES;
		if (fread(chunk, 1, n, f) != n)
			return false;
	}
	return true;
}

static bool is_network(const uint8_t *head, size_t n)
{
	return n >= sizeof(NN_MAGIC) - 1 &&
	       !memcmp(head, NN_MAGIC, sizeof(NN_MAGIC) - 1);
}

static bool begin_sealed(struct enc_tee *tee, FILE *f, const char *label,
			 struct enc_error *e)
{
	uint8_t head[BOX_HEAD_BYTES] = { 0 };
	size_t n = fread(head, 1, sizeof(head), f);

	if (is_network(head, n)) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: a network, not sealed yet",
			 label);
		return enc_hint(e, "run `enc_mnist seal` on it");
	}
	if (n < BOX_HEAD_MAGIC_BYTES ||
	    memcmp(head, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return is_not("a sealed", label, e);
	if (n < sizeof(head) || !skip_names(f, head, enc_tee_chunk(tee))) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: ends too early", label);
		return enc_hint(e, "get it again");
	}
	return enc_tee_load_begin_sealed(tee, head, e);
}

/* Trusts nothing in a sealed model: the TA checks all of it. */
static bool load_sealed(struct enc_tee *tee, FILE *f, const char *label,
			struct enc_error *e)
{
	uint8_t *chunk = enc_tee_chunk(tee);
	size_t n = 0;

	if (!begin_sealed(tee, f, label, e))
		return false;
	while ((n = fread(chunk, 1, BOX_HEAD_CHUNK_BYTES, f))) {
		if (!enc_tee_load_push(tee, n, e))
			return false;
	}
	if (ferror(f))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", label,
				strerror(errno));
	return enc_tee_load_finalize(tee, e);
}

static bool is_sealed(int first)
{
	return first == BOX_HEAD_MAGIC[0];
}

const struct enc_source enc_source_sealed = {
	.is = is_sealed,
	.load = load_sealed,
};

static bool load(struct enc_tee *tee, const struct enc_source *const *sources,
		 FILE *f, const char *label, struct enc_error *e)
{
	const bool is_sealed_only = !sources[1];
	int first = getc(f);

	if (first == EOF && ferror(f))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", label,
				strerror(errno));
	if (first == EOF) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: the file is empty", label);
		return enc_hint(e, "make a model with `enc_mnist seal`");
	}
	ungetc(first, f);
	while (*sources && !(*sources)->is(first))
		sources++;
	return *sources ? (*sources)->load(tee, f, label, e) :
			  is_not(is_sealed_only ? "a sealed" : "an encrypted",
				 label, e);
}

bool enc_load_model(struct enc_tee *tee,
		    const struct enc_source *const *sources, const char *path,
		    struct enc_error *e)
{
	const char *label = enc_file_label(path);
	FILE *f = enc_file_stream(path, e);
	bool ok = false;

	if (!f)
		return false;
	setvbuf(f, NULL, _IONBF, 0); /* fread() fills the chunk directly */
	ok = load(tee, sources, f, label, e);
	fclose(f);
	if (!ok && e->code == ENC_ERR_TEE)
		enc_about(e, label);
	return ok;
}
