/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "lib/encmnist.h"
#include "owner.h"
#include "progress.h"
#include "terms.h"

static void progress(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	cli_progress("byte", done, total);
}

/* What may leave the TEE, from --outputs; without it, the library's. */
static int read_outputs(const char *text, struct encmnist_seal *seal)
{
	static const struct {
		const char *name;
		enum encmnist_leaves leaves;
		uint32_t most; /* that may follow the name; 0: nothing may */
	} ways[] = {
		{ "label", ENCMNIST_LABEL, 0 },
		{ "top:", ENCMNIST_TOP, BOX_TOP_MAX },
		{ "scores:", ENCMNIST_SCORES, BOX_SCORE_BITS_MAX },
		{ "raw", ENCMNIST_RAW, 0 },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		const char *rest = text + strlen(ways[i].name);
		char *end = NULL;
		unsigned long amount = 0;

		if (strncmp(text, ways[i].name, strlen(ways[i].name)) != 0)
			continue;
		if (ways[i].most && *rest >= '1' && *rest <= '9')
			amount = strtoul(rest, &end, 10);
		if (end ? *end || amount > ways[i].most : *rest || ways[i].most)
			break;
		seal->leaves = ways[i].leaves;
		seal->amount = (uint32_t)amount;
		return 0;
	}
	return cli_usage("seal",
			 "--outputs: label, top:K with K of 1 to %u, "
			 "scores:BITS with 1 to %u bits, or raw, not `%s'",
			 BOX_TOP_MAX, BOX_SCORE_BITS_MAX, text);
}

static int read_options(const struct cli_seal *args, struct encmnist_seal *seal)
{
	uint8_t id[BOX_MODEL_ID_BYTES] = { 0 };
	uint8_t client[BOX_CLIENT_BYTES] = { 0 };
	enum box_login login = BOX_LOGIN_ANY;

	if (!enc_model_id(args->model_id, id))
		return cli_usage("seal",
				 "--model-id: " CLI_MODEL_ID ", not `%s'",
				 args->model_id);
	if (args->login && !enc_login_read(args->login, &login, client))
		return cli_usage(
			"seal",
			"--login: user:UID, group:GID or "
			"application:UUID, with numbers and not names, "
			"not `%s'",
			args->login);
	return args->outputs ? read_outputs(args->outputs, seal) : CLI_GO;
}

/* Reads the network and the secrets, and seals with them. */
static bool seal_with(const struct cli_seal *args,
		      const struct encmnist_seal *seal, struct enc_error *e)
{
	encmnist_error *error = NULL;
	encmnist_model_key *key = cli_model_key_open(&args->key, e);
	encmnist_owner *owner = key ? cli_owner_open(&args->owner, e) : NULL;
	encmnist_network *net = NULL;
	bool ok = owner != NULL;

	if (ok) {
		net = encmnist_import_file(args->input, &error);
		ok = (net && encmnist_seal_file(net, owner, key, seal,
						args->output, &error)) ||
		     cli_failed(error, e);
	}
	encmnist_network_free(net);
	encmnist_owner_close(owner);
	encmnist_model_key_close(key);
	cli_progress_end();
	return ok;
}

static bool say(const struct cli_seal *args, struct enc_error *e)
{
	encmnist_error *error = NULL;
	encmnist_inspection *i = encmnist_inspect_file(args->output, &error);
	const uint32_t version = i ? encmnist_inspect_version(i) : 0;
	char security[40] = "";
	char text[CLI_POLICY_TEXT] = "";

	if (!i)
		return cli_failed(error, e);
	if (encmnist_inspect_security_version(i) != version)
		snprintf(security, sizeof(security), ", security version %u",
			 (unsigned int)encmnist_inspect_security_version(i));
	cli_line("%s: %s network sealed to %s as %s, version %u%s; devices "
		 "give %s",
		 enc_file_label(args->input),
		 encmnist_inspect_is_int8(i) ? "int8" : "f32", args->output,
		 args->model_id, (unsigned int)version, security,
		 cli_policy(encmnist_inspect_leaves(i),
			    encmnist_inspect_amount(i), text));
	encmnist_inspection_free(i);
	return true;
}

int cli_seal_run(const void *data)
{
	const struct cli_seal *args = data;
	struct encmnist_seal seal = {
		.size = sizeof(seal),
		.model_id = args->model_id,
		.model_version = (uint32_t)args->model_version,
		.security_version = (uint32_t)args->security_version,
		.answers_per_load = args->load_answers,
		.answers_in_life = args->life_answers,
		.labels = args->labels,
		.login = args->login,
		.progress = progress,
	};
	struct enc_error e = { 0 };

	if (read_options(args, &seal) == CLI_USAGE)
		return CLI_USAGE;
	return seal_with(args, &seal, &e) && say(args, &e) ? 0 : cli_fail(&e);
}
