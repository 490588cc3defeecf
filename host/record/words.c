/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const meta_names[RECORD_META_COUNT] = {
	[RECORD_META_FLOAT] = "float type",
	[RECORD_META_INT] = "integer type",
	[RECORD_META_FORMAT] = "recorder",
	[RECORD_META_VERSION] = "version of Burn",
	[RECORD_META_SETTINGS] = "precision",
};

/* "linear2.weight", or "after the last layer". */
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
			   const struct record_burn_report *r, char *text,
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

/* Says what is wrong. The caller says where. */
static void describe(const struct nn_arch *arch,
		     const struct record_burn_report *r, char *text,
		     size_t size)
{
	switch (r->error) {
	case RECORD_BURN_VARINT:
		snprintf(text, size, "not an integer as Burn writes it");
		break;
	case RECORD_BURN_META:
		if (!r->text[0]) {
			snprintf(text, size,
				 "%s of %" PRIu64
				 " byte%s: this is not a Burn record",
				 meta_names[r->field], r->got, enc_s(r->got));
			break;
		}
		snprintf(text, size,
			 "%s \"%s\", expected that of a full "
			 "precision bin record",
			 meta_names[r->field], r->text);
		break;
	case RECORD_BURN_VERSION:
		snprintf(text, size, "Burn %s record, expected 0.14 to 0.21",
			 r->text);
		break;
	case RECORD_BURN_OPTION:
		snprintf(text, size, "tag %" PRIu64 ", expected 0 or 1",
			 r->got);
		break;
	case RECORD_BURN_NO_BIAS:
		snprintf(text, size, "missing, but this network has one");
		break;
	case RECORD_BURN_ID:
		snprintf(text, size, "not a parameter id");
		break;
	case RECORD_BURN_SIZE:
		snprintf(text, size,
			 "%" PRIu64 " byte%s of data, expected %" PRIu64,
			 r->got, enc_s(r->got), r->want);
		break;
	case RECORD_BURN_RANK:
		snprintf(text, size,
			 "%" PRIu64 " dimension%s, expected %" PRIu64, r->got,
			 enc_s(r->got), r->want);
		break;
	case RECORD_BURN_SHAPE:
		describe_shape(arch, r, text, size);
		break;
	case RECORD_BURN_DTYPE:
		snprintf(text, size,
			 "element type %" PRIu64 ", expected 1 (F32)", r->got);
		break;
	case RECORD_BURN_VALUE:
		snprintf(text, size,
			 "value %" PRIu64 " is infinite or not a number",
			 r->got);
		break;
	case RECORD_BURN_CONSTANT:
		snprintf(text, size, "dropout is %" PRIu64 ", expected 0",
			 r->got);
		break;
	default:
		snprintf(text, size, "unknown error");
		break;
	}
}

static bool trails(uint64_t len, uint64_t end, struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_FORMAT,
			"trailing %" PRIu64 " byte%s, from byte %" PRIu64,
			len - end, enc_s(len - end), end);
}

static bool ends_early(uint64_t end, struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_FORMAT,
			"the record ends too early, after %" PRIu64 " byte%s",
			end, enc_s(end));
}

static bool refuse_field(const struct nn_arch *arch,
			 struct record_burn_report report, struct enc_error *e)
{
	char name[64] = "";
	char why[256] = "";

	enc_printable(report.text);
	describe(arch, &report, why, sizeof(why));
	if (report.error == RECORD_BURN_META ||
	    report.error == RECORD_BURN_VERSION)
		snprintf(name, sizeof(name), "metadata");
	else
		tensor_name(arch, report.tensor, name, sizeof(name));
	return enc_fail(e, ENC_ERR_FORMAT, "byte %" PRIu64 ": %s: %s",
			report.offset, name, why);
}

bool enc_record_refused(const struct record_burn *r, uint64_t len,
			struct enc_error *e)
{
	const struct record_burn_report *report = &r->report;

	if (report->error == RECORD_BURN_TRAILING)
		trails(len, report->offset, e);
	else if (report->error == RECORD_BURN_SHORT)
		ends_early(report->offset, e);
	else
		refuse_field(r->arch, *report, e);
	return enc_hint(e, "save the model again with Burn's BinFileRecorder "
			   "at full precision");
}
