/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One model for any number of samples. Files are read, answered and forgotten
 * in batches; a stream on standard input is answered as it comes. Both are read
 * straight to where the model takes them from: in the TEE, shared memory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "classes.h"
#include "cli.h"
#include "clock.h"
#include "host/base/file.h"
#include "pictures.h"
#include "tensors.h"
#include "terms.h"

struct input {
	const char *path;
	bool raw; /* if path is "-", too: a stream */
};

/* One run of infer. */
struct job {
	const struct cli_infer *args;
	struct cli_model model;
	struct enc_labels names; /* of --labels */
	struct cli_pictures pictures;
	struct cli_outputs outputs;
	struct cli_answers answers;
	size_t top; /* classes to print */
	size_t n;   /* samples that were read and not answered yet */
	struct cli_answer batch[ENC_ROOM_MAX];
	struct cli_class *classes; /* (room, cli_classes_count()) */
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

/* --- A batch ----------------------------------------------------------- */

/* Where the next sample goes. */
static uint8_t *next_sample(const struct job *job)
{
	return job->model.samples + job->n * job->model.net.sample_bytes;
}

static bool answer_classes(struct job *job, double ms, struct enc_error *e)
{
	const struct enc_network *net = &job->model.net;
	const size_t count = cli_classes_count(net);

	for (size_t i = 0; i < job->n; i++) {
		struct cli_answer *to = &job->batch[i];
		struct cli_class *classes = job->classes + i * count;

		cli_classes_read(net,
				 job->model.answers + i * net->answer_bytes,
				 classes);
		to->pixels = job->model.samples + i * net->sample_bytes;
		to->classes = classes;
		to->class_count = job->top;
		to->ms = ms;
	}
	return cli_answers_add(&job->answers, job->batch, job->n, e);
}

/* Answers the samples that have been read. */
static bool answer(struct job *job, struct enc_error *e)
{
	const double start = cli_now();
	double ms = -1;
	bool ok = true;

	if (!job->n)
		return true;
	if (!job->model.place->run(&job->model, job->n, e))
		return false;
	if (job->args->time)
		ms = (cli_now() - start) * 1e3;
	if (job->args->output)
		cli_outputs_add(&job->outputs, job->n);
	else
		ok = answer_classes(job, ms, e);
	job->n = 0;
	return ok;
}

static bool add_sample(struct job *job, const char *path, struct enc_error *e)
{
	job->batch[job->n++].path = path;
	return job->n < job->model.net.room || answer(job, e);
}

/* --- Samples ----------------------------------------------------------- */

/*
 * Answers the whole samples in `have` bytes of a stream. *left: bytes of the
 * next sample, which move to the front.
 */
static bool answer_stream(struct job *job, size_t have, size_t *left,
			  struct enc_error *e)
{
	const size_t size = job->pictures.bytes;
	const size_t whole = have - have % size;

	job->n = whole / size;
	for (size_t i = 0; i < job->n; i++)
		job->batch[i].path = "-";
	if (!answer(job, e))
		return false;
	*left = have - whole;
	memmove(job->model.samples, job->model.samples + whole, *left);
	return true;
}

/* Does not wait for a full batch: every image is answered when it is there. */
static bool infer_stream(struct job *job, struct enc_error *e)
{
	const size_t size = job->pictures.bytes;
	const size_t room = job->model.net.room * size;
	size_t have = 0; /* bytes that were read and not answered yet */
	ssize_t n = 0;

	while ((n = enc_file_some(STDIN_FILENO, job->model.samples + have,
				  room - have)) > 0) {
		if (!answer_stream(job, have + (size_t)n, &have, e))
			return false;
	}
	if (n < 0)
		return enc_fail(e, ENC_ERR_IO,
				"standard input: cannot read: %s",
				strerror(errno));
	return !have || enc_fail(e, ENC_ERR_FORMAT,
				 "standard input: ends within an image, after "
				 "%zu of its %zu bytes",
				 have, size);
}

/* If a file cannot be read, those before it are still answered. */
static bool infer_file(struct job *job, const struct input *input,
		       struct enc_error *e)
{
	struct enc_error before = { 0 };
	bool ok = input->raw ? enc_image_load_raw(input->path, next_sample(job),
						  job->pictures.bytes, e) :
			       cli_picture_read(&job->pictures, input->path,
						next_sample(job), e);

