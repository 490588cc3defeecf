/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/envelope.h"
#include "cli.h"
#include "host/base/hex.h"
#include "host/owner/seal.h"
#include "host/public/fingerprint.h"
#include "owner.h"

/* What --model gives. */
struct models {
	char ids[BOX_ENVELOPE_MODELS_MAX][BOX_MODEL_ID_BYTES + 1];
	struct encmnist_allowed all[BOX_ENVELOPE_MODELS_MAX];
};

/* --model: ID or ID=N */
static bool read_model(const char *text, char id[BOX_MODEL_ID_BYTES + 1],
		       struct encmnist_allowed *model)
{
	uint8_t bytes[BOX_MODEL_ID_BYTES] = { 0 };
	const size_t len = strcspn(text, "=");
	unsigned long long n = 1;
	char *end = NULL;

	if (len > BOX_MODEL_ID_BYTES)
		return false;
	memcpy(id, text, len);
	if (text[len]) {
		n = strtoull(text + len + 1, &end, 10);
		if (text[len + 1] < '1' || text[len + 1] > '9' || *end ||
		    n > CLI_RISING_MAX)
			return false;
	}
	*model = (struct encmnist_allowed){ id, (uint32_t)n };
	return enc_model_id(id, bytes);
}

static bool is_before(const struct models *models, size_t i)
{
	for (size_t n = 0; n < i; n++) {
		if (!strcmp(models->ids[n], models->ids[i]))
			return true;
	}
	return false;
}

static int read_models(const struct cli_list *list, struct models *models)
{
	if (list->count > BOX_ENVELOPE_MODELS_MAX)
		return cli_usage("wrap", "--model: at most %d of them",
				 BOX_ENVELOPE_MODELS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		if (!read_model(list->values[i], models->ids[i],
				&models->all[i]))
			return cli_usage(
				"wrap",
				"--model: ID or ID=N, with " CLI_MODEL_ID
				" and a number from 1 to %u, not `%s'",
				CLI_RISING_MAX, list->values[i]);
		if (is_before(models, i))
			return cli_usage("wrap", "--model: %s twice",
					 models->ids[i]);
	}
	return CLI_GO;
}

static bool has_key(const struct cli_wrap *args)
{
	return args->key.hex || args->key.file;
}

static int check_options(const struct cli_wrap *args)
{
	uint8_t digest[BOX_DIGEST_BYTES] = { 0 };

	if (args->retire >= args->epoch)
		return cli_usage("wrap", "--retire: an epoch below that of the "
					 "new envelopes");
	if (!has_key(args) && !args->retire && !args->models.count)
		return cli_usage("wrap",
				 "give --key-file, --retire or --model: "
				 "the envelopes would say nothing");
	for (size_t i = 0; i < args->fingerprints.count; i++) {
		const char *text = args->fingerprints.values[i];

		if (!enc_fingerprint_parse(text, strlen(text), digest))
			return cli_usage("wrap",
					 "--fingerprint: 64 hexadecimal digits "
					 "and spaces, not `%s'",
					 text);
	}
	return CLI_GO;
}

/* Reads the secrets, and makes envelopes with them. */
static bool wrap_with(const struct cli_wrap *args,
		      const struct encmnist_wrap *wrap, struct enc_error *e)
{
	encmnist_error *error = NULL;
	encmnist_model_key *key =
		has_key(args) ? cli_model_key_open(&args->key, e) : NULL;
	encmnist_owner *owner =
		key || !has_key(args) ? cli_owner_open(&args->owner, e) : NULL;
	const bool ok = owner && (encmnist_wrap_file(owner, key, wrap,
						     args->output, &error) ||
				  cli_failed(error, e));

	encmnist_owner_close(owner);
	encmnist_model_key_close(key);
	return ok;
}

static bool say(const struct cli_wrap *args, const struct encmnist_wrap *wrap,
		struct enc_error *e)
{
	encmnist_error *error = NULL;
	encmnist_inspection *i = encmnist_inspect_file(args->output, &error);
	const size_t count = i ? encmnist_inspect_envelopes(i) : 0;

	if (!i)
		return cli_failed(error, e);
	cli_line("%s: %zu envelope%s, epoch %u", args->output, count,
		 enc_s(count), (unsigned int)args->epoch);
	if (wrap->ta)
		printf("TA:            %s\n", wrap->ta);
	for (size_t n = 0; n < count; n++)
		printf("device:        %s\n", encmnist_inspect_device(i, n));
	encmnist_inspection_free(i);
	return true;
}

int cli_wrap_run(const void *data)
{
	const struct cli_wrap *args = data;
	struct models models = { 0 };
	char ta[ENC_UUID_TEXT] = "";
	const struct encmnist_wrap wrap = {
		.size = sizeof(wrap),
		.epoch = (uint32_t)args->epoch,
		.retired = (uint32_t)args->retire,
		.devices = args->devices.values,
		.device_files = args->devices.count,
		.device_count = (size_t)args->count,
		.fingerprints = args->fingerprints.values,
		.fingerprint_count = args->fingerprints.count,
		.models = models.all,
		.model_count = args->models.count,
		.ta = args->ta.is_given ? ta : NULL,
	};
	struct enc_error e = { 0 };

	enc_uuid_text(args->ta.bytes, ta);
	if (check_options(args) == CLI_USAGE ||
	    read_models(&args->models, &models) == CLI_USAGE)
		return CLI_USAGE;
	return wrap_with(args, &wrap, &e) && say(args, &wrap, &e) ?
		       0 :
		       cli_fail(&e);
}
