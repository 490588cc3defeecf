/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "stream_step.h"

void box_stream_open_begin(struct box_stream *s,
			   const struct box_stream_ops *ops, void *ctx,
			   size_t chunk_bytes, uint64_t len)
{
	box_stream_begin(s, ops, ctx, chunk_bytes, len);
}

static enum box_error take_header(struct box_stream *s, const uint8_t *in)
{
	if (in[0] != BOX_STREAM_HEADER_BYTES)
		return BOX_FIELD;
	memcpy(s->random, in + 1, sizeof(s->random));
	return s->ops->derive(s->ctx, s->random) ? BOX_OK : BOX_CIPHER;
}

enum box_error box_stream_open_chunk(struct box_stream *s, const uint8_t *in,
				     size_t len, uint8_t *out)
{
	const size_t plain = box_stream_next_plain(s);
	const size_t want = box_stream_next_sealed(s);
	uint8_t nonce[BOX_STREAM_NONCE_BYTES] = { 0 };

	if (s->error == BOX_OK && len != want)
		s->error = len < want ? BOX_SHORT : BOX_TRAILING;
	if (s->error == BOX_OK && !s->index) {
		s->error = take_header(s, in);
		in += BOX_STREAM_HEADER_BYTES;
	}
	if (s->error != BOX_OK || !len)
		return s->error;
	box_stream_nonce(s, nonce);
	if (s->ops->crypt(s->ctx, nonce, in, plain, out)) {
		box_stream_step(s);
	} else {
		memset(out, 0, plain);
		s->error = BOX_TAG;
	}
	return s->error;
}

enum box_error box_stream_open_end(struct box_stream *s)
{
	if (s->error == BOX_OK && !s->complete)
		s->error = BOX_SHORT;
	return s->error;
}
