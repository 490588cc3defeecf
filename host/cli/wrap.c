/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/wrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"
#include "host/owner/seal.h"
#include "host/public/envelope.h"
#include "host/public/fingerprint.h"

/* --model: ID or ID=N */
static bool read_model(const char *text, struct box_envelope_model *model)
{
	char id[BOX_MODEL_ID_BYTES + 1] = "";
	const size_t len = strcspn(text, "=");
	unsigned long long n = 1;
	char *end = NULL;

	if (len >= sizeof(id))
		return false;
	memcpy(id, text, len);
	if (text[len]) {
		n = strtoull(text + len + 1, &end, 10);
		if (text[len + 1] < '1' || text[len + 1] > '9' || *end ||
		    n > CLI_RISING_MAX)
			return false;
	}
	model->security_version = (uint32_t)n;
	return enc_model_id(id, model->id);
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct box_envelope_model *)a)->id,
		      ((const struct box_envelope_model *)b)->id,
		      BOX_MODEL_ID_BYTES);
}

static int read_models(const struct cli_list *list, struct enc_wrap *wrap)
{
	if (list->count > BOX_ENVELOPE_MODELS_MAX)
		return cli_usage("wrap", "--model: at most %d of them",
				 BOX_ENVELOPE_MODELS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		if (!read_model(list->values[i], &wrap->model[i]))
			return cli_usage("wrap",
					 "--model: ID or ID=N, with 1 to 32 of "
					 "a-z 0-9 . _ - and a number from 1 to "
					 "%u, not `%s'",
					 CLI_RISING_MAX, list->values[i]);
	}
	wrap->models = (uint32_t)list->count;
	qsort(wrap->model, wrap->models, sizeof(*wrap->model), compare);
	for (uint32_t i = 1; i < wrap->models; i++) {
		if (!compare(&wrap->model[i - 1], &wrap->model[i]))
			return cli_usage("wrap", "--model: %.*s twice",
					 BOX_MODEL_ID_BYTES,
					 (const char *)wrap->model[i].id);
	}
	return CLI_GO;
}

static bool has_key(const struct cli_wrap *args)
{
	return args->key.hex || args->key.file;
}

static int check_options(const struct cli_wrap *args, struct enc_wrap *wrap)
{
	if (args->retire >= args->epoch)
		return cli_usage("wrap", "--retire: an epoch below that of the "
					 "new envelopes");
	if (!has_key(args) && !args->retire && !args->models.count)
		return cli_usage("wrap",
				 "give --key-file, --retire or --model: "
				 "the envelopes would say nothing");
	return read_models(&args->models, wrap);
}

/* What --fingerprint gives. */
struct fingerprints {
	uint8_t (*all)[BOX_DIGEST_BYTES];
	size_t count;
};

static int read_fingerprints(const struct cli_list *list,
			     struct fingerprints *f)
{
	struct enc_error e = { 0 };

	if (!list->count)
		return CLI_GO;
	f->all = calloc(list->count, sizeof(*f->all));
	if (!f->all) {
		enc_fail(&e, ENC_ERR_MEMORY, "out of memory");
		return cli_fail(&e);
	}
	for (; f->count < list->count; f->count++) {
		const char *text = list->values[f->count];

		if (!enc_fingerprint_parse(text, strlen(text),
					   f->all[f->count]))
			return cli_usage("wrap",
					 "--fingerprint: 64 hexadecimal digits "
					 "and spaces, not `%s'",
					 text);
	}
	return CLI_GO;
}

static bool wrap_all(const struct cli_wrap *args,
		     const struct enc_wrap *options,
		     const struct enc_devices *devices, struct enc_error *e)
{
	struct enc_wrap wrap = *options;
	struct enc_signer owner = { 0 };
	uint8_t *key = has_key(args) ? cli_key_read(&args->key, e) : NULL;
	bool ok = (key || !has_key(args)) &&
		  cli_owner_open(&args->owner, &owner, e);

	wrap.key = key;
	wrap.owner = &owner;
	ok = ok && enc_wrap_devices(&wrap, devices, args->output, e);
	cli_key_free(key);
	enc_signer_close(&owner);
	return ok;
}

static void print(const struct cli_wrap *args, const struct enc_devices *d)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	cli_line("%s: %zu envelope%s, epoch %u", args->output, d->count,
		 enc_s(d->count), (unsigned int)args->epoch);
	if (args->ta.is_given) {
		enc_uuid_text(args->ta.bytes, text);
		printf("TA:            %s\n", text);
	}
	for (size_t i = 0; i < d->count; i++) {
		enc_fingerprint_text(d->all[i].digest, text);
		printf("device:        %s\n", text);
	}
}

static int run(const struct cli_wrap *args, struct fingerprints *f,
	       struct enc_devices *devices)
{
	struct enc_wrap wrap = { .epoch = (uint32_t)args->epoch,
				 .retired = (uint32_t)args->retire,
				 .ta = args->ta.is_given ? args->ta.bytes :
							   enc_ta_uuid };
	struct enc_error e = { 0 };
	int status = check_options(args, &wrap);

	if (status == CLI_GO)
		status = read_fingerprints(&args->fingerprints, f);
	if (status != CLI_GO)
		return status;
	if (!enc_devices_read(args->devices.values, args->devices.count,
			      (size_t)args->count, devices, &e) ||
	    (f->count && !enc_devices_match(devices, f->all, f->count, &e)) ||
	    !wrap_all(args, &wrap, devices, &e))
		return cli_fail(&e);
	print(args, devices);
	return 0;
}

int cli_wrap_run(const void *data)
{
	struct fingerprints f = { 0 };
	struct enc_devices devices = { 0 };
	const int status = run(data, &f, &devices);

	enc_devices_free(&devices);
	free(f.all);
	return status;
}
