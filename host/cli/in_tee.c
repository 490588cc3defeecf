/* SPDX-License-Identifier: Apache-2.0 */
/* Models in the TEE: `infer` and `eval` on the device. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "model.h"
#include "tee.h"

static void read_tensor(const encmnist_tensor *from, struct box_port *to)
{
	const float scale = encmnist_tensor_scale(from);

	*to = (struct box_port){
		.type = encmnist_tensor_type(from),
		.rank = (uint32_t)encmnist_tensor_rank(from),
		.zero = encmnist_tensor_zero_point(from),
	};
	memcpy(&to->scale, &scale, sizeof(scale));
	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		to->dims[d] = (uint32_t)encmnist_tensor_dim(from, d);
}

static void read_network(const encmnist_session *s, struct enc_network *net)
{
	*net = (struct enc_network){
		.policy = encmnist_leaves(s),
		.amount = encmnist_leaves_amount(s),
		.inputs = (uint32_t)encmnist_inputs(s),
		.outputs = (uint32_t)encmnist_outputs(s),
		.classes = (uint32_t)encmnist_classes(s),
		.sample_bytes = encmnist_sample_bytes(s),
		.answer_bytes = encmnist_answer_bytes(s),
		.room = encmnist_room(s),
	};
	for (uint32_t i = 0; i < net->inputs; i++)
		read_tensor(encmnist_input(s, i), &net->input[i]);
	for (uint32_t i = 0; i < net->outputs; i++)
		read_tensor(encmnist_output(s, i), &net->output[i]);
}

static bool read_names(const encmnist_session *s, struct enc_labels *names,
		       struct enc_error *e)
{
	const size_t count = encmnist_classes(s);

	if (!encmnist_class_name(s, 0))
		return true;
	names->names = calloc(count, sizeof(*names->names));
	if (!names->names)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	names->count = count;
	for (size_t i = 0; i < count; i++)
		names->names[i] = encmnist_class_name(s, i);
	return true;
}

static bool open_model(struct cli_model *model, const char *path,
		       struct enc_error *e)
{
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;

	if (!cli_tee_open(model->place->tee, &s, e))
		return false;
	model->there = s;
	if (!encmnist_load_file(s, path, &error))
		return cli_failed(error, e);
	read_network(s, &model->net);
	model->samples = encmnist_samples(s);
	model->answers = encmnist_answers(s);
	return read_names(s, &model->names, e);
}

static bool run(const struct cli_model *model, size_t n, struct enc_error *e)
{
	encmnist_error *error = NULL;

	return encmnist_run_shared(model->there, n, &error) ||
	       cli_failed(error, e);
}

static bool commit(const struct cli_model *model, struct enc_error *e)
{
	encmnist_error *error = NULL;

	return encmnist_commit(model->there, &error) || cli_failed(error, e);
}

static void close_model(struct cli_model *model)
{
	encmnist_close(model->there);
}

/* On this device's TA, or the one that is given. */
static struct cli_place in_tee(const struct cli_tee *tee)
{
	return (struct cli_place){
		.name = "in the TEE",
		.tee = tee,
		.open = open_model,
		.run = run,
		.commit = commit,
		.close = close_model,
	};
}

int cli_infer_run(const void *data)
{
	const struct cli_infer *args = data;
	const struct cli_place place = in_tee(&args->tee);

	return cli_infer_at(args, &place);
}

int cli_eval_run(const void *data)
{
	const struct cli_eval *args = data;
	const struct cli_place place = in_tee(&args->tee);

	return cli_eval_at(args, &place);
}
