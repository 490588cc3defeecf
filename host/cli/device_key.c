/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/device/session.h"
#include "host/public/fingerprint.h"
#include "host/public/public_key.h"
#include "tee.h"

static bool write_key(const char *path, const struct enc_public_key *key,
		      struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0644, e))
		return false;
	enc_public_key_write(out.stream, key);
	return enc_out_commit(&out, e);
}

int cli_device_key_run(const void *data)
{
	const struct cli_device_key *args = data;
	struct enc_public_key key = { .type = ENC_X25519 };
	char text[ENC_FINGERPRINT_TEXT] = "";
	struct enc_tee *tee = NULL;
	struct enc_error e = { 0 };
	bool ok = false;

	cli_tee(&args->tee);
	ok = enc_tee_open(&tee, &e) && enc_tee_device_key(tee, key.bytes, &e);
	enc_tee_close(tee);
	if (!ok || (args->output && !write_key(args->output, &key, &e)))
		return cli_fail(&e);
	enc_fingerprint(key.bytes, sizeof(key.bytes), text);
	printf("fingerprint: %s\n", text);
	enc_public_key_write(stdout, &key);
	return 0;
}
