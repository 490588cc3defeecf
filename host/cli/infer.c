/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One session for any number of images. Files are read, answered and forgotten
 * in batches; a stream on standard input is answered as it comes. Both are read
 * straight into the memory that the session shares with the TEE.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "cli.h"
#include "clock.h"
#include "host/base/file.h"
#include "host/device/load.h"
#include "host/image/image.h"
#include "notice.h"
#include "proto/enc_mnist_ta.h"

#define IMAGE ENC_MNIST_IMAGE_BYTES
#define BATCH ENC_MNIST_BATCH_MAX

struct input {
	const char *path;
	bool raw; /* if path is "-", too: a stream */
};

/* One run of infer. */
struct job {
	const struct cli_infer *args;
	struct enc_tee *tee;
	struct enc_image_options options;
	struct cli_notices said;
	struct cli_answers answers;
	size_t n; /* images that were read and not answered yet */
	struct cli_answer batch[BATCH];
};

static struct input input(const struct cli_infer *args, size_t i)
{
	return (struct input){ args->inputs.values[i],
			       args->inputs.letters[i] == CLI_INFER_RAW };
}

static bool is_stream(const struct input *input)
{
	return input->raw && !strcmp(input->path, "-");
}

static bool has_pictures(const struct cli_infer *args)
{
	for (size_t i = 0; i < args->inputs.count; i++) {
		if (!input(args, i).raw)
			return true;
	}
	return false;
}

static bool has_stream(const struct cli_infer *args)
{
	for (size_t i = 0; i < args->inputs.count; i++) {
		const struct input next = input(args, i);

		if (is_stream(&next))
			return true;
	}
	return false;
}

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
	if (!enc_tee_infer(job->tee, n, labels, e))
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

/*
 * Answers the whole images in `have` bytes of a stream. *left: bytes of the
 * next image, which move to the front.
 */
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

/* Does not wait for a full batch: every image is answered when it is there. */
static bool infer_stream(struct job *job, struct enc_error *e)
{
	uint8_t *images = enc_tee_images(job->tee);
	size_t have = 0; /* bytes that were read and not answered yet */
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

static bool read_file(struct job *job, const struct input *input,
		      uint8_t *image, struct enc_error *e)
{
	struct enc_image_found found = { 0 };

	if (input->raw)
		return enc_image_load_raw(input->path, image, IMAGE, e);
	if (!enc_image_load(input->path, &job->options, image, &found, e))
		return false;
	cli_notice(&job->said, input->path, &job->options, &found);
	return true;
}

/* If a file cannot be read, those before it are still answered. */
static bool infer_file(struct job *job, const struct input *input,
		       struct enc_error *e)
{
	uint8_t *image = enc_tee_images(job->tee) + job->n * IMAGE;
	struct enc_error before = { 0 };

	if (!read_file(job, input, image, e)) {
		if (!answer(job, &before))
			*e = before;
		return false;
	}
	job->batch[job->n++].path = input->path;
	return job->n < BATCH || answer(job, e);
}

static bool infer(struct job *job, struct enc_error *e)
{
	for (size_t i = 0; i < job->args->inputs.count; i++) {
		const struct input next = input(job->args, i);
		bool ok = is_stream(&next) ?
				  answer(job, e) && infer_stream(job, e) :
				  infer_file(job, &next, e);

		if (!ok)
			return false;
	}
	return answer(job, e);
}

int cli_infer_run(const void *data)
{
	const struct cli_infer *args = data;
	struct job job = { .args = args,
			   .options = { args->invert, args->fit } };
	struct enc_error e = { 0 };
	bool ok = false;

	if (args->tensors.count || args->labels || args->top || args->scores ||
	    args->output || args->dequantize)
		return cli_usage("infer",
				 "--tensor, --labels, --top, --scores, "
				 "--output and --dequantize are for a network "
				 "that is not sealed, on the workstation");
	if ((args->invert || args->fit) && !has_pictures(args))
		return cli_usage("infer", "--invert and --fit are for --image");
	if (args->json)
		job.answers.form = has_stream(args) ? CLI_JSON_LINES : CLI_JSON;
	else if (args->show)
		job.answers.form = CLI_PICTURES;
	ok = enc_tee_open(&job.tee, &e) &&
	     enc_load_model(job.tee, cli_sources, args->model, &e) &&
	     infer(&job, &e);
	cli_answers_end(&job.answers);
	enc_tee_close(job.tee);
	return ok ? 0 : cli_fail(&e);
}
