/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli.h"
#include "host/base/file.h"
#include "tee.h"

static bool write_key(const char *path, const char *pem, struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0644, e))
		return false;
	fputs(pem, out.stream);
	return enc_out_commit(&out, e);
}

int cli_device_key_run(const void *data)
{
	const struct cli_device_key *args = data;
	encmnist_session *s = NULL;
	encmnist_error *error = NULL;
	char *pem = NULL;
	char *fingerprint = NULL;
	struct enc_error e = { 0 };
	bool ok = cli_tee_open(&args->tee, &s, &e);

	if (ok)
		ok = encmnist_device_key(s, &pem, &fingerprint, &error) ||
		     cli_failed(error, &e);
	encmnist_close(s);
	if (ok && args->output)
		ok = write_key(args->output, pem, &e);
	if (ok)
		printf("fingerprint: %s\n%s", fingerprint, pem);
	encmnist_free(pem);
	encmnist_free(fingerprint);
	return ok ? 0 : cli_fail(&e);
}
