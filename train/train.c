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
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn.h"
#include "measure.h"
#include "output.h"
#include "progress.h"

#define EPOCHS_MAX 10000
#define USAGE	   2 /* exit status */

static const char help[] =
	"Usage: train [OPTION...]\n"
	"Trains the MNIST network and writes it as a Burn record.\n"
	"\n"
	"  -d, --data=DIR      directory of the IDX files (downloads/mnist)\n"
	"  -o, --output=FILE   record to write (models/mnist.bin)\n"
	"  -e, --epochs=N      passes over the images (60)\n"
	"  -s, --seed=N        seed of the random numbers (1)\n"
	"  -v, --validate=N    keep the last N training images back, and\n"
	"                      show the accuracy on them\n"
	"  -q, --quiet         print nothing but the result\n"
	"  -h, --help          show this text\n";

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

static bool take_number(const char *name, uint64_t least, uint64_t most,
			uint64_t *number)
{
	char *end = NULL;

	errno = 0;
	*number = strtoull(optarg, &end, 10);
	if (!errno && end != optarg && !*end && !strchr(optarg, '-') &&
	    *number >= least && *number <= most)
		return true;
	fprintf(stderr,
		"train: --%s: a number from %" PRIu64 " to %" PRIu64
		", not `%s'\n",
		name, least, most, optarg);
	return false;
}

/* False, after a message, if the option is wrong. */
static bool take(int option, struct options *o)
{
	switch (option) {
	case 'd':
		o->data = optarg;
		return true;
	case 'o':
		o->output = optarg;
		return true;
	case 'e':
		return take_number("epochs", 1, EPOCHS_MAX, &o->epochs);
	case 's':
		return take_number("seed", 0, UINT64_MAX, &o->seed);
	case 'v':
		return take_number("validate", 1, UINT32_MAX, &o->validate);
	case 'q':
		o->quiet = true;
		return true;
	case 'h':
		fputs(help, stdout);
		exit(EXIT_SUCCESS);
	default:
		return false;
	}
}

static bool take_all(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "data", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "epochs", required_argument, NULL, 'e' },
		{ "seed", required_argument, NULL, 's' },
		{ "validate", required_argument, NULL, 'v' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option = 0;

	while ((option = getopt_long(argc, argv, "d:o:e:s:v:qh", table,
				     NULL)) >= 0) {
		if (!take(option, o))
			return false;
	}
	if (optind < argc)
		fprintf(stderr, "train: `%s' belongs to no option\n",
			argv[optind]);
	return optind == argc;
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
	struct enc_error e = { 0 };
	bool ok = false;

	if (!take_all(argc, argv, &course.options))
		return USAGE;
	ok = prepare(&course, &e) && train(&course, &e);
	if (!ok)
		fprintf(stderr, "train: %s%s%s\n", e.what,
			e.hint[0] ? "; " : "", e.hint);
	data_free(&course.test);
	data_free(&course.images);
	free(course.params);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
