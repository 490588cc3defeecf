/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "json.h"
#include "tee.h"

static bool print_json(const struct encmnist_taken *taken, struct enc_error *e)
{
	yajl_gen gen = cli_json_begin();

	if (!gen)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	yajl_gen_map_open(gen);
	cli_json_number(gen, "epoch", taken->epoch);
	if (taken->key_id[0])
		cli_json_string(gen, "key_id", taken->key_id);
	yajl_gen_map_close(gen);
	cli_json_end(gen);
	return true;
}

static bool print(const struct cli_provision *args,
		  const struct encmnist_taken *taken, struct enc_error *e)
{
	if (args->json)
		return print_json(taken, e);
	if (taken->key_id[0])
		printf("Key %s stored in the TEE, epoch %u.\n", taken->key_id,
		       (unsigned int)taken->epoch);
	else
		printf("Envelope of epoch %u taken.\n",
		       (unsigned int)taken->epoch);
	return true;
}

int cli_provision_run(const void *data)
{
	const struct cli_provision *args = data;
	struct encmnist_taken taken = ENCMNIST_TAKEN;
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	struct enc_error e = { 0 };
	bool ok = cli_tee_open(&args->tee, &s, &e);

	if (ok)
		ok = encmnist_provision_file(s, args->input, &taken, &error) ||
		     cli_failed(error, &e);
	encmnist_close(s);
	ok = ok && print(args, &taken, &e);
	return ok ? 0 : cli_fail(&e);
}
