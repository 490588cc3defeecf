/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "nn/pack.h"
#include "nn/record.h"

/* Far above any record, to tell what a file is that is not one. */
#define FILE_MAX (64u << 20)

/* Files that people take for a record, by what stands at their beginning. */
struct lookalike {
	const char *magic;
	size_t len;
	size_t at;     /* where the magic begins */
	uint8_t below; /* the byte behind it is less than this; 0: any is fine
			*/
	const char *what;
	const char *hint;
};

static const struct lookalike lookalikes[] = {
	{ "\x1f\x8b", 2, 0, 0, "a gzip file", "unpack it with gunzip first" },
	{ "\x83\xa8metadata", 10, 0, 0, "a named MessagePack record of Burn",
	  "save the model with BinBytesRecorder or BinFileRecorder and "
	  "FullPrecisionSettings" },
	{ "NRUB", 4, 0, 0, "a burnpack file of Burn 0.22 or later",
	  "save the model with BinFileRecorder of Burn 0.14 to 0.21" },
	{ "PK\x03\x04", 4, 0, 0, "a zip file (PyTorch?)",
	  "only Burn records are read" },
	{ "\x80\x02", 2, 0, 0, "a pickle (PyTorch?)",
	  "only Burn records are read" },
	/* the length of a header below 4 GiB, and the header, JSON */
	{ "\0\0\0\0{", 5, 4, 0, "a safetensors file",
	  "only Burn records are read" },
	/* field 1, a version: 13 is the highest yet */
	{ "\x08", 1, 0, 32, "an ONNX model", "only Burn records are read" },
	{ "{", 1, 0, 0, "JSON: an encrypted model?",
	  "give the plain record, as it was before encrypt-model" },
	{ "ENCMODEL", 8, 0, 0, "a sealed model",
	  "give the plain record, as it was before seal" },
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

static const char *const meta_names[NN_META_COUNT] = {
	[NN_META_FLOAT] = "float type",	  [NN_META_INT] = "integer type",
	[NN_META_FORMAT] = "recorder",	  [NN_META_VERSION] = "version of Burn",
	[NN_META_SETTINGS] = "precision",
};

/* "linear2.weight", or the place between the tensors. */
static void tensor_name(const struct nn_arch *arch, uint32_t tensor, char *name,
			size_t size)
{
	if (tensor / 2 >= arch->layer_count)
		snprintf(name, size, "after the last layer");
	else
		snprintf(name, size, "%s.%s", arch->layers[tensor / 2].name,
			 tensor % 2 ? "bias" : "weight");
}

static void shape_text(const uint64_t *dims, size_t rank, char *text,
		       size_t size)
{
	if (rank == 1)
		snprintf(text, size, "[%" PRIu64 "]", dims[0]);
	else
		snprintf(text, size, "[%" PRIu64 ", %" PRIu64 "]", dims[0],
			 dims[1]);
}

static void describe_shape(const struct nn_arch *arch,
			   const struct nn_record_report *r, char *text,
			   size_t size)
{
	const struct nn_layer *layer = &arch->layers[r->tensor / 2];
	const uint64_t weight[] = { layer->in, layer->out };
	const uint64_t bias[] = { layer->out };
	size_t rank = r->tensor % 2 ? 1 : 2;
	char got[48] = "";
	char want[48] = "";

	shape_text(r->shape, rank, got, sizeof(got));
	shape_text(r->tensor % 2 ? bias : weight, rank, want, sizeof(want));
	snprintf(text, size, "shape %s, expected %s", got, want);
}

/* Why, in words; where is the caller's business. */
static void describe(const struct nn_arch *arch,
		     const struct nn_record_report *r, char *text, size_t size)
{
	switch (r->error) {
	case NN_RECORD_VARINT:
		snprintf(text, size, "not a number as Burn writes it");
		break;
	case NN_RECORD_META:
		if (!r->text[0]) {
			snprintf(text, size,
				 "%s of %" PRIu64 " bytes: this is "
				 "no Burn record",
				 meta_names[r->field], r->got);
			break;
		}
		snprintf(text, size,
			 "%s \"%s\", expected that of a full "
			 "precision bin record",
			 meta_names[r->field], r->text);
		break;
	case NN_RECORD_VERSION:
		snprintf(text, size, "Burn %s record, expected 0.14 to 0.21",
			 r->text);
		break;
	case NN_RECORD_OPTION:
		snprintf(text, size, "tag %" PRIu64 ", expected 0 or 1",
			 r->got);
		break;
	case NN_RECORD_NO_BIAS:
		snprintf(text, size, "missing: this network has one");
		break;
	case NN_RECORD_ID:
		snprintf(text, size, "not a parameter id");
		break;
	case NN_RECORD_SIZE:
		snprintf(text, size,
			 "%" PRIu64 " bytes of data, expected %" PRIu64, r->got,
			 r->want);
		break;
	case NN_RECORD_RANK:
		snprintf(text, size,
			 "%" PRIu64 " dimensions, expected %" PRIu64, r->got,
			 r->want);
		break;
	case NN_RECORD_SHAPE:
		describe_shape(arch, r, text, size);
		break;
	case NN_RECORD_DTYPE:
		snprintf(text, size,
			 "element type %" PRIu64 ", expected 1 (F32)", r->got);
		break;
	case NN_RECORD_VALUE:
		snprintf(text, size,
			 "value %" PRIu64 " is infinite or not a number",
			 r->got);
		break;
	case NN_RECORD_CONSTANT:
		snprintf(text, size, "dropout is %" PRIu64 ", expected 0",
			 r->got);
		break;
	default:
		snprintf(text, size, "unknown error");
		break;
	}
}

static bool refuse(const struct nn_arch *arch, struct nn_record_report *r,
		   uint64_t len, struct enc_error *e)
{
	char name[64] = "";
	char why[256] = "";

	if (r->error == NN_RECORD_TRAILING)
		return enc_fail(e, ENC_ERR_FORMAT,
				"trailing %" PRIu64
				" bytes, from byte %" PRIu64,
				len - r->offset, r->offset);
	if (r->error == NN_RECORD_SHORT)
		return enc_fail(e, ENC_ERR_FORMAT,
				"the record ends too early, after %" PRIu64
				" bytes",
				r->offset);
	enc_printable(r->text);
	describe(arch, r, why, sizeof(why));
	if (r->error == NN_RECORD_META || r->error == NN_RECORD_VERSION)
		snprintf(name, sizeof(name), "metadata");
	else
		tensor_name(arch, r->tensor, name, sizeof(name));
	return enc_fail(e, ENC_ERR_FORMAT, "byte %" PRIu64 ": %s: %s",
			r->offset, name, why);
}

struct enc_record {
	struct nn_record reader;
	bool begun;
	uint64_t len;
	size_t param_bytes;
	float params[];
};

struct enc_record *enc_record_begin(const struct nn_arch *arch, uint64_t len,
				    struct enc_error *e)
{
	size_t param_bytes = nn_packed_count(arch) * sizeof(float);
	struct enc_record *r = calloc(1, sizeof(*r) + param_bytes);

	if (!r) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	r->len = len;
	r->param_bytes = param_bytes;
	nn_record_begin(&r->reader, arch, r->params);
	return r;
}

/* The hint for a record that has none of its own. */
static bool save_again(struct enc_error *e)
{
	return enc_hint(e, "save the model again with Burn's BinFileRecorder "
			   "at full precision");
}

bool enc_record_push(struct enc_record *r, const uint8_t *data, size_t len,
		     struct enc_error *e)
{
	if (!r->begun && name_lookalike(data, len, e))
		return false;
	r->begun = r->begun || len;
	if (nn_record_push(&r->reader, data, len) == NN_RECORD_OK)
		return true;
	refuse(r->reader.arch, &r->reader.report, r->len, e);
	return save_again(e);
}

bool enc_record_end(struct enc_record *r, struct enc_error *e)
{
	if (nn_record_end(&r->reader) == NN_RECORD_OK)
		return true;
	if (!r->begun)
		enc_fail(e, ENC_ERR_FORMAT, "the file is empty");
	else
		refuse(r->reader.arch, &r->reader.report, r->len, e);
	return save_again(e);
}

void enc_record_free(struct enc_record *r)
{
	if (r)
		explicit_bzero(r, sizeof(*r) + r->param_bytes);
	free(r);
}

static bool verify(const struct nn_arch *arch, const uint8_t *record,
		   size_t len, struct enc_error *e)
{
	struct enc_record *r = enc_record_begin(arch, len, e);
	bool ok =
		r && enc_record_push(r, record, len, e) && enc_record_end(r, e);

	enc_record_free(r);
	return ok;
}

bool enc_record_read(const struct nn_arch *arch, const char *path,
		     uint8_t **record, size_t *len, struct enc_error *e)
{
	if (!enc_file_read(path, FILE_MAX, record, len, e))
		return false;
	if (verify(arch, *record, *len, e))
		return true;
	explicit_bzero(*record, *len);
	free(*record);
	return enc_about(e, enc_file_label(path));
}
