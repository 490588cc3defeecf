/* SPDX-License-Identifier: Apache-2.0 */
#include "host/device/provision.h"

#include <stdio.h>

#include "cli.h"
#include "host/base/hex.h"
#include "json.h"
#include "tee.h"

static void print_text(const struct box_envelope *taken)
{
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";

	enc_hex_text(taken->key_id, sizeof(taken->key_id), id);
	if (box_envelope_has_key(taken))
		printf("Key %s stored in the TEE, epoch %u.\n", id,
		       (unsigned int)taken->epoch);
	else
		printf("Envelope of epoch %u taken.\n",
		       (unsigned int)taken->epoch);
}

static bool print_json(const struct box_envelope *taken, struct enc_error *e)
{
	char id[2 * BOX_KEY_ID_BYTES + 1] = "";
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	enc_hex_text(taken->key_id, sizeof(taken->key_id), id);
	yajl_gen_map_open(gen);
	cli_json_number(gen, "epoch", taken->epoch);
	if (box_envelope_has_key(taken))
		cli_json_string(gen, "key_id", id);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

int cli_provision_run(const void *data)
{
	const struct cli_provision *args = data;
	struct enc_tee *tee = NULL;
	struct box_envelope taken = { 0 };
	struct enc_error e = { 0 };
	bool ok = false;

	cli_tee(&args->tee);
	ok = enc_tee_open(&tee, &e) &&
	     enc_provision(tee, args->input, &taken, &e);
	enc_tee_close(tee);
	if (ok && args->json)
		ok = print_json(&taken, &e);
	else if (ok)
		print_text(&taken);
	return ok ? 0 : cli_fail(&e);
}
