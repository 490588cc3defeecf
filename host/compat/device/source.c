/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <ctype.h>
#include <string.h>

#include "box/head.h"
#include "host/compat/json.h"

_Static_assert(ENC_MODEL_PIECE_BYTES <= BOX_HEAD_CHUNK_BYTES,
	       "a piece fits where a chunk does");

static bool push(void *ctx, const uint8_t *data, size_t len,
		 struct enc_error *e)
{
	memcpy(enc_tee_chunk(ctx), data, len);
	return enc_tee_load_push(ctx, len, e);
}

static bool is_json(int first)
{
	return first == '{' || isspace(first);
}

static bool load(struct enc_tee *tee, FILE *f, const char *label,
		 struct enc_labels *names, struct enc_error *e)
{
	bool ok = enc_tee_load_begin(tee, e) &&
		  enc_model_json_read_stream(f, label, push, tee, e) &&
		  enc_tee_load_finalize(tee, e);

	(void)names; /* there are none */
	if (!ok && e->code == ENC_ERR_FORMAT && !e->hint[0])
		enc_hint(e, "encrypt the model again with `enc_mnist "
			    "encrypt-model`");
	return ok;
}

const struct enc_source enc_source_json = {
	.is = is_json,
	.load = load,
};
