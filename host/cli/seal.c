/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/base/hex.h"
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

/* Names, one or more, in one text, each with a line end. */
static bool join(const struct enc_labels *labels, struct enc_sealed *sealed,
		 char **text, struct enc_error *e)
{
	size_t len = 0;
	char *at = NULL;

	for (size_t i = 0; i < labels->count; i++)
		len += strlen(labels->names[i]) + 1;
	at = *text = len ? malloc(len) : NULL;
	if (!at)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < labels->count; i++) {
		const size_t size = strlen(labels->names[i]);

		memcpy(at, labels->names[i], size);
		at += size;
		*at++ = '\n';
	}
	sealed->names = *text;
	sealed->names_len = len;
	return true;
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
			     e) &&
	     join(&labels, sealed, text, e);
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

int cli_seal_run(const void *data)
{
	const struct cli_seal *args = data;
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_owner_secret owner = { 0 };
	struct enc_sealed sealed = {
		.key = key,
		.owner = &owner,
		.model_version = (uint32_t)args->model_version,
		.progress = progress,
	};
	struct box_head head = { 0 };
	struct enc_error e = { 0 };
	char text[CLI_POLICY_TEXT] = "";
	bool ok = false;

	if (!enc_model_id(args->model_id, sealed.model_id))
		return cli_usage("seal",
				 "--model-id: 1 to 32 of a-z 0-9 . _ -, not "
				 "`%s'",
				 args->model_id);
	if (args->outputs && read_outputs(args->outputs, &sealed) == CLI_USAGE)
		return CLI_USAGE;
	ok = cli_key_read(&args->key, key, &e) &&
	     enc_owner_secret_read(args->owner, &owner, &e) &&
	     seal(args, &sealed, &head, &e);
	explicit_bzero(key, sizeof(key));
	enc_owner_secret_free(&owner);
	cli_progress_end();
	if (!ok)
		return cli_fail(&e);
	printf("%s: %s network sealed to %s as %.*s, version %u; devices give "
	       "%s\n",
	       enc_file_label(args->input),
	       head.number_type == BOX_INT8 ? "int8" : "f32", args->output,
	       BOX_MODEL_ID_BYTES, (const char *)sealed.model_id,
	       (unsigned int)sealed.model_version,
	       cli_policy(head.policy, head.amount, text));
	return 0;
}