	if (!ok && !answer(job, &before))
		*e = before;
	return ok && add_sample(job, input->path, e);
}

static bool infer_files(struct job *job, struct enc_error *e)
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

static bool infer_tensors(struct job *job, struct enc_error *e)
{
	const struct cli_list *list = &job->args->tensors;
	struct cli_samples from = { 0 };
	bool ok = cli_samples_read(&from, &job->model.net, list, e);

	for (size_t i = 0; ok && i < from.count; i++) {
		cli_samples_get(&from, i, next_sample(job));
		ok = add_sample(job, list->values[0], e);
	}
	cli_samples_free(&from);
	return ok && answer(job, e);
}

/* --- All of it --------------------------------------------------------- */

static bool prepare_pictures(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;
	const struct box_port *in = &job->model.net.input[0];
	char shape[CLI_SHAPE_TEXT] = "";

	job->pictures.options =
		(struct enc_image_options){ args->invert, args->fit };
	if (!cli_pictures_begin(&job->pictures, &job->model, e))
		return false;
	if ((!args->show && !args->fit) ||
	    cli_pictures_are_digits(&job->pictures))
		return true;
	cli_shape(in->dims, in->rank, shape);
	return enc_fail(e, ENC_ERR_UNSUPPORTED,
			"%s: --show and --fit are for networks that read 28 x "
			"28 x 1 pixels, not %s",
			job->model.label, shape);
}

static bool prepare_classes(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;
	const struct enc_network *net = &job->model.net;

	job->top = args->top ? (size_t)args->top : 1;
	if (!cli_classes_check(&job->model, &job->top, args->scores, e)) {
		if (!net->classes)
			enc_hint(e, "give --output FILE.npy to have what it "
				    "computes");
		return false;
	}
	if (args->labels &&
	    !enc_labels_read(args->labels, net->classes, &job->names, e))
		return false;
	job->answers.names =
		args->labels ? job->names.names : job->model.names.names;
	job->classes = calloc(net->room * cli_classes_count(net),
			      sizeof(*job->classes));
	return job->classes || enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

static bool prepare(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;

	job->answers.scores = args->scores;
	if (args->json)
		job->answers.form =
			has_stream(args) ? CLI_JSON_LINES : CLI_JSON;
	else if (args->show)
		job->answers.form = CLI_PICTURES;
	if (!args->tensors.count && !prepare_pictures(job, e))
		return false;
	return args->output ?
		       cli_outputs_open(&job->outputs, &job->model, args, e) :
		       prepare_classes(job, e);
}

static bool end_outputs(struct job *job, struct enc_error *e)
{
	if (!cli_outputs_commit(&job->outputs, e))
		return false;
	cli_line("%s: %zu sample%s written", job->args->output,
		 job->outputs.count, enc_s(job->outputs.count));
	return true;
}

static bool infer(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;
	bool ok = prepare(job, e) &&
		  (args->tensors.count ? infer_tensors(job, e) :
					 infer_files(job, e));

	cli_answers_end(&job->answers);
	return ok && (!args->output || end_outputs(job, e)) &&
	       (!args->commit || job->model.place->commit(&job->model, e));
}

static int check_options(const struct cli_infer *args,
			 const struct cli_place *place)
{
	if (args->tensors.count && args->inputs.count)
		return cli_usage("infer", "--tensor does not go with --image "
					  "and --binary");
	if ((args->invert || args->fit) && !has_pictures(args))
		return cli_usage("infer", "--invert and --fit are for --image");
	if (args->tensors.count && args->show)
		return cli_usage("infer", "--show does not go with --tensor");
	if (args->output && (args->json || args->show || args->time ||
			     args->labels || args->top || args->scores))
		return cli_usage("infer", "--json, --show, --time, --labels, "
					  "--top and --scores do not go with "
					  "--output");
	if (args->dequantize && !args->output)
		return cli_usage("infer", "--dequantize goes with --output");
	if (args->commit && !place->commit)
		return cli_usage("infer", "--commit is for the device");
	if (args->show && (args->labels || args->top || args->scores))
		return cli_usage("infer", "--labels, --top and --scores do not "
					  "go with --show");
	return CLI_GO;
}

int cli_infer_at(const struct cli_infer *args, const struct cli_place *place)
{
	struct job job = { .args = args };
	struct enc_error e = { 0 };
	int status = check_options(args, place);
	bool ok = false;

	if (status != CLI_GO)
		return status;
	ok = cli_model_open(&job.model, place, args->model, &e) &&
	     infer(&job, &e);
	cli_outputs_abort(&job.outputs);
	enc_labels_free(&job.names);
	free(job.classes);
	cli_model_close(&job.model);
	return ok ? 0 : cli_fail(&e);
}
