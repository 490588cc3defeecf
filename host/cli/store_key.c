/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/device/session.h"
#include "tee.h"

int cli_store_key_run(const void *data)
{
	const struct cli_store_key *args = data;
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	uint8_t *key = cli_key_read(&args->key, &e);
	bool ok = false;

	cli_tee(&args->tee);
	ok = key && enc_tee_open(&tee, &e) && enc_tee_store_key(tee, key, &e);
	cli_key_free(key);
	enc_tee_close(tee);
	if (!ok)
		return cli_fail(&e);
	puts("Key stored in the TEE.");
	return 0;
}
