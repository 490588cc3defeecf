/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/device/load.h"
#include "json.h"
#include "tee.h"

/* A sample of zeros: whoever wants to know more has asked it before. */
static bool answer_once(struct enc_tee *tee, struct enc_error *e)
{
	const struct enc_network *net = enc_tee_network(tee, e);

	if (!net)
		return false;
	memset(enc_tee_samples(tee), 0, (size_t)net->sample_bytes);
	return enc_tee_run(tee, 1, e);
}

static bool print_json(const char *label, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_string(gen, "committed", label);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_commit_run(const void *data)
{
	const struct cli_commit *args = data;
	const struct enc_source *const sources[] = { &enc_source_sealed, NULL };
	struct enc_tee *tee = NULL;
	struct enc_labels names = { 0 };
	struct enc_error e = { 0 };
	bool ok = false;

	cli_tee(&args->tee);
	ok = enc_tee_open(&tee, &e) &&
	     enc_load_model(tee, sources, args->model, &names, &e) &&
	     answer_once(tee, &e) && enc_tee_commit(tee, &e);
	enc_labels_free(&names);
	enc_tee_close(tee);
	if (ok && args->json)
		ok = print_json(enc_file_label(args->model), &e);
	else if (ok)
		cli_line("%s: committed", enc_file_label(args->model));
	return ok ? 0 : cli_fail(&e);
}
