/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "file.h"
#include "model_json.h"

static bool push(void *ctx, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	return enc_tee_load_push(ctx, data, len, e);
}

bool enc_load_model(struct enc_tee *tee, const char *path, struct enc_error *e)
{
	bool good = enc_tee_load_begin(tee, e) &&
		    enc_model_json_read(path, push, tee, e) &&
		    enc_tee_load_finalize(tee, e);

	if (!good && e->code == ENC_ERR_TEE)
		enc_about(e, enc_file_label(path));
	return good;
}
