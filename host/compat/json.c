/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At most two passes. In the first, yajl reads all of the text, json_doc.c
 * takes its events, and json_check.c checks them. Bytes of the plain form are
 * handed out at once, and so are those of a chunk whose turn it is. Of any
 * other chunk only the commas are counted, to know its length. The second pass
 * reads the chunks that were skipped, in the order of their ids.
 *
 * A model is two million numbers. One callback of yajl for each would cost
 * three times what the TEE spends on decrypting them. So inside a byte array
 * enc_model_scan() takes what it can. yajl gets the rest: the start, the last
 * element, the end, and everything unusual. Together they accept exactly what
 * yajl alone accepts: see take_text(). enc_model_skip() may let anything pass,
 * because the second pass follows.
 */
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "json_doc.h"
#include "json_scan.h"

#define TEXT_BYTES  65536u     /* text read at a time */
#define QUIET_BYTES (1u << 20) /* longest string, number or blank */

struct reader {
	FILE *file;
	struct enc_doc doc;
	size_t want; /* text to read at a time */
	size_t at;   /* where the text that is left begins */
	size_t end;  /* ... and ends, with a NUL */
	char text[TEXT_BYTES + 1];
};

/* --- Text -------------------------------------------------------------- */

static bool cannot_read(const struct reader *r)
{
	return enc_fail(r->doc.e, ENC_ERR_IO, "cannot read: %s",
			strerror(errno));
}

static bool new_parser(struct reader *r)
{
	struct enc_doc *d = &r->doc;

	if (d->yajl)
		yajl_free(d->yajl);
	d->yajl = yajl_alloc(&enc_doc_callbacks, NULL, d);
	return d->yajl || enc_fail(d->e, ENC_ERR_MEMORY, "out of memory");
}

/* Makes sure that there is text. False if the file has ended, or failed. */
static bool refill(struct reader *r)
{
	if (r->at < r->end)
		return true;
	r->at = 0;
	r->end = fread(r->text, 1, r->want, r->file);
	r->text[r->end] = '\0';
	return r->end > 0;
}

static bool not_json(const struct enc_doc *d, const char *text, size_t len)
{
	unsigned char *why = NULL;

	if (!d->offset && !strncmp(text, "\3f32", 4)) {
		enc_fail(d->e, ENC_ERR_FORMAT,
			 "a plain Burn record, not encrypted");
		return enc_hint(d->e,
				"encrypt it with `enc_mnist encrypt-model`");
	}
	why = yajl_get_error(d->yajl, 0, (const unsigned char *)text, len);
	enc_fail(d->e, ENC_ERR_FORMAT, "not JSON: %.*s (byte %" PRIu64 ")",
		 why ? (int)strcspn((char *)why, "\n") : 0,
		 why ? (char *)why : "",
		 d->offset + yajl_get_bytes_consumed(d->yajl));
	if (why)
		yajl_free_error(d->yajl, why);
	return enc_hint(d->e, "a model file is what `enc_mnist encrypt-model` "
			      "writes");
}

/*
 * Gives yajl text up to the next place where a scan may begin or the document
 * may end. *n: bytes of that text.
 */
static bool feed(struct reader *r, const char *text, size_t len, size_t *n)
{
	struct enc_doc *d = &r->doc;
	size_t cut = strcspn(text, d->place == ENC_IN_BYTES ? ",]" : "[}");
	yajl_status status = yajl_status_ok;

	*n = cut < len ? cut + 1 : len;
	d->quiet += *n;
	status = yajl_parse(d->yajl, (const unsigned char *)text, *n);
	if (status == yajl_status_client_canceled)
		return false;
	if (status != yajl_status_ok)
		return not_json(d, text, *n);
	if (d->quiet > QUIET_BYTES)
		return enc_fail(d->e, ENC_ERR_LIMIT,
				"a string or blank of more than %u bytes "
				"(byte %" PRIu64 ")",
				QUIET_BYTES, d->offset + *n);
	return true;
}

/*
 * Takes *n bytes of text, at least 1.
 *
 * A scan may begin if the last text that yajl got made it report the '[' of a
 * byte array, or an element. yajl then waits for one of these:
 *   - an element: the scan takes whole elements, and leaves at least one;
 *   - a comma: yajl refuses the element that the scan leaves, just as it would
 *     refuse the first one without the scan;
 *   - the rest of anything else after an element: refused as well.
 */
