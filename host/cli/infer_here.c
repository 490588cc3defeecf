/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `enc_mnist infer` on the workstation: a network that is not sealed, run by
 * the engine that the TA has. Samples are gathered, input by input, until there
 * is a batch of them.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "box/head.h"
#include "cli.h"
#include "clock.h"
#include "host/base/file.h"
#include "host/image/image.h"
#include "host/import/labels.h"
#include "network.h"
#include "nn/op.h"
#include "notice.h"
#include "tensors.h"

/* One run of infer. */
struct job {
	const struct cli_infer *args;
	const struct lowered *net;
	struct labels labels;
	struct cli_outputs outputs;
	struct cli_answers answers;
	struct cli_notices said;
	struct enc_image_size picture;	 /* that the network reads; 0: none */
	uint8_t *samples[NN_INPUTS_MAX]; /* (batch, bytes), of each input */
	const char *paths[NN_BATCH_MAX];
	size_t n; /* samples that were read and not answered yet */
	void *work;
	/* Where labels are printed, else NULL: the only output. */
	const struct nn_tensor *scores;
	uint32_t scores_at;
	size_t classes;
	size_t top;
	struct cli_class *ranked; /* (batch, classes) */
};

static bool no_memory(struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
}

static size_t input_bytes(const struct job *job, uint32_t t)
{
	const struct nn_tensor *tensor = &job->net->tensors[t];

	return nn_elements(tensor) * nn_type_size(tensor->type);
}

/* --- Labels ------------------------------------------------------------ */

static bool refuse_scores(const struct job *job, struct enc_error *e)
{
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(job->scores, shape);
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "the network gives %s %s%s, not a score for each class", shape,
		 cli_type(job->scores->type), job->classes ? "" : " and more");
	return enc_hint(e, "give --output FILE.npy to have what it computes");
}

/* A network that classifies has one output, a list of two numbers or more. */
static bool find_scores(struct job *job, struct enc_error *e)
{
	const struct nn_head *head = &job->net->head;
	uint32_t outputs = 0;

	for (uint32_t t = 0; t < (uint32_t)head->inputs + head->nodes; t++) {
		if (!job->net->tensors[t].is_output)
			continue;
		outputs++;
		job->scores = &job->net->tensors[t];
		job->scores_at = t;
	}
	if (!job->scores)
		return enc_fail(e, ENC_ERR_FORMAT, "the network has no output");
	job->classes = outputs == 1 ? nn_elements(job->scores) : 0;
	for (uint32_t d = 0; d < job->scores->rank; d++) {
		if (job->scores->dims[d] != 1 &&
		    job->scores->dims[d] != job->classes)
			return refuse_scores(job, e);
	}
	if (job->classes < 2 || job->scores->type == NN_INT32)
		return refuse_scores(job, e);
	job->top = job->args->top ? (size_t)job->args->top : 1;
	if (job->top > job->classes)
		job->top = job->classes;
	job->ranked = calloc(head->batch * job->classes, sizeof(*job->ranked));
	return job->ranked || no_memory(e);
}

/* The highest score first; of equal ones, the first. */
static int by_score(const void *a, const void *b)
{
	const struct cli_class *x = a;
	const struct cli_class *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->label < y->label ? -1 : 1;
}

/* What is not a number is the lowest score. */
static void rank(const struct job *job, const void *scores, size_t i,
		 struct cli_class *ranked)
{
	const struct nn_tensor *t = job->scores;
	const size_t first = i * job->classes;

	for (size_t c = 0; c < job->classes; c++) {
		float score =
			t->type == NN_INT8 ?
				(float)(((const int8_t *)scores)[first + c] -
					t->zero) *
					t->scale :
				((const float *)scores)[first + c];

		ranked[c] =
			(struct cli_class){ (unsigned int)c,
					    isnan(score) ? -INFINITY : score };
	}
	qsort(ranked, job->classes, sizeof(*ranked), by_score);
}

static bool answer_labels(struct job *job, double ms, struct enc_error *e)
{
	const void *scores =
		nn_tensor_at(&job->net->net, job->work, job->scores_at, job->n);
	struct cli_answer answers[NN_BATCH_MAX] = { 0 };

	for (size_t i = 0; i < job->n; i++) {
		struct cli_class *ranked = job->ranked + i * job->classes;

		rank(job, scores, i, ranked);
		answers[i] = (struct cli_answer){
			.path = job->paths[i],
			.pixels = job->samples[0] + i * input_bytes(job, 0),
			.label = ranked[0].label,
			.classes = ranked,
			.class_count = job->top,
			.ms = ms,
		};
	}
	return cli_answers_add(&job->answers, answers, job->n, e);
}

/* --- A batch ----------------------------------------------------------- */

