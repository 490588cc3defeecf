/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/quantize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/owner/accuracy.h"
#include "host/record/check.h"
#include "json.h"
#include "progress.h"
#include "record/int8.h"

/* Sizes of the records, and their accuracy if there is a test set. */
struct result {
	size_t before;
	size_t after;
	struct enc_accuracy accuracy;
};

static void progress(size_t done, size_t total)
{
	cli_progress("images", done, total);
}

/* Nothing is written before the test set has been read to its end. */
static bool convert(const struct cli_quantize *args,
		    const struct enc_record_file *from, uint8_t *packed8,
		    struct result *result, struct enc_error *e)
{
	struct enc_accuracy *accuracy = &result->accuracy;

	enc_quantize(&nn_mnist, from->packed, packed8);
	accuracy->arch = &nn_mnist;
	accuracy->packed[0] = from->packed;
	accuracy->packed[1] = packed8;
	accuracy->progress = progress;
	result->before = from->len;
	result->after = record_int8_size(&nn_mnist);
	return (!args->images ||
		enc_accuracy(accuracy, args->images, args->labels, e)) &&
	       enc_quantize_write(&nn_mnist, packed8, args->output, e);
}

static bool quantize(const struct cli_quantize *args, struct result *result,
		     struct enc_error *e)
{
	const size_t size = nn_model_size(&nn_mnist, NN_FORMAT_INT8);
	struct enc_record_file record = { 0 };
	uint8_t *packed8 = NULL;
	bool ok = false;

	if (!enc_record_read(&nn_mnist, args->input, &record, e))
		return false;
	packed8 = malloc(size);
	if (!packed8)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	else if (record.format != NN_FORMAT_F32)
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: its weights have 8 bits already",
			 enc_file_label(args->input));
	else
		ok = convert(args, &record, packed8, result, e);
	if (packed8)
		explicit_bzero(packed8, size);
	free(packed8);
	enc_record_file_free(&record);
	cli_progress_end();
	return ok;
}

static double percent(const struct enc_accuracy *a, size_t which)
{
	return 100.0 * (double)a->right[which] / (double)a->images;
}

static void print_text(const struct cli_quantize *args,
		       const struct result *result)
{
	const struct enc_accuracy *a = &result->accuracy;

	printf("%s: quantised to %s, %zu bytes to %zu\n",
	       enc_file_label(args->input), args->output, result->before,
	       result->after);
	if (a->images)
		printf("%zu images: accuracy %.2f %% before, %.2f %% after; "
		       "%zu get another label\n",
		       a->images, percent(a, 0), percent(a, 1), a->differ);
}

static bool print_json(const struct result *result, struct enc_error *e)
{
	const struct enc_accuracy *a = &result->accuracy;
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_number(gen, "bytes_before", (long long)result->before);
	cli_json_number(gen, "bytes_after", (long long)result->after);
	if (a->images) {
		cli_json_number(gen, "images", (long long)a->images);
		cli_json_number(gen, "right_before", (long long)a->right[0]);
		cli_json_number(gen, "right_after", (long long)a->right[1]);
		cli_json_number(gen, "other_labels", (long long)a->differ);
	}
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_quantize_run(const void *data)
{
	const struct cli_quantize *args = data;
	struct result result = { 0 };
	struct enc_error e = { 0 };

	if (!quantize(args, &result, &e))
		return cli_fail(&e);
	if (args->json && !print_json(&result, &e))
		return cli_fail(&e);
	if (!args->json)
		print_text(args, &result);
	return 0;
}
