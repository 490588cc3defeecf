/* SPDX-License-Identifier: Apache-2.0 */
#include "host/owner/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/base/file.h"
#include "host/base/hex.h"
#include "host/import/import.h"
#include "progress.h"

static void progress(uint64_t done, uint64_t total)
{
	cli_progress("bytes", done, total);
}

int cli_seal_run(const void *data)
{
	const struct cli_seal *args = data;
	uint8_t key[ENC_KEY_BYTES] = { 0 };
	struct enc_owner_secret owner = { 0 };
	struct enc_sealed sealed = {
		.key = key,
		.owner = &owner,
		.model_version = (uint32_t)args->model_version,
		.progress = progress,
	};
	const struct import_options options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	struct box_head head = { 0 };
	uint8_t *record = NULL;
	size_t len = 0;
	struct enc_error e = { 0 };
	bool ok = false;

	if (!enc_model_id(args->model_id, sealed.model_id))
		return cli_usage("seal",
				 "--model-id: 1 to 32 of a-z 0-9 . _ -, not "
				 "`%s'",
				 args->model_id);
	ok = cli_key_read(&args->key, key, &e) &&
	     enc_owner_secret_read(args->owner, &owner, &e) &&
	     (record = import_to_memory(
		      import_file(args->input, &options, &kind, &e), &len,
		      &e)) &&
	     enc_seal_network(&sealed, record, len, args->output, &head, &e);
	if (record)
		explicit_bzero(record, len);
	free(record);
	explicit_bzero(key, sizeof(key));
	enc_owner_secret_free(&owner);
	cli_progress_end();
	if (!ok)
		return cli_fail(&e);
	printf("%s: %s network sealed to %s as %.*s, version %u\n",
	       enc_file_label(args->input),
	       head.number_type == BOX_INT8 ? "int8" : "f32", args->output,
	       BOX_MODEL_ID_BYTES, (const char *)sealed.model_id,
	       (unsigned int)sealed.model_version);
	return 0;
}
