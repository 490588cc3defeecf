/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"
#include "host/device/session.h"

int cli_store_key_run(const void *data)
{
	const struct cli_store_key *args = data;
	uint8_t bytes[ENC_KEY_BYTES] = { 0 };
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	bool ok = false;

	ok = cli_key_read(&args->key, bytes, &e) && enc_tee_open(&tee, &e) &&
	     enc_tee_store_key(tee, bytes, &e);
	explicit_bzero(bytes, sizeof(bytes));
	enc_tee_close(tee);
	if (!ok)
		return cli_fail(&e);
	puts("Key stored in the TEE.");
	return 0;
}
