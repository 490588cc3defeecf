/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "json.h"
#include "tee.h"

/* A sample of zeros: whoever wants to know more has asked it before. */
static bool answer_once(encmnist_session *s, encmnist_error **error)
{
	memset(encmnist_samples(s), 0, encmnist_sample_bytes(s));
	return encmnist_run_shared(s, 1, error);
}

static bool print_json(const char *label, const encmnist_session *s,
		       struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_string(gen, "committed", label);
	cli_json_string(gen, "model_id", encmnist_model_id(s));
	cli_json_number(gen, "version", encmnist_model_version(s));
	cli_json_number(gen, "security_version", encmnist_security_version(s));
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static bool print(const struct cli_commit *args, const encmnist_session *s,
		  struct enc_error *e)
{
	const char *label = enc_file_label(args->model);

	if (args->json)
		return print_json(label, s, e);
	cli_line("%s: committed: model %s, version %u, security version %u",
		 label, encmnist_model_id(s),
		 (unsigned int)encmnist_model_version(s),
		 (unsigned int)encmnist_security_version(s));
	return true;
}

static bool commit(const struct cli_commit *args, encmnist_session *s,
		   struct enc_error *e)
{
	encmnist_error *error = NULL;

	if (!encmnist_load_file(s, args->model, &error) ||
	    !answer_once(s, &error) || !encmnist_commit(s, &error))
		return cli_failed(error, e);
	return print(args, s, e);
}

int cli_commit_run(const void *data)
{
	const struct cli_commit *args = data;
	encmnist_session *s = NULL;
	struct enc_error e = { 0 };
	const bool ok = cli_tee_open(&args->tee, &s, &e) && commit(args, s, &e);

	encmnist_close(s);
	return ok ? 0 : cli_fail(&e);
}
