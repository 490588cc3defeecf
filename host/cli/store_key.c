/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "tee.h"

static bool store(const struct cli_store_key *args, const uint8_t *key,
		  struct enc_error *e)
{
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	bool ok = false;

	if (!cli_tee_open(&args->tee, &s, e))
		return false;
	ok = encmnist_store_key(s, key, &error) || cli_failed(error, e);
	encmnist_close(s);
	return ok;
}

int cli_store_key_run(const void *data)
{
	const struct cli_store_key *args = data;
	struct enc_error e = { 0 };
	uint8_t *key = cli_key_read(&args->key, &e);
	const bool ok = key && store(args, key, &e);

	cli_key_free(key);
	if (!ok)
		return cli_fail(&e);
	puts("Key stored in the TEE.");
	return 0;
}
