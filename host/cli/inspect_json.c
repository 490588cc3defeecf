/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli.h"
#include "help.h"
#include "host/base/hex.h"
#include "inspect.h"
#include "json.h"
#include "proto/enc_mnist_ta.h"
#include "terms.h"

static void key_id(yajl_gen gen, const uint8_t *bytes)
{
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_hex_text(bytes, BOX_KEY_ID_BYTES, id);
	cli_json_string(gen, "key_id", id);
}

static void fingerprint(yajl_gen gen, const char *key, const uint8_t *bytes,
			size_t len)
{
	char text[ENC_FINGERPRINT_TEXT] = "";

	enc_fingerprint(bytes, len, text);
	cli_json_string(gen, key, text);
}

static void ports(yajl_gen gen, const char *what, const struct box_port *ports,
		  uint32_t count)
{
	cli_json_text(gen, what);
	yajl_gen_array_open(gen);
	for (uint32_t i = 0; i < count; i++) {
		const struct cli_tensor tensor = cli_port(&ports[i]);

		yajl_gen_map_open(gen);
		cli_tensor_json(gen, &tensor);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void network(yajl_gen gen, const struct box_head *head)
{
	static const char *const leaves[] = { "", "label", "top", "scores",
					      "raw" };

	ports(gen, "inputs", head->input, head->inputs);
	ports(gen, "outputs", head->output, head->outputs);
	cli_json_string(gen, "leaves_tee", leaves[head->policy]);
	cli_json_number(gen, "leaves_tee_amount", head->amount);
	cli_json_string(gen, "arithmetic",
			head->number_type == BOX_INT8 ? "int8" : "f32");
	cli_json_number(gen, "multiply_accumulates", head->macs);
	cli_json_number(gen, "weights_bytes", head->params);
}

/* What may be done with a model; 0 answers: any number. */
static void policy(yajl_gen gen, const struct box_head *head)
{
	char client[ENC_UUID_TEXT] = "";

	cli_json_number(gen, "answers_per_load", head->load_answers);
	cli_json_number(gen, "answers_in_life", head->life_answers);
	cli_json_string(gen, "login", cli_login(head->login));
	if (head->login != BOX_LOGIN_ANY) {
		enc_uuid_text(head->client, client);
		cli_json_string(gen, "client", client);
	}
}

static void model(yajl_gen gen, const struct enc_inspection *i)
{
	const struct box_head *head = &i->head;
	char id[BOX_MODEL_ID_BYTES + 1] = "";

	memcpy(id, head->model_id, BOX_MODEL_ID_BYTES);
	cli_json_string(gen, "kind", "sealed model");
	cli_json_string(gen, "model_id", id);
	cli_json_number(gen, "version", head->model_version);
	cli_json_number(gen, "security_version", head->security_version);
	policy(gen, head);
	network(gen, head);
	cli_json_number(gen, "plaintext_bytes", head->length);
	cli_json_number(gen, "file_bytes", i->file_bytes);
	cli_json_number(gen, "chunks", i->chunks);
	key_id(gen, head->key_id);
	fingerprint(gen, "owner", head->owner, sizeof(head->owner));
	cli_json_bool(gen, "size_right", i->file_bytes == i->file_bytes_wanted);
	cli_json_bool(gen, "signature_valid", i->signature_ok);
	cli_json_bool(gen, "digest_right", i->digest_ok);
	cli_heap_json(gen, &i->heap);
}

/* Without a list, a device may load any model of its owner. */
static void models(yajl_gen gen, const struct box_envelope *envelope)
{
	if (!envelope->models)
		return;
	cli_json_text(gen, "models");
	yajl_gen_array_open(gen);
	for (uint32_t i = 0; i < envelope->models; i++) {
		char id[BOX_MODEL_ID_BYTES + 1] = "";

		memcpy(id, envelope->model[i].id, BOX_MODEL_ID_BYTES);
		yajl_gen_map_open(gen);
		cli_json_string(gen, "model_id", id);
		cli_json_number(gen, "security_version",
				envelope->model[i].security_version);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void envelopes(yajl_gen gen, const struct enc_envelopes *list)
{
	cli_json_string(gen, "kind", "envelopes");
	cli_json_number(gen, "count", list->count);
	cli_json_text(gen, "envelopes");
	yajl_gen_array_open(gen);
	for (size_t n = 0; n < list->count; n++) {
		const struct box_envelope *envelope = &list->all[n];
		char ta[ENC_UUID_TEXT] = "";

		enc_uuid_text(envelope->ta, ta);
		yajl_gen_map_open(gen);
		fingerprint(gen, "device", envelope->device,
			    sizeof(envelope->device));
		cli_json_number(gen, "epoch", envelope->epoch);
		if (box_envelope_has_key(envelope))
			key_id(gen, envelope->key_id);
		fingerprint(gen, "owner", envelope->owner,
			    sizeof(envelope->owner));
		cli_json_bool(gen, "signature_valid",
			      enc_envelope_is_signed(envelope));
		cli_json_string(gen, "ta", ta);
		cli_json_number(gen, "retires", envelope->retired);
		models(gen, envelope);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void device(yajl_gen gen, const struct enc_inspection *i,
		   const struct enc_fits *fits)
{
	const char *unknown = cli_inspect_unknown(i);
	const bool takes = !fits->why[0];

	cli_json_text(gen, "device");
	yajl_gen_map_open(gen);
	cli_json_bool(gen, "takes", takes);
	if (!takes) {
		cli_json_string(gen, "kind",
				cli_exits[cli_exit_of(fits->kind)].kind);
		cli_json_string(gen, "reason", fits->why);
	}
	if (unknown)
		cli_json_string(gen, "unknown", unknown);
	yajl_gen_map_close(gen);
}

bool cli_inspect_json(const struct enc_inspection *i,
		      const struct enc_owner *owner,
		      const struct enc_fits *fits,
		      const struct enc_error *verdict, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	if (i->is_envelopes)
		envelopes(gen, &i->envelopes);
	else
		model(gen, i);
	if (owner)
		cli_json_bool(gen, "names_owner", enc_inspect_names(i, owner));
	if (fits)
		device(gen, i, fits);
	if (verdict)
		cli_error_json(gen, cli_exit_of(verdict->kind), verdict->what,
			       verdict->hint);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}