/* Answers the samples that have been read. */
static bool answer(struct job *job, struct enc_error *e)
{
	const struct nn_net *net = &job->net->net;
	double start = 0;
	double ms = -1;
	bool ok = true;

	if (!job->n)
		return true;
	for (uint32_t t = 0; t < net->head->inputs; t++)
		memcpy(nn_tensor_at(net, job->work, t, job->n), job->samples[t],
		       job->n * input_bytes(job, t));
	start = cli_now();
	nn_net_run(net, job->net->params, job->work, job->n);
	if (job->args->time)
		ms = (cli_now() - start) * 1e3;
	if (job->args->output)
		cli_outputs_add(&job->outputs, job->work, job->n);
	else
		ok = answer_labels(job, ms, e);
	job->n = 0;
	return ok;
}

static bool add_sample(struct job *job, const char *path, struct enc_error *e)
{
	job->paths[job->n++] = path;
	return job->n < job->net->head.batch || answer(job, e);
}

/* --- Tensors ----------------------------------------------------------- */

static bool infer_tensors(struct job *job, struct enc_error *e)
{
	const struct cli_list *list = &job->args->tensors;
	const uint32_t inputs = job->net->head.inputs;
	struct cli_samples from = { 0 };
	bool ok = cli_samples_read(&from, &job->net->net, list, e);

	for (size_t i = 0; ok && i < from.count; i++) {
		for (uint32_t t = 0; t < inputs; t++)
			cli_samples_get(&from, i, t,
					job->samples[t] +
						job->n * input_bytes(job, t));
		ok = add_sample(job, list->values[0], e);
	}
	cli_samples_free(&from);
	return ok && answer(job, e);
}

/* --- Pictures ---------------------------------------------------------- */

static bool is_mnist(const struct job *job)
{
	const struct enc_image_size *size = &job->picture;

	return size->width == ENC_IMAGE_SIDE &&
	       size->height == ENC_IMAGE_SIDE && size->channels == 1;
}

/* What the network must read for --image and --binary. */
static bool find_picture(struct job *job, struct enc_error *e)
{
	const struct nn_tensor *t = &job->net->tensors[0];
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(t, shape);
	if (job->net->head.inputs != 1 || t->type != NN_UINT8) {
		enc_fail(e, ENC_ERR_UNSUPPORTED,
			 "the network reads %s %s%s, not pixels", shape,
			 cli_type(t->type),
			 job->net->head.inputs == 1 ? "" : " and more");
		enc_hint(e, "say with `enc_mnist import --image' how pixels "
			    "become that, or give --tensor");
		return false;
	}
	if (t->rank == 3 && (t->dims[2] == 1 || t->dims[2] == 3))
		job->picture = (struct enc_image_size){ t->dims[1], t->dims[0],
							t->dims[2] };
	if ((job->args->show || job->args->fit) && !is_mnist(job))
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"--show and --fit are for networks that read "
				"28 x 28 x 1 pixels, not %s",
				shape);
	return true;
}

static bool read_picture(struct job *job, const char *path, uint8_t *to,
			 struct enc_error *e)
{
	const struct enc_image_options options = { job->args->invert,
						   job->args->fit };
	struct enc_image_found found = { 0 };

	if (!job->picture.width)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"the network reads no picture, grey or RGB; "
				"give its bytes with --binary");
	if (!is_mnist(job))
		return enc_image_scale(path, options.invert, &job->picture, to,
				       e);
	if (!enc_image_load(path, &options, to, &found, e))
		return false;
	cli_notice(&job->said, path, &options, &found);
	return true;
}

/* Reads one sample of raw bytes: 1, 0 at the end of the file, or -1. */
static int read_raw(const struct job *job, int fd, const char *path,
		    uint8_t *to, struct enc_error *e)
{
	const size_t size = input_bytes(job, 0);
	const ssize_t n = enc_file_fill(fd, to, size);

	if (!n || n == (ssize_t)size)
		return n != 0;
	if (n < 0)
		enc_fail(e, ENC_ERR_IO, "%s: cannot read: %s",
			 enc_file_label(path), strerror(errno));
	else
		enc_fail(e, ENC_ERR_FORMAT,
			 "%s: ends within an image, after %zd of its %zu bytes",
			 enc_file_label(path), n, size);
	return -1;
}

/* A file has one image; standard input any number, answered as they come. */
static bool infer_raw(struct job *job, const char *path, struct enc_error *e)
{
	const bool is_stream = !strcmp(path, "-");
	uint8_t *to = job->samples[0] + job->n * input_bytes(job, 0);
	uint8_t byte = 0;
	int fd = enc_file_open(path, e);
	int got = fd < 0 ? -1 : read_raw(job, fd, path, to, e);
	bool ok = got >= 0;

	if (!is_stream && !got)
		ok = enc_fail(e, ENC_ERR_FORMAT, "%s: the file is empty", path);
	else if (!is_stream && got > 0 && enc_file_fill(fd, &byte, 1))
		ok = enc_fail(e, ENC_ERR_FORMAT,
			      "%s: more than the %zu bytes of an image", path,
			      input_bytes(job, 0));
	while (ok && is_stream && got > 0) {
		job->paths[job->n++] = path;
		ok = answer(job, e);
		got = ok ? read_raw(job, fd, path, job->samples[0], e) : 0;
		ok = ok && got >= 0;
	}
	if (fd >= 0)
		close(fd);
	return ok && (is_stream || add_sample(job, path, e));
}

