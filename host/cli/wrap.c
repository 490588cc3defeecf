/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/wrap.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/hex.h"

int cli_wrap_run(const void *data)
{
	const struct cli_wrap *args = data;
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_owner_secret owner = { 0 };
	struct enc_wrap wrap = { .key = key,
				 .owner = &owner,
				 .epoch = (uint32_t)args->epoch };
	struct enc_error e = { 0 };
	size_t devices = 0;
	bool ok = false;

	ok = cli_key_read(&args->key, key, &e) &&
	     enc_owner_secret_read(args->owner, &owner, &e) &&
	     enc_wrap_files(&wrap, args->devices.values, args->devices.count,
			    args->output, &devices, &e);
	explicit_bzero(key, sizeof(key));
	enc_owner_secret_free(&owner);
	if (!ok)
		return cli_fail(&e);
	printf("%s: %zu envelope%s, epoch %u\n", args->output, devices,
	       enc_s(devices), (unsigned int)wrap.epoch);
	return 0;
}
