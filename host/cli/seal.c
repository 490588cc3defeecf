/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/import/import.h"
#include "host/public/labels.h"
#include "progress.h"
#include "terms.h"

static void progress(uint64_t done, uint64_t total)
{
	cli_progress("byte", done, total);
}

/* What may leave the TEE, from --outputs; without it, enc_seal_network()'s. */
static int read_outputs(const char *text, struct enc_sealed *sealed)
{
	static const struct {
		const char *name;
		enum box_policy policy;
		uint32_t most; /* that may follow the name; 0: nothing may */
	} ways[] = {
		{ "label", BOX_LABEL, 0 },
		{ "top:", BOX_TOP, BOX_TOP_MAX },
		{ "scores:", BOX_SCORES, BOX_SCORE_BITS_MAX },
		{ "raw", BOX_RAW, 0 },
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
		sealed->policy = ways[i].policy;
		sealed->amount = (uint32_t)amount;
		return 0;
	}
	return cli_usage("seal",
			 "--outputs: label, top:K with K of 1 to %u, "
			 "scores:BITS with 1 to %u bits, or raw, not `%s'",
			 BOX_TOP_MAX, BOX_SCORE_BITS_MAX, text);
}

/* A name for each value of the only output. *text: for the caller to free. */
static bool name_classes(const char *path, const struct lowered *net,
			 struct enc_sealed *sealed, char **text,
			 struct enc_error *e)
{
	struct box_head head = { 0 };
	struct enc_labels labels = { 0 };
	bool ok = false;

	if (!enc_head_describe(&net->net, &head) || head.outputs != 1)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"names are for the values of one output, and "
				"this network has more than one");
	ok = enc_labels_read(path, box_port_elements(&head.output[0]), &labels,
			     e);
	if (ok) {
		*text = enc_labels_text(&labels, &sealed->names_len);
		sealed->names = *text;
		ok = *text || enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	}
	enc_labels_free(&labels);
	return ok;
}

/* Imports the network and seals it. */
static bool seal(const struct cli_seal *args, struct enc_sealed *sealed,
		 struct box_head *head, struct enc_error *e)
{
	const struct import_options options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	struct lowered *net = import_file(args->input, &options, &kind, e);
	uint8_t *record = NULL;
	char *names = NULL;
	size_t len = 0;
	bool ok = net && (!args->labels ||
			  name_classes(args->labels, net, sealed, &names, e));

	if (ok)
		record = import_to_memory(net, &len, e);
	else
		lower_free(net);
	ok = record &&
	     enc_seal_network(sealed, record, len, args->output, head, e);
	if (record)
		explicit_bzero(record, len);
	free(record);
	free(names);
	return ok;
}

/* --login: user:UID, group:GID or application:UUID */
static int read_login(const char *text, struct enc_sealed *sealed)
{
	static const struct {
		const char *name;
		enum box_login login;
	} ways[] = {
		{ "user:", BOX_LOGIN_USER },
		{ "group:", BOX_LOGIN_GROUP },
		{ "application:", BOX_LOGIN_APPLICATION },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strncmp(text, ways[i].name, strlen(ways[i].name)) != 0)
			continue;
		sealed->login = ways[i].login;
		if (enc_client_id(ways[i].login, text + strlen(ways[i].name),
				  sealed->client))
			return CLI_GO;
	}
	return cli_usage("seal",
			 "--login: user:UID, group:GID or application:UUID, "
			 "with numbers and not names, not `%s'",
			 text);
}

static int read_options(const struct cli_seal *args, struct enc_sealed *sealed)
{
	if (!enc_model_id(args->model_id, sealed->model_id))
		return cli_usage("seal",
				 "--model-id: 1 to 32 of a-z 0-9 . _ -, not "
				 "`%s'",
				 args->model_id);
	if (args->outputs && read_outputs(args->outputs, sealed) == CLI_USAGE)
		return CLI_USAGE;
	return args->login ? read_login(args->login, sealed) : CLI_GO;
}

/* Reads the secrets, and seals with them. */
static bool seal_with(const struct cli_seal *args,
		      const struct enc_sealed *options, struct box_head *head,
		      struct enc_error *e)
{
	struct enc_sealed sealed = *options;
	struct enc_signer owner = { 0 };
	uint8_t *key = cli_key_read(&args->key, e);
	bool ok = key && cli_owner_open(&args->owner, &owner, e);

	sealed.key = key;
	sealed.owner = &owner;
	ok = ok && seal(args, &sealed, head, e);
	cli_key_free(key);
	enc_signer_close(&owner);
	cli_progress_end();
	return ok;
}

static void say(const struct cli_seal *args, const struct box_head *head)
{
	char security[40] = "";
	char text[CLI_POLICY_TEXT] = "";

	if (head->security_version != head->model_version)
		snprintf(security, sizeof(security), ", security version %u",
			 (unsigned int)head->security_version);
	cli_line("%s: %s network sealed to %s as %s, version %u%s; devices "
		 "give %s",
		 enc_file_label(args->input),
		 head->number_type == BOX_INT8 ? "int8" : "f32", args->output,
		 args->model_id, (unsigned int)head->model_version, security,
		 cli_policy(head->policy, head->amount, text));
}

int cli_seal_run(const void *data)
{
	const struct cli_seal *args = data;
	struct enc_sealed sealed = {
		.model_version = (uint32_t)args->model_version,
		.security_version = (uint32_t)(args->security_version ?
						       args->security_version :
						       args->model_version),
		.load_answers = args->load_answers,
		.life_answers = args->life_answers,
		.progress = progress,
	};
	struct box_head head = { 0 };
	struct enc_error e = { 0 };

	if (read_options(args, &sealed) == CLI_USAGE)
		return CLI_USAGE;
	if (!seal_with(args, &sealed, &head, &e))
		return cli_fail(&e);
	say(args, &head);
	return 0;
}