static bool infer_picture(struct job *job, const char *path,
			  struct enc_error *e)
{
	uint8_t *to = job->samples[0] + job->n * input_bytes(job, 0);

	return read_picture(job, path, to, e) && add_sample(job, path, e);
}

/* If a file cannot be read, those before it are still answered. */
static bool infer_pictures(struct job *job, struct enc_error *e)
{
	const struct cli_list *list = &job->args->inputs;
	struct enc_error before = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const bool raw = list->letters[i] == CLI_INFER_RAW;
		const bool ok = raw ? infer_raw(job, list->values[i], e) :
				      infer_picture(job, list->values[i], e);

		if (ok)
			continue;
		if (!answer(job, &before))
			*e = before;
		return false;
	}
	return answer(job, e);
}

/* --- All of it --------------------------------------------------------- */

static bool allocate(struct job *job, struct enc_error *e)
{
	const size_t batch = job->net->head.batch;
	const size_t bytes = nn_work_bytes(&job->net->net, batch);
	const size_t room = (bytes + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;

	job->work = aligned_alloc(NN_ALIGN, room);
	if (!job->work)
		return no_memory(e);
	memset(job->work, 0, room);
	for (uint32_t t = 0; t < job->net->head.inputs; t++) {
		job->samples[t] = calloc(batch, input_bytes(job, t));
		if (!job->samples[t])
			return no_memory(e);
	}
	return true;
}

static bool prepare(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;

	if ((!args->tensors.count && !find_picture(job, e)) ||
	    (!args->output && !find_scores(job, e))) {
		enc_about(e, enc_file_label(args->model));
		return false;
	}
	if (args->output)
		return allocate(job, e) &&
		       cli_outputs_open(&job->outputs, &job->net->net, args, e);
	if ((args->labels &&
	     !labels_read(args->labels, job->classes, &job->labels, e)))
		return false;
	job->answers.names = job->labels.names;
	return allocate(job, e);
}

static bool infer(struct job *job, struct enc_error *e)
{
	const struct cli_infer *args = job->args;
	bool ok = prepare(job, e) &&
		  (args->tensors.count ? infer_tensors(job, e) :
					 infer_pictures(job, e));

	cli_answers_end(&job->answers);
	if (ok && args->output) {
		ok = cli_outputs_commit(&job->outputs, e);
		if (ok)
			printf("%s: %zu sample%s written\n", args->output,
			       job->outputs.count,
			       job->outputs.count == 1 ? "" : "s");
	}
	cli_outputs_abort(&job->outputs);
	labels_free(&job->labels);
	for (uint32_t t = 0; t < NN_INPUTS_MAX; t++)
		free(job->samples[t]);
	free(job->ranked);
	free(job->work);
	return ok;
}

static int check_options(const struct cli_infer *args)
{
	if (args->tensors.count && args->inputs.count)
		return cli_usage("infer", "--tensor does not go with --image "
					  "and --binary");
	if (args->tensors.count && (args->invert || args->fit || args->show))
		return cli_usage("infer", "--invert, --fit and --show do not "
					  "go with --tensor");
	if (args->output && (args->json || args->show || args->time ||
			     args->labels || args->top || args->scores))
		return cli_usage("infer", "--json, --show, --time, --labels, "
					  "--top and --scores do not go with "
					  "--output");
	if (args->dequantize && !args->output)
		return cli_usage("infer", "--dequantize goes with --output");
	if (args->show && (args->labels || args->top || args->scores))
		return cli_usage("infer", "--labels, --top and --scores do not "
					  "go with --show");
	return CLI_GO;
}

/* Whether the file is for a TEE: a sealed model, or JSON. */
static bool is_sealed(const char *path)
{
	uint8_t bytes[IMPORT_KIND_BYTES] = { 0 };

	cli_network_peek(path, bytes);
	return bytes[0] == '{' || !memcmp(bytes, BOX_HEAD_MAGIC, sizeof(bytes));
}

int cli_infer_here_run(const void *data)
{
	const struct cli_infer *args = data;
	const struct import_options options = { 0 };
	enum import_kind kind = IMPORT_OTHER;
	struct lowered *net = NULL;
	struct enc_error e = { 0 };
	struct job job = { .args = args };
	int status = check_options(args);
	bool ok = false;

	if (status != CLI_GO)
		return status;
	if (is_sealed(args->model)) {
		cli_no_tee(&e);
		return cli_fail(&e);
	}
	job.answers.scores = args->scores;
	job.answers.form = args->json ? CLI_JSON :
			   args->show ? CLI_PICTURES :
					CLI_LINES;
	net = import_file(args->model, &options, &kind, &e);
	job.net = net;
	ok = net && infer(&job, &e);
	lower_free(net);
	return ok ? 0 : cli_fail(&e);
}
