/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "classes.h"
#include "clock.h"
#include "host/image/plot.h"
#include "json.h"
#include "progress.h"
#include "testset.h"

#define CONFUSION_MAX 20 /* classes of a matrix that fits on a screen */

struct result {
	const char *unit;
	const char *place;
	size_t images;
	size_t right;
	size_t top;
	size_t right_in_top; /* among the `top` likeliest */
	double seconds;	     /* in the model, without loading it */
	size_t classes;
	uint32_t *confusion; /* (true class, answer); NULL: too many */
};

/* A test set that goes through a model. */
struct job {
	const struct cli_eval *args;
	struct cli_model model;
	struct cli_testset *set;
	struct cli_class *classes; /* of an answer */
	struct result *result;
};

static void count(struct job *job, const uint8_t *answer, uint32_t label)
{
	struct result *r = job->result;

	cli_classes_read(&job->model.net, answer, job->classes);
	r->right += job->classes[0].label == label;
	for (size_t k = 0; k < r->top; k++)
		r->right_in_top += job->classes[k].label == label;
	if (r->confusion)
		r->confusion[label * r->classes + job->classes[0].label]++;
}

static bool classify(struct job *job, size_t n, struct enc_error *e)
{
	const struct cli_model *model = &job->model;
	uint32_t labels[ENC_ROOM_MAX] = { 0 };
	double start = 0;

	if (!cli_testset_next(job->set, n, labels, e))
		return false;
	start = cli_now();
	if (!model->place->run(model, n, e))
		return false;
	job->result->seconds += cli_now() - start;
	for (size_t i = 0; i < n; i++)
		count(job, model->answers + i * model->net.answer_bytes,
		      labels[i]);
	job->result->images += n;
	return true;
}

/* Batch after batch; the test set need not fit in memory. */
static bool classify_all(struct job *job, struct enc_error *e)
{
	struct result *r = job->result;
	size_t total = cli_testset_count(job->set);

	if (job->args->limit && job->args->limit < total)
		total = (size_t)job->args->limit;
	while (r->images < total) {
		size_t left = total - r->images;

		cli_progress(r->unit, r->images, total);
		if (left > job->model.net.room)
			left = job->model.net.room;
		if (!classify(job, left, e))
			return false;
	}
	return true;
}

static bool prepare(struct job *job, struct enc_error *e)
{
	const struct enc_network *net = &job->model.net;
	struct result *r = job->result;

	r->top = (size_t)job->args->top;
	if (!cli_classes_check(&job->model, &r->top, false, e))
		return false;
	if (job->args->plot && net->classes != ENC_PLOT_CLASSES)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"%s: --plot draws %u classes, and the network "
				"has %" PRIu32,
				job->model.label, ENC_PLOT_CLASSES,
				net->classes);
	r->classes = net->classes;
	job->classes = calloc(cli_classes_count(net), sizeof(*job->classes));
	if (net->classes <= CONFUSION_MAX)
		r->confusion =
			calloc(r->classes * r->classes, sizeof(*r->confusion));
	if (!job->classes || (net->classes <= CONFUSION_MAX && !r->confusion))
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	job->set = cli_testset_open(job->args, &job->model, e);
	if (!job->set)
		return false;
	r->unit = cli_testset_unit(job->set);
	return true;
}

static bool evaluate(const struct cli_eval *args, const struct cli_place *place,
		     struct result *result, struct enc_error *e)
{
	struct job job = { .args = args, .result = result };
	bool ok = cli_model_open(&job.model, place, args->model, e) &&
		  prepare(&job, e) && classify_all(&job, e);

	cli_progress_end();
	cli_testset_close(job.set);
	free(job.classes);
	cli_model_close(&job.model);
	return ok;
}

static double percent(const struct result *result, size_t right)
{
	return 100.0 * (double)right / (double)result->images;
}

static double rate(const struct result *result)
{
	return (double)result->images / result->seconds;
}

static void print_confusion(const struct result *result)
{
	printf("\ntrue   answer\n     ");
	for (size_t c = 0; c < result->classes; c++)
		printf(" %5zu", c);
	putchar('\n');
	for (size_t t = 0; t < result->classes; t++) {
		printf("%4zu ", t);
		for (size_t c = 0; c < result->classes; c++)
			printf(" %5" PRIu32,
			       result->confusion[t * result->classes + c]);
		putchar('\n');
	}
}

static void print_text(const struct result *result)
{
	printf("%zu %s%s, %zu right: accuracy %.2f %%\n", result->images,
	       result->unit, enc_s(result->images), result->right,
	       percent(result, result->right));
	if (result->top)
		printf("%zu among the %zu likeliest: %.2f %%\n",
		       result->right_in_top, result->top,
		       percent(result, result->right_in_top));
	printf("%.1f %ss per second %s\n", rate(result), result->unit,
	       result->place);
	if (result->confusion)
		print_confusion(result);
}

static void confusion_json(yajl_gen gen, const struct result *result)
{
	const uint32_t *cell = result->confusion;

	cli_json_text(gen, "confusion");
	yajl_gen_array_open(gen);
	for (size_t t = 0; t < result->classes; t++) {
		yajl_gen_array_open(gen);
		for (size_t c = 0; c < result->classes; c++)
			yajl_gen_integer(gen, *cell++);
		yajl_gen_array_close(gen);
	}
	yajl_gen_array_close(gen);
}

static bool print_json(const struct result *result, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_number(gen, "images", result->images);
	cli_json_number(gen, "right", result->right);
	if (result->top) {
		cli_json_number(gen, "top", result->top);
		cli_json_number(gen, "right_in_top", result->right_in_top);
	}
	cli_json_decimal(gen, "images_per_second", rate(result));
	if (result->confusion)
		confusion_json(gen, result);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static bool plot(const char *path, const struct result *result,
		 struct enc_error *e)
{
	const uint32_t(*counts)[ENC_PLOT_CLASSES] =
		(const uint32_t(*)[ENC_PLOT_CLASSES])result->confusion;

	return enc_plot_confusion(path, counts, e);
}

static bool eval(const struct cli_eval *args, const struct cli_place *place,
		 struct result *result, struct enc_error *e)
{
	if ((args->plot && !enc_plot_check(args->plot, e)) ||
	    !evaluate(args, place, result, e))
		return false;
	if (args->json && !print_json(result, e))
		return false;
	if (!args->json)
		print_text(result);
	return !args->plot || plot(args->plot, result, e);
}

int cli_eval_at(const struct cli_eval *args, const struct cli_place *place)
{
	struct result result = { .place = place->name };
	struct enc_error e = { 0 };
	int status = cli_testset_check("eval", args);
	bool ok = false;

	if (status != CLI_GO)
		return status;
	ok = eval(args, place, &result, &e);
	free(result.confusion);
	return ok ? 0 : cli_fail(&e);
}
