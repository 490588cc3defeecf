/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box/stream.h"
#include "crypto.h"
#include "host/base/file.h"
#include "host/record/check.h"
#include "record/int8.h"
#include "stream_seal.h"

#define PROGRESS_BYTES (1u << 20)

_Static_assert((int)NN_FORMAT_F32 == BOX_HEAD_FORMAT_F32 &&
		       (int)NN_FORMAT_INT8 == BOX_HEAD_FORMAT_INT8,
	       "a head names the format of its record as nn/ does");

/* A model being sealed. */
struct job {
	const struct enc_sealed *sealed;
	const char *label; /* of the input */
	int in;
	uint64_t len;
	uint64_t done;
	enum nn_format format;
	struct enc_record *record;
	struct enc_out_file out;
};

bool enc_model_id(const char *text, uint8_t id[BOX_MODEL_ID_BYTES])
{
	const size_t len = strlen(text);

	memset(id, 0, BOX_MODEL_ID_BYTES);
	if (!len || len > BOX_MODEL_ID_BYTES ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") < len)
		return false;
	memcpy(id, text, len);
	return true;
}

/* Finds out how many bytes of the input are left. */
static bool measure(struct job *job, struct enc_error *e)
{
	struct stat st = { 0 };
	off_t at = 0;

	if (fstat(job->in, &st))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
				job->label, strerror(errno));
	at = lseek(job->in, 0, SEEK_CUR);
	if (!S_ISREG(st.st_mode) || at < 0) {
		enc_fail(e, ENC_ERR_IO,
			 "%s: not a regular file: the length of a record must "
			 "be known before it is sealed",
			 job->label);
		return enc_hint(e, "write the record to a file first");
	}
	job->len = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	if (!job->len) {
		enc_fail(e, ENC_ERR_FORMAT, "%s: the file is empty",
			 job->label);
		return enc_hint(e, "give a trained model, a Burn record");
	}
	if (job->len > BOX_STREAM_LENGTH_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%s: larger than %" PRIu64 " bytes", job->label,
				BOX_STREAM_LENGTH_MAX);
	return true;
}

/* Finds out the format of the input, without moving its position. */
static bool look(struct job *job, struct enc_error *e)
{
	uint8_t mark[RECORD_INT8_MARK_BYTES] = { 0 };
	ssize_t n =
		pread(job->in, mark, sizeof(mark), lseek(job->in, 0, SEEK_CUR));

	if (n < 0)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
				job->label, strerror(errno));
	job->format = enc_record_format(mark, (size_t)n);
	return true;
}

static bool source(void *ctx, uint8_t *data, size_t n, struct enc_error *e)
{
	struct job *job = ctx;
	ssize_t got = enc_file_fill(job->in, data, n);

	if (got < 0)
		return enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
				job->label, strerror(errno));
	if ((size_t)got < n)
		return enc_fail(e, ENC_ERR_IO, "%s: changed while it was read",
				job->label);
	if (!enc_record_push(job->record, data, n, e))
		return enc_about(e, job->label);
	if (job->sealed->progress && job->done % PROGRESS_BYTES < n)
		job->sealed->progress(job->done, job->len);
	job->done += n;
	return true;
}

/* enc_out_commit() notices failed writes. */
static bool sink(void *ctx, const uint8_t *data, size_t n, struct enc_error *e)
{
	struct job *job = ctx;

	(void)e;
	fwrite(data, 1, n, job->out.stream);
	return true;
}

static bool fill_head(const struct job *job, struct box_head *head,
		      struct enc_error *e)
{
	const struct enc_sealed *sealed = job->sealed;

	head->format = job->format;
	enc_head_describe(sealed->arch, head);
	head->length = job->len;
	head->model_version = sealed->model_version;
	memcpy(head->model_id, sealed->model_id, BOX_MODEL_ID_BYTES);
	memcpy(head->owner, sealed->owner->owner.sign, BOX_OWNER_BYTES);
	return enc_key_id(sealed->key, head->key_id) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not derive a key id");
}

/*
 * The head is first in the file, but complete last. It is serialised to bind
 * the stream to it, again with the digest, to be signed, and with the
 * signature.
 */
static bool write_model(struct job *job, struct box_head *head,
			struct enc_error *e)
{
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	const struct enc_stream_seal seal = {
		.key = job->sealed->key,
		.bound = bytes,
		.len = job->len,
		.ctx = job,
		.source = source,
		.sink = sink,
	};

	box_head_write(head, bytes);
	if (fseeko(job->out.stream, BOX_HEAD_BYTES, SEEK_SET))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot write: %s",
				job->out.path, strerror(errno));
	if (!enc_stream_seal(&seal, head->digest, e))
		return false;
	if (!enc_record_end(job->record, e))
		return enc_about(e, job->label);
	box_head_write(head, bytes);
	if (!enc_ed25519_sign(job->sealed->owner->sign, bytes,
			      BOX_HEAD_SIGNED_BYTES, head->signature))
		return enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not sign");
	box_head_write(head, bytes);
	if (fseeko(job->out.stream, 0, SEEK_SET))
		return enc_fail(e, ENC_ERR_IO, "%s: cannot write: %s",
				job->out.path, strerror(errno));
	fwrite(bytes, 1, sizeof(bytes), job->out.stream);
	return true;
}

static bool seal(struct job *job, const char *output, struct enc_error *e)
{
	struct box_head head = { 0 };
	bool ok = measure(job, e) && look(job, e) && fill_head(job, &head, e);

	if (!ok)
		return false;
	job->record =
		enc_record_begin(job->sealed->arch, job->format, job->len, e);
	ok = job->record && enc_out_open(&job->out, output, 0644, e) &&
	     write_model(job, &head, e) && enc_out_commit(&job->out, e);
	enc_out_abort(&job->out);
	enc_record_free(job->record);
	return ok;
}

void enc_head_describe(const struct nn_arch *arch, struct box_head *head)
{
	head->layers = arch->layer_count;
	head->sizes[0] = nn_inputs(arch);
	for (uint32_t l = 0; l < arch->layer_count; l++) {
		head->sizes[l + 1] = arch->layers[l].out;
		head->relu |= (uint32_t)arch->layers[l].relu << l;
	}
}

bool enc_seal_model(const struct enc_sealed *sealed, const char *input,
		    const char *output, enum nn_format *format,
		    struct enc_error *e)
{
	struct job job = { .sealed = sealed, .label = enc_file_label(input) };
	bool ok = false;

	job.in = enc_file_open(input, e);
	if (job.in < 0)
		return false;
	ok = seal(&job, output, e);
	close(job.in);
	*format = job.format;
	return ok;
}
