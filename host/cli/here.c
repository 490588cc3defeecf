/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks that are not sealed: `infer` and `eval` on the workstation. Samples
 * go through the network as in the TA (ta/run.c), and all outputs leave it.
 */
#include <stdlib.h>
#include <string.h>

#include "box/head.h"
#include "cli.h"
#include "host/import/import.h"
#include "model.h"
#include "network.h"

struct here {
	struct lowered *net;
	void *work;
	uint8_t *samples;
	uint8_t *answers;
	uint32_t output[BOX_PORTS_MAX]; /* their tensors */
};

/* Whether the file is for a TEE: a sealed model, or JSON. */
static bool is_sealed(const char *path)
{
	uint8_t bytes[IMPORT_KIND_BYTES] = { 0 };

	cli_network_peek(path, bytes);
	return bytes[0] == '{' || !memcmp(bytes, BOX_HEAD_MAGIC, sizeof(bytes));
}

static bool describe(struct cli_model *model, struct here *here,
		     struct enc_error *e)
{
	const struct nn_net *net = &here->net->net;
	const uint32_t tensors = (uint32_t)net->head->inputs + net->head->nodes;
	uint32_t outputs = 0;

	if (!cli_network_describe(net, &model->net, e))
		return enc_about(e, model->label);
	for (uint32_t t = 0; t < tensors; t++) {
		if (net->tensors[t].is_output)
			here->output[outputs++] = t;
	}
	return true;
}

static bool allocate(struct cli_model *model, struct here *here,
		     struct enc_error *e)
{
	const struct enc_network *n = &model->net;
	const size_t bytes = nn_work_bytes(&here->net->net, n->batch);
	const size_t work = (bytes + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;

	here->work = aligned_alloc(NN_ALIGN, work);
	here->samples = calloc(n->room, (size_t)n->sample_bytes);
	here->answers = calloc(n->room, (size_t)n->answer_bytes);
	if (!here->work || !here->samples || !here->answers)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	memset(here->work, 0, work);
	model->samples = here->samples;
	model->answers = here->answers;
	return true;
}

static bool open_model(struct cli_model *model, const char *path,
		       struct enc_error *e)
{
	const struct import_options options = { 0 };
	enum import_kind kind = IMPORT_OTHER;
	struct here *here = NULL;

	if (is_sealed(path)) {
		cli_no_tee(e);
		enc_about(e, model->label);
		return enc_hint(e,
				"run this command on the device, with the "
				"enc_mnist that was built for it "
				"(out/device/enc_mnist), or give the network "
				"from before it was sealed");
	}
	here = calloc(1, sizeof(*here));
	if (!here)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	model->there = here;
	here->net = import_file(path, &options, &kind, e);
	return here->net && describe(model, here, e) &&
	       allocate(model, here, e);
}

static void take_samples(const struct cli_model *model, size_t batch)
{
	const struct here *here = model->there;
	const uint8_t *from = model->samples;

	for (size_t b = 0; b < batch; b++) {
		for (uint32_t t = 0; t < model->net.inputs; t++) {
			const size_t size =
				(size_t)enc_port_bytes(&model->net.input[t]);
			uint8_t *to = nn_tensor_at(&here->net->net, here->work,
						   t, batch);

			memcpy(to + b * size, from, size);
			from += size;
		}
	}
}

static void give_answers(const struct cli_model *model, size_t batch)
{
	const struct here *here = model->there;
	uint8_t *to = here->answers;

	for (size_t b = 0; b < batch; b++) {
		for (uint32_t i = 0; i < model->net.outputs; i++) {
			const size_t size =
				(size_t)enc_output_bytes(&model->net, i);
			const uint8_t *from =
				nn_tensor_at(&here->net->net, here->work,
					     here->output[i], batch);

			memcpy(to, from + b * size, size);
			to += size;
		}
	}
}

static bool run(const struct cli_model *model, size_t n, struct enc_error *e)
{
	const struct here *here = model->there;

	(void)e; /* nothing can go wrong */
	take_samples(model, n);
	nn_net_run(&here->net->net, here->net->params, here->work, n);
	give_answers(model, n);
	return true;
}

static void close_model(struct cli_model *model)
{
	struct here *here = model->there;

	if (!here)
		return;
	lower_free(here->net);
	free(here->work);
	free(here->samples);
	free(here->answers);
	free(here);
}

static const struct cli_place on_workstation = {
	.name = "on this machine",
	.open = open_model,
	.run = run,
	.close = close_model,
};

int cli_infer_here_run(const void *args)
{
	return cli_infer_at(args, &on_workstation);
}

int cli_eval_here_run(const void *args)
{
	return cli_eval_at(args, &on_workstation);
}
