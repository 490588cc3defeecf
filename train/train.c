/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trains the MNIST network and writes it as a Burn record.
 *
 * Repeatable: on one machine, the same seed and epochs give the same bytes in
 * each run. Another CPU, OpenBLAS or libm may add in another order. The weights
 * then differ first in their last bits and after many steps altogether, but
 * hardly in accuracy.
 *
 * The test images are used once, after the last step: nothing is chosen by
 * them. Use --validate to try other settings.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"
#include "measure.h"
#include "output.h"
#include "progress.h"

#define EPOCHS_MAX 10000

struct options {
	const char *data;
	const char *output;
	uint64_t epochs;
	uint64_t validate;
	uint64_t seed;
	bool quiet;
};

/* A training, and the context of its report. */
struct course {
	struct options options;
	struct data images;
	struct data test;
	float *params; /* (nn_param_count()) */
	struct lesson lesson;
	struct progress progress;
};

static const struct argp_option option_table[] = {
	{ "data", 'd', "DIR", 0,
	  "Directory of the four IDX files (downloads/mnist)", 0 },
	{ "output", 'o', "FILE", 0, "Record to write (models/mnist.bin)", 0 },
	{ "epochs", 'e', "N", 0, "Passes over the images (60)", 0 },
	{ "seed", 's', "N", 0, "Seed of the random numbers (1)", 0 },
	{ "validate", 'v', "N", 0,
	  "Keep the last N training images back, and show the accuracy on them",
	  0 },
	{ "quiet", 'q', NULL, 0, "Say nothing but the result", 0 },
	{ 0 },
};

static uint64_t number(struct argp_state *state, const char *name,
		       const char *text, uint64_t least, uint64_t most)
{
	char *end = NULL;
	unsigned long long n = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-') || n < least ||
	    n > most)
		argp_error(state,
			   "--%s: '%s' is not a number from %llu to %llu", name,
			   text, (unsigned long long)least,
			   (unsigned long long)most);
	return n;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data = arg;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case 'e':
		o->epochs = number(state, "epochs", arg, 1, EPOCHS_MAX);
		return 0;
	case 's':
		o->seed = number(state, "seed", arg, 0, UINT64_MAX);
		return 0;
	case 'v':
		o->validate = number(state, "validate", arg, 1, UINT32_MAX);
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void report(void *ctx, uint32_t step, uint32_t steps,
		   const struct score *score, uint32_t seen)
{
	struct course *course = ctx;
	const struct lesson *lesson = &course->lesson;
	uint32_t epoch_steps = steps / lesson->epochs;
	uint32_t done = (step - 1) % epoch_steps + 1;
	uint32_t kept = lesson->data->count - lesson->images;
	uint32_t right = 0;
	struct enc_error ignored = { 0 };
	char note[100] = "";
	int len = 0;

	len = snprintf(note, sizeof(note), "loss %.4f  accuracy %6.2f %%",
		       score->loss / seen, 100.0 * (double)score->right / seen);
	if (done == epoch_steps && kept > 0 &&
	    measure(lesson->arch, course->params, lesson->data, lesson->images,
		    lesson->data->count, &right, &ignored))
		snprintf(note + len, sizeof(note) - (size_t)len,
			 "  kept back %6.2f %%", 100.0 * right / kept);
	progress_draw(&course->progress, (step - 1) / epoch_steps + 1,
		      lesson->epochs, (double)done / epoch_steps, note);
}

/* Checks the output and loads the images, so that this fails before training.
 */
static bool prepare(struct course *course, struct enc_error *e)
{
	const struct options *o = &course->options;
	struct data *images = &course->images;

	if (!output_check(o->output, e) ||
	    !data_load(images, o->data, "train", e) ||
	    !data_load(&course->test, o->data, "t10k", e))
		return false;
	if (images->count < LEARN_BATCH ||
	    o->validate > images->count - LEARN_BATCH)
		return enc_fail(e, ENC_ERR_FORMAT,
				"too few images left to train on");
	course->params = calloc(nn_param_count(&nn_mnist), sizeof(float));
	if (!course->params)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	course->lesson = (struct lesson){
		.arch = &nn_mnist,
		.data = images,
		.images = images->count - (uint32_t)o->validate,
		.epochs = (uint32_t)o->epochs,
		.seed = o->seed,
		.report = report,
		.ctx = course,
	};
	return true;
}

/* Trains, writes the record, and only then uses the test images. */
static bool train(struct course *course, struct enc_error *e)
{
	const struct nn_arch *arch = course->lesson.arch;
	const struct options *o = &course->options;
	const struct data *test = &course->test;
	uint32_t right = 0;
	double seconds = 0.0;

	progress_start(&course->progress, o->quiet);
	if (!learn(&course->lesson, course->params, e))
		return false;
	seconds = progress_seconds(&course->progress);
	if (!output_write(o->output, arch, course->params, e) ||
	    !measure(arch, course->params, test, 0, test->count, &right, e))
		return false;
	printf("%s: %u of %u test images right (%.2f %%), trained in %.0f s\n",
	       o->output, right, test->count, 100.0 * right / test->count,
	       seconds);
	return true;
}

int main(int argc, char **argv)
{
	struct course course = {
		.options = {
			.data = "downloads/mnist",
			.output = "models/mnist.bin",
			.epochs = 60,
			.seed = 1,
		},
	};
	static const struct argp argp = {
		option_table,
		parse_option,
		NULL,
		"Trains the MNIST network and writes it as a Burn record.",
		NULL,
		NULL,
		NULL,
	};
	struct enc_error e = { 0 };
	bool ok = false;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &course.options);
	ok = prepare(&course, &e) && train(&course, &e);
	if (!ok)
		fprintf(stderr, "train: %s%s%s\n", e.what,
			e.hint[0] ? "; " : "", e.hint);
	data_free(&course.test);
	data_free(&course.images);
	free(course.params);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
