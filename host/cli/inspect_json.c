/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "host/base/hex.h"
#include "host/public/format.h"
#include "inspect.h"
#include "json.h"
#include "proto/enc_mnist_ta.h"

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

static void network(yajl_gen gen, const struct box_head *head)
{
	cli_json_text(gen, "layers");
	yajl_gen_array_open(gen);
	for (uint32_t l = 0; l < head->layers; l++) {
		yajl_gen_map_open(gen);
		cli_json_number(gen, "inputs", head->sizes[l]);
		cli_json_number(gen, "outputs", head->sizes[l + 1]);
		cli_json_bool(gen, "relu", head->relu >> l & 1);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

static void model(yajl_gen gen, const struct enc_inspection *i)
{
	const struct box_head *head = &i->head;
	const long long params = (long long)i->params_bytes;
	char id[BOX_MODEL_ID_BYTES + 1] = "";

	memcpy(id, head->model_id, BOX_MODEL_ID_BYTES);
	cli_json_string(gen, "kind", "sealed model");
	cli_json_string(gen, "model_id", id);
	cli_json_number(gen, "version", head->model_version);
	network(gen, head);
	cli_json_string(gen, "format",
			enc_format_word((enum nn_format)head->format));
	cli_json_number(gen, "parameters", (long long)i->params);
	cli_json_number(gen, "plaintext_bytes", (long long)head->length);
	cli_json_number(gen, "file_bytes", (long long)i->file_bytes);
	cli_json_number(gen, "chunks", (long long)i->chunks);
	key_id(gen, head->key_id);
	fingerprint(gen, "signing_key", head->owner, sizeof(head->owner));
	cli_json_bool(gen, "size_right", i->file_bytes == i->file_bytes_wanted);
	cli_json_bool(gen, "signature_valid", i->signature_ok);
	cli_json_bool(gen, "digest_right", i->digest_ok);
	cli_json_number(gen, "secure_memory_to_load",
			params + ENC_MNIST_TA_WORK_BYTES);
	cli_json_number(gen, "secure_memory_to_replace",
			2 * params + ENC_MNIST_TA_WORK_BYTES);
}

static void envelopes(yajl_gen gen, const struct enc_envelopes *list)
{
	cli_json_string(gen, "kind", "envelopes");
	cli_json_number(gen, "count", (long long)list->count);
	cli_json_text(gen, "envelopes");
	yajl_gen_array_open(gen);
	for (size_t n = 0; n < list->count; n++) {
		const struct box_envelope *envelope = &list->all[n];

		yajl_gen_map_open(gen);
		fingerprint(gen, "device", envelope->device,
			    sizeof(envelope->device));
		cli_json_number(gen, "epoch", envelope->epoch);
		key_id(gen, envelope->key_id);
		fingerprint(gen, "sending_key", envelope->sender,
			    sizeof(envelope->sender));
		cli_json_bool(gen, "for_this_ta",
			      enc_envelope_is_for_ta(envelope));
		cli_json_text(gen, "tag_right"); /* only the device can tell */
		yajl_gen_null(gen);
		yajl_gen_map_close(gen);
	}
	yajl_gen_array_close(gen);
}

bool cli_inspect_json(const struct enc_inspection *i,
		      const struct enc_owner *owner, struct enc_error *e)
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
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}