static bool take_text(struct reader *r, const char *text, size_t len, size_t *n)
{
	struct enc_doc *d = &r->doc;
	uint32_t taken = 0;

	if (d->place == ENC_AT_END) {
		*n = strspn(text, " \t\n\v\f\r");
		return *n ||
		       enc_fail(d->e, ENC_ERR_FORMAT,
				"goes on after its end (byte %" PRIu64 ")",
				d->offset);
	}
	if (d->place == ENC_IN_BYTES && !d->quiet) {
		*n = d->muted ? enc_model_skip(text, &taken) :
				enc_model_scan(text, d->piece + d->fill,
					       ENC_MODEL_PIECE_BYTES - d->fill,
					       &taken);
		if (*n)
			return enc_doc_add(d, taken);
	}
	return feed(r, text, len, n);
}

static bool step(struct reader *r)
{
	size_t n = 0;

	if (!take_text(r, r->text + r->at, r->end - r->at, &n))
		return false;
	r->at += n;
	r->doc.offset += n;
	return true;
}

/* --- First pass -------------------------------------------------------- */

/* At the end of the text: is it complete? */
static bool end_text(const struct enc_doc *d)
{
	if (d->place == ENC_AT_END)
		return true;
	if (!d->offset)
		return enc_fail(d->e, ENC_ERR_FORMAT, "is empty");
	/* Only now does yajl know that a number is complete. */
	if (yajl_complete_parse(d->yajl) == yajl_status_client_canceled)
		return false;
	return enc_fail(d->e, ENC_ERR_FORMAT,
			"ends too early, after %" PRIu64 " byte%s", d->offset,
			enc_s(d->offset));
}

static bool first_pass(struct reader *r)
{
	if (!new_parser(r))
		return false;
	r->want = TEXT_BYTES;
	while (refill(r))
		if (!step(r))
			return false;
	if (ferror(r->file))
		return cannot_read(r);
	return end_text(&r->doc) && enc_doc_check(&r->doc);
}

/* --- Second pass ------------------------------------------------------- */

static bool changed(const struct reader *r)
{
	return enc_fail(r->doc.e, ENC_ERR_IO, "changed while it was read");
}

/* Reads the array of the chunk whose turn it is. */
static bool read_chunk(struct reader *r, off_t base)
{
	struct enc_doc *d = &r->doc;
	const struct enc_chunk *c = &d->chunks[d->turn];
	uint64_t compact = 4 * (uint64_t)c->bytes + 1; /* "[255,255]" */

	if (!new_parser(r))
		return false;
	d->place = ENC_IN_CHUNK;
	d->field = ENC_DATA;
	d->value[ENC_ID] = d->turn;
	d->chunk = c->index;
	d->offset = c->start;
	d->quiet = 0;
	d->count = 0;
	r->want = compact < TEXT_BYTES ? (size_t)compact : TEXT_BYTES;
	r->at = r->end = 0;
	if (fseeko(r->file, base + (off_t)c->start, SEEK_SET))
		return cannot_read(r);
	do {
		if (!refill(r))
			return ferror(r->file) ? cannot_read(r) : changed(r);
		if (!step(r))
			return false;
	} while (d->place == ENC_IN_BYTES);
	return d->count == c->bytes || changed(r);
}

/* base: where the text begins in the file; negative: it is a pipe. */
static bool second_pass(struct reader *r, off_t base)
{
	struct enc_doc *d = &r->doc;

	if (base < 0) {
		enc_fail(d->e, ENC_ERR_IO,
			 "chunks out of order are read twice, which a pipe "
			 "cannot do");
		return enc_hint(d->e, "give the name of a file");
	}
	d->total = 0;
	for (; d->turn < d->chunk_count; d->turn++)
		if (!read_chunk(r, base))
			return false;
	return true;
}

/* --- Both -------------------------------------------------------------- */

static bool read_model(struct reader *r)
{
	off_t base = ftello(r->file);

	if (!first_pass(r))
		return false;
	if (r->doc.turn < r->doc.chunk_count && !second_pass(r, base))
		return false;
	return enc_doc_flush(&r->doc);
}

bool enc_model_json_read_stream(FILE *f, const char *label, enc_model_sink sink,
				void *ctx, struct enc_error *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	bool ok = false;

	if (!r)
		return enc_fail(e, ENC_ERR_MEMORY, "%s: out of memory", label);
	r->file = f;
	r->doc.e = e;
	r->doc.sink = sink;
	r->doc.ctx = ctx;
	ok = read_model(r);
	if (!ok && !r->doc.refused)
		enc_about(e, label);
	if (r->doc.yajl)
		yajl_free(r->doc.yajl);
	free(r);
	return ok;
}

bool enc_model_json_read(const char *path, enc_model_sink sink, void *ctx,
			 struct enc_error *e)
{
	FILE *f = enc_file_stream(path, e);
	bool ok = f && enc_model_json_read_stream(f, enc_file_label(path), sink,
						  ctx, e);

	if (f)
		fclose(f);
	return ok;
}
