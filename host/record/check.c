/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "host/base/file.h"
#include "nn/pack.h"
#include "record/burn.h"
#include "words.h"

/* Far above any record, so that larger files of other types are named, too. */
#define FILE_MAX (64u << 20)

/* File types that people mistake for a record, by their first bytes. */
struct lookalike {
	const char *magic;
	size_t len;
	size_t at;     /* where the magic begins */
	uint8_t below; /* the next byte must be below this; 0: any */
	const char *what;
	const char *hint;
};

#define BURN_ONLY "only Burn records are read"

static const struct lookalike lookalikes[] = {
	{ "\x1f\x8b", 2, 0, 0, "a gzip file", "unpack it with gunzip first" },
	{ "\x83\xa8metadata", 10, 0, 0, "a named MessagePack record of Burn",
	  "save the model with BinBytesRecorder or BinFileRecorder and "
	  "FullPrecisionSettings" },
	{ "NRUB", 4, 0, 0, "a burnpack file of Burn 0.22 or later",
	  "save the model with BinFileRecorder of Burn 0.14 to 0.21" },
	{ "PK\x03\x04", 4, 0, 0, "a zip file (PyTorch?)", BURN_ONLY },
	{ "\x80\x02", 2, 0, 0, "a pickle (PyTorch?)", BURN_ONLY },
	/* a header length below 4 GiB, then the header, JSON */
	{ "\0\0\0\0{", 5, 4, 0, "a safetensors file", BURN_ONLY },
	/* field 1, a version: 13 is the highest so far */
	{ "\x08", 1, 0, 32, "an ONNX model", BURN_ONLY },
	{ "{", 1, 0, 0, "JSON: an encrypted model?",
	  "give the record from before encryption" },
	{ "ENCMODEL", 8, 0, 0, "a sealed model",
	  "give the record from before sealing" },
};

static bool looks_like(const struct lookalike *l, const uint8_t *record,
		       size_t len)
{
	size_t end = l->at + l->len;

	if (len < end || memcmp(record + l->at, l->magic, l->len))
		return false;
	return !l->below || (len > end && record[end] < l->below);
}

static bool name_lookalike(const uint8_t *record, size_t len,
			   struct enc_error *e)
{
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]);
	     i++) {
		if (!looks_like(&lookalikes[i], record, len))
			continue;
		enc_fail(e, ENC_ERR_FORMAT, "not a Burn record but %s",
			 lookalikes[i].what);
		enc_hint(e, "%s", lookalikes[i].hint);
		return true;
	}
	return false;
}

struct enc_record {
	struct record_burn reader;
	bool begun;
	uint64_t len;
	size_t packed_bytes;
	float packed[];
};

struct enc_record *enc_record_begin(const struct nn_arch *arch, uint64_t len,
				    struct enc_error *e)
{
	size_t packed_bytes = nn_packed_count(arch) * sizeof(float);
	struct enc_record *r = calloc(1, sizeof(*r) + packed_bytes);

	if (!r) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	r->len = len;
	r->packed_bytes = packed_bytes;
	record_burn_begin(&r->reader, arch, r->packed);
	return r;
}

bool enc_record_push(struct enc_record *r, const uint8_t *data, size_t len,
		     struct enc_error *e)
{
	if (!r->begun && name_lookalike(data, len, e))
		return false;
	r->begun = r->begun || len;
	return record_burn_push(&r->reader, data, len) == RECORD_BURN_OK ||
	       enc_record_refused(&r->reader, r->len, e);
}

bool enc_record_end(struct enc_record *r, struct enc_error *e)
{
	if (record_burn_end(&r->reader) == RECORD_BURN_OK)
		return true;
	if (r->begun)
		return enc_record_refused(&r->reader, r->len, e);
	enc_fail(e, ENC_ERR_FORMAT, "the file is empty");
	return enc_hint(e, "give a trained model, a Burn record");
}

void enc_record_free(struct enc_record *r)
{
	if (r)
		explicit_bzero(r, sizeof(*r) + r->packed_bytes);
	free(r);
}

static bool verify(const struct nn_arch *arch, struct enc_record_file *file,
		   struct enc_error *e)
{
	file->record = enc_record_begin(arch, file->len, e);
	if (!file->record ||
	    !enc_record_push(file->record, file->bytes, file->len, e) ||
	    !enc_record_end(file->record, e))
		return false;
	file->packed = file->record->packed;
	return true;
}

bool enc_record_read(const struct nn_arch *arch, const char *path,
		     struct enc_record_file *file, struct enc_error *e)
{
	*file = (struct enc_record_file){ 0 };
	if (!enc_file_read(path, FILE_MAX, &file->bytes, &file->len, e))
		return false;
	if (verify(arch, file, e))
		return true;
	enc_record_file_free(file);
	return enc_about(e, enc_file_label(path));
}

void enc_record_file_free(struct enc_record_file *file)
{
	enc_record_free(file->record);
	if (file->bytes)
		explicit_bzero(file->bytes, file->len);
	free(file->bytes);
	*file = (struct enc_record_file){ 0 };
}
