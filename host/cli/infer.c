/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session for as many images as one likes: files are read, answered and
 * forgotten batch by batch; of a stream on standard input, whatever is there.
 * Both go straight into the memory that the session shares with the TEE.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "cli.h"
#include "clock.h"
#include "host/base/file.h"
#include "host/device/load.h"
#include "host/image/image.h"
#include "proto/enc_mnist_ta.h"

#define IMAGE ENC_MNIST_IMAGE_BYTES
#define BATCH ENC_MNIST_BATCH_MAX

struct input {
	const char *path;
	bool raw; /* and "-": a stream */
};

struct args {
	const char *model;
	struct input *inputs; /* in the order of the command line */
	size_t count;
	bool json;
	bool show;
	bool time;
};

/* Images on their way. */
struct job {
	const struct args *args;
	struct enc_tee *tee;
	struct cli_answers answers;
	size_t n; /* images that have been read and not been answered */
	struct cli_answer batch[BATCH];
};

static const struct argp_option options[] = {
	{ "model", 'm', "FILE", 0,
	  "sealed model, or JSON from encrypt-model; - for standard input", 0 },
	{ "binary", 'b', "RAW", 0,
	  "image as 784 raw bytes, 0 is background; - for any number of them "
	  "on standard input, each answered as it comes; may be given again",
	  0 },
	{ "image", 'i', "IMAGE", 0,
	  "PNG, JPEG, BMP or PGM of any size; may be given again", 0 },
	{ "json", 'j', NULL, 0,
	  "answer in JSON: one object, or with -b - a line for each image", 0 },
	{ "show", 's', NULL, 0, "draw each image beside its label", 0 },
	{ "time", 't', NULL, 0,
	  "with each label, the milliseconds that the TEE took for it, and for "
	  "what it was given together with it",
	  0 },
	{ 0 }
};

static error_t add_input(struct args *args, const char *path, bool raw)
{
	struct input *inputs =
		reallocarray(args->inputs, args->count + 1, sizeof(*inputs));

	if (!inputs)
		return ENOMEM;
	args->inputs = inputs;
	args->inputs[args->count].path = path;
	args->inputs[args->count].raw = raw;
	args->count++;
	return 0;
}

static bool is_stdin(const char *path)
{
	return !strcmp(path, "-");
}

static bool is_stream(const struct input *input)
{
	return input->raw && is_stdin(input->path);
}

static bool has_stream(const struct args *args)
{
	for (size_t i = 0; i < args->count; i++) {
		if (is_stream(&args->inputs[i]))
			return true;
	}
	return false;
}

