/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "box/stream_step.h"

void box_stream_seal_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len,
			   const uint8_t random[BOX_STREAM_RANDOM_BYTES])
{
	box_stream_begin(s, ops, ctx, chunk_bytes, len);
	memcpy(s->random, random, sizeof(s->random));
	if (s->error == BOX_OK && !ops->derive(ctx, s->random))
		s->error = BOX_CIPHER;
}

enum box_error box_stream_seal_chunk(struct box_stream *s, const uint8_t *in,
				     uint8_t *out)
{
	uint8_t nonce[BOX_STREAM_NONCE_BYTES] = { 0 };

	if (s->error == BOX_OK && s->complete)
		s->error = BOX_TRAILING;
	if (s->error != BOX_OK)
		return s->error;
	if (!s->index) {
		*out++ = BOX_STREAM_HEADER_BYTES;
		memcpy(out, s->random, sizeof(s->random));
		out += sizeof(s->random);
	}
	box_stream_nonce(s, nonce);
	if (s->ops->crypt(s->ctx, nonce, in, box_stream_next_plain(s), out))
		box_stream_step(s);
	else
		s->error = BOX_CIPHER;
	return s->error;
}
