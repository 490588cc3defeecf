/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "model_json.h"

static bool push(void *ctx, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	return enc_tee_load_push(ctx, data, len, e);
}

/* Asked first: of two things that are wrong, the file is the nearer. */
static bool is_readable(const char *path, struct enc_error *e)
{
	return !strcmp(path, "-") || !access(path, R_OK) ||
	       enc_fail(e, ENC_ERR_IO, "%s: cannot open: %s", path,
			strerror(errno));
}

bool enc_load_model(struct enc_tee *tee, const char *path, struct enc_error *e)
{
	bool ok = is_readable(path, e) && enc_tee_load_begin(tee, e) &&
		  enc_model_json_read(path, push, tee, e) &&
		  enc_tee_load_finalize(tee, e);

	if (!ok && e->code == ENC_ERR_FORMAT && !e->hint[0])
		enc_hint(e, "encrypt the model again with `enc_mnist "
			    "encrypt-model`");
	if (!ok && e->code == ENC_ERR_TEE)
		enc_about(e, enc_file_label(path));
	return ok;
}