static void check(const struct args *args, const struct argp_state *state)
{
	size_t from_stdin = 0;

	if (!args->model)
		cli_usage(state, "--model is needed");
	if (!args->count)
		cli_usage(state, "which images? Give --image or --binary");
	if (args->json && args->show)
		cli_usage(state, "--json and --show do not go together");
	from_stdin = is_stdin(args->model);
	for (size_t i = 0; i < args->count; i++)
		from_stdin += is_stdin(args->inputs[i].path);
	if (from_stdin > 1)
		cli_usage(state, "standard input is one of --model, --image "
				 "and --binary, once");
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (option) {
	case 'm':
		args->model = arg;
		return 0;
	case 'b':
		return add_input(args, arg, true);
	case 'i':
		return add_input(args, arg, false);
	case 'j':
		args->json = true;
		return 0;
	case 's':
		args->show = true;
		return 0;
	case 't':
		args->time = true;
		return 0;
	case ARGP_KEY_END:
		check(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Loads an encrypted model into the TEE, which decrypts it "
	       "there, and classifies images, in the order given. An image "
	       "that cannot be read ends that, with exit status 1, after the "
	       "answers to those before it.",
};

/* Answers the images that have been read. */
static bool answer(struct job *job, struct enc_error *e)
{
	uint8_t *images = enc_tee_images(job->tee);
	const size_t n = job->n;
	const double start = cli_now();
	uint8_t labels[BATCH] = { 0 };
	double ms = -1;

	if (!n)
		return true;
	if (!enc_tee_infer(job->tee, images, n, labels, e))
		return false;
	if (job->args->time)
		ms = (cli_now() - start) * 1e3;
	for (size_t i = 0; i < n; i++) {
		job->batch[i].pixels = images + i * IMAGE;
		job->batch[i].label = labels[i];
		job->batch[i].ms = ms;
	}
	job->n = 0;
	return cli_answers_add(&job->answers, job->batch, n, e);
}

/* Answers what has been read of a stream: the bytes that are left. */
static bool answer_stream(struct job *job, size_t have, size_t *left,
			  struct enc_error *e)
{
	uint8_t *images = enc_tee_images(job->tee);
	const size_t whole = have - have % IMAGE;

	job->n = whole / IMAGE;
	for (size_t i = 0; i < job->n; i++)
		job->batch[i].path = "-";
	if (!answer(job, e))
		return false;
	*left = have - whole;
	memmove(images, images + whole, *left);
	return true;
}

/* Nothing waits for a batch to be full: who sends an image gets an answer. */
static bool infer_stream(struct job *job, struct enc_error *e)
{
	uint8_t *images = enc_tee_images(job->tee);
	size_t have = 0; /* bytes of images that have not been answered */
	ssize_t n = 0;

	while ((n = enc_file_some(STDIN_FILENO, images + have,
				  BATCH * IMAGE - have)) > 0) {
		if (!answer_stream(job, have + (size_t)n, &have, e))
			return false;
	}
	if (n < 0)
		return enc_fail(e, ENC_ERR_IO,
				"standard input: cannot read: %s",
				strerror(errno));
	return !have || enc_fail(e, ENC_ERR_FORMAT,
				 "standard input: ends within an image, after "
				 "%zu of its %u bytes",
				 have, IMAGE);
}

/* A file that cannot be read takes none of those before it along. */
static bool infer_file(struct job *job, const struct input *input,
		       struct enc_error *e)
{
	uint8_t *image = enc_tee_images(job->tee) + job->n * IMAGE;
	const struct enc_image_options as_it_is = { 0 };
	struct enc_image_found found = { 0 };
	struct enc_error before = { 0 };

	if (input->raw ?
		    !enc_image_load_raw(input->path, image, e) :
		    !enc_image_load(input->path, &as_it_is, image, &found, e)) {
		if (!answer(job, &before))
			*e = before;
		return false;
	}
	job->batch[job->n++].path = input->path;
	return job->n < BATCH || answer(job, e);
}

static bool infer(struct job *job, struct enc_error *e)
{
	for (size_t i = 0; i < job->args->count; i++) {
		const struct input *input = &job->args->inputs[i];
		bool ok = is_stream(input) ?
				  answer(job, e) && infer_stream(job, e) :
				  infer_file(job, input, e);

		if (!ok)
			return false;
	}
	return answer(job, e);
}

static int run(int argc, char **argv)
{
	struct args args = { 0 };
	struct job job = { .args = &args };
	struct enc_error e = { 0 };
	bool ok = false;

	cli_parse(&argp, argc, argv, &args);
	if (args.json)
		job.answers.form =
			has_stream(&args) ? CLI_JSON_LINES : CLI_JSON;
	else if (args.show)
		job.answers.form = CLI_PICTURES;
	ok = enc_tee_open(&job.tee, &e) &&
	     enc_load_model(job.tee, cli_sources, args.model, &e) &&
	     infer(&job, &e);
	cli_answers_end(&job.answers);
	enc_tee_close(job.tee);
	free(args.inputs);
	return ok ? 0 : cli_fail(&e);
}

const struct cli_command cmd_infer = {
	.name = "infer",
	.summary = "classify images with an encrypted model (device)",
	.run = run,
};
