/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/compat/cbc.h"
#include "host/compat/json.h"
#include "host/record/check.h"

static bool write_json(const char *path, const uint8_t *container, size_t len,
		       struct enc_error *e)
{
	struct enc_out_file out = { 0 };

	if (!enc_out_open(&out, path, 0644, e))
		return false;
	if (!enc_model_json_write(out.stream, container, len, e)) {
		enc_out_abort(&out);
		return false;
	}
	return enc_out_commit(&out, e);
}

static bool encrypt_model(const struct cli_encrypt_model *args,
			  const uint8_t *key, size_t *len, struct enc_error *e)
{
	struct enc_record_file record = { 0 };
	uint8_t *container = NULL;
	size_t container_len = 0;
	bool ok = false;

	if (!enc_record_read(&nn_mnist, args->input, &record, e))
		return false;
	*len = record.len;
	ok = enc_cbc_seal(key, record.bytes, record.len, &container,
			  &container_len, e) &&
	     write_json(args->output, container, container_len, e);
	enc_record_file_free(&record);
	free(container);
	return ok;
}

int cli_encrypt_model_run(const void *data)
{
	const struct cli_encrypt_model *args = data;
	uint8_t *key = NULL;
	struct enc_error e = { 0 };
	size_t len = 0;
	bool ok = false;

	key = cli_key_read(&args->key, &e);
	ok = key && encrypt_model(args, key, &len, &e);
	cli_key_free(key);
	if (!ok)
		return cli_fail(&e);
	cli_line("%s: %zu bytes encrypted to %s", args->input, len,
		 args->output);
	return 0;
}
