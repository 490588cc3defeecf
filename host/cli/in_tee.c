/* SPDX-License-Identifier: Apache-2.0 */
/* Models in the TEE: `infer` and `eval` on the device. */
#include "cli.h"
#include "host/device/load.h"
#include "model.h"
#include "tee.h"

static bool open_model(struct cli_model *model, const char *path,
		       struct enc_error *e)
{
	struct enc_tee *tee = NULL;
	const struct enc_network *net = NULL;

	if (!enc_tee_open(&tee, e))
		return false;
	model->there = tee;
	if (!enc_load_model(tee, cli_sources, path, &model->names, e))
		return false;
	net = enc_tee_network(tee, e);
	if (!net)
		return false;
	model->net = *net;
	model->samples = enc_tee_samples(tee);
	model->answers = enc_tee_answers(tee);
	return true;
}

static bool run(const struct cli_model *model, size_t n, struct enc_error *e)
{
	return enc_tee_run(model->there, n, e);
}

static bool commit(const struct cli_model *model, struct enc_error *e)
{
	return enc_tee_commit(model->there, e);
}

static void close_model(struct cli_model *model)
{
	enc_tee_close(model->there);
}

static const struct cli_place in_tee = {
	.name = "in the TEE",
	.open = open_model,
	.run = run,
	.commit = commit,
	.close = close_model,
};

int cli_infer_run(const void *args)
{
	cli_tee(&((const struct cli_infer *)args)->tee);
	return cli_infer_at(args, &in_tee);
}

int cli_eval_run(const void *args)
{
	cli_tee(&((const struct cli_eval *)args)->tee);
	return cli_eval_at(args, &in_tee);
}
