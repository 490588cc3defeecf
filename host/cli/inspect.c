/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "device_status.h"
#include "host/base/file.h"
#include "host/base/hex.h"
#include "terms.h"

/* --- A sealed model ---------------------------------------------------- */

static void print_ports(const char *what, const struct box_port *ports,
			uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct cli_tensor tensor = cli_port(&ports[i]);

		cli_tensor(what, &tensor);
	}
}

static void print_network(const struct box_head *head)
{
	char policy[CLI_POLICY_TEXT] = "";

	print_ports("input:", head->input, head->inputs);
	print_ports("output:", head->output, head->outputs);
	printf("leaves the TEE: %s\n",
	       cli_policy(head->policy, head->amount, policy));
	printf("arithmetic:    %s\n",
	       head->number_type == BOX_INT8 ? "int8" : "f32");
	printf("work:          %" PRIu64 " multiply-accumulate%s\n", head->macs,
	       enc_s(head->macs));
	printf("weights:       %" PRIu64 " bytes\n", head->params);
}

static void print_fingerprint(const char *what, const uint8_t *key, size_t len)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	enc_fingerprint(key, len, text);
	printf("%-14s %s\n", what, text);
}

static void print_key_id(const uint8_t *bytes)
{
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_hex_text(bytes, BOX_KEY_ID_BYTES, id);
	printf("key id:        %s\n", id);
}

static void print_policy(const struct box_head *head)
{
	char client[ENC_UUID_TEXT] = "";

	if (head->load_answers)
		printf("answers:       %" PRIu64 " after each load\n",
		       head->load_answers);
	if (head->life_answers)
		printf("answers:       %" PRIu64 " in the life of a device\n",
		       head->life_answers);
	if (head->login != BOX_LOGIN_ANY) {
		enc_uuid_text(head->client, client);
		printf("clients:       %s %s\n", cli_login(head->login),
		       client);
	}
}

static void print_model(const char *label, const struct enc_inspection *i)
{
	const struct box_head *head = &i->head;

	cli_line("%s: sealed model %.*s, version %u, security version %u",
		 label, BOX_MODEL_ID_BYTES, (const char *)head->model_id,
		 (unsigned int)head->model_version,
		 (unsigned int)head->security_version);
	print_network(head);
	print_policy(head);
	printf("plaintext:     %" PRIu64 " bytes\n", head->length);
	printf("file:          %" PRIu64 " bytes%s, %" PRIu64 " chunk%s\n",
	       i->file_bytes,
	       i->file_bytes == i->file_bytes_wanted ? "" : ", WRONG",
	       i->chunks, enc_s(i->chunks));
	print_key_id(head->key_id);
	print_fingerprint("owner:", head->owner, sizeof(head->owner));
	printf("signature:     %s\n", i->signature_ok ? "valid" : "WRONG");
	printf("digest:        %s\n", i->digest_ok ? "right" : "WRONG");
	cli_heap(&i->heap);
}

/* --- Envelopes --------------------------------------------------------- */

/* Whether two envelopes differ in their device alone. */
static bool are_alike(const struct box_envelope *a,
		      const struct box_envelope *b)
{
	return a->epoch == b->epoch && a->retired == b->retired &&
	       !memcmp(a->ta, b->ta, sizeof(a->ta)) &&
	       !memcmp(a->key_id, b->key_id, sizeof(a->key_id)) &&
	       !memcmp(a->owner, b->owner, sizeof(a->owner)) &&
	       a->models == b->models &&
	       !memcmp(a->model, b->model, sizeof(a->model));
}

static void print_content(const struct box_envelope *envelope)
{
	char ta[ENC_UUID_TEXT] = "";

	if (box_envelope_has_key(envelope))
		print_key_id(envelope->key_id);
	else
		puts("key id:        none: it brings no key");
	printf("epoch:         %u\n", (unsigned int)envelope->epoch);
	if (envelope->retired)
		printf("retires:       keys of epoch %u and lower\n",
		       (unsigned int)envelope->retired);
	print_fingerprint("owner:", envelope->owner, sizeof(envelope->owner));
	enc_uuid_text(envelope->ta, ta);
	printf("TA:            %s%s\n", ta,
	       memcmp(envelope->ta, enc_ta_uuid, BOX_UUID_BYTES) ?
		       "" :
		       ", the default");
	if (!envelope->models)
		puts("models:        any of the owner");
	for (uint32_t i = 0; i < envelope->models; i++)
		printf("%-14s %.*s, security version %u or higher\n",
		       i ? "" : "models:", BOX_MODEL_ID_BYTES,
		       (const char *)envelope->model[i].id,
		       (unsigned int)envelope->model[i].security_version);
}

