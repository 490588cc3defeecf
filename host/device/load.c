/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "box/head.h"
#include "host/base/file.h"
#include "nn/net.h"

static bool is_not(const char *kind, const char *label, struct enc_error *e)
{
	enc_fail(e, ENC_ERR_FORMAT, "%s: not %s model", label, kind);
	return enc_hint(e, "make one with `enc_mnist seal`");
}

static bool is_network(const uint8_t *head, size_t n)
{
	return n >= sizeof(NN_MAGIC) - 1 &&
	       !memcmp(head, NN_MAGIC, sizeof(NN_MAGIC) - 1);
}

static bool cannot_read(const char *label, struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s", label,
			strerror(errno));
}

/* There are fewer bytes than there should be. */
static bool ends_too_early(FILE *f, const char *label, struct enc_error *e)
{
	if (ferror(f))
		return cannot_read(label, e);
	enc_fail(e, ENC_ERR_FORMAT, "%s: ends too early", label);
	return enc_hint(e, "get it again");
}

/* The head says how many there are, and their digest. */
static bool check_names(const struct box_head *head, const uint8_t *text,
			const char *label, struct enc_labels *names,
			struct enc_error *e)
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	if (EVP_Digest(text, head->names, digest, NULL, EVP_sha256(), NULL) !=
	    1)
		return enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
	if (memcmp(digest, head->names_digest, sizeof(digest))) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: its class names are not as they were sealed",
			 label);
		return enc_hint(e, "get it again");
	}
	return enc_labels_parse(text, head->names,
				box_port_elements(&head->output[0]), label,
				names, e);
}

/*
 * Class names are for people: the TA knows nothing of them, but checks the head
 * that vouches for them. A head that is damaged is left to the TA.
 */
static bool read_names(FILE *f, const uint8_t *bytes, const char *label,
		       struct enc_labels *names, struct enc_error *e)
{
	struct box_head head = { 0 };
	uint8_t *text = NULL;
	bool ok = false;

	if (box_head_read(bytes, &head) != BOX_OK || !head.names)
		return true;
	text = malloc(head.names);
	if (!text)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	ok = fread(text, 1, head.names, f) == head.names ?
		     check_names(&head, text, label, names, e) :
		     ends_too_early(f, label, e);
	free(text);
	return ok;
}

static bool begin_sealed(struct enc_tee *tee, FILE *f, const char *label,
			 struct enc_labels *names, struct enc_error *e)
{
	uint8_t head[BOX_HEAD_BYTES] = { 0 };
	size_t n = fread(head, 1, sizeof(head), f);

	if (ferror(f))
		return cannot_read(label, e);
	if (is_network(head, n)) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: a network, not sealed yet",
			 label);
		return enc_hint(e, "run `enc_mnist seal` on it");
	}
	if (n < BOX_HEAD_MAGIC_BYTES ||
	    memcmp(head, BOX_HEAD_MAGIC, BOX_HEAD_MAGIC_BYTES))
		return is_not("a sealed", label, e);
	if (n < sizeof(head))
		return ends_too_early(f, label, e);
	return read_names(f, head, label, names, e) &&
	       enc_tee_load_begin_sealed(tee, head, e);
}

/* Trusts nothing in a sealed model: the TA checks all of it. */
static bool load_sealed(struct enc_tee *tee, FILE *f, const char *label,
			struct enc_labels *names, struct enc_error *e)
{
	uint8_t *chunk = enc_tee_chunk(tee);
	size_t n = 0;

	if (!begin_sealed(tee, f, label, names, e))
		return false;
	while ((n = fread(chunk, 1, BOX_HEAD_CHUNK_BYTES, f)) && !ferror(f)) {
		if (!enc_tee_load_push(tee, n, e))
			return false;
	}
	return ferror(f) ? cannot_read(label, e) :
			   enc_tee_load_finalize(tee, e);
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
		 FILE *f, const char *label, struct enc_labels *names,
		 struct enc_error *e)
{
	const bool is_sealed_only = !sources[1];
	int first = getc(f);

	if (first == EOF && ferror(f))
		return cannot_read(label, e);
	if (first == EOF) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: the file is empty", label);
		return enc_hint(e, "make a model with `enc_mnist seal`");
	}
	ungetc(first, f);
	while (*sources && !(*sources)->is(first))
		sources++;
	return *sources ? (*sources)->load(tee, f, label, names, e) :
			  is_not(is_sealed_only ? "a sealed" : "an encrypted",
				 label, e);
}

bool enc_load_stream(struct enc_tee *tee,
		     const struct enc_source *const *sources, FILE *f,
		     const char *label, struct enc_labels *names,
		     struct enc_error *e)
{
	*names = (struct enc_labels){ 0 };
	setvbuf(f, NULL, _IONBF, 0); /* fread() fills the chunk directly */
	if (load(tee, sources, f, label, names, e))
		return true;
	enc_labels_free(names);
	if (e->code == ENC_ERR_TEE)
		enc_about(e, label);
	return false;
}

bool enc_load_model(struct enc_tee *tee,
		    const struct enc_source *const *sources, const char *path,
		    struct enc_labels *names, struct enc_error *e)
{
	FILE *f = enc_file_stream(path, e);
	bool ok = false;

	*names = (struct enc_labels){ 0 };
	if (!f)
		return false;
	ok = enc_load_stream(tee, sources, f, enc_file_label(path), names, e);
	fclose(f);
	return ok;
}
