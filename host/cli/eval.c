/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "clock.h"
#include "host/device/load.h"
#include "host/image/idx.h"
#include "host/image/plot.h"
#include "json.h"
#include "progress.h"
#include "proto/enc_mnist_ta.h"

#define CLASSES ENC_MNIST_CLASSES

_Static_assert(ENC_IDX_CLASSES == CLASSES && ENC_PLOT_CLASSES == CLASSES &&
		       ENC_IMAGE_PIXELS == ENC_MNIST_IMAGE_BYTES,
	       "test set, picture and TA agree on the digits");

struct result {
	size_t images;
	size_t right;
	double seconds; /* in the TEE and on the way there, without loading */
	uint32_t confusion[CLASSES][CLASSES]; /* [true digit][answer] */
};

/* Classifies batch after batch; the test set need not fit in memory. */
static bool classify_all(const struct cli_eval *args, struct enc_idx *idx,
			 struct enc_tee *tee, struct result *result,
			 struct enc_error *e)
{
	uint8_t *images = enc_tee_images(tee);
	uint8_t labels[ENC_MNIST_BATCH_MAX] = { 0 };
	uint8_t answers[ENC_MNIST_BATCH_MAX] = { 0 };
	size_t total = enc_idx_count(idx);

	if (args->limit && args->limit < total)
		total = args->limit;
	while (result->images < total) {
		size_t left = total - result->images;
		size_t n = 0;
		double start = 0;

		cli_progress("images", result->images, total);
		if (left > ENC_MNIST_BATCH_MAX)
			left = ENC_MNIST_BATCH_MAX;
		if (!enc_idx_next(idx, images, labels, left, &n, e))
			return false;
		start = cli_now();
		if (!enc_tee_infer(tee, n, answers, e))
			return false;
		result->seconds += cli_now() - start;
		for (size_t i = 0; i < n; i++)
			result->confusion[labels[i]][answers[i]]++;
		result->images += n;
	}
	for (size_t c = 0; c < CLASSES; c++)
		result->right += result->confusion[c][c];
	return true;
}

static bool evaluate(const struct cli_eval *args, struct result *result,
		     struct enc_error *e)
{
	struct enc_idx *idx = enc_idx_open(args->images, args->labels, e);
	struct enc_tee *tee = NULL;
	bool ok = idx && enc_tee_open(&tee, e) &&
		  enc_load_model(tee, cli_sources, args->model, e) &&
		  classify_all(args, idx, tee, result, e);

	cli_progress_end();
	enc_tee_close(tee);
	enc_idx_close(idx);
	return ok;
}

static double percent(const struct result *result)
{
	return 100.0 * (double)result->right / (double)result->images;
}

static double rate(const struct result *result)
{
	return (double)result->images / result->seconds;
}

static void print_text(const struct result *result)
{
	printf("%zu images, %zu right: accuracy %.2f %%\n", result->images,
	       result->right, percent(result));
	printf("%.1f images per second in the TEE\n\n", rate(result));
	printf("true   answer\n     ");
	for (size_t c = 0; c < CLASSES; c++)
		printf(" %5zu", c);
	putchar('\n');
	for (size_t t = 0; t < CLASSES; t++) {
		printf("%4zu ", t);
		for (size_t c = 0; c < CLASSES; c++)
			printf(" %5" PRIu32, result->confusion[t][c]);
		putchar('\n');
	}
}

static bool print_json(const struct result *result, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_number(gen, "images", (long long)result->images);
	cli_json_number(gen, "right", (long long)result->right);
	cli_json_decimal(gen, "images_per_second", rate(result));
	cli_json_text(gen, "confusion");
	yajl_gen_array_open(gen);
	for (size_t t = 0; t < CLASSES; t++) {
		yajl_gen_array_open(gen);
		for (size_t c = 0; c < CLASSES; c++)
			yajl_gen_integer(gen, result->confusion[t][c]);
		yajl_gen_array_close(gen);
	}
	yajl_gen_array_close(gen);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_eval_run(const void *data)
{
	const struct cli_eval *args = data;
	struct result result = { 0 };
	struct enc_error e = { 0 };

	if ((args->plot && !enc_plot_check(args->plot, &e)) ||
	    !evaluate(args, &result, &e))
		return cli_fail(&e);
	if (args->json && !print_json(&result, &e))
		return cli_fail(&e);
	if (!args->json)
		print_text(&result);
	if (args->plot && !enc_plot_confusion(args->plot, result.confusion, &e))
		return cli_fail(&e);
	return 0;
}