static void print_envelopes(const char *label, const struct enc_inspection *i)
{
	const struct enc_envelopes *list = &i->envelopes;

	cli_line("%s: %zu envelope%s", label, list->count, enc_s(list->count));
	for (size_t n = 0; n < list->count; n++) {
		const struct box_envelope *envelope = &list->all[n];

		if (!n || !are_alike(envelope - 1, envelope))
			print_content(envelope);
		print_fingerprint("device:", envelope->device,
				  sizeof(envelope->device));
		if (!enc_envelope_is_signed(envelope))
			puts("signature:     WRONG");
	}
	if (i->signature_ok)
		puts("signature:     valid");
}

/* --- Both -------------------------------------------------------------- */

static void print_owner(const struct enc_inspection *i,
			const struct enc_owner *owner)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	enc_owner_fingerprint(owner, text);
	printf("expected:      %s%s\n",
	       enc_inspect_names(i, owner) ? "" : "NOT ", text);
}

const char *cli_inspect_unknown(const struct enc_inspection *i)
{
	return !i->is_envelopes && i->head.login != BOX_LOGIN_ANY ?
		       "whether its user there has the login that it asks for" :
		       NULL;
}

static void print_device(const struct enc_inspection *i,
			 const struct enc_fits *fits)
{
	const char *unknown = cli_inspect_unknown(i);

	if (!fits->why[0])
		puts("device:        takes it");
	if (unknown)
		printf("not known:     %s\n", unknown);
}

static bool print(const struct cli_inspect *args,
		  const struct enc_inspection *i, const struct enc_owner *owner,
		  const struct enc_fits *fits, const struct enc_error *verdict,
		  struct enc_error *e)
{
	if (args->json)
		return cli_inspect_json(i, owner, args->device ? fits : NULL,
					verdict, e);
	if (i->is_envelopes)
		print_envelopes(enc_file_label(args->file), i);
	else
		print_model(enc_file_label(args->file), i);
	if (owner)
		print_owner(i, owner);
	if (args->device)
		print_device(i, fits);
	return true;
}

/* Judges the file by itself, then whether the device takes it. */
static bool judge(const struct cli_inspect *args,
		  const struct enc_inspection *i, const struct enc_owner *owner,
		  const struct enc_fits *fits, struct enc_error *e)
{
	const char *label = enc_file_label(args->file);

	if (!enc_inspect_verdict(i, owner, e))
		enc_about(e, label);
	else if (fits->why[0])
		enc_fail(e, ENC_ERR_FORMAT,
			 "%.2000s: the device refuses it: "
			 "%s",
			 label, fits->why);
	else
		return true;
	e->kind = fits->kind;
	return false;
}

static bool inspect(const struct cli_inspect *args, struct enc_inspection *i,
		    struct enc_error *e)
{
	const struct enc_owner *expected = NULL;
	struct enc_owner owner = { 0 };
	struct enc_status status = { 0 };
	struct enc_fits fits = { 0 };
	struct enc_error verdict = { 0 };
	bool ok = false;

	if (args->owner) {
		if (!enc_owner_read(args->owner, &owner, e))
			return false;
		expected = &owner;
	}
	if (!enc_inspect(args->file, i, e) ||
	    (args->device && !cli_device_status(args->device, &status, e)))
		return false;
	if (args->device)
		enc_fits_file(i, &status, &fits);
	ok = judge(args, i, expected, &fits, &verdict);
	if (!print(args, i, expected, &fits, ok ? NULL : &verdict, e))
		return false;
	cli_errors_in_json(false); /* it is in there */
	*e = verdict;
	return ok;
}

int cli_inspect_run(const void *data)
{
	const struct cli_inspect *args = data;
	struct enc_inspection i = { 0 };
	struct enc_error e = { 0 };
	bool ok = false;

	if (args->plot)
		return cli_usage("inspect", "--plot is for a network that is "
					    "not sealed");
	ok = inspect(args, &i, &e);
	enc_inspect_free(&i);
	return ok ? 0 : cli_fail(&e);
}
